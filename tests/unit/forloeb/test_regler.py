"""What the rules say at the corners, rule by rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.forloeb.allowed import allowed
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import BestillingSvar, MatchSvar
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.situationer import Situation, efter_afslag, varslet
from tests.unit.forloeb.skriver import BIRKELY, EFTER, FOER, HAVBLIK, KOMMUNE, SKOVBO, START, part

M, T = Rolle.MYNDIGHED, Rolle.UDFOERER


def test_known() -> None:
    """K1: a letter that comes again changes nothing, whether it was applied, held or refused the first time."""
    for tilstand, standard, hvad in (
        (Tilstand.I_GANG, Standard.ANMODNING, Hvad.ANVENDT),
        (Tilstand.BESTILT, Standard.ANMODNING, Hvad.HOLDT),
        (Tilstand.AFSLUTTET, Standard.ANMODNING, Hvad.AFVIST),
    ):
        situation = Situation(T, tilstand)
        brev = situation.skriver.anmodning()
        assert situation.syn.tag(brev).hvad is hvad, standard
        foer = situation.syn.forloeb
        udfald = situation.syn.tag(brev)
        assert (udfald.hvad, udfald.regel, udfald.forloeb, udfald.anvendte) == (Hvad.KENDT, Regel.K1, foer, ())


def test_held_letters_follow_the_one_they_wait_for() -> None:
    """A tilbud gets 8, 5 and a second 5 before what they need: each is applied as soon as it can be, oldest first."""
    s = Situation(T, Tilstand.STATUS_MODTAGET)
    opfoelgning, anmodning, aendring = s.skriver.opfoelgning(), s.skriver.anmodning(), s.skriver.aendring()
    kvittering = s.skriver.kvittering(aendring)
    assert [s.syn.tag(brev).hvad for brev in (kvittering, anmodning)] == [Hvad.HOLDT, Hvad.HOLDT]
    udfald = s.syn.tag(opfoelgning)
    assert udfald.anvendte == (opfoelgning, anmodning)
    assert udfald.forloeb.tilstand is Tilstand.STATUS_ANMODET
    assert s.syn.tag(aendring).anvendte == (aendring, kvittering)
    assert s.syn.forloeb.holdte == ()


def test_a_held_letter_may_turn_out_to_be_refused() -> None:
    """Two kvitteringer come before their markant ændring: the older is applied, the other refused."""
    s = Situation(T, Tilstand.I_GANG)
    aendring = s.skriver.aendring()
    first, second = s.skriver.kvittering(aendring), s.skriver.kvittering(aendring)
    s.syn.tag(second, first)
    udfald = s.syn.tag(aendring)
    assert udfald.anvendte == (aendring, first)
    assert [brev for brev, _ in udfald.afviste] == [second]
    assert udfald.afviste[0][1].startswith("A5: ")
    assert udfald.forloeb.holdte == ()


def test_overtaken_letters_are_noted_and_move_nothing() -> None:
    """L1: an opfølgning that the next anmodning overtook is in the history, and the anmodning still counts."""
    s = Situation(T, Tilstand.I_GANG)
    opfoelgning, anmodning = s.skriver.opfoelgning(), s.skriver.anmodning()
    s.syn.tag(anmodning)
    udfald = s.syn.tag(opfoelgning)
    assert (udfald.hvad, udfald.regel, udfald.overhalede) == (Hvad.ANVENDT, Regel.L1, (opfoelgning.besked_id,))
    assert udfald.forloeb.tilstand is Tilstand.STATUS_ANMODET
    assert udfald.forloeb.anmodning_id == anmodning.besked_id


def test_an_overtaken_bestilling_does_not_count() -> None:
    """L1: where a tilbud gets two bestillinger in the wrong order the younger one counts."""
    s = Situation(T, Tilstand.AFGJORT)
    older, younger = s.skriver.bestilling(), s.skriver.bestilling()
    s.syn.tag(younger)
    assert s.syn.tag(older).regel is Regel.L1
    assert s.syn.forloeb.bestilling_id == younger.besked_id
    assert [row.besked_id for row in s.syn.forloeb.bestillinger] == [older.besked_id, younger.besked_id]


def test_an_answer_to_what_no_longer_counts() -> None:
    """L2: a statusnotat that crossed a new bestilling is noted with its anmodning; the forløb stays BESTILT."""
    s = Situation(M, Tilstand.STATUS_ANMODET)
    s.tag(varslet(s, BIRKELY))
    notat = s.skriver.statusnotat(s.id(Standard.ANMODNING))
    udfald = s.syn.tag(notat)
    assert (udfald.hvad, udfald.regel, udfald.overhalede) == (Hvad.ANVENDT, Regel.L2, (notat.besked_id,))
    assert udfald.forloeb.tilstand is Tilstand.BESTILT
    assert udfald.forloeb.anmodninger[0].statusnotat == notat.besked_id


@pytest.mark.parametrize("svar", [MatchSvar.ACCEPT, MatchSvar.AFSLAG, MatchSvar.VENTELISTE])
def test_a_later_answer_takes_the_place_of_venteliste(svar: MatchSvar) -> None:
    """V1 and L3: the newest answer by the tilbud's clock counts, in whichever order the two come."""
    for order in (slice(None), slice(None, None, -1)):
        s = Situation(M, Tilstand.MATCH_SENDT)
        match = s.id(Standard.MATCH)
        two = [s.skriver.svar_match(match, BIRKELY, MatchSvar.VENTELISTE), s.skriver.svar_match(match, BIRKELY, svar)]
        outcomes = [s.syn.tag(brev).regel for brev in two[order]]
        assert outcomes == [Regel.T2, Regel.V1 if order.step is None else Regel.L3]
        assert (row := s.syn.forloeb.match_svar(BIRKELY)) is not None
        assert (row.svar, row.svar_id) == (svar, two[1].besked_id)


def test_five_tilbud_are_asked_and_each_answers_for_itself() -> None:
    """One match to five: each tilbud sees its own part only, the myndighed all; a silent one is open still."""
    five = [part(nummer) for nummer in range(1, 6)]
    s = Situation(M, Tilstand.AFGJORT)
    match = s.tag(s.skriver.match(*five))
    s.syn.tag(s.skriver.svar_match(match, five[3], MatchSvar.ACCEPT))
    s.syn.tag(s.skriver.svar_match(match, five[1], MatchSvar.VENTELISTE))
    svar = {row.tilbud: row.svar for row in s.syn.forloeb.matches}
    assert svar == dict.fromkeys(five) | {five[3]: MatchSvar.ACCEPT, five[1]: MatchSvar.VENTELISTE}
    tilbud = Situation(T, Tilstand.AFGJORT)
    tilbud.syn.tag(match)
    assert [row.tilbud for row in tilbud.syn.forloeb.matches] == [BIRKELY]


@pytest.mark.parametrize(
    ("svar", "note"),
    [
        (None, "the match is not answered"),
        (MatchSvar.VENTELISTE, "the match is answered VENTELISTE"),
        (MatchSvar.ACCEPT, "the match is answered ACCEPT"),
    ],
)
def test_a_match_binds_nobody(svar: MatchSvar | None, note: str) -> None:
    """R9: one may order from whoever has not refused, asked or not, and the history says what the answer was."""
    s = Situation(M, Tilstand.MATCH_SENDT)
    if svar:
        s.syn.tag(s.skriver.svar_match(s.id(Standard.MATCH), BIRKELY, svar))
    assert s.syn.tag(s.skriver.bestilling()).forloeb.historik[-1].note == note
    other = Situation(M, Tilstand.MATCH_SENDT)
    assert other.syn.tag(other.skriver.bestilling(SKOVBO)).forloeb.historik[-1].note == "not asked by a match"


def test_after_afslag_a_new_match_opens_the_way() -> None:
    """S3: a tilbud that refused may be ordered from once it was asked anew; it takes what crossed its AFSLAG."""
    s = Situation(M, Tilstand.MATCH_SENDT)
    assert s.syn.tag(efter_afslag(s)).regel is Regel.S3
    assert s.syn.tag(s.skriver.match(BIRKELY), s.skriver.bestilling()).regel is Regel.T3
    tilbud = Situation(T, Tilstand.MATCH_SENDT)
    assert tilbud.syn.tag(efter_afslag(tilbud)).regel is Regel.T3


@pytest.mark.parametrize("til", [BIRKELY, HAVBLIK])
def test_after_a_refusal_a_new_bestilling(til: str) -> None:
    """A refused bestilling may be followed by one to the same udfører or another, and that one's answer counts."""
    s = Situation(M, Tilstand.AFVIST)
    ny = s.tag(s.skriver.bestilling(til))
    assert s.syn.tag(s.skriver.svar_bestilling(ny, til)).forloeb.tilstand is Tilstand.AFTALT
    assert s.syn.forloeb.udfoerer == til
    assert [row.svar for row in s.syn.forloeb.bestillinger] == [BestillingSvar.AFVIS, BestillingSvar.ACCEPT]


@pytest.mark.parametrize(
    "tilstand", [Tilstand.AFTALT, Tilstand.I_GANG, Tilstand.STATUS_ANMODET, Tilstand.STATUS_MODTAGET]
)
@pytest.mark.parametrize("side", [M, T])
def test_a_kvittering_announces_a_bestilling_once(side: Rolle, tilstand: Tilstand) -> None:
    """After NY_BESTILLING one bestilling may come beside the running indsats; a second one may not."""
    s = Situation(side, tilstand)
    ny = s.tag(varslet(s, BIRKELY))
    assert s.syn.forloeb.tilstand is Tilstand.BESTILT
    s.syn.tag(s.skriver.svar_bestilling(ny))
    assert not s.syn.forloeb.ny_bestilling_varslet
    assert s.syn.tag(s.skriver.bestilling()).regel is (Regel.S1 if side is M else Regel.H3)


def test_changes_are_open_beside_the_rest() -> None:
    """Changes from both sides are open at once, block nothing, and each is closed by the one that received it."""
    s = Situation(M, Tilstand.I_GANG)
    own, first, second = s.skriver.aendring(KOMMUNE, BIRKELY), s.skriver.aendring(), s.skriver.aendring()
    s.syn.tag(own, first, second)
    assert s.syn.forloeb.aabne_aendringer == (own.besked_id, first.besked_id, second.besked_id)
    assert s.syn.tag(s.skriver.anmodning()).forloeb.tilstand is Tilstand.STATUS_ANMODET
    s.syn.tag(s.skriver.kvittering(second), s.skriver.kvittering(own, BIRKELY, KOMMUNE))
    assert list(s.syn.forloeb.aabne_aendringer) == [first.besked_id]
    assert Standard.KVITTERING in allowed(s.syn.forloeb)
    assert Standard.KVITTERING not in allowed(s.syn.forloeb, T)
    s.syn.tag(s.skriver.kvittering(first))
    assert Standard.KVITTERING not in allowed(s.syn.forloeb)


def test_a_change_that_crossed_the_last_opfoelgning_is_taken_and_receipted() -> None:
    """A closed forløb takes the udfører's change, because it may have been sent before; its kvittering is owed."""
    s = Situation(M, Tilstand.AFSLUTTET)
    aendring = s.skriver.aendring()
    assert s.syn.tag(aendring).regel is Regel.T12
    assert allowed(s.syn.forloeb) == {Standard.KVITTERING}
    assert s.syn.tag(s.skriver.kvittering(aendring)).regel is Regel.T13


@pytest.mark.parametrize(
    ("ny_bestilling", "resultat", "tilstand"),
    [
        (False, StatusPaaIndsats.FORTSAETTELSE, Tilstand.I_GANG),
        (False, StatusPaaIndsats.AFSLUTNING, Tilstand.AFSLUTTET),
        (False, StatusPaaIndsats.AFSLUTNING_OG_NY, Tilstand.AFSLUTTET),
        (True, StatusPaaIndsats.FORTSAETTELSE, Tilstand.NY_BESTILLING_VENTES),
        (True, StatusPaaIndsats.AFSLUTNING, Tilstand.NY_BESTILLING_VENTES),
        (True, StatusPaaIndsats.AFSLUTNING_OG_NY, Tilstand.NY_BESTILLING_VENTES),
    ],
)
def test_where_an_opfoelgning_leads(ny_bestilling: bool, resultat: StatusPaaIndsats, tilstand: Tilstand) -> None:
    """Whether a new bestilling follows decides first (R10), then the result."""
    for side in Rolle:
        s = Situation(side, Tilstand.STATUS_MODTAGET)
        brev = s.skriver.opfoelgning(svarer=s.id(Standard.STATUSNOTAT), ny_bestilling=ny_bestilling, resultat=resultat)
        assert s.syn.tag(brev).forloeb.tilstand is tilstand


def test_the_start_date() -> None:
    """T6: AFTALT becomes I_GANG on the agreed start date, which is that of the answer where it names one."""
    s = Situation(M, Tilstand.BESTILT)
    s.syn.tag(s.skriver.svar_bestilling(s.id(Standard.BESTILLING), aftalt_startdato=START + timedelta(days=3)))
    seen = []
    for days in (2, 3):
        s.syn.i_dag(START + timedelta(days=days))
        seen.append(s.syn.forloeb.tilstand)
    assert seen == [Tilstand.AFTALT, Tilstand.I_GANG]
    assert s.syn.forloeb.historik[-1].regel is Regel.T6


def test_a_letter_sees_the_start_date_by_itself() -> None:
    """A myndighed that asks on a day after the start date need not be told of the day first."""
    s = Situation(M, Tilstand.AFTALT)
    assert s.syn.tag(s.skriver.anmodning()).regel is Regel.S1
    s.syn.today = EFTER
    assert s.syn.tag(s.skriver.anmodning()).forloeb.tilstand is Tilstand.STATUS_ANMODET


def test_days_of_two_parties_may_differ() -> None:
    """A tilbud whose calendar is behind takes an anmodning before its start date."""
    s = Situation(T, Tilstand.AFTALT)
    assert s.syn.today == FOER
    assert s.syn.tag(s.skriver.anmodning()).forloeb.tilstand is Tilstand.STATUS_ANMODET
