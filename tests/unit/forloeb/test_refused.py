"""Letters that are refused or held, whatever the state: another forløb, another party, a wrong answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.blocks import Sagsreference
from consumers.standards.letters import Bestilling, Brev, MatchSvar
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.situationer import UKENDT, Situation, efter_afslag, varslet
from tests.unit.forloeb.skriver import BIRKELY, HAVBLIK, KOMMUNE, part

M, T = Rolle.MYNDIGHED, Rolle.UDFOERER
Brevet = Callable[[Situation], Brev]

REFUSED_OR_HELD: list[tuple[str, Rolle, Tilstand, Brevet, Regel]] = [
    (
        "the forløb is another",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_bestilling(s.id(Standard.BESTILLING), forloebs_id=UKENDT),
        Regel.A1,
    ),
    (
        "the case number is another",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_bestilling(s.id(Standard.BESTILLING), sagsreference=Sagsreference(sagsnummer="1-2-3")),
        Regel.A1,
    ),
    (
        "the case UUID is another",
        T,
        Tilstand.I_GANG,
        lambda s: s.skriver.anmodning(
            sagsreference=s.nyeste[Standard.MATCH].sagsreference.model_copy(update={"sag_id": UKENDT})
        ),
        Regel.A1,
    ),
    ("the citizen is another", T, Tilstand.AFVIST, lambda s: s.skriver.bestilling(borger=_anden_borger(s)), Regel.A1),
    (
        "it has two recipients",
        T,
        Tilstand.MATCH_SENDT,
        lambda s: s.skriver.brev(Standard.BESTILLING, KOMMUNE, BIRKELY, HAVBLIK),
        Regel.A3,
    ),
    ("it is for another tilbud", T, Tilstand.MATCH_SENDT, lambda s: s.skriver.bestilling(HAVBLIK), Regel.A3),
    ("its own sender is a recipient", M, Tilstand.AFGJORT, lambda s: s.skriver.match(BIRKELY, KOMMUNE), Regel.A3),
    ("the anmodning goes to another udfører", M, Tilstand.I_GANG, lambda s: s.skriver.anmodning(HAVBLIK), Regel.A3),
    ("the opfølgning goes to another udfører", M, Tilstand.I_GANG, lambda s: s.skriver.opfoelgning(HAVBLIK), Regel.A3),
    (
        "the tilbud answers to another myndighed",
        T,
        Tilstand.BESTILT,
        lambda s: s.skriver.brev(Standard.SVAR_BESTILLING, BIRKELY, part(9), svarer=s.id(Standard.BESTILLING)),
        Regel.A3,
    ),
    (
        "the kvittering goes to another",
        M,
        Tilstand.I_GANG,
        lambda s: s.skriver.kvittering(s.tag(s.skriver.aendring()), til=HAVBLIK),
        Regel.A3,
    ),
    (
        "another myndighed writes",
        T,
        Tilstand.I_GANG,
        lambda s: s.skriver.brev(Standard.ANMODNING, part(9), BIRKELY),
        Regel.A4,
    ),
    (
        "a tilbud answers that was not asked",
        M,
        Tilstand.MATCH_SENDT,
        lambda s: s.skriver.svar_match(s.id(Standard.MATCH), HAVBLIK),
        Regel.A4,
    ),
    (
        "another tilbud answers the bestilling",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_bestilling(s.id(Standard.BESTILLING), HAVBLIK),
        Regel.A4,
    ),
    (
        "another tilbud answers the anmodning",
        M,
        Tilstand.STATUS_ANMODET,
        lambda s: s.skriver.statusnotat(s.id(Standard.ANMODNING), HAVBLIK),
        Regel.A4,
    ),
    (
        "a tilbud without bestilling tells of a change",
        M,
        Tilstand.I_GANG,
        lambda s: s.skriver.aendring(HAVBLIK),
        Regel.A4,
    ),
    (
        "the sender of a change receipts it itself",
        M,
        Tilstand.I_GANG,
        lambda s: s.skriver.kvittering(s.tag(s.skriver.aendring()), BIRKELY, KOMMUNE),
        Regel.A4,
    ),
    (
        "the bestilling answers another tilbud's answer",
        M,
        Tilstand.MATCH_SENDT,
        lambda s: s.skriver.bestilling(
            HAVBLIK, svarer=s.tag(s.skriver.svar_match(s.id(Standard.MATCH), BIRKELY)).besked_id
        ),
        Regel.A4,
    ),
    (
        "the change is receipted already",
        M,
        Tilstand.I_GANG,
        lambda s: s.skriver.kvittering(_kvitteret(s), tid=99),
        Regel.S1,
    ),
    (
        "the change is receipted already, by the tilbud's own",
        T,
        Tilstand.I_GANG,
        lambda s: s.skriver.kvittering(_kvitteret(s)),
        Regel.A5,
    ),
    (
        "ACCEPT is final",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_match(s.id(Standard.MATCH), BIRKELY, MatchSvar.AFSLAG),
        Regel.A5,
    ),
    (
        "VENTELISTE after ACCEPT",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_match(s.id(Standard.MATCH), BIRKELY, MatchSvar.VENTELISTE),
        Regel.A5,
    ),
    (
        "the statusnotat is followed up already",
        T,
        Tilstand.STATUS_MODTAGET,
        lambda s: s.skriver.opfoelgning(
            svarer=s.tag(s.skriver.opfoelgning(svarer=s.id(Standard.STATUSNOTAT))).besvarer_besked_id
        ),
        Regel.A5,
    ),
    ("4 answers a match", M, Tilstand.BESTILT, lambda s: s.skriver.svar_bestilling(s.id(Standard.MATCH)), Regel.A6),
    (
        "2 answers a bestilling",
        M,
        Tilstand.BESTILT,
        lambda s: s.skriver.svar_match(s.id(Standard.BESTILLING), BIRKELY),
        Regel.A6,
    ),
    (
        "8 answers an anmodning",
        T,
        Tilstand.STATUS_MODTAGET,
        lambda s: s.skriver.opfoelgning(svarer=s.id(Standard.ANMODNING)),
        Regel.A6,
    ),
    (
        "2 answers nothing",
        M,
        Tilstand.MATCH_SENDT,
        lambda s: s.skriver.brev(Standard.SVAR_MATCH, BIRKELY, KOMMUNE),
        Regel.A6,
    ),
    ("8 before its 6 is known", T, Tilstand.I_GANG, lambda s: s.skriver.opfoelgning(svarer=UKENDT), Regel.H1),
    ("3 before its 2 is known", T, Tilstand.MATCH_SENDT, lambda s: s.skriver.bestilling(svarer=UKENDT), Regel.H1),
    ("own letter older than the last own one", M, Tilstand.I_GANG, lambda s: s.skriver.anmodning(tid=0), Regel.S2),
    (
        "own letter of the same time as the last own one",
        M,
        Tilstand.I_GANG,
        lambda s: s.skriver.anmodning(data_tidspunkt=s.syn.forloeb.egen_seneste),
        Regel.S2,
    ),
    ("order from one that said AFSLAG", M, Tilstand.MATCH_SENDT, efter_afslag, Regel.S3),
    ("announced order to another udfører", M, Tilstand.I_GANG, lambda s: varslet(s, HAVBLIK), Regel.S4),
]


def _anden_borger(s: Situation) -> object:
    bestilling = s.nyeste[Standard.BESTILLING]
    assert isinstance(bestilling, Bestilling)
    return bestilling.borger.model_copy(update={"cpr": "9999999999"})


def _kvitteret(s: Situation) -> Brev:
    aendring = s.tag(s.skriver.aendring())
    s.tag(s.skriver.kvittering(aendring))
    return aendring


@pytest.mark.parametrize(
    ("side", "tilstand", "brevet", "regel"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED_OR_HELD]
)
def test_refused_or_held(side: Rolle, tilstand: Tilstand, brevet: Brevet, regel: Regel) -> None:
    """The letter moves nothing, and the reason names the rule."""
    situation = Situation(side, tilstand)
    brev = brevet(situation)
    foer = situation.syn.forloeb
    udfald = situation.syn.tag(brev)
    assert (udfald.hvad, udfald.regel) == (regel.hvad, regel)
    assert udfald.grund.startswith(f"{regel}: ")
    assert (udfald.forloeb.tilstand, udfald.forloeb.historik) == (foer.tilstand, foer.historik)
