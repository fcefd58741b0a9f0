"""A course is the same in whatever order its letters come."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.forloeb.form import from_json, to_json
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import BestillingSvar, Brev, Handling, MatchSvar
from consumers.standards.standard import Rolle
from tests.unit.forloeb.netvaerk import Netvaerk, uden_raekkefoelge
from tests.unit.forloeb.skriver import BIRKELY, EFTER, HAVBLIK, KOMMUNE, SKOVBO, Skriver, Syn
from tests.unit.forloeb.test_any_order import alt_kommer, sammenhaeng, skriv

TILFAELDE = st.integers(0, 2**64).map(random.Random)


def hele_forloebet(skriver: Skriver) -> list[Brev]:
    """Match to three, a refusal, a running course with changes, two follow-ups, a new bestilling, the end."""
    match = skriver.match(BIRKELY, HAVBLIK, SKOVBO)
    ja = skriver.svar_match(match, BIRKELY)
    venter = skriver.svar_match(match, HAVBLIK, MatchSvar.VENTELISTE)
    plads = skriver.svar_match(match, HAVBLIK)
    bestilt = skriver.bestilling(BIRKELY, svarer=ja.besked_id)
    afvist = skriver.svar_bestilling(bestilt, svar=BestillingSvar.AFVIS)
    igen = skriver.bestilling(HAVBLIK, svarer=plads.besked_id)
    aftalt = skriver.svar_bestilling(igen, HAVBLIK)
    aendring, fra_os = skriver.aendring(HAVBLIK), skriver.aendring(KOMMUNE, HAVBLIK)
    anmodning = skriver.anmodning(HAVBLIK)
    kvittering = skriver.kvittering(aendring, til=HAVBLIK, handling=Handling.STATUSNOTAT_ANMODES)
    notat = skriver.statusnotat(anmodning, HAVBLIK)
    tilbage = skriver.kvittering(fra_os, HAVBLIK, KOMMUNE)
    videre = skriver.opfoelgning(HAVBLIK, notat)
    anden = skriver.anmodning(HAVBLIK)
    andet = skriver.statusnotat(anden, HAVBLIK)
    skift = skriver.opfoelgning(HAVBLIK, andet, ny_bestilling=True)
    tredje = skriver.bestilling(HAVBLIK)
    enige = skriver.svar_bestilling(tredje, HAVBLIK)
    slut = skriver.opfoelgning(HAVBLIK, resultat=StatusPaaIndsats.AFSLUTNING)
    return [
        *(match, ja, venter, plads, bestilt, afvist, igen, aftalt, aendring, fra_os, anmodning, kvittering, notat),
        *(tilbage, videre, anden, andet, skift, tredje, enige, slut),
    ]


def i_orden(breve: list[Brev], egen: str) -> Syn:
    """The view of ``egen`` where every letter comes at once."""
    syn = Syn(egen, EFTER)
    for brev in breve:
        if egen in (brev.afsender.organisation_id, *(til.organisation_id for til in brev.modtagere)):
            assert syn.tag(brev).hvad is Hvad.ANVENDT
    return syn


def test_in_order_the_course_ends_as_it_must() -> None:
    """The three views at the end: closed, closed, and refused; the third tilbud was asked and nothing more."""
    breve = hele_forloebet(Skriver())
    ends = {egen: i_orden(breve, egen).forloeb.tilstand for egen in (KOMMUNE, BIRKELY, HAVBLIK, SKOVBO)}
    assert ends == {
        KOMMUNE: Tilstand.AFSLUTTET,
        HAVBLIK: Tilstand.AFSLUTTET,
        BIRKELY: Tilstand.AFVIST,
        SKOVBO: Tilstand.MATCH_SENDT,
    }


@settings(max_examples=150, deadline=None)
@given(valg=TILFAELDE, antal=st.integers(1, 21))
def test_any_order_ends_as_in_order(valg: random.Random, antal: int) -> None:
    """Each letter goes off as soon as its sender may send it, and comes in any order, some twice.

    Before a letter is sent its sender gets, in any order, only as many of those under way as it needs to be allowed.
    At the end every view is what it is where each letter comes at once.
    """
    net = Netvaerk(3, EFTER)
    breve = hele_forloebet(net.skriver)[:antal]
    for brev in breve:
        while net.send(brev) is not Hvad.ANVENDT:
            mine = [n for n, (til, _) in enumerate(net.paa_vej) if til == brev.afsender.organisation_id]
            net.aflever(valg.choice(mine), behold=valg.random() < 0.2)
    while net.paa_vej:
        net.aflever(valg.randrange(len(net.paa_vej)), behold=valg.random() < 0.2)
    for egen, syn in net.syn.items():
        assert uden_raekkefoelge(syn) == uden_raekkefoelge(i_orden(breve, egen))


@settings(max_examples=150, deadline=None)
@given(valg=TILFAELDE)
def test_whatever_comes_a_view_stays_whole(valg: random.Random) -> None:
    """Letters of several courses, of wrong parties and with wrong answers, sent and received: never an exception.

    Each BeskedId is applied at most once, and the state is one that the letters bear out.
    """
    skriver = Skriver()
    breve = hele_forloebet(skriver) + hele_forloebet(skriver)
    ids = [brev.besked_id for brev in breve]
    for nummer in valg.sample(range(len(breve)), 12):
        changes: dict[str, object] = valg.choice(
            [
                {"besvarer_besked_id": valg.choice(ids)},
                {"afsender": valg.choice(breve).afsender},
                {"modtagere": valg.choice(breve).modtagere},
                {"data_tidspunkt": valg.choice(breve).data_tidspunkt},
                {"besked_id": valg.choice(ids)},
            ]
        )
        breve[nummer] = breve[nummer].model_copy(update=changes)
    for egen in (KOMMUNE, HAVBLIK):
        syn = Syn(egen, EFTER)
        for brev in valg.choices(breve, k=100):
            before = syn.forloeb
            udfald = syn.tag(brev)
            sammenhaeng(syn.forloeb)
            assert udfald.anvendte == () or udfald.hvad is Hvad.ANVENDT
            assert before.kendte <= syn.forloeb.kendte
        assert len(syn.anvendte) == len(set(syn.anvendte))


@settings(max_examples=40, deadline=None)
@given(valg=TILFAELDE)
def test_a_view_survives_its_database(valg: random.Random) -> None:
    """JSON and back is the same view at every step, with letters held in it."""
    net = Netvaerk(2, EFTER)
    for _ in range(40):
        if net.paa_vej and valg.random() < 0.5:
            net.aflever(valg.randrange(len(net.paa_vej)))
        elif brev := skriv(net, valg.choice(list(net.syn)), valg):
            net.send(brev)
        for syn in net.syn.values():
            assert from_json(to_json(syn.forloeb)) == syn.forloeb
    alt_kommer(net, valg)
    assert not list(net.afvigelser())


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"id": 1}', '{"id": "a", "side": "tilbud", "egen": "b"}'])
def test_a_spoilt_database_says_so(text: str) -> None:
    """What is no view is refused with ValueError."""
    with pytest.raises(ValueError, match="validation error"):
        from_json(text)


def test_held_letters_are_stored_whole() -> None:
    """A held letter comes out of the database as the letter it was, and is applied when its turn comes."""
    syn = Syn(BIRKELY, EFTER)
    skriver = Skriver()
    bestilling = skriver.bestilling()
    anmodning = skriver.anmodning()
    assert syn.tag(anmodning).hvad is Hvad.HOLDT
    syn.forloeb = from_json(to_json(syn.forloeb))
    assert [row.brev for row in syn.forloeb.holdte] == [anmodning]
    assert syn.tag(bestilling, skriver.svar_bestilling(bestilling)).anvendte[1:] == (anmodning,)
    assert syn.side is Rolle.UDFOERER


def test_the_cpr_number_is_not_printed() -> None:
    """A view in a log does not show who the citizen is."""
    syn = i_orden(hele_forloebet(Skriver()), KOMMUNE)
    assert syn.forloeb.cpr is not None
    assert syn.forloeb.cpr not in repr(syn.forloeb)
