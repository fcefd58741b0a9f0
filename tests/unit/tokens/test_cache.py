"""What is known of tokens: found by its octets, bounded, forgotten in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.sts.assertion import Claims, Signer, build
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import verifier as module
from broker.tokens.cache import Cache, Known
from broker.tokens.verifier import Issuer, Verifier
from tests.support.keys import Keys
from tests.unit.tokens.claims import HOURS, ISSUER, NOON


@pytest.fixture
def known(raw: bytes, verifier: Verifier) -> Known:
    """A token that holds from NOON for eight hours."""
    return Known(raw, verifier.verify(raw, NOON), NOON, NOON + 8 * HOURS)


def _numbered(known: Known, number: int, ends: float | None = None) -> Known:
    raw = b"%06d" % number + known.raw
    return known._replace(raw=raw, ends=known.ends if ends is None else ends)


def test_a_known_token_is_found_by_equal_octets(known: Known) -> None:
    """Each message carries its own copy of the token: equal octets are enough."""
    cache = Cache(10)
    cache.keep(known, NOON)
    assert cache.find(bytes(bytearray(known.raw))) is known


def test_octets_that_differ_anywhere_are_not_known(known: Known) -> None:
    """One octet changed, wherever it is: another token, to be verified for itself."""
    cache = Cache(10)
    cache.keep(known, NOON)
    for at in range(0, len(known.raw), 97):
        altered = bytearray(known.raw)
        altered[at] ^= 1
        assert cache.find(bytes(altered)) is None
    assert cache.find(known.raw[:-1]) is None
    assert cache.find(known.raw + b" ") is None
    assert cache.find(b"") is None


def test_the_oldest_goes_when_it_is_full(known: Known) -> None:
    """At most so many tokens: the one that came first makes room."""
    cache = Cache(3)
    for number in range(5):
        cache.keep(_numbered(known, number), NOON)
    assert len(cache) == 3
    assert [cache.find(_numbered(known, number).raw) is not None for number in range(5)] == [False] * 2 + [True] * 3


def test_octets_are_bounded_too(known: Known) -> None:
    """Large tokens cannot take more memory than allowed, and one that is larger than all of it is not kept."""
    cache = Cache(100, octets=3 * len(known.raw) + 100)
    for number in range(10):
        cache.keep(_numbered(known, number), NOON)
    assert len(cache) == 3
    cache.keep(known._replace(raw=known.raw * 4), NOON)
    assert len(cache) == 3


def test_a_token_that_is_kept_again_counts_once(known: Known) -> None:
    """The same token, or another with the same beginning, replaces what was known."""
    cache = Cache(10, octets=len(known.raw) + 10)
    for _ in range(3):
        cache.keep(known, NOON)
    other = known._replace(raw=known.raw + b" ")
    cache.keep(other, NOON)
    assert len(cache) == 1
    assert cache.find(known.raw) is None
    assert cache.find(other.raw) is other


def test_expired_tokens_are_dropped(known: Known) -> None:
    """A long-running emulator does not fill up with tokens of yesterday."""
    cache = Cache(10)
    for number in range(5):
        cache.keep(_numbered(known, number, ends=NOON + 10), NOON)
    cache.keep(_numbered(known, 9), NOON + 3600)
    assert len(cache) == 1


def test_a_clock_that_is_set_back_does_not_stop_the_sweep(known: Known) -> None:
    """After the clock is moved back a day, what has expired is still dropped."""
    cache = Cache(10)
    cache.keep(_numbered(known, 1), NOON)
    cache.keep(_numbered(known, 2, ends=NOON - 24 * HOURS), NOON)
    cache.keep(_numbered(known, 3), NOON - 23 * HOURS)
    assert cache.find(_numbered(known, 2).raw) is None


def test_a_cache_of_nothing_keeps_nothing(known: Known) -> None:
    """A size of 0 switches it off."""
    cache = Cache(0)
    cache.keep(known, NOON)
    assert len(cache) == 0


def test_a_known_token_is_not_verified_again(
    raw: bytes, claims: Claims, signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second message with a token costs no parse and no signature, also when senders take turns."""
    other = signer.sign(build(claims))
    first, second = verifier.verify(raw, NOON), verifier.verify(other, NOON)
    monkeypatch.setattr(module, "read_tree", None)
    for _ in range(2):
        assert verifier.verify(bytes(bytearray(raw)), NOON + HOURS) is first
        assert verifier.verify(bytes(bytearray(other)), NOON + HOURS) is second


def test_a_known_token_expires_all_the_same(raw: bytes, verifier: Verifier) -> None:
    """A token that was fine an hour ago is refused with 41 once its time is over."""
    verifier.verify(raw, NOON)
    with pytest.raises(TokenExpired, match=r"2026-11-21T20:00:00\.000Z"):
        verifier.verify(raw, NOON + 9 * HOURS)


def test_a_known_token_is_judged_by_a_clock_set_back(raw: bytes, verifier: Verifier) -> None:
    """With the clock moved back before its time, a known token is not valid yet; moved on again, it is."""
    verifier.verify(raw, NOON)
    with pytest.raises(TokenRefused, match="not valid yet"):
        verifier.verify(raw, NOON - HOURS)
    verifier.verify(raw, NOON)


def test_a_known_token_still_asks_for_its_holder(raw: bytes, verifier: Verifier, keys: Keys) -> None:
    """Holder-of-key: the certificate of each connection is compared, also for a token that is known."""
    verifier.verify(raw, NOON, keys.sender.der)
    with pytest.raises(TokenRefused, match="certificate presented"):
        verifier.verify(raw, NOON, keys.receiver.der)
    verifier.verify(raw, NOON, keys.sender.der)


def test_a_known_token_does_not_cover_for_an_altered_one(raw: bytes, verifier: Verifier) -> None:
    """Nobody gets in with the octets of a known token and another CVR number."""
    verifier.verify(raw, NOON)
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(raw.replace(b">11111111<", b">22222222<"), NOON)
    assert "signature does not hold" in refused.value.reason


def test_verifier_without_a_cache_works(raw: bytes, keys: Keys, claims: Claims, signer: Signer) -> None:
    """A size of 0: every token is verified anew, with the same answer."""
    verifier = Verifier([Issuer(keys.sts.der, ISSUER)], cached=0)
    other = signer.sign(build(replace(claims, cvr="22222222")))
    answers = [verifier.verify(token, NOON).cvr for token in (raw, other, raw)]
    assert answers == ["11111111", "22222222", "11111111"]
