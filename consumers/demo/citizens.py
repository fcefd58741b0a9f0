"""What became of each citizen: the row of the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from consumers.demo.cast import TILBUD, short
from consumers.demo.stage import Stage
from consumers.fagsystem import Kind
from consumers.standards.standard import Standard

_TILBUD = {part.aktoer: short(part) for part in TILBUD}


@dataclass(frozen=True, slots=True)
class CitizenRow:
    """Letters, follow-ups and markante ændringer are those that were sent, by either side."""

    navn: str
    myndighed: str
    udfoerer: str
    tilstand: str
    letters: int
    follow_ups: int
    changes: int
    days: int
    """From the first letter to the last."""
    forloeb: str


def citizens(stage: Stage) -> list[CitizenRow]:
    """One for each forløb, in the order in which they began."""
    return list(_rows(stage))


def _rows(stage: Stage) -> Iterator[CitizenRow]:
    for part, myndighed in stage.myndigheder.items():
        for id in myndighed.alle_forloeb():
            forloeb = myndighed.forloeb(id)
            assert forloeb is not None, "it is one of all"
            sent = [event for event in stage.events if event.kind is Kind.SENT and event.forloeb == id]
            kinds = Counter(event.standard for event in sent)
            yield CitizenRow(
                navn=stage.citizens[id].navn,
                myndighed=short(part),
                udfoerer=_TILBUD.get(forloeb.udfoerer or "", ""),
                tilstand=forloeb.tilstand.value,
                letters=len(sent),
                follow_ups=kinds[Standard.OPFOELGNING],
                changes=kinds[Standard.MARKANT_AENDRING],
                days=(sent[-1].at - sent[0].at).days if sent else 0,
                forloeb=id,
            )
