"""Access tokens: for the holder of the key, for an hour, and no longer than the token they stand for."""

from __future__ import annotations

import pytest

from adapters.sts.access_tokens import AccessTokens
from broker.core.model import Service
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import AFSEND, Certificate, Token

NOW = 1_700_000_000.0
DER, OTHER = b"one certificate", b"another certificate"
HOLDER = Certificate(DER, "CVR:11111111-FID:1000000000002", "CN=x", 1, "CN=ca")


def token(end: float = NOW + 8 * 3600) -> Token:
    return Token("_1", "https://issuer.example", AFSEND, Service.AFSEND, "11111111", HOLDER, NOW, end)


@pytest.mark.parametrize("scheme", ["Holder-of-key", "holder-of-key", " HOLDER-OF-KEY"])
def test_who_holds_it(scheme: str) -> None:
    """The token behind it, by the header that the clients send."""
    held, tokens = token(), AccessTokens()
    assert tokens.holder(f"{scheme} {tokens.issue(held, DER, NOW)}", DER, NOW) is held


@pytest.mark.parametrize(
    ("authorization", "certificate", "told", "traced"),
    [
        (None, DER, "Authorization is missing", "missing"),
        ("", DER, "not of the form", "form"),
        ("Bearer x", DER, "not of the form 'Holder-of-key <access token>'", "form"),
        ("Holder-of-key", DER, "not of the form", "form"),
        ("Holder-of-key x", DER, "not known here", "unknown"),
        ("Holder-of-key \udcff", DER, "not known here", "unknown"),
        ("Holder-of-key {}", OTHER, "holder of another key", "FID:1000000000002 used with another"),
        ("Holder-of-key {}", None, "holder of another key", "FID:1000000000002 used with no certificate"),
    ],
)
def test_nobody_else(authorization: str | None, certificate: bytes | None, told: str, traced: str) -> None:
    """A stolen access token is worth nothing without the key; whose it was, the trace is told alone."""
    tokens = AccessTokens()
    value = tokens.issue(token(), DER, NOW)
    with pytest.raises(TokenRefused, match=told) as refused:
        tokens.holder(authorization and authorization.replace("{}", value), certificate, NOW)
    assert traced in refused.value.reason
    assert "FID" not in str(refused.value)


@pytest.mark.parametrize(("end", "lifetime"), [(NOW + 8 * 3600, 3600), (NOW + 90.5, 90)])
def test_it_ends(end: float, lifetime: int) -> None:
    """After an hour, or with the token itself."""
    tokens, held = AccessTokens(), token(end)
    value = tokens.issue(held, DER, NOW)
    assert tokens.lifetime(held, NOW) == lifetime
    assert tokens.holder(f"Holder-of-key {value}", DER, NOW + lifetime - 0.1) is held
    with pytest.raises(TokenExpired):
        tokens.holder(f"Holder-of-key {value}", DER, NOW + lifetime + 1)


def test_none_for_a_token_that_is_over() -> None:
    """Within the skew of the verifier a token may still be taken; an access token of no time is not given."""
    with pytest.raises(TokenExpired):
        AccessTokens().issue(token(NOW + 0.5), DER, NOW)


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    """Memory is bounded; those that are over go first."""
    tokens = AccessTokens(most=3)
    first = tokens.issue(token(), DER, NOW)
    short = tokens.issue(token(NOW + 10), DER, NOW)
    tokens.issue(token(), DER, NOW)
    kept = tokens.issue(token(), DER, NOW + 20)
    assert tokens.holder(f"Holder-of-key {first}", DER, NOW + 20)
    tokens.issue(token(), DER, NOW + 20)
    assert tokens.holder(f"Holder-of-key {kept}", DER, NOW + 20)
    for gone in (first, short):
        with pytest.raises(TokenRefused):
            tokens.holder(f"Holder-of-key {gone}", DER, NOW + 20)
