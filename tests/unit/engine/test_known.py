"""The filter in front of the idempotency records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broker.engine.known import Seen
from broker.engine.sqlite_rows import besked_hashes


def hashes(name: str, start: int, end: int) -> tuple[int, ...]:
    return besked_hashes([f"{name}-{number}" for number in range(start, end)])


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3_000))
def test_the_newest_are_always_found(hashes: list[int]) -> None:
    """However many BeskedIds pass, the newest thousand are never taken for new."""
    seen = Seen(1_024)
    seen.add(hashes)
    newest = hashes[-1_024:]
    assert seen.among(newest) == [*range(len(newest))]


def test_strangers_are_mostly_told_apart() -> None:
    """Of BeskedIds never seen, at most some in a hundred need a look in the database."""
    seen = Seen(4_096)
    for start in range(0, 8_192, 100):
        seen.add(hashes("known", start, min(start + 100, 8_192)))
    strangers = seen.among(hashes("stranger", 0, 10_000))
    assert len(strangers) < 500
    assert len(seen.among(hashes("known", 4_096, 8_192))) == 4_096


def test_the_old_are_let_go() -> None:
    """After two limits full of newer ones, nearly all of the oldest are forgotten."""
    seen = Seen(1_024)
    seen.add(hashes("m", 0, 4_096))
    assert len(seen.among(hashes("m", 0, 1_024))) < 100
