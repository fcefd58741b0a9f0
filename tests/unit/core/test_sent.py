"""The fingerprint of a message."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core.sent import Changes, before, digest, digest_unhurried


@given(st.binary(), st.binary())
def test_same_bytes_same_digest(one: bytes, other: bytes) -> None:
    """A message sent again is known by its bytes; another one is not taken for it."""
    assert len(digest(one)) == 16
    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.parametrize("size", [0, 1, 2046, 2047, 2048, 4094, 4095, 65_536, 65_537, 200_000])
def test_the_digest_is_that_of_the_whole_message(size: int) -> None:
    """However a message is taken in pieces, its fingerprint is the public algorithm's, so that it stays the same."""
    data = bytes(number % 251 for number in range(size))
    assert digest(data) == digest_unhurried(data) == sha256(data).digest()[:16]


@given(st.binary(max_size=4000), st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=9), st.binary(max_size=9))))
def test_what_was_sent_is_told_whatever_was_written_into_it(
    kept: bytes, changed: list[tuple[int, bytes, bytes]]
) -> None:
    """Of a message as it is stored, the octets from before it was changed, which the fingerprint is over."""
    sent, stored, changes = b"", b"", Changes()
    for length, was, written in changed:
        sent, stored, kept = sent + kept[:length] + was, stored + kept[:length] + written, kept[length:]
        changes += ((len(stored) - len(written), len(stored), was),)
    assert before(memoryview(stored + kept), changes) == sent + kept
