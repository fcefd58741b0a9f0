"""Letters that overtake one another, or cross: the rare cases, one by one."""

from __future__ import annotations

from consumers.forloeb.apply import apply
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import Handling
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.situationer import Situation, varslet
from tests.unit.forloeb.skriver import BIRKELY, EFTER, FORLOEB, HAVBLIK, KOMMUNE, Skriver, Syn

M, T = Rolle.MYNDIGHED, Rolle.UDFOERER


def test_an_anmodning_that_a_new_bestilling_overtook_is_not_answered() -> None:
    """L1: the tilbud notes the anmodning with its forløb, which stays BESTILT, and nothing is to be done about it."""
    s = Situation(T, Tilstand.I_GANG)
    anmodning = s.skriver.anmodning()
    s.syn.tag(varslet(s, BIRKELY))
    udfald = s.syn.tag(anmodning)
    assert (udfald.hvad, udfald.regel, udfald.overhalede) == (Hvad.ANVENDT, Regel.L1, (anmodning.besked_id,))
    assert udfald.forloeb.tilstand is Tilstand.BESTILT
    assert [row.besked_id for row in udfald.forloeb.anmodninger] == [anmodning.besked_id]


def test_a_held_letter_that_was_overtaken_meanwhile() -> None:
    """L1: an anmodning held for want of a bestilling is older than the one that comes: noted as overtaken."""
    syn, skriver = Syn(BIRKELY), Skriver()
    anmodning, bestilling = skriver.anmodning(), skriver.bestilling()
    assert syn.tag(anmodning).hvad is Hvad.HOLDT
    udfald = syn.tag(bestilling)
    assert udfald.anvendte == (bestilling, anmodning)
    assert udfald.overhalede == (anmodning.besked_id,)
    assert udfald.forloeb.tilstand is Tilstand.BESTILT


def test_an_announcement_to_a_former_udfoerer_announces_nothing() -> None:
    """T13: a kvittering with NY_BESTILLING to the udfører of an earlier bestilling lets none follow.

    The one at work would not know of it.
    """
    s = Situation(M, Tilstand.NY_BESTILLING_VENTES)
    ny = s.tag(s.skriver.bestilling(HAVBLIK))
    s.syn.tag(s.skriver.svar_bestilling(ny, HAVBLIK))
    aendring = s.tag(s.skriver.aendring(BIRKELY))
    assert s.syn.tag(s.skriver.kvittering(aendring, handling=Handling.NY_BESTILLING)).hvad is Hvad.ANVENDT
    assert s.syn.tag(s.skriver.bestilling(HAVBLIK)).regel is Regel.S1


def test_an_old_announcement_does_not_take_back_a_new_one() -> None:
    """T13: of two kvitteringer with NY_BESTILLING the younger counts, though the older comes last."""
    s = Situation(T, Tilstand.I_GANG)
    skriver, ny = s.skriver, Handling.NY_BESTILLING
    changes = [s.tag(skriver.aendring()) for _ in range(3)]
    first, late = skriver.kvittering(changes[0], handling=ny), skriver.kvittering(changes[1], handling=ny)
    bestilling = skriver.bestilling()
    s.syn.tag(first, bestilling, skriver.svar_bestilling(bestilling))
    s.syn.tag(skriver.kvittering(changes[2], handling=ny), late)
    assert s.syn.tag(skriver.bestilling()).regel is Regel.T3


def test_a_match_that_the_end_of_the_forloeb_overtook() -> None:
    """A match older than the closing opfølgning is noted with the forløb, which stays closed."""
    s = Situation(T, Tilstand.I_GANG)
    match, slut = s.skriver.match(BIRKELY), s.skriver.opfoelgning(resultat=StatusPaaIndsats.AFSLUTNING)
    s.syn.tag(slut)
    udfald = s.syn.tag(match)
    assert (udfald.hvad, udfald.forloeb.tilstand) == (Hvad.ANVENDT, Tilstand.AFSLUTTET)
    assert [row.besked_id for row in udfald.forloeb.matches] == [s.id(Standard.MATCH), match.besked_id]


def test_letters_of_one_time_are_taken_as_they_come() -> None:
    """Equal times have no order: an opfølgning of the same time as the anmodning before it still follows it up."""
    s = Situation(T, Tilstand.I_GANG)
    anmodning = s.tag(s.skriver.anmodning())
    s.syn.tag(s.skriver.statusnotat(anmodning))
    opfoelgning = s.skriver.opfoelgning(data_tidspunkt=anmodning.data_tidspunkt)
    assert s.syn.tag(opfoelgning).regel is Regel.T9


def test_a_stamp_is_always_later() -> None:
    """`stempel` is the time given, or just after the last own letter where that is not behind."""
    s = Situation(M, Tilstand.I_GANG)
    last = s.syn.forloeb.egen_seneste
    assert last is not None
    stamped = s.syn.forloeb.stempel(last)
    assert stamped > last
    assert s.syn.forloeb.stempel(stamped) == stamped
    assert s.syn.tag(s.skriver.anmodning(data_tidspunkt=stamped)).hvad is Hvad.ANVENDT


def test_the_own_uuid_in_capitals() -> None:
    """A party's UUID may be written in capitals; letters bear it in small ones."""
    skriver = Skriver()
    udfald = apply(None, skriver.match(BIRKELY), egen=BIRKELY.upper(), side=T, today=EFTER)
    assert (udfald.hvad, udfald.forloeb.egen, udfald.forloeb.id) == (Hvad.ANVENDT, BIRKELY, FORLOEB)


def test_the_first_letter_may_be_one_that_waits() -> None:
    """A party that knows nothing of a forløb yet holds an answer for it, or remembers what it refused."""
    skriver = Skriver()
    held = apply(None, skriver.anmodning(), egen=BIRKELY, side=T, today=EFTER)
    assert (held.hvad, held.forloeb.tilstand, len(held.forloeb.holdte)) == (Hvad.HOLDT, Tilstand.AFGJORT, 1)
    refused = apply(None, skriver.aendring(), egen=KOMMUNE, side=M, today=EFTER)
    assert refused.hvad is Hvad.AFVIST
    assert len(refused.forloeb.kendte) == 1
