"""A letter decided on and not written yet: for whom, and what was decided.  All else is read when it is sent (R5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from consumers.standards.standard import Standard

Value = str | bool | int | None | list[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """``til`` are organisation UUIDs.  ``decided`` holds the letter's own decisions (svar, dates as ISO texts …).

    ``dag`` is the day on which it was decided on, as an ISO date: days may go by before it is sent.
    """

    besked_id: str
    standard: Standard
    forloeb: str
    til: tuple[str, ...]
    dag: str
    besvarer: str | None = None
    decided: Mapping[str, Value] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        """A decision that is a text; None where it was not taken."""
        value = self.decided.get(key)
        return None if value is None else str(value)

    def to_json(self) -> str:
        return json.dumps(
            [self.besked_id, self.standard, self.forloeb, self.til, self.dag, self.besvarer, dict(self.decided)],
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, document: str) -> Draft:
        besked_id, standard, forloeb, til, dag, besvarer, decided = json.loads(document)
        return cls(besked_id, Standard(standard), forloeb, tuple(til), dag, besvarer, decided)
