"""Which message has which type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.load.mix import LONGEST, mask, rounds


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=8))
def test_shares_are_those_of_the_weights(weights: list[float]) -> None:
    """In a round each type stands as often as its weight says, to within one, and at least once."""
    chosen = rounds(weights)
    assert len(chosen) <= LONGEST + len(weights)
    for number, weight in enumerate(weights):
        assert chosen.count(number) >= 1
        assert chosen.count(number) == pytest.approx(len(chosen) * weight / sum(weights), abs=2 + len(weights))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.frozensets(st.integers(0, 3)), st.integers(0, 200))
def test_mask_is_the_round_over_and_over(chosen: list[int], wanted: frozenset[int], total: int) -> None:
    """Bit n of a mask says whether message n is of a wanted type."""
    found = mask(chosen, wanted, total)
    assert [n for n in range(total) if found >> n & 1] == [n for n in range(total) if chosen[n % len(chosen)] in wanted]
    assert found >> total == 0
