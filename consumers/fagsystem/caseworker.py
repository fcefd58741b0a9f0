"""What a caseworker of a myndighed can do: keep citizens' data and consents, and decide on letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from consumers.client import Endpoint
from consumers.fagsystem import records
from consumers.fagsystem.books import KEPT
from consumers.fagsystem.calendar import Calendar
from consumers.fagsystem.citizen import Citizen
from consumers.fagsystem.compose import Moment
from consumers.fagsystem.compose_myndighed import compose_myndighed
from consumers.fagsystem.days import iso
from consumers.fagsystem.draft import Draft, Value
from consumers.fagsystem.errors import NotAllowed
from consumers.fagsystem.events import Event
from consumers.fagsystem.journal import Retning
from consumers.fagsystem.profile import PROFILES, Profile
from consumers.fagsystem.receiving import PushEndpoint
from consumers.fagsystem.sagsgang import Sagsgang
from consumers.fagsystem.store import Store
from consumers.fagsystem.system import Fagsystem
from consumers.fagsystem.work import Work
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.tilstand import Tilstand
from consumers.part import Part
from consumers.standards.blocks import Samtykke, Samtykkestatus
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import Brev, Handling
from consumers.standards.standard import Rolle, Standard

ASKED = frozenset({Tilstand.MATCH_SENDT, Tilstand.AFVIST})
"""Where a bestilling answers the tilbud's svar på match."""


class Caseworker(Fagsystem):
    """What a caseworker can do.  All commands are one transaction and raise NotAllowed, and then do nothing.

    ``sagsgang``: how the system goes on by itself.
    """

    side = Rolle.MYNDIGHED

    def __init__(
        self,
        part: Part,
        address_book: Sequence[Part],
        endpoint: Endpoint | PushEndpoint,
        store: Store,
        calendar: Calendar,
        profile: Profile = PROFILES["prompt"],
        *,
        sagsgang: Sagsgang = Sagsgang(),  # noqa: B008 - frozen
        seed: int | str = 0,
        on_event: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._citizens: dict[str, Citizen] = {}
        super().__init__(part, address_book, endpoint, store, calendar, profile, seed=seed, on_event=on_event)
        self.sagsgang = sagsgang

    # Citizens.

    def enrol(self, citizen: Citizen) -> str:
        """A citizen of this municipality, or what has become of one; the CPR number."""
        with self._work():
            self._put_citizen(citizen)
        return citizen.cpr

    def _put_citizen(self, citizen: Citizen) -> None:
        records.put_citizen(self.store, citizen)
        if len(self._citizens) >= KEPT:
            self._citizens.clear()
        self._citizens[citizen.cpr] = citizen

    def _forget(self) -> None:
        super()._forget()
        self._citizens.clear()

    def citizen(self, cpr: str) -> Citizen:
        """Raises NotAllowed (ukendt)."""
        if (kept := self._citizens.get(cpr)) is not None:
            return kept
        if (found := records.citizen(self.store, cpr)) is None:
            raise NotAllowed("ukendt", "there is no such citizen")
        self._citizens[cpr] = found
        return found

    def citizen_of(self, forloeb: str) -> Citizen:
        """Raises NotAllowed (ukendt)."""
        return self.citizen(records.cpr_of(self.store, forloeb) or "")

    def change_citizen(self, cpr: str, **changes: object) -> Citizen:
        """New master data: fields of `Citizen`, or of its `Borger`.  Letters not sent yet will say it (R5)."""
        before = self.citizen(cpr)
        of_borger = {key: value for key, value in changes.items() if key not in Citizen.model_fields}
        fields = {key: value for key, value in changes.items() if key in Citizen.model_fields}
        if of_borger:
            fields["borger"] = type(before.borger).model_validate({**before.borger.model_dump(), **of_borger})
        after = Citizen.model_validate({**before.model_dump(), **fields})
        self.enrol(after)
        return after

    def give_consent(self, cpr: str, samtykke: Samtykke | None = None) -> None:
        """``samtykke``: as given, else the citizen's own, without end, from now."""
        citizen = self.citizen(cpr)
        given = samtykke or Samtykke(
            status=Samtykkestatus.AKTIV,
            kategori="Udveksling af oplysninger med tilbud om indsatsen",
            dato=self.calendar.now(),
            afgivet_af=citizen.navn,
            policy_rule="Persondataloven, §6-8",
        )
        self.enrol(citizen.model_copy(update={"samtykke": given}))

    def withdraw_consent(self, cpr: str) -> None:
        """From now on nothing confidential is sent about the citizen (R1), unless a hjemmel is stated."""
        citizen = self.citizen(cpr)
        if citizen.samtykke is not None:
            withdrawn = citizen.samtykke.model_copy(update={"status": Samtykkestatus.INAKTIV})
            self.enrol(citizen.model_copy(update={"samtykke": withdrawn}))

    def state_hjemmel(self, cpr: str, hjemmel: str | None) -> None:
        """The legal ground for sharing without consent; None takes it back."""
        self.enrol(self.citizen(cpr).model_copy(update={"hjemmel": hjemmel}))

    # Letters.

    def open(self, cpr: str) -> str:
        """A forløb of a citizen, decided and not begun (AFGJORT): its id."""
        self.citizen(cpr)
        with self._work() as piece:
            return self._open(piece, self._new_id(), cpr).id

    def match(
        self,
        citizen: Citizen | str,
        til: Sequence[Part],
        *,
        svarfrist: date | None = None,
        startdato: date | None = None,
        forloeb: str | None = None,
    ) -> str:
        """Ask tilbud whether they could take a citizen; the forløb's id: a new one unless ``forloeb`` is given.

        A `Citizen` is enrolled where it is not yet.  ``svarfrist``: without it that of the sagsgang.
        """
        with self._work() as piece:
            cpr = citizen if isinstance(citizen, str) else citizen.cpr
            if not isinstance(citizen, str) and records.citizen(self.store, cpr) is None:
                self._put_citizen(citizen)
            self.citizen(cpr)
            id = forloeb or self._open(piece, self._new_id(), cpr).id
            frist = svarfrist or self._in(piece, self.sagsgang.svarfrist_dage)
            start = startdato or self._in(piece, self.sagsgang.svarfrist_dage + self.sagsgang.start_dage)
            self._decide(piece, self._draft(piece, Standard.MATCH, id, til, svarfrist=iso(frist), startdato=iso(start)))
            return id

    def bestil(
        self,
        forloeb: str,
        til: Part,
        *,
        startdato: date | None = None,
        opfoelgning: date | None = None,
        servicepakker: bool | None = None,
    ) -> None:
        """Order from a udfører, after a match or without one (`open`)."""
        with self._work() as piece:
            self._decide(piece, self._bestilling(piece, forloeb, til, startdato, opfoelgning, servicepakker))

    def anmod(self, forloeb: str, *, svarfrist: date | None = None, spoergsmaal: Sequence[str] = ()) -> None:
        """Ask the udfører for a statusnotat."""
        with self._work() as piece:
            self._decide(piece, self._anmodning(piece, forloeb, svarfrist, spoergsmaal))

    def opfoelg(
        self, forloeb: str, *, ny_bestilling: bool = False, afslut: bool = False, naeste: date | None = None
    ) -> None:
        """Hold the follow-up.  ``afslut`` ends the indsats; with ``ny_bestilling`` a new bestilling follows."""
        with self._work() as piece:
            self._decide(piece, self._opfoelgning(piece, forloeb, ny_bestilling, afslut, naeste))

    def kvitter(self, forloeb: str, aendring: str, handling: Handling, beskrivelse: str | None = None) -> None:
        """Receipt for a markant ændring, by its BeskedId, with what is done about it."""
        with self._work() as piece:
            self._decide(piece, self._kvittering(piece, forloeb, aendring, handling, beskrivelse))

    # Drafts.

    def _draft(
        self,
        piece: Work,
        standard: Standard,
        forloeb: str,
        til: Sequence[Part],
        besvarer: str | None = None,
        **decided: Value,
    ) -> Draft:
        for part in til:
            if part.aktoer not in self._parts:
                raise NotAllowed("ukendt", f"{part.navn} is not in the address book")
        recipients = tuple(part.aktoer for part in til)
        return Draft(self._new_id(), standard, forloeb, recipients, piece.at.date().isoformat(), besvarer, decided)

    def _bestilling(
        self,
        piece: Work,
        id: str,
        til: Part,
        startdato: date | None = None,
        opfoelgning: date | None = None,
        servicepakker: bool | None = None,
    ) -> Draft:
        forloeb = self._known(id)
        start = startdato or self._in(piece, self.sagsgang.start_dage)
        follow_up = opfoelgning or self.sagsgang.next_follow_up(start, self._held(id))
        match = forloeb.match_svar(til.aktoer)
        return self._draft(
            piece,
            Standard.BESTILLING,
            id,
            [til],
            match.svar_id if match is not None and forloeb.tilstand in ASKED else None,
            startdato=iso(start),
            opfoelgning=iso(follow_up),
            servicepakker=self.sagsgang.servicepakker if servicepakker is None else servicepakker,
        )

    def _anmodning(self, piece: Work, id: str, svarfrist: date | None = None, spoergsmaal: Sequence[str] = ()) -> Draft:
        planned = records.follow_up(self.store, id)
        day = max(date.fromisoformat(planned), piece.at.date()) if planned else None
        frist = svarfrist or day or self._in(piece, self.sagsgang.svarfrist_dage)
        return self._draft(
            piece,
            Standard.ANMODNING,
            id,
            [self._udfoerer(id)],
            svarfrist=iso(frist),
            opfoelgning=iso(day),
            spoergsmaal=list(spoergsmaal),
        )

    def _opfoelgning(
        self, piece: Work, id: str, ny_bestilling: bool, afslut: bool, naeste: date | None = None
    ) -> Draft:
        forloeb = self._known(id)
        today = piece.at.date()
        if ny_bestilling:
            resultat = StatusPaaIndsats.AFSLUTNING_OG_NY
        else:
            resultat = StatusPaaIndsats.AFSLUTNING if afslut else StatusPaaIndsats.FORTSAETTELSE
        goes_on = resultat is StatusPaaIndsats.FORTSAETTELSE
        following = naeste or self.sagsgang.next_follow_up(today, self._held(id) + 1)
        return self._draft(
            piece,
            Standard.OPFOELGNING,
            id,
            [self._udfoerer(id)],
            forloeb.statusnotat,
            dato=iso(today),
            resultat=resultat.value,
            ny_bestilling=ny_bestilling,
            naeste=iso(following) if goes_on else None,
        )

    def _kvittering(
        self, piece: Work, id: str, aendring: str, handling: Handling, beskrivelse: str | None = None
    ) -> Draft:
        letter = records.letter(self.store, aendring.lower())
        if letter is None or letter.standard is not Standard.MARKANT_AENDRING or letter.forloebs_id != id:
            raise NotAllowed("ukendt", f"there is no markant ændring {aendring} in this forløb")
        til = self._parts[letter.afsender.organisation_id]
        return self._draft(
            piece,
            Standard.KVITTERING,
            id,
            [til],
            letter.besked_id,
            modtaget=piece.at.isoformat(),
            handling=handling,
            beskrivelse=beskrivelse,
        )

    def _compose(self, draft: Draft, at: datetime) -> Brev:
        citizen = self.citizen_of(draft.forloeb)
        moment = Moment(
            draft,
            self.part,
            [self._parts[aktoer] for aktoer in draft.til],
            at,
            citizen.sag,
            citizen.samtykke,
            citizen.hjemmel,
            self.profile.ffb_version,
        )
        return compose_myndighed(moment, citizen)

    # What there is to look up.

    def _known(self, id: str) -> Forloeb:
        if (forloeb := self._forloeb(id)) is None:
            raise NotAllowed("ukendt", f"there is no forløb {id}")
        return forloeb

    def _udfoerer(self, id: str) -> Part:
        udfoerer = self._known(id).udfoerer
        if udfoerer is None or udfoerer not in self._parts:
            raise NotAllowed("tilstand", "nothing is ordered yet: there is no udfører")
        return self._parts[udfoerer]

    def _held(self, id: str) -> int:
        """How many follow-ups were held."""
        return records.count(self.store, id, Standard.OPFOELGNING, Retning.UD)

    def _in(self, piece: Work, days: int) -> date:
        return piece.at.date() + timedelta(days=days)
