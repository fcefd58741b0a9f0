"""Letters written from a draft and what the party's system holds at this moment (R5).  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consumers.fagsystem.contacts import author_of, organisation_of
from consumers.fagsystem.draft import Draft
from consumers.part import Part
from consumers.standards.blocks import Sagsreference, Samtykke
from consumers.standards.letters import LETTERS, Brev


@dataclass(frozen=True, slots=True)
class Moment:
    """What all letters are written from: who, to whom, when, and on which case."""

    draft: Draft
    part: Part
    til: Sequence[Part]
    at: datetime
    sag: Sagsreference
    samtykke: Samtykke | None
    hjemmel: str | None
    ffb_version: str

    @property
    def today(self) -> date:
        return self.at.date()


def write(moment: Moment, **fields: Any) -> Brev:
    """The letter: its head, and the fields of its own."""
    draft = moment.draft
    return LETTERS[draft.standard](
        besked_id=draft.besked_id,
        standard_version="1.0",
        ffb_version=moment.ffb_version,
        forloebs_id=draft.forloeb,
        sagsreference=moment.sag,
        afsender=organisation_of(moment.part),
        modtagere=tuple(organisation_of(part) for part in moment.til),
        forfatter=author_of(moment.part),
        besvarer_besked_id=draft.besvarer,
        data_tidspunkt=moment.at,
        samtykke=moment.samtykke,
        hjemmel=moment.hjemmel,
        **fields,
    )


def day(draft: Draft, key: str) -> date | None:
    """A decision that is a date."""
    text = draft.text(key)
    return None if text is None else date.fromisoformat(text)


def coming(moment: Moment, key: str) -> date | None:
    """A decision that is a date to come: where it has passed while the letter waited, it is today."""
    found = day(moment.draft, key)
    if found is None or found.isoformat() < moment.draft.dag:
        return found  # it had passed when it was decided on: for the rules to judge
    return max(found, moment.today)


def time(draft: Draft, key: str) -> datetime:
    """A decision that is a time; it must be there."""
    return datetime.fromisoformat(str(draft.decided[key]))


def texts(draft: Draft, key: str) -> tuple[str, ...]:
    """A decision that is a list of texts; empty where it was not taken."""
    value = draft.decided.get(key)
    return tuple(value) if isinstance(value, list) else ()


def markant_aendring(moment: Moment) -> Brev:
    """Either side may write one."""
    draft = moment.draft
    return write(
        moment,
        dato=day(draft, "dato"),
        beskrivelse=draft.text("beskrivelse"),
        beroerer=texts(draft, "beroerer"),
        hastegrad=draft.text("hastegrad"),
    )
