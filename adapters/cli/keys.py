"""The keys in the data directory of a running emulator, for commands on the same machine.

Only what the emulator itself would make is made here: where it was given a CA, this command has not got its key.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.api import Api, part
from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from adapters.pki import Identity
    from broker.core.model import Anvendersystem


def find_system(api: Api, name: str) -> Anvendersystem:
    """An anvendersystem of the register, by id or navn.  Raises Failure."""
    from broker.core.model import Anvendersystem

    found = api.get(f"/register/anvendersystemer/{part(name)}")
    return Anvendersystem(found["id"], found["navn"], found["cvr"], None, found.get("certifikat"))


def function_certificate(api: Api, status: dict[str, Any], system: Anvendersystem) -> Identity:
    """Key and certificate of a system; made where it has none yet.  Raises Failure, StoreError."""
    from adapters.pki import Pki
    from adapters.pki.identity import read_identity
    from adapters.pki.subject import serienummer_of

    data = data_directory(status)
    certs = data / "certs"
    if status.get("ca") == str(certs / "ca.pem"):
        return Pki.open(data).system(system, _authority(api, system))
    found = read_identity(certs / "systems" / f"{system.id}.pem")
    if found is None or serienummer_of(found.certificate) != system.serienummer:
        raise Failure(
            Exit.USAGE,
            f"anvendersystem '{system.navn}' has no certificate yet, and the emulator works with a CA that was given "
            f"to it: make one with 'beskedfordeler certs export \"{system.navn}\" --ca-cert FILE --ca-key FILE'",
        )
    return found


def sts_identity(status: dict[str, Any]) -> Identity:
    """What the STS of the emulator signs with.  Raises Failure, StoreError."""
    from adapters.pki.identity import read_identity

    path = data_directory(status) / "certs" / "sts.pem"
    found = read_identity(path)
    if found is None:
        raise Failure(Exit.NOT_FOUND, f"{path}: no such file; the emulator has no STS yet: {START}")
    return found


START = "start it with 'serve --auth token' (or with --https-port)"


def data_directory(status: dict[str, Any]) -> Path:
    """Raises Failure where the emulator is on another machine."""
    data = Path(str(status["data"]))
    if not data.is_dir():
        raise Failure(
            Exit.USAGE,
            f"the emulator keeps its keys in {data}, which is not on this machine; fetch a certificate there with "
            "'beskedfordeler certs export SYSTEM' and name it here with --cert FILE, the CA with --ca FILE",
        )
    if not (data / "certs").is_dir():
        raise Failure(Exit.UNREACHABLE, f"the emulator has no keys ({data / 'certs'} is missing): {START}")
    return data


def _authority(api: Api, system: Anvendersystem) -> str:
    """The name of the system's myndighed, which stands in its certificate."""
    for myndighed in api.get("/register/myndigheder"):
        if myndighed["cvr"] == system.cvr:
            return str(myndighed["navn"])
    return system.navn
