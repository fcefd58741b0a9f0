"""When an attempt is made again."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from adapters.push.pacing import Pacing

draws = st.floats(0, 1, exclude_max=True)


def test_the_delay_doubles_up_to_the_longest() -> None:
    """1, 2, 4 … 60 seconds with the defaults, less what chance takes off."""
    pacing = Pacing(1, 60)
    assert [pacing.delay(failures, 0.0) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_same_seed_gives_the_same_delays() -> None:
    """Chance comes from outside, so that a test can repeat a run."""
    pacing = Pacing(1, 60)
    one, other = Random(7), Random(7)
    assert [pacing.delay(n, one.random()) for n in range(1, 20)] == [
        pacing.delay(n, other.random()) for n in range(1, 20)
    ]


@given(st.integers(1, 10**9), draws, st.floats(0.001, 10), st.floats(10, 1000))
def test_no_delay_is_longer_than_the_longest_nor_shorter_than_three_quarters(
    failures: int, draw: float, first: float, longest: float
) -> None:
    """However many failures: never 0, never beyond the setting."""
    assert first * 0.75 <= Pacing(first, longest).delay(failures, draw) <= longest


@given(st.integers(1, 100), draws, st.floats(0, 1e12))
def test_retry_after_is_kept_up_to_the_longest(failures: int, draw: float, wait: float) -> None:
    """A receiver may ask for more patience than we would have, but not for a day."""
    pacing = Pacing(1, 60)
    delay = pacing.delay(failures, draw, wait)
    assert min(wait, 60) <= delay <= 60
    assert delay >= pacing.delay(failures, draw)


def test_many_who_failed_together_do_not_come_back_together() -> None:
    """A thousand dueslag of one receiver are spread over a quarter of the delay."""
    random, pacing = Random(1), Pacing(1, 60)
    delays = [pacing.delay(7, random.random()) for _ in range(1000)]
    assert min(delays) < 46
    assert max(delays) > 59


def test_the_first_delay_may_be_longer_than_the_longest() -> None:
    """Then the longest counts."""
    assert Pacing(100, 10).delay(1, 0.0) == 10
