"""A letter in its envelope: every element says what it should, and comes out as it went in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.kuvert import Limits, parse
from consumers.kuvert import Kuvert, Relation, read_kuvert
from consumers.part import Part
from consumers.standards.envelope import BESVARER, MODTAGER, PERSON, read_envelope, write_envelope
from consumers.standards.examples import example
from consumers.standards.findings import InvalidLetter
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard
from consumers.standards.strategies import letters

SENDER = Part("Afsender (syntetisk)", "99000999", "00000000-0999-4000-8000-000000000999")


def message_of(brev: Brev) -> bytes:
    sender = brev.afsender
    return write_envelope(brev, Part(sender.navn, sender.cvr, sender.organisation_id))


def kuvert_of(brev: Brev) -> Kuvert:
    return read_kuvert(message_of(brev))


@given(letters())
def test_a_letter_comes_out_as_it_went_in(brev: Brev) -> None:
    """Any letter: the Beskedfordeler's own schema takes the envelope, and its receiver reads the same letter."""
    xml = message_of(brev)
    assert parse(xml, Limits(32 * 1024 * 1024)).besked.besked_id == brev.besked_id
    assert read_envelope(read_kuvert(xml)) == brev


@pytest.mark.parametrize("standard", Standard)
def test_what_the_envelope_says(standard: Standard) -> None:
    """Standard, forløb, sender, recipients by every key, answered letter; the citizen in a Bestilling only."""
    brev = example(standard)
    kuvert = kuvert_of(brev)
    assert (kuvert.beskedtype, kuvert.besked_id, kuvert.proces) == (
        standard.beskedtype,
        brev.besked_id,
        brev.forloebs_id,
    )
    assert (kuvert.aktoer, kuvert.myndighed) == (
        brev.afsender.organisation_id,
        f"urn:oio:cvr-nr:{brev.afsender.cvr}",
    )
    assert kuvert.tilladt_modtager == tuple(dict.fromkeys(f"urn:oio:cvr-nr:{one.cvr}" for one in brev.modtagere))
    keys = {relation.objekt_id for relation in kuvert.relateret if relation.rolle == MODTAGER}
    for modtager in brev.modtagere:
        assert modtager.organisation_id in keys
        assert modtager.p_nummer is None or f"urn:oio:p-nr:{modtager.p_nummer}" in keys
        assert modtager.sor is None or f"urn:oio:sor:{modtager.sor}" in keys
    answered = [relation.objekt_id for relation in kuvert.relateret if relation.rolle == BESVARER]
    assert answered == ([brev.besvarer_besked_id] if brev.besvarer_besked_id else [])
    people = [relation.objekt_id for relation in kuvert.relateret if relation.objekt_type == PERSON]
    assert len(people) == (standard is Standard.BESTILLING)


def test_the_same_letter_makes_the_same_envelope() -> None:
    """A resend is the same message byte for byte, else the Beskedfordeler would refuse it."""
    tid = datetime(2026, 1, 5, tzinfo=UTC)
    brev = example(Standard.STATUSNOTAT)
    assert write_envelope(brev, SENDER, tid=tid) == write_envelope(brev, SENDER, tid=tid)


def test_a_deadline_ends_with_its_day() -> None:
    """GyldighedTil only where asked for: the midnight after svarfrist."""
    brev = example(Standard.ANMODNING)
    assert b"GyldighedTil" not in write_envelope(brev, SENDER)
    assert b"GyldighedTil" in write_envelope(brev, SENDER, deadline=True)
    assert b"GyldighedTil" not in write_envelope(example(Standard.KVITTERING), SENDER, deadline=True)


def test_another_beskedtype_is_no_letter() -> None:
    """An event in the same dueslag is left to whoever it is for."""
    kuvert = replace(kuvert_of(example(Standard.MATCH)), beskedtype="248ce14c-a863-4fb5-9e6f-7df9ea850809")
    assert read_envelope(kuvert) is None


@pytest.mark.parametrize(
    ("spoil", "element"),
    [
        (lambda kuvert: replace(kuvert, beskedtype=Standard.MATCH.beskedtype), "Beskedtype"),
        (lambda kuvert: replace(kuvert, besked_id="00000000-0000-4000-8000-000000000000"), "BeskedId"),
        (lambda kuvert: replace(kuvert, proces=""), "TvaergaaendeProces"),
        (lambda kuvert: replace(kuvert, aktoer=SENDER.aktoer), "BeskedAnsvarligAktoer"),
        (lambda kuvert: replace(kuvert, myndighed=f"urn:oio:cvr-nr:{SENDER.cvr}"), "ObjektAnsvarligMyndighed"),
        (lambda kuvert: replace(kuvert, relateret=(Relation("x", "y", BESVARER),)), "RelateretObjekt[besvarer]"),
        (lambda kuvert: replace(kuvert, beskeddata=b""), "Beskeddata"),
        (lambda kuvert: replace(kuvert, beskeddata=b"<x"), "Beskeddata"),
    ],
)
def test_a_letter_that_contradicts_its_envelope_is_refused(spoil: Callable[[Kuvert], Kuvert], element: str) -> None:
    """Which element says something else than the letter, and what."""
    with pytest.raises(InvalidLetter) as refused:
        read_envelope(spoil(kuvert_of(example(Standard.STATUSNOTAT))))
    assert refused.value.findings[0].path == element


@given(st.sampled_from(Standard), st.sampled_from(["32.18.04", None]))
def test_a_kle_number_is_passed_on(standard: Standard, kle: str | None) -> None:
    """OpgaveEmne, where the sender has one."""
    kuvert = read_kuvert(write_envelope(example(standard), SENDER, kle=kle))
    assert kuvert.opgave_emne == (f"urn:oio:kle:{kle}" if kle else "")
