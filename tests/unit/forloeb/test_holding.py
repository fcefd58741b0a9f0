"""How many letters are held, for how long, and what runs out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.forloeb.allowed import allowed
from consumers.forloeb.apply import apply
from consumers.forloeb.dage import FRISTER, Frister
from consumers.forloeb.holding import expire
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.situationer import UKENDT, Situation
from tests.unit.forloeb.skriver import BIRKELY, EFTER, START

M, T = Rolle.MYNDIGHED, Rolle.UDFOERER


def test_there_is_room_for_so_many_held_letters() -> None:
    """A8: one too many is refused with what it waited for as reason, and its redelivery is known."""
    s = Situation(T, Tilstand.BESTILT)
    few = Frister(holdte_breve=2)
    breve = [s.skriver.kvittering(UKENDT) for _ in range(3)]
    for brev, hvad in zip(breve, (Hvad.HOLDT, Hvad.HOLDT, Hvad.AFVIST), strict=True):
        one = apply(s.syn.forloeb, brev, egen=BIRKELY, side=T, today=EFTER, frister=few)
        s.syn.forloeb = one.forloeb
        assert one.hvad is hvad
    assert one.regel is Regel.A8
    assert "H1: " in one.grund
    assert s.syn.tag(breve[2]).hvad is Hvad.KENDT


def test_a_letter_held_too_long_is_refused() -> None:
    """A9: held for the days that are set, refused on the day after, and not taken when it comes again."""
    s = Situation(T, Tilstand.I_GANG)
    kvittering = s.skriver.kvittering(UKENDT)
    s.syn.tag(kvittering)
    limit = s.syn.today + timedelta(days=FRISTER.holdte_dage)
    assert expire(s.syn.forloeb, limit).afviste == ()
    udloeb = expire(s.syn.forloeb, limit + timedelta(days=1))
    assert [brev for brev, _ in udloeb.afviste] == [kvittering]
    assert udloeb.afviste[0][1].startswith("A9: ")
    assert UKENDT in udloeb.afviste[0][1]
    s.syn.forloeb = udloeb.forloeb
    assert s.syn.forloeb.holdte == ()
    assert s.syn.tag(kvittering).hvad is Hvad.KENDT


def test_expire_sees_the_start_date_too() -> None:
    """A daily call of expire is all that a party needs."""
    s = Situation(T, Tilstand.AFTALT)
    assert expire(s.syn.forloeb, START).forloeb.tilstand is Tilstand.I_GANG


@pytest.mark.parametrize("side", list(Rolle))
@pytest.mark.parametrize("tilstand", list(Tilstand))
def test_what_runs_out(side: Rolle, tilstand: Tilstand) -> None:
    """U1: a tilbud's forløb that rests runs out after the days that are set; no other, and no myndighed's, does."""
    s = Situation(side, tilstand)
    limit = s.syn.today + timedelta(days=FRISTER.hvile_dage)
    rests = side is T and tilstand in {Tilstand.MATCH_SENDT, Tilstand.AFVIST, Tilstand.NY_BESTILLING_VENTES}
    running = Tilstand.I_GANG if tilstand is Tilstand.AFTALT else tilstand
    assert expire(s.syn.forloeb, limit).forloeb.tilstand is running
    after = expire(s.syn.forloeb, limit + timedelta(days=1)).forloeb
    assert after.tilstand is (Tilstand.AFSLUTTET if rests else running)
    if rests:
        assert after.historik[-1].regel is Regel.U1
        assert not allowed(after) - {Standard.KVITTERING}


@pytest.mark.parametrize("tilstand", [Tilstand.MATCH_SENDT, Tilstand.AFVIST, Tilstand.NY_BESTILLING_VENTES])
def test_a_bestilling_wakes_what_ran_out(tilstand: Tilstand) -> None:
    """A forløb that ran out takes a bestilling as it would have before; what it cannot take leaves it run out."""
    s = Situation(T, tilstand)
    s.syn.forloeb = expire(s.syn.forloeb, EFTER + timedelta(days=999)).forloeb
    assert s.syn.tag(s.skriver.anmodning()).hvad is Hvad.HOLDT
    assert s.syn.forloeb.tilstand is Tilstand.AFSLUTTET
    assert s.syn.tag(s.skriver.bestilling()).forloeb.tilstand is Tilstand.BESTILT
    assert s.syn.forloeb.hvilede is None
