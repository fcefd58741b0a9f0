"""Decide, before anything is done, what becomes of one message: a pure function from values to a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from broker.core import reasons
from broker.core.agreements import Agreements, in_force, permitted
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Tilstand
from broker.errors import Refused
from broker.ports import Routing


class Skipped(NamedTuple):
    """An abonnement whose filter accepted the message, which yet does not get it, and why in a few words."""

    abonnement: str
    reason: str


class Plan(NamedTuple):
    """What is to be done with one accepted message."""

    keep: tuple[int, ...] | None
    """TilladtModtager that stay after trimming on send (Afsend 2.0), by position; None = all."""
    routing: tuple[Routing, ...]
    """The deliveries; positions in their ``keep`` count in the message as trimmed on send."""
    skipped: tuple[Skipped, ...]


def make_plan(
    besked: Besked,
    sender: Anvendersystem,
    agreements: Agreements,
    hits: Iterable[Abonnement],
    dueslag: Mapping[str, Dueslag],
    now: float,
) -> Plan:
    """Agreement, then match, then permit and trim.

    ``hits`` are the abonnementer whose filter accepts, whatever their state.  Raises Refused (40) where the
    sender has no agreement for the message, or where nobody is left of TilladtModtager.
    """
    keep, recipients = trim_on_send(besked, sender, agreements, now)
    routing: list[Routing] = []
    skipped: list[Skipped] = []
    permits: dict[str | tuple[str, str], tuple[int, ...] | str | None] = {}
    per_dueslag = agreements.per_dueslag
    for abonnement in hits:
        if abonnement.tilstand is Tilstand.STOPPET:
            skipped.append(Skipped(abonnement.id, reasons.STOPPED))
            continue
        if not abonnement.gaelder(now):
            skipped.append(Skipped(abonnement.id, reasons.OUTSIDE_PERIOD))
            continue
        target = dueslag[abonnement.dueslag]
        key = (target.anvendersystem, target.id) if target.anvendersystem in per_dueslag else target.anvendersystem
        if key not in permits:
            permits[key] = trim_on_delivery(besked, recipients, target, agreements, now)
        permit = permits[key]
        if isinstance(permit, str):
            skipped.append(Skipped(abonnement.id, permit))
            continue
        routing.append(Routing(abonnement.dueslag, abonnement.id, permit, abonnement.tilstand is Tilstand.PAUSE))
    return Plan(keep, tuple(routing), tuple(skipped))


def trim_on_send(
    besked: Besked, sender: Anvendersystem, agreements: Agreements, now: float
) -> tuple[tuple[int, ...] | None, tuple[str, ...]]:
    """Which TilladtModtager the sender may name: (positions that stay or None for all, the values that stay).

    All agreements that cover the message say so together.  Afsend 1.0 refuses a message that names another; 2.0 trims
    it away (ADR 0010).  Raises Refused.
    """
    covering = agreements.covering(sender.id, Service.AFSEND, besked, now)
    if not covering:
        raise Refused(reasons.no_afsend(besked, sender, agreements.of(sender.id, Service.AFSEND), now))
    named = besked.tilladt_modtager
    allowed = permitted(covering, named)
    if len(allowed) == len(named):
        return None, named
    if not allowed or in_force(covering) == "1.0":
        raise Refused(reasons.not_among(covering, tuple(named[i] for i in range(len(named)) if i not in allowed)))
    return allowed, tuple(named[i] for i in allowed)


def trim_on_delivery(
    besked: Besked, recipients: tuple[str, ...], dueslag: Dueslag, agreements: Agreements, now: float
) -> tuple[int, ...] | str | None:
    """What a dueslag may have: None = all, positions among ``recipients`` = trimmed to those, a sentence = nothing.

    All agreements that cover the message and the dueslag say together who may be TilladtModtager.  Where one of them
    is Modtag 2.0 the rest is trimmed away; under 1.0 it stays (ADR 0010), if there is anybody (ADR 0006).
    """
    covering = agreements.covering(dueslag.anvendersystem, Service.MODTAG, besked, now, dueslag.id)
    if not covering:
        return reasons.NO_MODTAG
    if not recipients:
        return None
    allowed = permitted(covering, recipients)
    if not allowed:
        return reasons.NOBODY_LEFT
    return None if len(allowed) == len(recipients) or in_force(covering) == "1.0" else allowed
