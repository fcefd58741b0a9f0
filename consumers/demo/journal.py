"""What one party knows: what it sent and what the answer was, and what it received, each message once."""

from __future__ import annotations

from dataclasses import dataclass, field

from consumers.retur import StandardRetur


@dataclass(slots=True)
class Sendt:
    """One message sent; ``retur`` is None until it is answered."""

    besked_id: str
    navn: str
    """Name of the kind of message, for people."""
    retur: StandardRetur | None = None


@dataclass(frozen=True, slots=True)
class Indgaaet:
    """One message received."""

    besked_id: str
    beskedtype: str
    abonnement: str
    redelivered: bool


@dataclass(slots=True)
class Journal:
    """The record of one party, in memory.  A message that comes again makes no second entry (it is counted)."""

    sendt: list[Sendt] = field(default_factory=list)
    modtaget: dict[str, Indgaaet] = field(default_factory=dict)
    again_redelivered: int = 0
    again_unflagged: int = 0
    """Came again although the Beskedfordeler did not say that it might: a fault of the Beskedfordeler."""

    def receive(self, indgaaet: Indgaaet) -> bool:
        """Enter what came; False where it had come before."""
        if indgaaet.besked_id not in self.modtaget:
            self.modtaget[indgaaet.besked_id] = indgaaet
            return True
        if indgaaet.redelivered:
            self.again_redelivered += 1
        else:
            self.again_unflagged += 1
        return False

    @property
    def taken(self) -> int:
        """How many were answered 20."""
        return sum(1 for sendt in self.sendt if sendt.retur is not None and sendt.retur.ok)

    @property
    def refused(self) -> int:
        return sum(1 for sendt in self.sendt if sendt.retur is not None and not sendt.retur.ok)
