"""What a token says, and what the Beskedfordeler would say to it."""

from __future__ import annotations

import time
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.api import connect, default_data
from adapters.cli.exits import Exit, Failure
from adapters.cli.keys import STS_FILE, all_systems
from broker.errors import StoreError, TokenExpired, TokenRefused

if TYPE_CHECKING:
    from lxml import etree

    from broker.tokens.verifier import Issuer

SKEW = 60.0
"""Seconds that clocks may differ, as `serve` has it unless told otherwise."""
_LARGEST = 1024 * 1024


def said_by(token: bytes) -> dict[str, str | None]:
    """What it says of itself, true or not; everything None where it is no assertion that can be read."""
    from broker.tokens.names import CVR_NUMBER_IDENTIFIER, ds, saml

    root = _root(token)
    holder = f"{saml('Subject')}/{saml('SubjectConfirmation')}/{saml('SubjectConfirmationData')}/{ds('KeyInfo')}"
    certificate = f"{ds('X509Data')}/{ds('X509Certificate')}"
    cvr = f"{saml('AttributeStatement')}/{saml('Attribute')}[@Name='{CVR_NUMBER_IDENTIFIER}']/{saml('AttributeValue')}"
    conditions = _find(root, saml("Conditions"))
    return {
        "id": None if root is None else root.get("ID"),
        "issuer": _text(root, saml("Issuer")),
        "signed_with": _subject(_text(root, f"{ds('Signature')}/{ds('KeyInfo')}/{certificate}")),
        "audience": _text(conditions, f"{saml('AudienceRestriction')}/{saml('Audience')}"),
        "cvr": _text(root, cvr),
        "holder": _subject(_text(root, f"{holder}/{certificate}")),
        "not_before": None if conditions is None else conditions.get("NotBefore"),
        "not_on_or_after": None if conditions is None else conditions.get("NotOnOrAfter"),
    }


def judged(token: bytes, trusted: list[Path], admin: str | None, data: Path | None) -> dict[str, Any]:
    """``accepted``, and if not ``status_kode`` and ``reason``; ``system`` and ``service`` where they are known.

    Raises Failure, StoreError, OSError where a certificate that is to be trusted cannot be read.
    """
    from broker.tokens.verifier import Verifier

    folder, systems = _emulator(admin, data)
    issuers = [*_own_issuer(folder), *(issuer for path in trusted for issuer in _issuers(path))]
    verdict: dict[str, Any] = {"accepted": False, "status_kode": 40, "reason": None, "system": None, "service": None}
    if not issuers:
        return verdict | {"reason": f"no STS is trusted here: no {folder / STS_FILE}; name it with --data or --admin"}
    try:
        held = Verifier(issuers, skew=SKEW).verify(token, time.time())
    except TokenExpired as error:
        return verdict | {"status_kode": error.status_kode, "reason": str(error)}
    except TokenRefused as error:
        return verdict | {"reason": error.reason}
    verdict |= {"service": str(held.service), "system": (systems or {}).get(held.holder.serienummer)}
    if systems is not None and verdict["system"] is None:
        text = f"its holder ({held.holder.serienummer}) is no anvendersystem in the register (certifikat)"
        return verdict | {"reason": text}
    return verdict | {"accepted": True, "status_kode": 20}


def _emulator(admin: str | None, data: Path | None) -> tuple[Path, dict[str, str] | None]:
    """The data directory, and the navn of the register's systems by serienummer where an emulator is running."""
    try:
        api = connect(admin, data)
        return Path(api.get("/status")["data"]), {system.serienummer: system.navn for system in all_systems(api)}
    except Failure:
        if admin is not None:
            raise
        return data or default_data(), None


def _own_issuer(folder: Path) -> list[Issuer]:
    from adapters.cli.security import ISSUER
    from broker.tokens.verifier import Issuer

    return [Issuer(issuer.certificate, ISSUER) for issuer in _issuers(folder / STS_FILE, missing_ok=True)][:1]


def _issuers(path: Path, missing_ok: bool = False) -> list[Issuer]:
    from adapters.cli.security import issuers_in

    if missing_ok and not path.exists():
        return []
    try:
        return issuers_in(path.read_bytes(), path)
    except StoreError as error:
        raise Failure(Exit.USAGE, str(error)) from None


def _root(token: bytes) -> etree._Element | None:
    from broker.tokens.tree import make_parser, read_tree

    try:
        return read_tree(token, make_parser(), _LARGEST)
    except TokenRefused:
        return None


def _find(parent: etree._Element | None, path: str) -> etree._Element | None:
    return None if parent is None else parent.find(path)


def _text(parent: etree._Element | None, path: str) -> str | None:
    found = _find(parent, path)
    return None if found is None else (found.text or "").strip()


def _subject(base64: str | None) -> str | None:
    """The subject of a certificate, with its serial number; what is wrong with it where it is none."""
    from cryptography import x509

    from broker.tokens.certificate import name_text

    if base64 is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(b64decode(base64))
    except ValueError:
        return "(no certificate)"
    return f"{name_text(certificate.subject)}, serial {certificate.serial_number}"
