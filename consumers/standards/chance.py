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


class Chosen(Random):
    """Choices that somebody else makes, one number from 0 to below 1 at a time; ids come of ``seed``.

    Ids must differ whatever is chosen: a property test that shrinks its choices to 0.0 wants plain letters, not letters
    in which everything has the same id.
    """

    def __init__(self, choose: Callable[[], float], seed: int) -> None:
        super().__init__(seed)
        self._choose = choose
        self.ids = Random(seed)  # noqa: S311  test data, not a secret

    def random(self) -> float:
        return self._choose()


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
    source = random.ids if isinstance(random, Chosen) else random
    bits = 0
    for _ in range(4):
        bits = bits << 32 | int(source.random() * 2**32)
    return str(UUID(int=bits, version=4))
