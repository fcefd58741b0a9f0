"""A myndighed that goes on by itself: what follows from each letter, and from days that pass without one."""

from __future__ import annotations

from datetime import date, timedelta

from consumers.fagsystem import records
from consumers.fagsystem.caseworker import Caseworker
from consumers.fagsystem.days import after, iso, morning
from consumers.fagsystem.errors import NotAllowed
from consumers.fagsystem.events import Kind
from consumers.fagsystem.sagsgang import all_answered, choose, is_waited_for
from consumers.fagsystem.tasks import Task
from consumers.fagsystem.work import About, Work
from consumers.forloeb.allowed import allowed
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    BestillingSvar,
    Brev,
    Handling,
    Kvittering,
    MarkantAendring,
    Match,
    Opfoelgning,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
)
from consumers.standards.standard import Standard

MATCH_DUE, BESTILLING_DUE, START, ASK, FOLLOW_UP = (
    "svarfrist-match",
    "svarfrist-bestilling",
    "start",
    "anmod",
    "opfoelg",
)
"""Kinds of task.  The first two are for one letter, the others for a forløb: a new one takes the place of the old."""


class Myndighed(Caseworker):
    """See `Fagsystem` and `Caseworker`; ``sagsgang`` says how it goes on."""

    def _received(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        match brev:
            case SvarMatch():
                self._choose(piece, forloeb)
            case SvarBestilling():
                self._ordered(piece, brev, forloeb)
            case Statusnotat():
                planned = records.follow_up(self.store, forloeb.id)
                day = max(date.fromisoformat(planned), piece.at.date()) if planned else piece.at.date()
                self._plan(piece, FOLLOW_UP, forloeb, day)
            case MarkantAendring() if self.sagsgang.automatisk:
                handling = self.sagsgang.handling(brev.hastegrad)
                self._propose(piece, self._kvittering(piece, forloeb.id, brev.besked_id, handling))

    def _sent(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        match brev:
            case Match(svarfrist=date() as frist):
                piece.task(f"{MATCH_DUE}/{brev.besked_id}", after(frist), MATCH_DUE, forloeb.id)
            case Bestilling():
                due = after(piece.at.date() + timedelta(days=self.sagsgang.svarfrist_dage))
                piece.task(
                    f"{BESTILLING_DUE}/{brev.besked_id}", due, BESTILLING_DUE, forloeb.id, bestilling=brev.besked_id
                )
                records.set_follow_up(self.store, forloeb.id, iso(brev.opfoelgning.dato if brev.opfoelgning else None))
            case Anmodning(opfoelgningsdato=day):
                self._plan(piece, FOLLOW_UP, forloeb, max(brev.svarfrist, day or brev.svarfrist))
            case Kvittering():
                self._after_receipt(piece, brev, forloeb)
            case Opfoelgning():
                self._followed_up(piece, brev, forloeb)

    def _due(self, piece: Work, task: Task, forloeb: Forloeb) -> None:
        match task.kind:
            case "svarfrist-match":
                self._choose(piece, forloeb)
            case "svarfrist-bestilling":
                if forloeb.tilstand is Tilstand.BESTILT and forloeb.bestilling_id == task.data["bestilling"]:
                    self._note(piece, forloeb, "no answer to the Bestilling within its deadline")
            case "anmod":
                if self.sagsgang.automatisk and forloeb.tilstand is Tilstand.I_GANG:
                    self._propose(piece, self._anmodning(piece, forloeb.id))
            case "opfoelg":
                self._hold_follow_up(piece, forloeb)

    def _choose(self, piece: Work, forloeb: Forloeb) -> None:
        """After all answers or the deadline: the first that accepted; a waiting list only where nobody did."""
        may_order = forloeb.tilstand in (Tilstand.MATCH_SENDT, Tilstand.AFVIST)
        if (
            not self.sagsgang.automatisk
            or not may_order
            or not (all_answered(forloeb) or self._overdue(piece, forloeb))
        ):
            return
        declined = {row.udfoerer for row in forloeb.bestillinger if row.svar is BestillingSvar.AFVIS}
        chosen = choose(forloeb, declined)
        if chosen is not None:
            self._propose(piece, self._bestilling(piece, forloeb.id, self._parts[chosen.tilbud]))
        elif is_waited_for(forloeb, declined):
            self._note(piece, forloeb, "nobody accepts; waiting for a place from a waiting list")
        else:
            self._note(piece, forloeb, "no tilbud accepts")

    def _overdue(self, piece: Work, forloeb: Forloeb) -> bool:
        """Whether the deadline of the newest match has passed."""
        match = records.letters(self.store, forloeb.id, standards=[Standard.MATCH], newest=True)
        frist = match[0].svarfrist if match and isinstance(match[0], Match) else None
        return frist is not None and frist < piece.at.date()

    def _ordered(self, piece: Work, brev: SvarBestilling, forloeb: Forloeb) -> None:
        """The udfører has answered: agreed, or to be ordered from the next."""
        piece.done(f"{BESTILLING_DUE}/{brev.besvarer_besked_id}")
        if brev.svar is BestillingSvar.AFVIS:
            self._choose(piece, forloeb)
        elif stand := forloeb.bestilling:
            self._plan(piece, START, forloeb, stand.startdato)
            self._plan_question(piece, forloeb)

    def _plan_question(self, piece: Work, forloeb: Forloeb) -> None:
        """Ask for the statusnotat in time for the next follow-up, but not before the indsats has begun."""
        planned = records.follow_up(self.store, forloeb.id)
        if planned is None or forloeb.bestilling is None:
            return
        day = date.fromisoformat(planned) - timedelta(days=self.sagsgang.status_dage)
        self._plan(piece, ASK, forloeb, max(day, forloeb.bestilling.startdato, piece.at.date()))

    def _hold_follow_up(self, piece: Work, forloeb: Forloeb) -> None:
        if forloeb.tilstand is Tilstand.STATUS_ANMODET:
            self._note(piece, forloeb, "the statusnotat has not come by the day of the follow-up")
        if not self.sagsgang.automatisk or forloeb.tilstand is not Tilstand.STATUS_MODTAGET:
            return
        number = self._held(forloeb.id) + 1
        last = self.sagsgang.is_last(number)
        new = number in self.sagsgang.ny_bestilling_ved and not last
        self._propose(piece, self._opfoelgning(piece, forloeb.id, new, last))

    def _followed_up(self, piece: Work, brev: Opfoelgning, forloeb: Forloeb) -> None:
        records.set_follow_up(self.store, forloeb.id, iso(brev.naeste_opfoelgning))
        piece.done(f"{ASK}/{forloeb.id}")
        piece.done(f"{FOLLOW_UP}/{forloeb.id}")
        if forloeb.tilstand is Tilstand.I_GANG:
            self._plan_question(piece, forloeb)
        elif forloeb.tilstand is Tilstand.NY_BESTILLING_VENTES and self.sagsgang.automatisk:
            self._order_again(piece, forloeb)

    def _after_receipt(self, piece: Work, brev: Kvittering, forloeb: Forloeb) -> None:
        """Do what the receipt says is done."""
        if not self.sagsgang.automatisk:
            return
        if brev.handling is Handling.NY_BESTILLING and Standard.BESTILLING in allowed(forloeb):
            self._order_again(piece, forloeb)
        elif brev.handling is Handling.STATUSNOTAT_ANMODES:
            self._plan(piece, ASK, forloeb, piece.at.date())
        elif brev.handling is Handling.OPFOELGNING_PLANLAGT:
            day = piece.at.date() + timedelta(days=self.sagsgang.aendring_dage)
            planned = records.follow_up(self.store, forloeb.id)
            if planned is None or day < date.fromisoformat(planned):
                records.set_follow_up(self.store, forloeb.id, iso(day))
                self._plan_question(piece, forloeb)

    def _order_again(self, piece: Work, forloeb: Forloeb) -> None:
        try:
            self._propose(piece, self._bestilling(piece, forloeb.id, self._udfoerer(forloeb.id)))
        except NotAllowed as error:
            self._note(piece, forloeb, str(error))

    def _plan(self, piece: Work, kind: str, forloeb: Forloeb, day: date) -> None:
        piece.task(f"{kind}/{forloeb.id}", morning(day), kind, forloeb.id)

    def _note(self, piece: Work, forloeb: Forloeb, text: str) -> None:
        piece.tell(Kind.NOTE, About(forloeb.id), text)
