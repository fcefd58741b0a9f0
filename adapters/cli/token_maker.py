"""Tokens made here with the keys of an emulator on this machine, or asked for at its STS."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.api import Api, connect
from adapters.cli.exits import Exit, Failure
from adapters.cli.keys import find_system, function_certificate, sts_client, sts_identity
from broker.tokens import AFSEND, MODTAG

if TYPE_CHECKING:
    from cryptography import x509

    from broker.core.model import Anvendersystem

EIGHT_HOURS = 8 * 3600.0
_LATEST = 253_402_300_799.0
"""The end of the year 9999: later ones cannot be written."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The token that is wanted; None = as usual."""

    system: str
    service: str
    """"afsend" or "modtag"."""
    audience: str | None = None
    cvr: str | None = None
    lifetime: float | None = None
    """Seconds."""
    fault: str | None = None
    cert: Path | None = None
    from_sts: bool = False

    @property
    def entity_id(self) -> str:
        return self.audience or {"afsend": AFSEND, "modtag": MODTAG}[self.service]


def made(wish: Wish, admin: str | None, data: Path | None) -> bytes:
    """The assertion, decoded.  Raises Failure, StoreError."""
    api = connect(admin, data)
    status: dict[str, Any] = api.get("/status")
    system = find_system(api, wish.system)
    return _from_sts(wish, api, status, system) if wish.from_sts else _made_here(wish, api, status, system)


def _made_here(wish: Wish, api: Api, status: dict[str, Any], system: Anvendersystem) -> bytes:
    from adapters.cli.security import ISSUER
    from adapters.sts.assertion import Claims, Signer, build
    from adapters.sts.faulty import FAULTS, faulty

    if wish.fault is not None and wish.fault not in FAULTS:
        raise Failure(Exit.USAGE, f"no fault '{wish.fault}'; expected one of {', '.join(FAULTS)}")
    own = sts_identity(status)
    now = time.time()
    claims = Claims(
        issuer=ISSUER,
        audience=wish.entity_id,
        cvr=system.cvr if wish.cvr is None else wish.cvr,
        holder=_holder(wish, api, status, system),
        not_before=now,
        not_on_or_after=_end(now, wish.lifetime),
        issued=now,
    )
    signer = Signer(own.key, own.certificate)
    try:
        return signer.sign(build(claims)) if wish.fault is None else faulty(wish.fault, claims, signer)
    except ValueError as error:
        raise Failure(Exit.USAGE, f"no such token can be written: {error}") from None


def _end(now: float, lifetime: float | None) -> float:
    end = now + (EIGHT_HOURS if lifetime is None else lifetime)
    if not now < end <= _LATEST:
        raise Failure(Exit.USAGE, f"--lifetime {lifetime:g}: expected a number of seconds above 0, up to the year 9999")
    return end


def _holder(wish: Wish, api: Api, status: dict[str, Any], system: Anvendersystem) -> x509.Certificate:
    from cryptography import x509

    if wish.cert is None:
        return function_certificate(api, status, system).certificate
    try:
        return x509.load_pem_x509_certificate(wish.cert.read_bytes())
    except ValueError:
        raise Failure(Exit.USAGE, f"--cert {wish.cert}: holds no certificate (PEM)") from None


def _from_sts(wish: Wish, api: Api, status: dict[str, Any], system: Anvendersystem) -> bytes:
    from consumers.errors import ClientError, StsUnreachable

    try:
        sts = sts_client(api, status, wish.cert or function_certificate(api, status, system).path)
        return asyncio.run(sts.token(wish.cvr or system.cvr, wish.entity_id)).xml
    except StsUnreachable as error:
        raise Failure(Exit.UNREACHABLE, str(error)) from None
    except ClientError as error:
        raise Failure(Exit.REFUSED, str(error)) from None
