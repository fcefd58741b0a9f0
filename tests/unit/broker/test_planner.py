"""What is remembered of messages alike: never another plan than the one that would be made now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.catalogue import Catalogue
from broker.core.besked import Besked
from broker.core.model import Abonnement, Beskedtype, Service, Serviceaftale, Tilstand
from broker.core.plan import Plan, make_plan
from broker.errors import Refused
from broker.meters import Meters
from broker.planner import LONGEST, MOST, WIDEST, Planner
from broker.ports import Item, RegisterContent
from tests.unit.core.aftaler import (
    ABONNEMENT,
    ARKIVERET,
    DUESLAG,
    FORTROLIG,
    MESSAGE,
    NOW,
    OTHER_TYPE,
    RECEIVER,
    SENDER,
    TYPE,
    A,
    B,
    afsend,
    message,
    modtag,
)

TIMES = [NOW - 1, NOW, NOW + 1, NOW + 2, NOW + 3]
CITIZEN = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"

_time = st.none() | st.sampled_from(TIMES)
_aftale = st.builds(
    Serviceaftale,
    id=st.sampled_from("abcd"),
    anvendersystem=st.just(SENDER.id),
    service=st.sampled_from(Service),
    version=st.sampled_from(["1.0", "2.0"]),
    beskedtyper=st.sampled_from([("*",), (TYPE,)]),
    foelsomheder=st.sampled_from([("*",), (FORTROLIG,)]),
    forvaltningsomraader=st.sampled_from([("*",), ("27.*",)]),
    afsendende_myndigheder=st.sampled_from([("*",), ("11111111",)]),
    tilladte_myndigheder=st.sampled_from([("*",), ("11111111",)]),
    gyldig_fra=_time,
    gyldig_til=_time,
    godkendt=st.sampled_from([True, True, False]),
).map(lambda one: one if one.service is Service.AFSEND else replace(one, anvendersystem=RECEIVER.id))
_abonnement = st.builds(
    replace,
    st.sampled_from([ABONNEMENT, ARKIVERET]),
    filter=st.sampled_from(["", f"{CITIZEN} = '1'", f"{CITIZEN} = '2'"]),
    tilstand=st.sampled_from(Tilstand),
    gyldig_fra=_time,
    gyldig_til=_time,
)
_dueslag = st.builds(
    replace, st.sampled_from([*DUESLAG.values()]), anvendersystem=st.sampled_from([RECEIVER.id, SENDER.id])
)
_item = _aftale | _abonnement | _dueslag | st.just(Beskedtype(OTHER_TYPE, "Anden"))
BESKEDER = [
    MESSAGE,
    message(beskedtype=OTHER_TYPE),
    message(felter={CITIZEN: ("1",)}),
    message(felter={CITIZEN: ("2",)}),
    message(tilladt_modtager=()),
    message(tilladt_modtager=(A,)),
    message(ansvarlig_myndighed=(B,)),
    message(opgave_emne=("urn:oio:kle:28.01.01",)),
    message(sikkerhedsklassificering="another"),
]
"""One, and those that differ from it in one thing."""
_step = st.one_of(
    st.sampled_from(TIMES),
    _item.map(lambda item: [item]),
    st.sampled_from([ABONNEMENT, ARKIVERET]).map(lambda one: one.id),
)


def started(*items: Item) -> Catalogue:
    """A register with the sender, the receiver and its dueslag, and these."""
    catalogue = Catalogue(RegisterContent())
    catalogue.apply([SENDER, RECEIVER, Beskedtype(TYPE, "Test"), *DUESLAG.values(), *items])
    return catalogue


def outcome(plan: Callable[[], Plan]) -> object:
    try:
        return plan()
    except Refused as refusal:
        return str(refusal)


def planned(planner: Planner, besked: Besked, now: float) -> Plan:
    return planner.plan(besked, SENDER, now).plan


def fresh(catalogue: Catalogue, besked: Besked, now: float) -> Plan:
    """The plan, made from nothing but the register as it stands."""
    content = catalogue.content
    plan = make_plan(besked, SENDER, catalogue.agreements, catalogue.match(besked), content.dueslag, now)
    if besked.beskedtype not in content.beskedtyper:
        raise Refused("not a beskedtype")
    return plan


@given(_aftale, _aftale, st.lists(_abonnement, min_size=1), st.lists(_step, max_size=10))
@settings(max_examples=400, deadline=None)
def test_a_plan_is_the_one_that_would_be_made_now(
    one: Serviceaftale, other: Serviceaftale, abonnementer: list[Abonnement], steps: list[object]
) -> None:
    """Whatever was sent before, whatever is changed, started, stopped or begins and ends by the clock (which may be
    set back): each message goes where the register as it stands says."""
    sending = replace(one, id="s", service=Service.AFSEND, anvendersystem=SENDER.id)
    receiving = replace(other, id="m", service=Service.MODTAG, anvendersystem=RECEIVER.id)
    catalogue, now = started(sending, receiving, *abonnementer), NOW
    planner = Planner(catalogue, Meters())
    for step in [NOW, *steps]:
        if isinstance(step, float):
            now = step
        elif isinstance(step, list):
            catalogue.apply(step)
        else:
            gone = catalogue.content.abonnementer.get(str(step))
            catalogue.remove([gone] if gone else [])
        for besked in BESKEDER:
            found = outcome(partial(planned, planner, besked, now))
            expected = outcome(partial(fresh, catalogue, besked, now))
            assert found == expected or (expected == "not a beskedtype" and OTHER_TYPE in str(found))


@pytest.mark.parametrize("place", range(3))
def test_what_begins_and_ends_by_the_clock_does_so_for_the_next_message(place: int) -> None:
    """A serviceaftale on sending, one on receiving and an abonnement hold from their first moment up to their last."""
    items: list[Any] = [afsend(), modtag(), ABONNEMENT]
    items[place] = replace(items[place], gyldig_fra=NOW + 1, gyldig_til=NOW + 2)
    catalogue = started(*items)
    planner = Planner(catalogue, Meters())
    found = []
    for now in (NOW, NOW + 1, NOW + 1.5, NOW + 2, NOW + 1):
        plan = outcome(partial(planned, planner, MESSAGE, now))
        assert plan == outcome(partial(fresh, catalogue, MESSAGE, now))
        found.append(isinstance(plan, Plan) and bool(plan.routing))
    assert found == [False, True, True, False, True]


def test_messages_alike_share_their_plan() -> None:
    """Two messages that differ in the BeskedId and the citizen only are planned once."""
    planner = Planner(started(afsend(), modtag(), ABONNEMENT), Meters())
    first = planner.plan(MESSAGE, SENDER, NOW)
    assert first.plan.routing
    assert planner.plan(message(besked_id="c", felter={CITIZEN: ("1",)}), SENDER, NOW + 5) is first
    assert planner.plan(message(sikkerhedsklassificering=None), SENDER, NOW) is not first


@pytest.mark.parametrize(
    "said",
    [
        {"opgave_emne": ("x" * LONGEST,)},
        {"tilladt_modtager": (A,) * 100},
        {"ansvarlig_myndighed": (A,) * 100},
        {"sikkerhedsklassificering": "x" * LONGEST},
    ],
)
def test_what_senders_write_takes_no_memory_for_good(said: dict[str, Any]) -> None:
    """A plan goes by what a message says: of one that says much it is not remembered."""
    planner = Planner(started(afsend(), modtag(), ABONNEMENT), Meters())
    one = message(**said)
    assert planner.plan(one, SENDER, NOW).plan.routing
    assert planner.plan(one, SENDER, NOW) is not planner.plan(one, SENDER, NOW)
    assert not planner._known


@pytest.mark.parametrize("count", [WIDEST, WIDEST + 1])
def test_what_is_remembered_is_bounded(count: int) -> None:
    """Plans for a great many abonnementer are not kept, and of others only so many."""
    many = [replace(ABONNEMENT, id=f"aaaaaaaa-0000-4000-8000-{number:012d}") for number in range(count)]
    planner = Planner(started(afsend(), modtag(), *many), Meters())
    first = planner.plan(MESSAGE, SENDER, NOW)
    assert len(first.plan.routing) == count
    assert (planner.plan(MESSAGE, SENDER, NOW) is first) is (count <= WIDEST)
    for number in range(MOST):
        planner.plan(message(opgave_emne=(f"urn:oio:kle:{number}",)), SENDER, NOW)
    assert len(planner._known) <= MOST
    assert planner.plan(MESSAGE, SENDER, NOW) is not first
