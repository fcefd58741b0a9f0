"""Decide, before anything is done, what becomes of one message: a pure function from values to a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from broker.core.agreements import Agreement, Agreements, permitted
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Tilstand
from broker.errors import Refused
from broker.ports import Routing


class Skipped(NamedTuple):
    """An abonnement whose filter accepted the message, which yet does not get it, and why."""

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
    keep, recipients = _trim_on_send(besked, sender, agreements, now)
    routing: list[Routing] = []
    skipped: list[Skipped] = []
    permits: dict[str, tuple[int, ...] | str | None] = {}
    for abonnement in hits:
        if abonnement.tilstand is Tilstand.STOPPET:
            skipped.append(Skipped(abonnement.id, "stoppet"))
            continue
        if not abonnement.gaelder(now):
            skipped.append(Skipped(abonnement.id, "uden for gyldighedsperioden"))
            continue
        system = dueslag[abonnement.dueslag].anvendersystem
        if system not in permits:
            permits[system] = _permit(besked, recipients, system, agreements, now)
        permit = permits[system]
        if isinstance(permit, str):
            skipped.append(Skipped(abonnement.id, permit))
            continue
        routing.append(Routing(abonnement.dueslag, abonnement.id, permit, abonnement.tilstand is Tilstand.PAUSE))
    return Plan(keep, tuple(routing), tuple(skipped))


def _trim_on_send(
    besked: Besked, sender: Anvendersystem, agreements: Agreements, now: float
) -> tuple[tuple[int, ...] | None, tuple[str, ...]]:
    """Which TilladtModtager the sender may name: (positions that stay or None for all, the values that stay).

    Afsend 1.0 refuses the message when one is outside the agreement; 2.0 trims them away.
    """
    covering = agreements.covering(sender.id, Service.AFSEND, besked, now)
    if not covering:
        raise Refused(_no_agreement(besked, sender, agreements))
    named = besked.tilladt_modtager
    allowed = permitted(covering, named)
    if len(allowed) == len(named):
        return None, named
    outside = [modtager for i, modtager in enumerate(named) if i not in allowed]
    if any(agreement.aftale.version == "1.0" for agreement in covering):
        raise Refused(
            f"Beskedkuvert/Filtreringsdata/TilladtModtager: '{outside[0]}' is not among tilladte_myndigheder of "
            f"{_names(covering)} (BeskedAfsend 1.0 refuses the message; 2.0 would trim the recipient away)"
        )
    if not allowed:
        raise Refused(
            f"Beskedkuvert/Filtreringsdata/TilladtModtager: none of {', '.join(map(repr, named))} is among "
            f"tilladte_myndigheder of {_names(covering)} (BeskedAfsend 2.0): nobody is left to receive the message"
        )
    return allowed, tuple(named[i] for i in allowed)


def _permit(
    besked: Besked, recipients: tuple[str, ...], system: str, agreements: Agreements, now: float
) -> tuple[int, ...] | str | None:
    """What a receiving system may have: None = untrimmed, positions = trimmed to those, a sentence = nothing."""
    covering = agreements.covering(system, Service.MODTAG, besked, now)
    if not covering:
        return "ingen serviceaftale om modtagelse dækker beskeden"
    if not recipients:
        return None
    allowed = permitted(covering, recipients)
    if not allowed:
        return "ingen TilladtModtager er omfattet af serviceaftalen"
    if len(allowed) == len(recipients) or any(agreement.aftale.version == "1.0" for agreement in covering):
        return None
    return allowed


def _no_agreement(besked: Besked, sender: Anvendersystem, agreements: Agreements) -> str:
    """Why no agreement covers the message: which element, which value, which rule."""
    who = f"anvendersystem '{sender.navn}' ({sender.id})"
    on_type = agreements.for_type(sender.id, Service.AFSEND, besked.beskedtype)
    if not on_type:
        return (
            f"Beskedkuvert/Filtreringsdata/Beskedtype: '{besked.beskedtype}' is not in any serviceaftale about "
            f"sending (afsend) of {who}; add one to the register, or send as another system"
        )
    return (
        f"{who} has a serviceaftale about sending (afsend) beskedtype '{besked.beskedtype}' "
        f"({', '.join(aftale.id for aftale in on_type)}), but none that is approved, valid now and covers "
        f"Sikkerhedsklassificering '{besked.sikkerhedsklassificering}', OpgaveEmne {list(besked.opgave_emne)} and "
        f"ObjektAnsvarligMyndighed {list(besked.ansvarlig_myndighed)}"
    )


def _names(covering: list[Agreement]) -> str:
    return "serviceaftale " + ", ".join(agreement.aftale.id for agreement in covering)
