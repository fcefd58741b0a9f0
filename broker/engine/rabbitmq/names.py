"""What the queues are called, and what they are declared with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

_TURN = "tur"
_UNUSED = 24 * 3_600 * 1_000
"""Milliseconds after which the queue of a part goes that no front is in line for."""


class Kind(Enum):
    """The queues of one dueslag."""

    MAIN = "dueslag"
    HELD = "pause"
    """What abonnementer on pause keep back."""
    DEAD = "fejlkoe"


@dataclass(frozen=True, slots=True)
class Names:
    """``prefix.dueslag.<uuid>``, ``prefix.pause.<uuid>``, ``prefix.fejlkoe.<uuid>``; ``group``: the members that a
    quorum queue is made with, None = as RabbitMQ does it (3, or all nodes where there are fewer)."""

    prefix: str = "bf"
    group: int | None = None

    def queue(self, kind: Kind, dueslag: str) -> str:
        return f"{self.prefix}.{kind.value}.{dueslag}"

    def is_dueslags(self, queue: str) -> bool:
        """Whether it is one of a dueslag's."""
        return queue.startswith(tuple(f"{self.prefix}.{kind.value}." for kind in Kind))

    def lock(self, name: str) -> str:
        """An exclusive queue: whoever has it is the only caretaker."""
        return f"{self.prefix}.laas.{name}"

    def part(self, number: int) -> str:
        """Whose turn it is to push the dueslag of a part."""
        return f"{self.prefix}.{_TURN}.{number}"

    @property
    def expired(self) -> str:
        """Where RabbitMQ puts what expired, for a front to say so."""
        return f"{self.prefix}.udloebet"

    @property
    def news(self) -> str:
        """The exchange over which fronts tell each other what queues there are."""
        return f"{self.prefix}.nyt"

    def front(self, name: str) -> str:
        """An exclusive queue: what a front hears."""
        return f"{self.prefix}.front.{name}"

    @property
    def unreadable(self) -> str:
        """Where messages go that somebody else put into a dueslag."""
        return f"{self.prefix}.ulaeselig"

    def arguments(self, queue: str, version: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """For queue.declare at a RabbitMQ of that version."""
        found: dict[str, Any] = {"x-queue-type": "quorum"}
        if version >= (4,):  # from then on what comes back 20 times is dropped where nothing else is said
            found["x-delivery-limit"] = -1
        if self.group is not None:
            found["x-quorum-initial-group-size"] = self.group
        if queue.startswith((f"{self.prefix}.{Kind.MAIN.value}.", f"{self.prefix}.{Kind.HELD.value}.")):
            found["x-dead-letter-exchange"] = ""
            found["x-dead-letter-routing-key"] = self.expired
        elif queue.startswith(f"{self.prefix}.{_TURN}."):
            found["x-single-active-consumer"] = True
            found["x-expires"] = _UNUSED
        return found
