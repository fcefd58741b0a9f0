"""make_plan: agreement, match, permit, trim, as a table of rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Serviceaftale, Tilstand
from broker.core.plan import Plan, make_plan
from broker.errors import Refused
from broker.ports import Routing

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
SENDER = Anvendersystem("cf12c051-39ce-4066-ba11-704b46fa23c4", "Afsender", "11111111")
RECEIVER = "22222222-0000-4000-8000-000000000001"
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Dueslag", RECEIVER)
ABONNEMENT = Abonnement("aaaaaaaa-0000-4000-8000-000000000001", "Alt", DUESLAG.id)
A, B, C = "urn:oio:cvr:11111111", "urn:oio:cvr:22222222", "urn:oio:cvr:33333333"
NOW = 1_700_000_000.0

AFSEND = Serviceaftale("afsend", SENDER.id, Service.AFSEND)
MODTAG = Serviceaftale("modtag", RECEIVER, Service.MODTAG)


def besked(**changes: object) -> Besked:
    base = Besked("b", TYPE, {}, (A, B), (A,), ("urn:oio:kle:27.18.02",), "1d81c472-0808-44cc-963d-f5ef0170ae1d")
    return replace(base, **changes)  # type: ignore[arg-type]


def plan(
    afsend: Serviceaftale = AFSEND,
    modtag: Serviceaftale | None = MODTAG,
    abonnement: Abonnement = ABONNEMENT,
    message: Besked | None = None,
) -> Plan:
    aftaler = [afsend] if modtag is None else [afsend, modtag]
    return make_plan(message or besked(), SENDER, Agreements(aftaler), [abonnement], {DUESLAG.id: DUESLAG}, NOW)


def test_a_message_under_open_agreements_goes_to_the_subscriber_untrimmed() -> None:
    """Agreements for all: everything that matches is delivered as it was sent."""
    assert plan() == Plan(None, (Routing(DUESLAG.id, ABONNEMENT.id),), ())


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"beskedtyper": (TYPE,)}, True),
        ({"beskedtyper": ("832d0676-d0a0-4522-8f57-ac126dc8270e",)}, False),
        ({"godkendt": False}, False),
        ({"gyldig_fra": NOW}, True),
        ({"gyldig_fra": NOW + 1}, False),
        ({"gyldig_til": NOW + 1}, True),
        ({"gyldig_til": NOW}, False),
        ({"foelsomheder": ("1d81c472-0808-44cc-963d-f5ef0170ae1d",)}, True),
        ({"foelsomheder": ("31c09910-e011-46a5-86fb-254374421fe8",)}, False),
        ({"forvaltningsomraader": ("27.*",)}, True),
        ({"forvaltningsomraader": ("27.18.02",)}, True),
        ({"forvaltningsomraader": ("27.1",)}, False),
        ({"forvaltningsomraader": ("32.*",)}, False),
        ({"afsendende_myndigheder": ("11111111",)}, True),
        ({"afsendende_myndigheder": ("22222222",)}, False),
    ],
)
def test_an_agreement_covers_a_message_only_within_each_of_its_limits(
    changes: dict[str, object], covered: bool
) -> None:
    """Each limit of a serviceaftale on its own lets a message through or refuses it, for sending and for receiving."""
    sending = replace(AFSEND, **changes)  # type: ignore[arg-type]
    receiving = replace(MODTAG, **changes)  # type: ignore[arg-type]
    if covered:
        assert plan(afsend=sending, modtag=receiving).routing
    else:
        with pytest.raises(Refused, match="serviceaftale"):
            plan(afsend=sending)
        assert plan(modtag=receiving).routing == ()
        assert "serviceaftale" in plan(modtag=receiving).skipped[0].reason


def test_a_limit_does_not_hold_back_a_message_that_does_not_state_the_element() -> None:
    """CPR events leave OpgaveEmne out: an agreement on a forvaltningsområde still covers them."""
    narrow = {"foelsomheder": ("x",), "forvaltningsomraader": ("99.*",), "afsendende_myndigheder": ("99999999",)}
    bare = besked(opgave_emne=(), sikkerhedsklassificering=None, ansvarlig_myndighed=())
    assert plan(afsend=replace(AFSEND, **narrow), message=bare).routing  # type: ignore[arg-type]


def test_afsend_1_0_refuses_a_recipient_outside_the_agreement() -> None:
    """The sender is told which TilladtModtager and which agreement."""
    with pytest.raises(Refused, match=r"TilladtModtager: 'urn:oio:cvr:22222222' is not among .* 'afsend' "):
        plan(afsend=replace(AFSEND, tilladte_myndigheder=("11111111",)))


def test_afsend_2_0_trims_recipients_outside_the_agreement() -> None:
    """Version 2.0 keeps the positions that the agreement names, and routes the rest."""
    result = plan(afsend=replace(AFSEND, version="2.0", tilladte_myndigheder=("22222222",)))
    assert result.keep == (1,)
    assert result.routing == (Routing(DUESLAG.id, ABONNEMENT.id),)


def test_afsend_2_0_with_nobody_left_is_refused() -> None:
    """A message that nobody may receive is not accepted."""
    with pytest.raises(Refused, match="nobody is left"):
        plan(afsend=replace(AFSEND, version="2.0", tilladte_myndigheder=("33333333",)))


@pytest.mark.parametrize(
    ("version", "tilladte", "expected"),
    [
        ("1.0", ("*",), None),
        ("1.0", ("11111111",), None),
        ("2.0", ("*",), None),
        ("2.0", ("11111111",), (0,)),
        ("2.0", ("22222222", "33333333"), (1,)),
        ("2.0", ("11111111", "22222222"), None),
    ],
)
def test_modtag_trims_per_receiving_system_from_2_0(
    version: str, tilladte: tuple[str, ...], expected: tuple[int, ...] | None
) -> None:
    """1.0 hands out TilladtModtager as sent; 2.0 only those that the receiver's agreement names."""
    result = plan(modtag=replace(MODTAG, version=version, tilladte_myndigheder=tilladte))
    assert result.routing == (Routing(DUESLAG.id, ABONNEMENT.id, expected),)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_system_that_serves_none_of_the_recipients_gets_nothing(version: str) -> None:
    """Nobody left after trimming: not delivered there, and the trace says why."""
    result = plan(modtag=replace(MODTAG, version=version, tilladte_myndigheder=("33333333",)))
    assert result.routing == ()
    assert "TilladtModtager" in result.skipped[0].reason


def test_a_message_without_recipients_goes_to_every_subscriber_with_an_agreement() -> None:
    """No TilladtModtager: the agreement alone decides."""
    message = besked(tilladt_modtager=())
    narrow = replace(MODTAG, version="2.0", tilladte_myndigheder=("33333333",))
    assert plan(modtag=narrow, message=message).routing == (Routing(DUESLAG.id, ABONNEMENT.id),)
    assert plan(modtag=None, message=message).routing == ()


def test_trimming_on_send_and_on_delivery_count_positions_in_the_message_as_stored() -> None:
    """Sent to A, B and C, trimmed to B and C on send, then to C for the receiver: position 1 of what is stored."""
    result = plan(
        afsend=replace(AFSEND, version="2.0", tilladte_myndigheder=("22222222", "33333333")),
        modtag=replace(MODTAG, version="2.0", tilladte_myndigheder=("33333333",)),
        message=besked(tilladt_modtager=(A, B, C)),
    )
    assert result.keep == (1, 2)
    assert result.routing[0].keep == (1,)


@pytest.mark.parametrize(
    ("abonnement", "held", "reason"),
    [
        (ABONNEMENT, False, None),
        (replace(ABONNEMENT, tilstand=Tilstand.PAUSE), True, None),
        (replace(ABONNEMENT, tilstand=Tilstand.STOPPET), None, "stoppet"),
        (replace(ABONNEMENT, gyldig_fra=NOW + 1), None, "uden for gyldighedsperioden"),
        (replace(ABONNEMENT, gyldig_til=NOW), None, "uden for gyldighedsperioden"),
        (replace(ABONNEMENT, gyldig_fra=NOW, gyldig_til=NOW + 1), False, None),
    ],
)
def test_tilstand_and_period_decide_whether_a_match_is_delivered(
    abonnement: Abonnement, held: bool | None, reason: str | None
) -> None:
    """Stopped: nothing is put into the dueslag. Paused: kept back. Outside its period: nothing."""
    result = plan(abonnement=abonnement)
    if reason is None:
        assert [routing.held for routing in result.routing] == [held]
    else:
        assert result.routing == ()
        assert result.skipped[0].reason == reason
