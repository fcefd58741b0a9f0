"""The STS of a running emulator, and the keys in its data directory for commands on the same machine.

Only what the emulator itself would make is made here: where it was given a CA, this command has not got its key.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.cli.api import Api, part
from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from adapters.pki import Identity
    from broker.core.model import Anvendersystem
    from consumers.client import Sts

STS_FILE = Path("certs", "sts.pem")
"""In the data directory."""


def find_system(api: Api, name: str) -> Anvendersystem:
    """An anvendersystem of the register, by id or navn.  Raises Failure."""
    return _system(api.get(f"/register/anvendersystemer/{part(name)}"))


def all_systems(api: Api) -> list[Anvendersystem]:
    """Raises Failure."""
    return [_system(found) for found in api.get("/register/anvendersystemer")]


def _system(found: dict[str, Any]) -> Anvendersystem:
    from broker.core.model import Anvendersystem

    return Anvendersystem(found["id"], found["navn"], found["cvr"], None, found.get("certifikat"))


def sts_client(
    api: Api, status: dict[str, Any], certificate: Path, at: tuple[str, int] | None = None, ca: Path | None = None
) -> Sts:
    """For the holder of a certificate; ``at`` and ``ca`` where it is not as the emulator says.

    Raises Failure; ClientError where a file cannot be used.
    """
    from consumers.client import Sts

    listener = status.get("https")
    if at is None and listener is None:
        raise Failure(Exit.UNREACHABLE, f"the emulator has no STS to get a token from: {START}")
    return Sts(*(at or reached(api, listener or {})), ca=ca or trusted(status), certificate=certificate)


def reached(api: Api, listener: dict[str, Any]) -> tuple[str, int]:
    """Address of a listener; one that listens on every address is reached where the admin API is."""
    host = str(listener["host"])
    if host in ("0.0.0.0", "::"):  # noqa: S104 - seen, not bound
        host = urlsplit(api.url).hostname or "127.0.0.1"
    return host, int(listener["port"])


def trusted(status: dict[str, Any]) -> Path | None:
    """The CA of the emulator; None where it has none or is on another machine (this one may trust it all the same)."""
    said = status.get("ca")
    return Path(said) if said is not None and Path(said).is_file() else None


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

    path = data_directory(status) / STS_FILE
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
    return "ukendt myndighed (syntetisk)"
