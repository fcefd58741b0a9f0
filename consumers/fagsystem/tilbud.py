"""A tilbud: its places and its waiting list, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from consumers.client import Endpoint
from consumers.fagsystem import places, records
from consumers.fagsystem.calendar import Calendar
from consumers.fagsystem.compose import Moment
from consumers.fagsystem.compose_tilbud import Known, compose_tilbud
from consumers.fagsystem.days import iso, morning
from consumers.fagsystem.draft import Draft, Value
from consumers.fagsystem.errors import NotAllowed
from consumers.fagsystem.events import Event, Kind
from consumers.fagsystem.journal import Retning
from consumers.fagsystem.profile import PROFILES, Profile
from consumers.fagsystem.receiving import PushEndpoint
from consumers.fagsystem.store import Store
from consumers.fagsystem.system import Fagsystem
from consumers.fagsystem.tasks import Task
from consumers.fagsystem.work import About, Work
from consumers.forloeb.dage import FRISTER, HVILER, rest
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.tilstand import Tilstand
from consumers.part import Part
from consumers.standards.chance import number
from consumers.standards.letters import (
    Anmodning,
    Beroert,
    Bestilling,
    BestillingSvar,
    Brev,
    Hastegrad,
    Match,
    MatchSvar,
    Opfoelgning,
    SvarBestilling,
)
from consumers.standards.standard import Rolle, Standard

PLACES = 10
"""Places of a tilbud that is not told how many."""
OFFER_DAYS = 14
"""Days after which a place that the first on the waiting list did not take is offered to the next."""
ANSWER, START, CHANGE, OFFER, REST = "svar", "start", "aendring", "tilbyd", "hvil"
"""Kinds of task."""
CHANGED = "Borgeren har det markant anderledes (syntetisk)"
"""What a tilbud tells whose profile has it tell of a change."""
_ANSWERS = {
    Standard.MATCH: Standard.SVAR_MATCH,
    Standard.BESTILLING: Standard.SVAR_BESTILLING,
    Standard.ANMODNING: Standard.STATUSNOTAT,
}


class Tilbud(Fagsystem):
    """See `Fagsystem`.  ``pladser``: how many places a new database gets; none where the profile is full."""

    side = Rolle.UDFOERER

    def __init__(
        self,
        part: Part,
        address_book: Sequence[Part],
        endpoint: Endpoint | PushEndpoint,
        store: Store,
        calendar: Calendar,
        profile: Profile = PROFILES["prompt"],
        *,
        pladser: int = PLACES,
        seed: int | str = 0,
        on_event: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        super().__init__(part, address_book, endpoint, store, calendar, profile, seed=seed, on_event=on_event)
        if not store.meta("places"):
            with self._work():
                places.set_total(store, 0 if profile.full else pladser)

    # What somebody there can do.

    def tell(
        self,
        forloeb: str,
        beskrivelse: str,
        *,
        beroerer: Sequence[Beroert] = (Beroert.INDSATSMAAL,),
        hastegrad: Hastegrad | None = None,
        dato: date | None = None,
    ) -> str:
        """Tell the myndighed of a markant ændring with a citizen; its BeskedId.  Raises NotAllowed."""
        with self._work() as piece:
            draft = self._change(piece, forloeb, beskrivelse, beroerer, hastegrad, dato)
            self._decide(piece, draft)
        return draft.besked_id

    def note(self, forloeb: str, text: str) -> None:
        """Write something down of a citizen; a statusnotat says all of it that is there when it is sent (R5)."""
        with self._work():
            records.add_note(self.store, forloeb, text)

    def add_places(self, count: int = 1) -> None:
        """More places; each goes to the first on the waiting list."""
        with self._work() as piece:
            places.set_total(self.store, places.total(self.store) + count)
            self._offer(piece)

    def free_places(self) -> int:
        return places.free(self.store)

    def waiting_list(self) -> list[str]:
        """The forløb on it, first come first."""
        return places.waiting(self.store)

    # What it does by itself.

    def _received(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        self._watch(piece, forloeb)
        if isinstance(brev, Match | Bestilling | Anmodning):
            low, high = self.profile.answer_days
            days = number(self._chance("days"), low, high) if high else 0
            due = piece.at + timedelta(days=days)
            piece.task(f"{ANSWER}/{brev.besked_id}", due, ANSWER, forloeb.id, besked=brev.besked_id)
        elif isinstance(brev, Opfoelgning) and forloeb.tilstand is Tilstand.AFSLUTTET:
            places.vacate(self.store, forloeb.id)
            self._offer(piece)

    def _sent(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        self._watch(piece, forloeb)
        stand = forloeb.bestilling
        if not isinstance(brev, SvarBestilling) or brev.svar is BestillingSvar.AFVIS or stand is None:
            return
        piece.task(f"{START}/{forloeb.id}", morning(stand.startdato), START, forloeb.id)
        if self.profile.changes_after_days is not None:
            day = max(stand.startdato, piece.at.date()) + timedelta(days=self.profile.changes_after_days)
            piece.task(f"{CHANGE}/{forloeb.id}", morning(day), CHANGE, forloeb.id)

    def _watch(self, piece: Work, forloeb: Forloeb) -> None:
        """A forløb that goes on elsewhere is closed here after a year: no letter will say so."""
        if forloeb.tilstand in HVILER:
            due = morning(piece.at.date() + timedelta(days=FRISTER.hvile_dage + 1))
            piece.task(f"{REST}/{forloeb.id}", due, REST, forloeb.id)
        else:
            piece.done(f"{REST}/{forloeb.id}")

    def _due(self, piece: Work, task: Task, forloeb: Forloeb) -> None:
        match task.kind:
            case "hvil":
                rested = rest(forloeb, piece.at.date())
                self._put(piece, forloeb, rested)
                if rested.tilstand is Tilstand.AFSLUTTET:
                    places.vacate(self.store, forloeb.id)
                    self._offer(piece)
            case "svar":
                self._answer(piece, task.data["besked"], forloeb)
            case "aendring":
                if not records.count(self.store, forloeb.id, Standard.MARKANT_AENDRING, Retning.UD):
                    self._propose(piece, self._change(piece, forloeb.id, CHANGED))
            case "tilbyd":
                self._offer(piece)

    def _answer(self, piece: Work, besked_id: str, forloeb: Forloeb) -> None:
        question = records.letter(self.store, besked_id)
        assert question is not None, "an answer is planned with the letter"
        limit = self.profile.vanishes_after
        if limit is not None and self.store.count("answers") > limit:
            piece.tell(Kind.NOTE, About.letter(question, question.afsender.navn), "does not answer")
            return
        decided: dict[str, Value] = {}
        if isinstance(question, Match):
            decided = self._judge_match(question)
        elif isinstance(question, Bestilling):
            decided = self._judge_bestilling(question, forloeb)
        draft = Draft(
            self._new_id(),
            _ANSWERS[question.standard],
            forloeb.id,
            (question.afsender.organisation_id,),
            piece.at.date().isoformat(),
            besked_id,
            decided,
        )
        self._propose(piece, draft)

    def _judge_match(self, match: Match) -> dict[str, Value]:
        """A yes keeps no place: a match is no order (R9)."""
        if not self._wants():
            return {"svar": MatchSvar.AFSLAG, "bemaerkning": "Tilbuddet passer ikke til borgeren (syntetisk)"}
        ahead = len(self.waiting_list())
        if places.free(self.store) > 0 and not ahead:
            return {"svar": MatchSvar.ACCEPT}
        places.wait(self.store, match.forloebs_id, match.besked_id)
        return {"svar": MatchSvar.VENTELISTE, "antal_foran": ahead}

    def _judge_bestilling(self, bestilling: Bestilling, forloeb: Forloeb) -> dict[str, Value]:
        """Who has a place keeps it; else a free one is taken, and with it the forløb leaves the waiting list."""
        modtaget = self.store.one("SELECT at FROM inbox WHERE besked_id = ?", bestilling.besked_id)[0]
        answer: dict[str, Value] = {"modtaget": modtaget}
        if not places.has(self.store, forloeb.id):
            why = None if self._wants() else "Tilbuddet kan ikke løfte opgaven (syntetisk)"
            if why is None and places.free(self.store) <= 0:
                why = "Der er ingen ledig plads (syntetisk)"
            if why is not None:
                return {**answer, "svar": BestillingSvar.AFVIS, "begrundelse": why}
            places.take(self.store, forloeb.id)
        return {**answer, "svar": BestillingSvar.ACCEPT, "startdato": iso(bestilling.indsats.startdato)}

    def _wants(self) -> bool:
        accepts = self.profile.accepts
        return accepts > 0 and (accepts >= 1 or self._chance("accepts").random() < accepts)

    def _offer(self, piece: Work) -> None:
        """Each free place to one on the waiting list: a new svar på match, ACCEPT."""
        for _ in range(places.free(self.store)):
            first = places.first_waiting(self.store)
            if first is None:
                return
            forloeb, match = first
            til = records.letter(self.store, match)
            assert til is not None, "who waits has sent a match"
            draft = Draft(
                self._new_id(),
                Standard.SVAR_MATCH,
                forloeb,
                (til.afsender.organisation_id,),
                piece.at.date().isoformat(),
                match,
                {"svar": MatchSvar.ACCEPT, "bemaerkning": "Der er blevet en plads ledig (syntetisk)"},
            )
            self._propose(piece, draft)
            piece.task(f"{OFFER}/{forloeb}", piece.at + timedelta(days=OFFER_DAYS), OFFER, forloeb)

    def _change(
        self,
        piece: Work,
        id: str,
        beskrivelse: str,
        beroerer: Sequence[Beroert] = (Beroert.INDSATSMAAL,),
        hastegrad: Hastegrad | None = None,
        dato: date | None = None,
    ) -> Draft:
        forloeb = self._forloeb(id)
        if forloeb is None or forloeb.myndighed is None:
            raise NotAllowed("ukendt", f"there is no forløb {id}")
        return Draft(
            self._new_id(),
            Standard.MARKANT_AENDRING,
            id,
            (forloeb.myndighed,),
            piece.at.date().isoformat(),
            None,
            {
                "dato": iso(dato or piece.at.date()),
                "beskrivelse": beskrivelse,
                "beroerer": [str(one) for one in beroerer],
                "hastegrad": hastegrad,
            },
        )

    def _compose(self, draft: Draft, at: datetime) -> Brev:
        came = records.letters(self.store, draft.forloeb, retning=Retning.IND)
        if not came:
            raise NotAllowed("ukendt", f"no letter of forløb {draft.forloeb} has come")
        newest = max(came, key=lambda brev: brev.data_tidspunkt)
        ground = [brev for brev in came if brev.samtykke is not None or brev.hjemmel is not None]
        said = max(ground, key=lambda brev: brev.data_tidspunkt, default=newest)
        confidential = draft.standard.facts.fortrolig
        orders = [brev for brev in came if isinstance(brev, Bestilling)]
        moment = Moment(
            draft,
            self.part,
            [self._parts[aktoer] for aktoer in draft.til],
            at,
            newest.sagsreference,
            said.samtykke if confidential else None,
            said.hjemmel if confidential else None,
            self.profile.ffb_version,
        )
        answered = next((brev for brev in came if brev.besked_id == draft.besvarer), None)
        return compose_tilbud(moment, Known(answered, orders[-1] if orders else None, self._notes(draft)))

    def _notes(self, draft: Draft) -> list[str]:
        return records.notes(self.store, draft.forloeb) if draft.standard is Standard.STATUSNOTAT else []
