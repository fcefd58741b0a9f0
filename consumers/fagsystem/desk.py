"""The desk: what every party does with a letter, without a connection.  All synchronous, all in transactions.

A letter comes: inbox, rules, forløb, journal, and what the party does about it (`_received`).
A letter goes: decided on (`_decide`), written and checked at the moment of sending (`fix`), answered (`answered`).
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta

from pydantic import ValidationError

from consumers.fagsystem import journal, outbox, records
from consumers.fagsystem.books import Books
from consumers.fagsystem.consent import missing_in
from consumers.fagsystem.draft import Draft
from consumers.fagsystem.errors import NotAllowed
from consumers.fagsystem.events import Kind
from consumers.fagsystem.journal import Outcome, Retning
from consumers.fagsystem.mishap import HandlingFailed, Mishap
from consumers.fagsystem.tasks import Task
from consumers.fagsystem.work import About, Work
from consumers.forloeb.allowed import allowed
from consumers.forloeb.apply import Udfald
from consumers.forloeb.dage import FRISTER, day
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.form import to_json
from consumers.forloeb.holding import expire
from consumers.forloeb.tilstand import Hvad
from consumers.kuvert import Kuvert
from consumers.retur import TOKEN_EXPIRED, StandardRetur
from consumers.standards.envelope import read_envelope, write_envelope
from consumers.standards.findings import InvalidLetter, masked
from consumers.standards.letters import Brev, Kvittering, SvarBestilling, SvarMatch
from consumers.standards.rules import check

AGAIN = frozenset({TOKEN_EXPIRED, 53})
"""StatusKoder after which a letter is sent again, unchanged: token expired, service not available."""
HELD_TOO_LONG = "holdt"
"""The task of looking whether a letter has been held too long."""
_OUTCOMES = {Hvad.ANVENDT: Outcome.MODTAGET, Hvad.HOLDT: Outcome.HOLDT, Hvad.AFVIST: Outcome.AFVIST}
_TOLD = {Hvad.HOLDT: Kind.HELD, Hvad.AFVIST: Kind.REFUSED}


class Desk(Books):
    """A party that does its work, but has no connection."""

    # What the two kinds of party add.

    @abstractmethod
    def _compose(self, draft: Draft, at: datetime) -> Brev:
        """Write a letter from what the system holds now (R5).  Raises NotAllowed, ValidationError."""

    @abstractmethod
    def _received(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        """A letter has come and been applied: do what there is to do."""

    @abstractmethod
    def _sent(self, piece: Work, brev: Brev, forloeb: Forloeb) -> None:
        """A letter of ours is fixed and applied: note what is to follow."""

    @abstractmethod
    def _due(self, piece: Work, task: Task, forloeb: Forloeb) -> None:
        """Do what has become due, on the forløb as of today.  It may have been overtaken: then do nothing."""

    # A letter comes.

    def receive(self, kuvert: Kuvert, fails: bool = False) -> bool:
        """Take a delivered message, in one transaction; False where it had come before (R4).

        ``fails``: do all of it and fail then (HandlingFailed): nothing of it is kept.
        """
        with self._work() as piece:
            new = self._receive(piece, kuvert)
            if fails:
                raise HandlingFailed(Mishap.FAILED)
        return new

    def _receive(self, piece: Work, kuvert: Kuvert) -> bool:
        besked_id = kuvert.besked_id.lower()
        if not self.store.run(
            "INSERT INTO inbox (besked_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING", besked_id, piece.at.isoformat()
        ):
            self.store.run("UPDATE inbox SET again = again + 1 WHERE besked_id = ?", besked_id)
            piece.tell(Kind.AGAIN, self._about(kuvert), "delivered again")
            return False
        try:
            brev = read_envelope(kuvert)
        except InvalidLetter as error:
            self._unreadable(piece, kuvert, str(error))
            return True
        if brev is None:
            piece.tell(Kind.RECEIVED, self._about(kuvert), f"no letter: beskedtype {kuvert.beskedtype}")
        elif why := self._stranger(kuvert, brev):
            self._enter(piece, brev, Outcome.AFVIST, why)
            piece.tell(Kind.REFUSED, About.letter(brev, brev.afsender.navn), why)
        else:
            self._take(piece, brev)
        return True

    def _stranger(self, kuvert: Kuvert, brev: Brev) -> str | None:
        """Why a letter is not from whom it says, or from nobody that the party knows; None = all is well (R2)."""
        afsender = brev.afsender.organisation_id
        known = self._parts.get(afsender)
        if afsender == self.part.aktoer or known is None:
            return "the sender is not in the address book"
        if not kuvert.myndighed.endswith(f":{known.cvr}") or brev.afsender.cvr != known.cvr:
            return f"R2: {known.navn} has the CVR number {known.cvr}; ObjektAnsvarligMyndighed or Cvr says another"
        return None

    def _unreadable(self, piece: Work, kuvert: Kuvert, why: str) -> None:
        piece.enter(Retning.IND, Outcome.AFVIST, self._about(kuvert), text=f"R2: {why}")
        piece.tell(Kind.REFUSED, self._about(kuvert), f"R2: {why}")

    def _about(self, kuvert: Kuvert) -> About:
        """Of a message that is not, or not yet, read as a letter."""
        return About(kuvert.proces.lower(), kuvert.besked_id.lower(), None, self._name(kuvert.aktoer))

    def _take(self, piece: Work, brev: Brev) -> None:
        about = About.letter(brev, brev.afsender.navn)
        piece.tell(Kind.RECEIVED, about)
        new = journal.is_new(self.store, brev)
        udfald = self._judge(piece, brev)
        self._keep(piece, udfald)
        if udfald.hvad is Hvad.KENDT or not new:
            piece.tell(Kind.AGAIN, about, "its content is known")
        if udfald.hvad is Hvad.KENDT:
            return
        if new:
            self._enter(piece, brev, _OUTCOMES[udfald.hvad], udfald.grund if udfald.hvad is not Hvad.ANVENDT else "")
        if udfald.hvad in _TOLD:
            piece.tell(_TOLD[udfald.hvad], about, udfald.grund)
        if udfald.hvad is Hvad.HOLDT:
            limit = piece.at + timedelta(days=FRISTER.holdte_dage + 1)
            piece.task(f"holdt/{brev.besked_id}", limit, HELD_TOO_LONG, brev.forloebs_id)
        self._react(piece, udfald, brev)

    def _react(self, piece: Work, udfald: Udfald, first: Brev) -> None:
        """To all letters that were applied: the one in hand, and held ones that it released."""
        for brev, why in udfald.afviste:
            self._refuse_held(piece, brev, why)
        for brev in udfald.anvendte:
            if brev.afsender.organisation_id == self.part.aktoer:
                continue
            if brev is not first:
                journal.amend(self.store, brev.besked_id, Retning.IND, Outcome.MODTAGET, "var holdt")
                piece.done(f"holdt/{brev.besked_id}")
            records.keep_letter(self.store, brev, Retning.IND)
            if brev.besked_id not in udfald.overhalede:
                self._received(piece, brev, udfald.forloeb)

    def _refuse_held(self, piece: Work, brev: Brev, why: str) -> None:
        journal.amend(self.store, brev.besked_id, Retning.IND, Outcome.AFVIST, why)
        piece.done(f"holdt/{brev.besked_id}")
        piece.tell(Kind.REFUSED, About.letter(brev, brev.afsender.navn), why)

    def _perform(self, piece: Work, task: Task, forloeb: Forloeb | None) -> None:
        if forloeb is None:
            return
        if task.kind != HELD_TOO_LONG:
            self._due(piece, task, self._day(piece, forloeb))
            return
        after = expire(forloeb, piece.at.date())
        self._put(piece, forloeb, after.forloeb)
        for brev, why in after.afviste:
            self._refuse_held(piece, brev, why)

    def _enter(self, piece: Work, brev: Brev, udfald: Outcome, text: str = "") -> None:
        """R4, with who answers for it (R3) and what is not as it should be (R1, R8)."""
        piece.enter(
            Retning.IND,
            udfald,
            About.letter(brev, brev.afsender.navn),
            forfatter=f"{brev.forfatter.navn}, {brev.forfatter.titel}",
            text=text,
            flags=self._flags(piece, brev),
        )

    def _flags(self, piece: Work, brev: Brev) -> tuple[str, ...]:
        findings = check(brev, today=piece.at.date())
        return tuple(masked(f"{finding.rule}: {finding.path}: {finding.text}") for finding in findings)

    # A letter goes.

    def _decide(self, piece: Work, draft: Draft) -> None:
        """Into the outbox, or NotAllowed: the letter is written as it would be now, and checked (R1, R2)."""
        forloeb = self._forloeb(draft.forloeb)
        if forloeb is None:
            raise NotAllowed("ukendt", f"there is no forløb {draft.forloeb}")
        forloeb = day(forloeb, piece.at.date())
        if draft.standard not in allowed(forloeb):
            raise NotAllowed("tilstand", f"{draft.standard.navn} may not be sent when the forløb is {forloeb.tilstand}")
        for other in outbox.drafted(self.store, draft.forloeb):
            if (other.standard, other.til, other.besvarer) == (draft.standard, draft.til, draft.besvarer):
                raise NotAllowed("tilstand", f"{draft.standard.navn} is in the outbox already")
        self._written(draft, forloeb.stempel(piece.at))
        piece.draft(draft)

    def _propose(self, piece: Work, draft: Draft) -> None:
        """The same for what the system decides by itself: it is judged when it is sent, and held back there (`fix`)."""
        piece.draft(draft)

    def _written(self, draft: Draft, at: datetime) -> Brev:
        """The letter as of now.  Raises NotAllowed (R1, R2)."""
        try:
            brev = self._compose(draft, at)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise NotAllowed("R2", f"{draft.standard.navn}: {where}: {first['msg']}") from None
        if why := missing_in(brev, at.date()):
            raise NotAllowed("R1", why)
        errors = [finding for finding in check(brev, today=at.date()) if finding.severity == "error"]
        if errors:
            rule = "R1" if any(finding.rule == "R1" for finding in errors) else "R2"
            said = "; ".join(f"{finding.path}: {finding.text} ({finding.rule})" for finding in errors)
            raise NotAllowed(rule, masked(f"{draft.standard.navn}: {said}"))
        return brev

    def fix(self, number: int) -> bytes | None:
        """The message to send: the same bytes from the first time on (R5).  None = a rule forbids it by now."""
        letter = outbox.read(self.store, number)
        if letter.message is not None:
            return letter.message
        draft = letter.draft
        with self._work() as piece:
            forloeb = self._forloeb(draft.forloeb)
            assert forloeb is not None
            try:
                brev = self._written(draft, forloeb.stempel(piece.at))
            except NotAllowed as error:
                outbox.settle(self.store, number, outbox.WITHHELD, str(error))
                self._withheld(piece, draft, str(error))
                return None
            udfald = self._judge(piece, brev)
            if udfald.hvad is not Hvad.ANVENDT:
                outbox.settle(self.store, number, outbox.WITHHELD, udfald.grund)
                self._withheld(piece, draft, udfald.grund)
                return None
            piece.tell(Kind.SENT, About.letter(brev, self._names(draft.til)), _says(brev))
            self._keep(piece, udfald)
            message = write_envelope(brev, self.part)
            outbox.fix(self.store, number, message, to_json(forloeb))
            records.keep_letter(self.store, brev, Retning.UD)
            self._enter_sent(piece, draft, brev)
            self._sent(piece, brev, udfald.forloeb)
            self._react(piece, udfald, brev)
            return message

    def answered(self, number: int, retur: StandardRetur) -> bool:
        """The Beskedfordeler's answer; False = send it again."""
        if retur.status_kode in AGAIN:
            return False
        letter = outbox.read(self.store, number)
        draft = letter.draft
        about = About.draft(draft, self._names(draft.til))
        with self._work() as piece:
            if retur.ok:
                outbox.settle(self.store, number, outbox.ANSWERED)
                piece.tell(Kind.ANSWERED, about, "20")
                return True
            why = masked(f"{retur.status_kode} {retur.fejlbesked_tekst}".strip())
            outbox.settle(self.store, number, outbox.REFUSED, why)
            journal.amend(self.store, draft.besked_id, Retning.UD, Outcome.AFVIST, why)
            if records.drop_letter(self.store, draft.besked_id) and letter.before is not None:
                self._restore(piece, draft.forloeb, letter.before)
            piece.tell(Kind.REFUSED, about, why)
        return True

    def _withheld(self, piece: Work, draft: Draft, why: str) -> None:
        about = About.draft(draft, self._names(draft.til))
        piece.enter(Retning.UD, Outcome.TILBAGEHOLDT, about, text=why)
        piece.tell(Kind.REFUSED, about, f"not sent: {why}")

    def _enter_sent(self, piece: Work, draft: Draft, brev: Brev) -> None:
        piece.enter(
            Retning.UD,
            Outcome.SENDT,
            About.letter(brev, self._names(draft.til)),
            forfatter=f"{brev.forfatter.navn}, {brev.forfatter.titel}",
        )


def _says(brev: Brev) -> str:
    """In one word what an answer says; "" of a letter that is none."""
    match brev:
        case SvarMatch(svar=svar) | SvarBestilling(svar=svar):
            return svar.value
        case Kvittering(handling=handling):
            return handling.value
    return ""
