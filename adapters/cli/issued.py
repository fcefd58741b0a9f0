"""What `certs` gives out, and where it comes from: the register of a running emulator and its data directory."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.cli import runtime
from adapters.cli.api import Api, connect, default_data, part
from adapters.cli.exits import Exit, Failure
from adapters.pki.authority import CERTIFICATE
from adapters.pki.held import held
from adapters.pki.identity import Identity, read_identity
from adapters.pki.issue import new_key
from adapters.pki.pki import DIRECTORY, GIVEN_CA, Pki
from adapters.pki.subject import function_name
from broker.core.model import Anvendersystem
from broker.errors import RegisterError

_NOBODY = "ukendt myndighed (syntetisk)"
_CVR = re.compile(r"[0-9]{8}\Z")


@dataclass(frozen=True, slots=True)
class Site:
    """A data directory, and the emulator that serves it where one answers."""

    data: Path
    api: Api | None
    silence: Failure | None
    """Why no emulator answers."""
    ca: Path | None
    """The CA bundle of the running emulator."""
    ca_cert: Path | None
    ca_key: Path | None

    def pki(self) -> Pki:
        """Its certificates.  Raises Failure where the running emulator uses another CA than we would; StoreError."""
        given = self.ca_cert is not None or self.ca_key is not None
        ca = self.ca_in_use()
        if ca is not None and ca.name == GIVEN_CA and not given:
            raise Failure(Exit.USAGE, f"{ca} was given to `serve`: give --ca-cert and --ca-key here as well")
        if self.ca is not None and self.ca.name != GIVEN_CA and given:
            raise Failure(Exit.USAGE, f"the running emulator has {self.ca}: leave out --ca-cert and --ca-key")
        return Pki.open(self.data, ca_cert=self.ca_cert, ca_key=self.ca_key)

    def ca_in_use(self) -> Path | None:
        """The CA bundle of the running emulator; without one, what there is from the last; None = there is none yet."""
        if self.ca is not None:
            return self.ca
        bundles = (self.data / DIRECTORY / name for name in (CERTIFICATE, GIVEN_CA))
        return next((path for path in bundles if path.exists()), None)

    def asked(self) -> Api:
        """Raises Failure where no emulator answers."""
        if self.api is None:
            assert self.silence is not None
            raise self.silence
        return self.api


@dataclass(frozen=True, slots=True)
class Issued:
    """A key with its certificate.  ``chain``: CA and above; ``sent_along``: the part of it that is no root."""

    navn: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    sent_along: tuple[x509.Certificate, ...]
    path: Path | None = None
    """Where it is kept in the data directory."""


def find_site(admin: str | None, data: Path | None, ca_cert: Path | None = None, ca_key: Path | None = None) -> Site:
    """The data directory that is meant: --data, else that of the emulator that answers, else the default one.

    Raises Failure where it is not there, and was not named.
    """
    try:
        api: Api | None = connect(admin, data)
        status: dict[str, Any] = api.get("/status") if api is not None else {}
        silence = None
    except Failure as failure:
        if failure.code is not Exit.UNREACHABLE or admin is not None:
            raise
        api, status, silence = None, {}, failure
    place = data or Path(status.get("data") or default_data())
    if data is None and not place.is_dir():
        raise Failure(Exit.NOT_FOUND, _not_here(api, place))
    told = (runtime.read(place) or {}).get("ca") if api is not None else None
    return Site(place, api, silence, Path(told) if isinstance(told, str) else None, ca_cert, ca_key)


def _not_here(api: Api | None, place: Path) -> str:
    if api is None:
        return f"{place}: no such data directory; start `beskedfordeler serve`, or name another with --data DIR"
    return (
        f"the emulator at {api.url} keeps its certificates in {place}, which is not on this machine; run this where "
        "it runs, or name the directory with --data DIR"
    )


def ca_bundle(site: Site) -> bytes:
    """What clients of this emulator are to trust, PEM; made where there is none yet."""
    found = site.ca_in_use()
    if found is not None and found.name == GIVEN_CA and site.ca_cert is None and found.exists():
        return found.read_bytes()
    return site.pki().ca_path.read_bytes()


def system_certificate(site: Site, name: str) -> Issued:
    """Of a system of the register; without an emulator that answers, what has been made before."""
    if site.api is None:
        return _made_before(site, name)
    return _of_register(site, name, Pki.system)


def renewed_certificate(site: Site, name: str) -> Issued:
    """A new one for a system of the register."""
    return _of_register(site, name, Pki.renew)


def strangers_certificate(site: Site, navn: str, cvr: str, fid: str | None) -> Issued:
    """Of our CA, for nobody in the register, and not kept."""
    if not _CVR.match(cvr):
        raise Failure(Exit.USAGE, f"--cvr '{cvr}' is no CVR number; expected eight digits")
    serienummer = f"CVR:{cvr}-FID:{fid or f'{secrets.randbelow(10**13):013d}'}"
    key, pki = new_key(), site.pki()
    myndighed = _myndighed(site.api, cvr) if site.api is not None else _NOBODY
    try:
        certificate = pki.issue(key, Anvendersystem("", navn, cvr, certifikat=serienummer), myndighed)
    except RegisterError as error:
        raise Failure(Exit.USAGE, f"--fid: {error}") from None
    return Issued(navn, key, certificate, pki.chain, pki.sent_along)


def _of_register(site: Site, name: str, take: Callable[[Pki, Anvendersystem, str], Identity]) -> Issued:
    api = site.asked()
    found = api.get(f"/register/anvendersystemer/{part(name)}")
    system = Anvendersystem(found["id"], found["navn"], found["cvr"], certifikat=found.get("certifikat"))
    pki = site.pki()
    try:
        identity = take(pki, system, _myndighed(api, system.cvr))
    except RegisterError as error:
        raise Failure(Exit.REFUSED, f"'{system.navn}': {error}") from None
    return _issued(pki, system.navn, identity)


def _made_before(site: Site, name: str) -> Issued:
    assert site.silence is not None
    wanted = {name.casefold(), function_name(name).casefold()}
    found = [
        one
        for one in held(site.data)
        if one.kind == "system" and wanted & {Path(one.path).stem.casefold(), one.navn.casefold()}
    ]
    if len(found) != 1:
        raise Failure(
            site.silence.code, f"{site.silence}; and {site.data} holds no certificate made for '{name}' before"
        )
    pki = site.pki()
    identity = read_identity(Path(found[0].path))
    if identity is None or not pki.good(identity.certificate):
        raise Failure(site.silence.code, f"{site.silence}; and {found[0].path} is of another CA, or ends soon")
    return _issued(pki, name, identity)


def _issued(pki: Pki, navn: str, identity: Identity) -> Issued:
    return Issued(navn, identity.key, identity.certificate, pki.chain, pki.sent_along, identity.path)


def _myndighed(api: Api, cvr: str) -> str:
    try:
        return str(api.get(f"/register/myndigheder/{part(cvr)}")["navn"])
    except Failure as failure:
        if failure.code is not Exit.NOT_FOUND:
            raise
        return _NOBODY
