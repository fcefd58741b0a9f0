"""Which message type and size the n-th message of a stream has: a fixed round, so that nobody needs to remember it."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 1_000
"""Messages of a round at most; shares are kept to a thousandth."""


def rounds(weights: Sequence[float]) -> tuple[int, ...]:
    """A round in which each position stands as often as its weight says, evenly spread; each stands at least once."""
    smallest = min(weights)
    length = min(LONGEST, max(len(weights), round(sum(weights) / smallest)))
    debt = [0.0] * len(weights)
    share = [weight / sum(weights) for weight in weights]
    chosen: list[int] = []
    for _ in range(length):
        for number, part in enumerate(share):
            debt[number] += part
        best = max(range(len(debt)), key=debt.__getitem__)
        debt[best] -= 1.0
        chosen.append(best)
    missing = [number for number in range(len(weights)) if number not in chosen]
    return tuple(chosen + missing)


def mask(chosen: Sequence[int], wanted: frozenset[int], total: int) -> int:
    """Bit n is set where message n of a stream of ``total`` is one of ``wanted``."""
    length = len(chosen)
    once = sum(1 << place for place, number in enumerate(chosen) if number in wanted)
    if not once or not total:
        return 0
    whole, have = once, length
    while have < total:
        whole |= whole << have
        have *= 2
    return whole & ((1 << total) - 1)
