"""Choices that are the same for the same seed, on every Python and in every process.

Python promises only that ``Random.random()`` gives the same numbers for the same seed for ever, so all choices are made
of that one method.  0.0 gives the simplest choice (the first, none, the fewest): what shrinks a counterexample of a
property test makes its letters smaller and plainer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


def number(random: Random, low: int, high: int) -> int:
    """From ``low`` to ``high``, both included."""
    return low + int(random.random() * (high - low + 1))


def pick(random: Random, choices: Sequence[T]) -> T:
    return choices[int(random.random() * len(choices))]


def maybe(random: Random, chance: float = 0.5) -> bool:
    return random.random() >= 1 - chance


def several(random: Random, choices: Sequence[T], low: int, high: int) -> tuple[T, ...]:
    """``low`` to ``high`` different ones (as far as there are so many), in the order of the choices."""
    count = min(number(random, low, high), len(choices))
    if count <= 0:
        return ()
    left = list(range(len(choices)))
    taken = sorted(left.pop(int(random.random() * len(left))) for _ in range(count))
    return tuple(choices[index] for index in taken)


def uuid4(random: Random) -> str:
    """A UUID of version 4."""
    bits = 0
    for _ in range(4):
        bits = bits << 32 | int(random.random() * 2**32)
    return str(UUID(int=bits, version=4))
