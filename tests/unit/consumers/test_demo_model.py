"""The demo's own reckoning, held to its register file: two descriptions of the same subscriptions."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from broker.catalogue import Catalogue
from broker.core.filter import parse_filter
from broker.kuvert import Limits, parse
from broker.register.file import load_file
from consumers.demo.cast import BORGERE, MYNDIGHEDER, NOBODYS, TILBUD, register_file
from consumers.demo.feeds import cpr_event, post_status
from consumers.demo.model import Fate, Model, State
from consumers.fagsystem.contacts import organisation_of
from consumers.kuvert import read_kuvert
from consumers.part import Part
from consumers.standards.envelope import write_envelope
from consumers.standards.examples import example
from consumers.standards.standard import Standard

CONTENT = load_file(register_file(), parse_filter)
LIMITS = Limits(1024 * 1024)

parts = st.sampled_from([*MYNDIGHEDER, *TILBUD])
borgere = st.sampled_from([*(cpr for pair in BORGERE.values() for cpr in pair), NOBODYS])


def accepted_by_register(xml: bytes) -> set[str]:
    besked = parse(xml, LIMITS).besked
    return {abonnement.id for abonnement in Catalogue(CONTENT).match(besked)}


def accepted_by_model(xml: bytes) -> set[str]:
    kuvert = read_kuvert(xml)
    return {subscription.id for subscription in Model().subscriptions if subscription.fate(kuvert) is Fate.DELIVERED}


def letter(standard: Standard, fra: Part, til: Sequence[Part]) -> bytes:
    """The example of that standard, from and to these parties."""
    changed = {
        "afsender": organisation_of(fra),
        "modtagere": tuple(organisation_of(part) for part in til),
    }
    return write_envelope(example(standard).model_copy(update=changed), fra)


@given(st.sampled_from(Standard), parts, st.lists(parts, min_size=1, max_size=4, unique=True))
def test_model_and_register_agree_on_letters(standard: Standard, fra: Part, til: Sequence[Part]) -> None:
    """For any letter from anyone to anyone, the model and the filters of the register name the same abonnementer."""
    xml = letter(standard, fra, til)
    assert accepted_by_model(xml) == accepted_by_register(xml)


@given(borgere, st.sampled_from(MYNDIGHEDER))
def test_model_and_register_agree_on_feeds(borger: str, myndighed: Part) -> None:
    """CPR events go by the citizens that a municipality follows, post status by the municipality that wrote."""
    _id, _navn, event = cpr_event(borger, "flytning")
    assert accepted_by_model(event) == accepted_by_register(event)
    _id, _navn, status = post_status(myndighed, "Afleveret Digital Post")
    assert accepted_by_model(status) == accepted_by_register(status)
    assert len(accepted_by_model(status)) == 1


def test_cast_and_register_name_the_same_parties() -> None:
    """Every party's dueslag, CVR number and abonnementer are in the register under the same ids."""
    for part in (*MYNDIGHEDER, *TILBUD):
        dueslag = CONTENT.dueslag[part.dueslag]
        system = CONTENT.anvendersystemer[dueslag.anvendersystem]
        assert (system.navn, system.cvr) == (part.navn, part.cvr)
    assert {s.id: s.navn for s in Model().subscriptions} == {a.id: a.navn for a in CONTENT.abonnementer.values()}
    assert all("(syntetisk)" in myndighed.navn for myndighed in CONTENT.myndigheder.values())


def test_state_decides_the_fate() -> None:
    """Stopped: not delivered; paused: kept back until resumed; narrowed: filtered, whatever the state."""
    model = Model()
    subscription = model.letters_of(TILBUD[0])
    kuvert = read_kuvert(letter(Standard.MATCH, MYNDIGHEDER[0], [TILBUD[0]]))
    assert subscription.fate(kuvert) is Fate.DELIVERED
    subscription.state = State.STOPPED
    assert subscription.fate(kuvert) is Fate.STOPPED
    subscription.state = State.PAUSED
    assert subscription.fate(kuvert) is Fate.HELD
    subscription.narrowed = lambda seen: seen.beskedtype == Standard.BESTILLING.beskedtype
    assert subscription.fate(kuvert) is Fate.FILTERED
