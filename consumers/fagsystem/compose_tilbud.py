"""The letters of a tilbud: answers written from the letter answered, the order, and its own notes.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consumers.fagsystem.compose import Moment, day, markant_aendring, time, write
from consumers.fagsystem.contacts import contact_of
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    BestillingSvar,
    Boligomkostninger,
    Brev,
    Maalstatus,
    Maalvurdering,
    MatchSvar,
    Servicepakke,
    Venteliste,
)
from consumers.standards.standard import Standard

PRICE = "48500.00"
"""DKK a month, of every tilbud here (synthetic)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the tilbud knows of the forløb beside the draft."""

    answered: Brev | None
    """The letter that the draft answers."""
    bestilling: Bestilling | None
    """The newest one received."""
    notes: Sequence[str] = ()
    """What it has written down of the citizen, oldest first."""


def compose_tilbud(moment: Moment, known: Known) -> Brev:
    """The letter that the draft is of.  Raises pydantic's ValidationError where the data will not do."""
    return _WRITERS[moment.draft.standard](moment, known)


def _svar_match(moment: Moment, known: Known) -> Brev:
    draft = moment.draft
    waits = draft.text("svar") == MatchSvar.VENTELISTE
    ahead = draft.decided.get("antal_foran")
    return write(
        moment,
        svar=draft.text("svar"),
        bemaerkning=draft.text("bemaerkning"),
        venteliste=Venteliste(antal_foran=ahead if isinstance(ahead, int) else None) if waits else None,
        pris_pr_maaned=None if draft.text("svar") == MatchSvar.AFSLAG else PRICE,
        kontakt=contact_of(moment.part),
    )


def _svar_bestilling(moment: Moment, known: Known) -> Brev:
    draft = moment.draft
    accepts = draft.text("svar") == BestillingSvar.ACCEPT
    asked = known.answered if isinstance(known.answered, Bestilling) else None
    housing = asked is not None and bool(asked.anmodning_boligomkostninger)
    packages = asked is not None and bool(asked.anmodning_servicepakker)
    return write(
        moment,
        modtaget=time(draft, "modtaget"),
        svar=draft.text("svar"),
        begrundelse=draft.text("begrundelse"),
        aftalt_startdato=day(draft, "startdato"),
        kontakt=contact_of(moment.part),
        boligomkostninger=Boligomkostninger(beloeb_pr_maaned="5200.00", specifikation="Husleje og forbrug (syntetisk)")
        if housing
        else None,
        servicepakker=(Servicepakke(navn="Vask", beskrivelse="Vask af tøj og linned (syntetisk)", pris="350.00"),)
        if packages and accepts
        else (),
    )


def _statusnotat(moment: Moment, known: Known) -> Brev:
    asked = known.answered
    assert isinstance(asked, Anmodning)
    goals = {maal.id: maal for maal in known.bestilling.indsats.maal} if known.bestilling else {}
    return write(
        moment,
        maalstatus=tuple(
            Maalstatus(
                id=goal,
                status=f"Status på målet: {goals[goal].beskrivelse}"[:10_000]
                if goal in goals
                else "Målet er ukendt her",
                vurdering=Maalvurdering.DELVIST if goal in goals else None,
            )
            for goal in asked.indsatsmaal
        ),
        oevrige_oplysninger=tuple(known.notes),
    )


def _markant_aendring(moment: Moment, known: Known) -> Brev:
    return markant_aendring(moment)


_WRITERS = {
    Standard.SVAR_MATCH: _svar_match,
    Standard.SVAR_BESTILLING: _svar_bestilling,
    Standard.STATUSNOTAT: _statusnotat,
    Standard.MARKANT_AENDRING: _markant_aendring,
}
