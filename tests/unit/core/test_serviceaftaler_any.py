"""The rules of serviceaftaler for any mixture of them: held to a slow reading of the register, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.model import Abonnement, Service, Serviceaftale
from broker.core.plan import make_plan
from broker.core.reasons import standing
from broker.core.ruling import rule_on_delivery, rule_on_send
from broker.errors import Refused
from tests.unit.core.aftaler import (
    ABONNEMENT,
    ARKIV,
    ARKIVERET,
    DUESLAG,
    FOELSOM,
    FORTROLIG,
    INDBAKKE,
    KLE,
    MESSAGE,
    NOW,
    OTHER_TYPE,
    RECEIVER,
    SENDER,
    TYPE,
    A,
    B,
    C,
    Fate,
    afsend,
    fate,
    message,
    modtag,
)

A8, B8, C8 = ("1" * 8, "2" * 8, "3" * 8)

_cvr = st.lists(st.sampled_from([A8, B8, C8]), min_size=1, max_size=2, unique=True).map(tuple)
_some_cvr = st.just(("*",)) | _cvr


@st.composite
def _aftaler(draw: st.DrawFn) -> list[Serviceaftale]:
    """A handful of agreements on both services, most of which cover a message of the strategy below."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        service = draw(st.sampled_from(Service))
        sending = service is Service.AFSEND
        system = SENDER if sending else RECEIVER
        dueslag = st.just(("*",)) if sending else st.sampled_from([("*",), (INDBAKKE.id,), (ARKIV.id,), ()])
        aftale = Serviceaftale(
            str(number),
            system.id,
            service,
            draw(st.sampled_from(["1.0", "2.0"])),
            draw(st.sampled_from([("*",), (TYPE,), (OTHER_TYPE, TYPE), (OTHER_TYPE,)])),
            draw(st.sampled_from([("*",), (FORTROLIG,), (FOELSOM,)])),
            draw(st.sampled_from([("*",), ("27.*",), ("28.*", "27.18.02")])),
            draw(_some_cvr),
            draw(_some_cvr),
            draw(st.sampled_from([None, NOW - 1, NOW, NOW + 1])),
            draw(st.sampled_from([None, NOW + 2, NOW])),
            draw(st.sampled_from([True, True, True, False])),
            draw(dueslag),
        )
        made.append(aftale)
    return made


_messages = st.builds(
    message,
    beskedtype=st.sampled_from([TYPE, TYPE, OTHER_TYPE]),
    tilladt_modtager=st.lists(st.sampled_from([A, B, C, TYPE]), max_size=4).map(tuple),
    ansvarlig_myndighed=st.lists(st.sampled_from([A, B]), max_size=2).map(tuple),
    opgave_emne=st.lists(st.sampled_from([KLE, "urn:oio:kle:28.01.01", "27.18.02"]), max_size=2).map(tuple),
    sikkerhedsklassificering=st.sampled_from([None, FORTROLIG, FOELSOM]),
)


def _covers(aftale: Serviceaftale, besked: Besked, dueslag: str | None) -> bool:
    """The rules read off the register field by field, as slowly as can be."""

    def names(values: Sequence[str], value: str) -> bool:
        return "*" in values or value in values

    def fits(pattern: str, emne: str) -> bool:
        bare = emne.removeprefix("urn:oio:kle:")
        return pattern in ("*", bare) or (pattern.endswith("*") and bare.startswith(pattern[:-1]))

    klasse, emner = besked.sikkerhedsklassificering, besked.opgave_emne
    return (
        aftale.godkendt
        and (aftale.gyldig_fra is None or aftale.gyldig_fra <= NOW)
        and (aftale.gyldig_til is None or aftale.gyldig_til > NOW)
        and names(aftale.beskedtyper, besked.beskedtype)
        and (klasse is None or names(aftale.foelsomheder, klasse))
        and (not emner or any(fits(pattern, emne) for pattern in aftale.forvaltningsomraader for emne in emner))
        and all(names(aftale.afsendende_myndigheder, urn[-8:]) for urn in besked.ansvarlig_myndighed)
        and (dueslag is None or names(aftale.modtagende_dueslag, dueslag))
    )


def _union(aftaler: Sequence[Serviceaftale], named: Sequence[str]) -> list[str]:
    """Those of ``named`` that one of the agreements allows."""
    allowed = {cvr for aftale in aftaler for cvr in aftale.tilladte_myndigheder}
    return [urn for urn in named if "*" in allowed or urn.removeprefix("urn:oio:cvr:") in allowed]


@given(_aftaler(), _messages, st.sampled_from([ABONNEMENT, ARKIVERET]))
@settings(max_examples=400, deadline=None)
def test_trimming_keeps_what_the_agreements_name_and_nothing_else(
    aftaler: list[Serviceaftale], besked: Besked, abonnement: Abonnement
) -> None:
    """Whatever is trimmed, nobody is added, nobody outside the agreements stays, and the order is as it was sent.

    What is delivered is what a slow reading of the rules gives, for any mixture of agreements.
    """
    on_send = [a for a in aftaler if a.service is Service.AFSEND and _covers(a, besked, None)]
    on_delivery = [a for a in aftaler if a.service is Service.MODTAG and _covers(a, besked, abonnement.dueslag)]
    named = list(besked.tilladt_modtager)
    sent = _union(on_send, named)
    found = fate(besked, aftaler, abonnement)
    refused = not on_send or (sent != named and (not sent or all(a.version == "1.0" for a in on_send)))
    assert bool(found.refused) is refused
    if refused:
        return
    left = _union(on_delivery, sent)
    if not on_delivery or (named and not left):
        assert found.reason
        assert found.seen is None
        return
    trims = any(a.version == "2.0" for a in on_delivery)
    assert found == Fate(tuple(left if trims else sent), trimmed=(left if trims else sent) != named)


@given(_aftaler(), _messages)
@settings(max_examples=200, deadline=None)
def test_a_message_without_recipients_is_never_trimmed(aftaler: list[Serviceaftale], besked: Besked) -> None:
    """No TilladtModtager in, none out: the agreements only say whether it is delivered."""
    found = fate(replace(besked, tilladt_modtager=()), aftaler)
    assert not found.trimmed
    assert found.seen in ((), None)
    assert "TilladtModtager" not in found.refused + found.reason


@given(_aftaler(), _messages)
@settings(max_examples=200, deadline=None)
def test_an_agreement_that_does_not_cover_has_a_limit_that_says_so(
    aftaler: list[Serviceaftale], besked: Besked
) -> None:
    """No refusal without a reason, and no reason against an agreement that lets the message through."""
    agreements = Agreements(aftaler)
    for service, system in ((Service.AFSEND, SENDER.id), (Service.MODTAG, RECEIVER.id)):
        for dueslag in (None, INDBAKKE):
            covering = agreements.covering(system, service, besked, NOW, dueslag.id if dueslag else None)
            for one in agreements.of(system, service):
                assert (one in covering) is not bool(standing(one, besked, NOW, dueslag).limits)


@given(_aftaler(), _messages)
@settings(max_examples=200, deadline=None)
def test_each_dueslag_is_judged_as_if_it_were_alone(aftaler: list[Serviceaftale], besked: Besked) -> None:
    """What one dueslag of a system may have says nothing about another, in whatever order they match."""
    agreements, hits = Agreements(aftaler), [ABONNEMENT, ARKIVERET, replace(ABONNEMENT, id="igen")]
    try:
        together = make_plan(besked, SENDER, agreements, hits, DUESLAG, NOW)
    except Refused:
        return
    alone = [make_plan(besked, SENDER, agreements, [hit], DUESLAG, NOW) for hit in hits]
    assert together.routing == tuple(routing for plan in alone for routing in plan.routing)
    assert together.skipped == tuple(skipped for plan in alone for skipped in plan.skipped)


def test_many_agreements_and_long_values_are_told_shortly() -> None:
    """A sender with fifty agreements, and a message with a value of a megabyte, get a sentence, not a page."""
    many = [afsend(id=f"nr {number}", godkendt=False) for number in range(50)]
    assert fate(MESSAGE, many).refused.endswith("; and 47 more")
    long = message(sikkerhedsklassificering="x" * 1_000_000, opgave_emne=("y" * 1_000_000,) * 9)
    refused = fate(long, [afsend(foelsomheder=(FOELSOM,), forvaltningsomraader=("27.*",))]).refused
    assert len(refused) < 1500
    assert " and 6 more" in refused


@pytest.mark.parametrize(
    ("aftaler", "text"),
    [
        (
            [afsend(), modtag()],
            ("afsend: serviceaftale 'afsend' (afsend 1.0)", "modtag: serviceaftale 'modtag' (modtag 1.0)"),
        ),
        (
            [afsend("2.0", B8), afsend("1.0", B8, id="x"), modtag("1.0", godkendt=False)],
            (
                "afsend: serviceaftale 'afsend' (afsend 2.0), serviceaftale 'x' (afsend 1.0); "
                f"TilladtModtager trimmed to {B} (away: {A})",
                "modtag: ingen serviceaftale om modtagelse dækker beskeden: of anvendersystem 'Fagsystem', "
                "serviceaftale 'modtag' (modtag 1.0): "
                "godkendt is false (approve it: beskedfordeler serviceaftale godkend modtag)",
            ),
        ),
    ],
)
def test_a_ruling_is_told_in_a_line(aftaler: list[Serviceaftale], text: tuple[str, str]) -> None:
    """Which agreements, whom the trimming leaves, or what stops the message; what may be a CPR number is masked."""
    agreements = Agreements(aftaler)
    on_send = rule_on_send(MESSAGE, SENDER, agreements, NOW)
    on_delivery = rule_on_delivery(MESSAGE, on_send.stays, INDBAKKE, RECEIVER.navn, agreements, NOW)
    assert (on_send.text(), on_delivery.text()) == text
    assert "22222222" not in on_send.text(lambda value: value.replace("22222222", "22…"))
