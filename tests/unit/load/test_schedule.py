"""When messages are meant to go."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.load.schedule import Profile, Schedule

_RATE = st.one_of(st.just(0.0), st.floats(0.5, 400))
_PIECES = st.lists(st.tuples(st.floats(0.1, 20), _RATE, _RATE), min_size=1, max_size=5)


@given(_PIECES, st.floats(0, 1))
def test_integral_and_its_inverse_agree(pieces: list[tuple[float, float, float]], share: float) -> None:
    """The moment at which n messages are reached is one at which the integral of the rate is n."""
    profile = Profile(pieces)
    wanted = profile.total * share
    assert profile.count(profile.time(wanted)) == pytest.approx(wanted, abs=1e-4 + profile.total * 1e-6)


@given(_PIECES, st.floats(0.05, 1), st.floats(0.01, 0.99), st.sampled_from([None, 7]))
def test_intended_times_follow_the_rate(
    pieces: list[tuple[float, float, float]], share: float, offset: float, seed: int | None
) -> None:
    """Message k is due in order, within the phases, and never before k of the stream are due by the rate."""
    schedule = Schedule(Profile(pieces), share, offset, seed)
    dues = [schedule.due(number) for number in range(min(schedule.total, 300))]
    assert dues == sorted(dues)
    assert all(0 <= due <= schedule.profile.seconds + 1e-6 for due in dues)
    if seed is None:
        for number, due in enumerate(dues):
            assert schedule.profile.count(due) * share == pytest.approx(number + offset, abs=1e-3)


@given(_PIECES, st.floats(0.05, 1), st.floats(0, 25), st.sampled_from([None, 3]))
def test_count_is_the_number_of_messages_due(
    pieces: list[tuple[float, float, float]], share: float, at: float, seed: int | None
) -> None:
    """What is counted as due at a moment is what is due by it, message by message."""
    schedule = Schedule(Profile(pieces), share, 0.5, seed)
    count = schedule.count(at)
    assert count <= schedule.total
    if count and count <= 300:
        assert schedule.due(count - 1) <= at + 1e-4
    if count < min(schedule.total, 300) and at < schedule.profile.seconds:
        assert schedule.due(count) >= at - 1e-4


@given(st.integers(1, 7), st.floats(1, 300))
def test_streams_together_send_what_the_workload_says(streams: int, rate: float) -> None:
    """Shared out among streams, the messages are as many as for one stream, to within one."""
    profile = Profile([(3.0, rate, rate * 2)])
    shares = [Schedule(profile, 1 / streams, (index + 0.5) / streams) for index in range(streams)]
    assert abs(sum(one.total for one in shares) - profile.total) <= 1 + 1e-6


def test_poisson_arrivals_are_irregular_and_as_many() -> None:
    """Gaps vary as those of independent arrivals do: their spread is about their mean, the rate is kept."""
    schedule = Schedule(Profile([(40.0, 100, 100)]), 1.0, 0.5, 1)
    dues = [schedule.due(number) for number in range(schedule.total)]
    gaps = [after - before for before, after in pairwise(dues)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert schedule.total == pytest.approx(4000, abs=150)
    assert 0.8 < spread / mean < 1.2


def test_phase_without_messages_moves_what_follows() -> None:
    """Nothing is due while the rate is 0; the next message comes after it."""
    schedule = Schedule(Profile([(1.0, 10, 10), (5.0, 0, 0), (1.0, 10, 10)]), 1.0, 0.5)
    assert schedule.total == 20
    assert schedule.due(9) < 1.0
    assert schedule.due(10) > 6.0
    assert schedule.profile.rate(3.0) == 0
    assert schedule.profile.rate(6.5) == 10
