"""What the tests of tokens start from: keys, claims that hold at NOON, a signer, a verifier that trusts it."""

from __future__ import annotations

import pytest

from adapters.sts.assertion import Claims, Signer, build
from broker.tokens.verifier import Verifier
from tests.support.keys import Keys, keys
from tests.unit.tokens.claims import claims_of, verifier_of

__all__ = ["keys"]


@pytest.fixture
def claims(keys: Keys) -> Claims:
    """Claims of the sending system, valid for eight hours from NOON."""
    return claims_of(keys)


@pytest.fixture
def signer(keys: Keys) -> Signer:
    """The trusted STS."""
    return Signer(keys.sts.key, keys.sts.certificate)


@pytest.fixture
def verifier(keys: Keys) -> Verifier:
    """A verifier that trusts the STS of `keys`, and no clock further than a minute."""
    return verifier_of(keys)


@pytest.fixture
def raw(claims: Claims, signer: Signer) -> bytes:
    """A token that holds at NOON."""
    return signer.sign(build(claims))
