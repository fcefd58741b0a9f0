"""The fingerprint of a message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broker.kuvert import digest


@given(st.binary(), st.binary())
def test_same_bytes_same_digest(one: bytes, other: bytes) -> None:
    """A message sent again is known by its bytes; another one is not taken for it."""
    assert len(digest(one)) == 16
    assert (digest(one) == digest(other)) == (one == other)
