"""Every letter in every state, in both directions, for both sides: what the page says is what happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumers.forloeb.allowed import allowed
from consumers.forloeb.dage import HVILER
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Hvad, Retning, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import BestillingSvar, Handling
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.situationer import Situation
from tests.unit.forloeb.skriver import EFTER
from tests.unit.forloeb.tabeller import edges, table

NUMRE = {standard.facts.nummer: standard for standard in Standard}


def celler() -> Iterator[tuple[Rolle, Retning, Tilstand, Standard, str]]:
    """Every cell of the four tables."""
    for side in Rolle:
        for retning in Retning:
            hoved, *raekker = table(f"matrix: {side} {retning}")
            for tilstand, *udfald in raekker:
                for nummer, celle in zip(hoved[1:], udfald, strict=True):
                    yield side, retning, Tilstand(tilstand), NUMRE[nummer], celle


def test_the_page_has_every_cell() -> None:
    """The four tables have ten states and nine letters each."""
    seen = {(side, retning, tilstand, standard) for side, retning, tilstand, standard, _ in celler()}
    assert len(seen) == len(list(celler())) == 2 * 2 * len(Tilstand) * len(Standard)


@pytest.mark.parametrize(("side", "retning", "tilstand", "standard", "celle"), [pytest.param(*c) for c in celler()])
def test_a_letter_in_a_state(side: Rolle, retning: Retning, tilstand: Tilstand, standard: Standard, celle: str) -> None:
    """The outcome, its rule and the state after it are those of the page; what is not applied changes nothing."""
    situation = Situation(side, tilstand)
    foer = situation.syn.forloeb
    brev = situation.brev(standard, retning)
    udfald = situation.syn.tag(brev)
    *til, regel = celle.removeprefix("→").split()
    assert udfald.regel is Regel[regel]
    assert udfald.grund.startswith(f"{regel}: {udfald.regel.tekst}")
    assert udfald.forloeb.tilstand is Tilstand(til[0] if til else tilstand)
    if udfald.regel.hvad is Hvad.ANVENDT:
        assert udfald.hvad is Hvad.ANVENDT
        assert udfald.anvendte == (brev,)
        assert udfald.forloeb.historik[-1].besked_id == brev.besked_id
        return
    assert udfald.anvendte == ()
    if retning is Retning.SENDT:
        assert udfald.hvad is Hvad.AFVIST
        assert udfald.forloeb == foer
        return
    assert udfald.hvad is udfald.regel.hvad
    assert udfald.forloeb.kendte == foer.kendte | {brev.besked_id}
    assert [row.brev for row in udfald.forloeb.holdte] == ([brev] if udfald.hvad is Hvad.HOLDT else [])
    assert udfald.forloeb.historik == foer.historik


@pytest.mark.parametrize("side", list(Rolle))
@pytest.mark.parametrize("tilstand", list(Tilstand))
def test_allowed_is_what_can_be_sent(side: Rolle, tilstand: Tilstand) -> None:
    """`allowed` names the letters that the page lets this side send, and no others."""
    rows = {raekke[0]: raekke[1:] for raekke in table(f"matrix: {side} sendt")}
    may = {NUMRE[nummer] for nummer, celle in zip(rows[""], rows[tilstand], strict=True) if "T" in celle.split()[-1]}
    assert allowed(Situation(side, tilstand).syn.forloeb) == may


def test_the_diagram_has_every_move() -> None:
    """Each arrow of the diagram is a move that a letter or a day makes in the myndighed's view, and none is missing."""
    assert edges() == set(_moves())


def _moves() -> Iterator[tuple[str, str]]:
    for tilstand in Tilstand:
        for variant in range(7):
            situation = Situation(Rolle.MYNDIGHED, tilstand)
            skriver, syn = situation.skriver, situation.syn
            match variant:
                case 0:
                    syn.tag(skriver.match("00000000-0a00-4000-8000-000000000001"))
                case 1:
                    if tilstand in {Tilstand.AFTALT, *_RUNNING}:
                        aendring = situation.tag(skriver.aendring())
                        syn.tag(skriver.kvittering(aendring, handling=Handling.NY_BESTILLING))
                    syn.tag(skriver.bestilling())
                case 2:
                    svar = BestillingSvar.AFVIS
                    syn.tag(skriver.svar_bestilling(situation.id(Standard.BESTILLING), svar=svar))
                case 3:
                    syn.tag(skriver.opfoelgning(ny_bestilling=True))
                case 4:
                    syn.tag(skriver.opfoelgning(resultat=StatusPaaIndsats.AFSLUTNING))
                case 5:
                    syn.i_dag(EFTER)
                case 6:
                    for standard in (Standard.SVAR_BESTILLING, Standard.ANMODNING, Standard.STATUSNOTAT):
                        retning = Retning.SENDT if standard is Standard.ANMODNING else Retning.MODTAGET
                        syn = Situation(Rolle.MYNDIGHED, tilstand).syn
                        syn.tag(situation.brev(standard, retning))
                        if syn.forloeb.tilstand is not tilstand:
                            yield tilstand, syn.forloeb.tilstand
                    syn = Situation(Rolle.MYNDIGHED, tilstand).syn
                    syn.tag(situation.brev(Standard.OPFOELGNING, Retning.SENDT))
            if syn.forloeb.tilstand is not tilstand:
                yield tilstand, syn.forloeb.tilstand


_RUNNING = {Tilstand.I_GANG, Tilstand.STATUS_ANMODET, Tilstand.STATUS_MODTAGET}


def test_the_page_has_every_rule() -> None:
    """The rules on the page are those of the code: id, outcome, text and source."""
    said = [tuple(raekke) for raekke in table("rules")[1:]]
    assert said == [(str(regel), str(regel.hvad), regel.tekst, regel.kilde) for regel in Regel]


def test_the_page_names_the_resting_states() -> None:
    """Rule U1 names the states that run out."""
    assert all(tilstand in Regel.U1.tekst for tilstand in HVILER)
