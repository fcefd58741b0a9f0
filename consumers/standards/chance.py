"""Choices that are the same for the same seed, on every Python and in every process.

Python promises only that ``Random.random()`` gives the same numbers for the same seed for ever, so all choices are made
of that one method.  0.0 gives the simplest choice (the first, none, the fewest): what shrinks a counterexample of a
property test makes its letters smaller and plainer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
_STEPS = 1 << 16


class Chosen(Random):
    """Choices that somebody else makes: ``below(n)`` gives a number from 0 to below n.

    Ids, names and telephone numbers come of ``seed``: ids must differ whatever is chosen, and the fewer choices there
    are, the sooner a property test has made its counterexample small.
    """

    def __init__(self, below: Callable[[int], int], seed: int) -> None:
        super().__init__(seed)
        self.below = below
        self.details = Random(seed)  # noqa: S311  test data, not a secret

    def random(self) -> float:
        return self.below(_STEPS) / _STEPS


def _below(random: Random, count: int) -> int:
    return random.below(count) if isinstance(random, Chosen) else int(random.random() * count)


def number(random: Random, low: int, high: int) -> int:
    """From ``low`` to ``high``, both included."""
    return low + _below(random, high - low + 1)


def pick(random: Random, choices: Sequence[T]) -> T:
    return choices[_below(random, len(choices))]


def maybe(random: Random, chance: float = 0.5) -> bool:
    return bool(random.below(2)) if isinstance(random, Chosen) else random.random() >= 1 - chance


def several(random: Random, choices: Sequence[T], low: int, high: int) -> tuple[T, ...]:
    """``low`` to ``high`` different ones (as far as there are so many), in the order of the choices."""
    count = min(number(random, low, high), len(choices))
    if count <= 0:
        return ()
    left = list(range(len(choices)))
    taken = sorted(left.pop(_below(random, len(left))) for _ in range(count))
    return tuple(choices[index] for index in taken)


def details(random: Random) -> Random:
    """For names and numbers on which nothing hangs: no choices of somebody else's."""
    return random.details if isinstance(random, Chosen) else random


def uuid4(random: Random) -> str:
    """A UUID of version 4."""
    source = details(random)
    bits = 0
    for _ in range(4):
        bits = bits << 32 | int(source.random() * 2**32)
    return str(UUID(int=bits, version=4))
