"""What the queues are called, and what they are declared with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


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

    def lock(self, name: str) -> str:
        """An exclusive queue: whoever has it works alone."""
        return f"{self.prefix}.laas.{name}"

    @property
    def expired(self) -> str:
        """Where RabbitMQ puts what expired, for a front to say so."""
        return f"{self.prefix}.udloebet"

    @property
    def unreadable(self) -> str:
        """Where messages go that somebody else put into a dueslag."""
        return f"{self.prefix}.ulaeselig"

    def arguments(self, queue: str) -> dict[str, Any]:
        """For queue.declare."""
        found: dict[str, Any] = {"x-queue-type": "quorum"}
        if self.group is not None:
            found["x-quorum-initial-group-size"] = self.group
        if queue.startswith((f"{self.prefix}.{Kind.MAIN.value}.", f"{self.prefix}.{Kind.HELD.value}.")):
            found["x-dead-letter-exchange"] = ""
            found["x-dead-letter-routing-key"] = self.expired
        return found
