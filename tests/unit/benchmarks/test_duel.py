"""Two versions compared pair by pair."""

from __future__ import annotations

from benchmarks.duel import Burst, compare


def test_the_pairs_are_compared_not_the_sums() -> None:
    """The machine was twice as slow in the second half: what counts is how the two of a pair compare, and that is told
    with its spread."""
    fast = [(Burst(11_000.0, 45.0), Burst(10_000.0, 50.0))] * 4
    slow = [(Burst(5_500.0, 90.0), Burst(5_000.0, 100.0))] * 4
    odd = [(Burst(4_000.0, 110.0), Burst(5_000.0, 100.0))]
    cpu, rate = compare(fast + slow + odd).splitlines()
    assert cpu == (
        "processor time a message, µs: this 90.0, other 100.0; this / other in 9 pairs 0.900 (0.900 to 0.900)"
    )
    assert rate == "messages a second: this 5500.0, other 5000.0; this / other in 9 pairs 1.100 (1.100 to 1.100)"
