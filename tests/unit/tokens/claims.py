"""Claims, and who judges them, for tests and for property tests (which take no fixtures)."""

from __future__ import annotations

from adapters.sts.assertion import Claims
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import AFSEND, Token
from broker.tokens.verifier import Issuer, Verifier
from tests.support.keys import Keys

NOON = 1_795_262_400.0
"""2026-11-21T12:00:00Z."""
HOURS = 3600.0
ISSUER = "https://saml.sts.example/runtime"


def claims_of(keys: Keys) -> Claims:
    """Claims of the sending system, valid for eight hours from NOON."""
    return Claims(
        issuer=ISSUER,
        audience=AFSEND,
        cvr="11111111",
        holder=keys.sender.certificate,
        not_before=NOON,
        not_on_or_after=NOON + 8 * HOURS,
        issued=NOON,
    )


def verifier_of(keys: Keys) -> Verifier:
    """One that trusts the STS of ``keys``."""
    return Verifier([Issuer(keys.sts.der, ISSUER)])


def judged(verifier: Verifier, raw: bytes, now: float = NOON) -> Token | TokenRefused | TokenExpired:
    """The token, or the refusal; anything else that is raised is a bug and comes through."""
    try:
        return verifier.verify(raw, now)
    except (TokenRefused, TokenExpired) as refusal:
        return refusal
