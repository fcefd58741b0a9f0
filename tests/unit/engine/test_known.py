"""The filter in front of the idempotency records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broker.engine.known import Seen
from broker.engine.sqlite_rows import besked_hash


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3_000))
def test_the_newest_are_always_found(hashes: list[int]) -> None:
    """However many BeskedIds pass, the newest thousand are never taken for new."""
    seen = Seen(1_024)
    for hash in hashes:
        seen.add(hash)
    assert all(hash in seen for hash in hashes[-1_024:])


def test_strangers_are_mostly_told_apart() -> None:
    """Of BeskedIds never seen, at most some in a hundred need a look in the database."""
    seen = Seen(4_096)
    for number in range(8_192):
        seen.add(besked_hash(f"known-{number}"))
    strangers = sum(besked_hash(f"stranger-{number}") in seen for number in range(10_000))
    assert strangers < 500
    assert sum(besked_hash(f"known-{number}") in seen for number in range(4_096, 8_192)) == 4_096


def test_the_old_are_let_go() -> None:
    """After two limits full of newer ones, nearly all of the oldest are forgotten."""
    seen = Seen(1_024)
    for number in range(4_096):
        seen.add(besked_hash(f"m{number}"))
    assert sum(besked_hash(f"m{number}") in seen for number in range(1_024)) < 100
