"""One sender, one receiver with two dueslag, and what becomes of a message between them under given serviceaftaler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Serviceaftale
from broker.core.plan import Plan, make_plan
from broker.core.ruling import Ruling, outcome, rule_on_delivery, rule_on_send
from broker.errors import Refused

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
OTHER_TYPE = "832d0676-d0a0-4522-8f57-ac126dc8270e"
FORTROLIG, FOELSOM = "292e85a9-8ad4-46df-9e50-f97d6837ad74", "31c09910-e011-46a5-86fb-254374421fe8"
A, B, C = (f"urn:oio:cvr:{digit * 8}" for digit in "123")
KLE = "urn:oio:kle:27.18.02"
NOW = 1_700_000_000.0
"""2023-11-14T22:13:20Z"""

SENDER = Anvendersystem("cf12c051-39ce-4066-ba11-704b46fa23c4", "Afsender", "11111111")
RECEIVER = Anvendersystem("22222222-0000-4000-8000-000000000001", "Fagsystem", "22222222")
INDBAKKE = Dueslag("dddddddd-0000-4000-8000-000000000001", "Indbakke", RECEIVER.id)
ARKIV = Dueslag("dddddddd-0000-4000-8000-000000000002", "Arkiv", RECEIVER.id)
DUESLAG = {dueslag.id: dueslag for dueslag in (INDBAKKE, ARKIV)}
ABONNEMENT = Abonnement("aaaaaaaa-0000-4000-8000-000000000001", "Alt", INDBAKKE.id)
ARKIVERET = replace(ABONNEMENT, id="aaaaaaaa-0000-4000-8000-000000000002", dueslag=ARKIV.id)

MESSAGE = Besked("b", TYPE, {}, (A, B), (A,), (KLE,), FORTROLIG)
"""From municipality A, on 27.18.02, for A and B."""


def message(**changes: Any) -> Besked:
    """`MESSAGE` with other values."""
    return replace(MESSAGE, **changes)


def afsend(version: str = "1.0", *tilladte: str, id: str = "afsend", **limits: Any) -> Serviceaftale:
    """The sender's agreement; without CVR numbers for all."""
    return _aftale(SENDER, Service.AFSEND, id, version, tilladte, limits)


def modtag(version: str = "1.0", *tilladte: str, id: str = "modtag", **limits: Any) -> Serviceaftale:
    """The receiver's agreement; without CVR numbers for all."""
    return _aftale(RECEIVER, Service.MODTAG, id, version, tilladte, limits)


def _aftale(
    system: Anvendersystem, service: Service, id: str, version: str, tilladte: Sequence[str], limits: dict[str, Any]
) -> Serviceaftale:
    return Serviceaftale(id, system.id, service, version, tilladte_myndigheder=tuple(tilladte) or ("*",), **limits)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message: ``refused``, ``seen`` (TilladtModtager in the dueslag), or ``reason`` for nothing."""

    seen: tuple[str, ...] | None = None
    trimmed: bool = False
    refused: str = ""
    reason: str = ""


def fate(besked: Besked, aftaler: Sequence[Serviceaftale], abonnement: Abonnement = ABONNEMENT) -> Fate:
    """By the plan; what explain says of it is held to be the same."""
    agreements = Agreements(aftaler)
    on_send = rule_on_send(besked, SENDER, agreements, NOW)
    recipients = on_send.stays if on_send.allowed else besked.tilladt_modtager
    dueslag = DUESLAG[abonnement.dueslag]
    on_delivery = rule_on_delivery(besked, recipients, dueslag, RECEIVER.navn, agreements, NOW)
    delivered, reason = outcome(abonnement, on_send, on_delivery, NOW)
    try:
        plan = make_plan(besked, SENDER, agreements, [abonnement], DUESLAG, NOW)
    except Refused as refusal:
        refused, kode = str(refusal), refusal.status_kode
    else:
        refused, kode = "", 20
    assert on_send.allowed is (not refused)
    if refused:
        assert (kode, delivered, on_send.reason) == (40, False, refused)
        return Fate(refused=refused)
    assert delivered is bool(plan.routing)
    if not delivered:
        assert reason.startswith(plan.skipped[0].reason)
        return Fate(reason=reason)
    fate = _delivered(besked, plan)
    _same(fate, besked, on_send, on_delivery)
    return fate


def _delivered(besked: Besked, plan: Plan) -> Fate:
    stored = besked.tilladt_modtager
    if plan.keep is not None:
        stored = tuple(stored[i] for i in plan.keep)
    (routing,) = plan.routing
    seen = stored if routing.keep is None else tuple(stored[i] for i in routing.keep)
    return Fate(seen, trimmed=plan.keep is not None or routing.keep is not None)


def _same(fate: Fate, besked: Besked, on_send: Ruling, on_delivery: Ruling) -> None:
    """What explain tells of TilladtModtager is what the dueslag gets."""
    assert on_delivery.stays == fate.seen
    assert fate.trimmed is bool(on_send.trimmed or on_delivery.trimmed)
    assert sorted(on_send.trimmed + on_delivery.trimmed + on_delivery.stays) == sorted(besked.tilladt_modtager)
