"""What an engine should hold by now, small enough to be believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from broker.ports import Leverance


@dataclass
class Expected:
    """One delivery as the model sees it."""

    order: int
    name: str
    dueslag: str
    abonnement: str
    state: str
    attempts: int = 0
    redelivered: bool = False
    leverance: Leverance | None = None


@dataclass
class Model:
    """All deliveries that are not settled, in order of acceptance."""

    deliveries: list[Expected] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    last: int = 0

    def put(self, name: str, dueslag: str, abonnement: str, state: str) -> None:
        self.last += 1
        self.deliveries.append(Expected(self.last, name, dueslag, abonnement, state))

    def of(self, dueslag: str, *states: str) -> list[Expected]:
        return [one for one in self.deliveries if one.dueslag == dueslag and one.state in states]

    def settle(self, gone: list[Expected]) -> None:
        self.deliveries = [one for one in self.deliveries if one not in gone]
