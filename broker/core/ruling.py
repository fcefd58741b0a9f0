"""What the serviceaftaler of a system make of a message, told for people: by the rules of the plan itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from broker.core import reasons
from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Tilstand
from broker.core.plan import trim_on_delivery, trim_on_send
from broker.core.reasons import Standing, label
from broker.errors import Refused


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which agreements let a message through, what of TilladtModtager stays, and where it is stopped, what stops it."""

    service: Service
    allowed: bool
    standings: tuple[Standing, ...]
    """Every agreement of the system on this service, those that cover the message first."""
    stays: tuple[str, ...]
    """TilladtModtager as they go on; none where the message does not, or has none."""
    trimmed: tuple[str, ...]
    """TilladtModtager that are taken away."""
    reason: str
    """Empty where it is allowed."""

    def text(self, mask: Callable[[str], str] = str) -> str:
        """One line."""
        if not self.allowed:
            return f"{self.service}: {mask(self.reason)}"
        covering = ", ".join(label(one.aftale) for one in self.standings if not one.limits)
        if not self.trimmed:
            return f"{self.service}: {covering}"
        stays, gone = (", ".join(map(mask, values)) for values in (self.stays, self.trimmed))
        return f"{self.service}: {covering}; TilladtModtager trimmed to {stays} (away: {gone})"


def rule_on_send(besked: Besked, sender: Anvendersystem, agreements: Agreements, now: float) -> Ruling:
    """Whether the system may send the message."""
    having = agreements.of(sender.id, Service.AFSEND)
    standings = _sorted([reasons.standing(agreement, besked, now) for agreement in having])
    try:
        keep, stays = trim_on_send(besked, sender, agreements, now)
    except Refused as refusal:
        return Ruling(Service.AFSEND, False, standings, (), (), str(refusal))
    return Ruling(Service.AFSEND, True, standings, stays, _others(besked.tilladt_modtager, keep), "")


def rule_on_delivery(
    besked: Besked, recipients: tuple[str, ...], dueslag: Dueslag, system: str, agreements: Agreements, now: float
) -> Ruling:
    """Whether the dueslag may have what was sent to ``recipients``; ``system`` is the navn of its anvendersystem."""
    having = agreements.of(dueslag.anvendersystem, Service.MODTAG)
    standings = _sorted([reasons.standing(agreement, besked, now, dueslag) for agreement in having])
    permit = trim_on_delivery(besked, recipients, dueslag, agreements, now)
    if isinstance(permit, str):
        if permit == reasons.NO_MODTAG:
            reason = reasons.no_modtag(besked, dueslag, system, having, now)
        else:
            covering = agreements.covering(dueslag.anvendersystem, Service.MODTAG, besked, now, dueslag.id)
            reason = reasons.nobody_left(covering, recipients)
        return Ruling(Service.MODTAG, False, standings, (), (), reason)
    stays = recipients if permit is None else tuple(recipients[i] for i in permit)
    return Ruling(Service.MODTAG, True, standings, stays, _others(recipients, permit), "")


def outcome(abonnement: Abonnement, afsend: Ruling | None, modtag: Ruling, now: float) -> tuple[bool, str]:
    """Whether a message that the filter accepts is delivered, and why not, or why later (empty = at once).

    Without a ruling on sending the message is taken for one that was accepted.
    """
    if afsend is not None and not afsend.allowed:
        return False, f"the message is refused: {afsend.reason}"
    if abonnement.tilstand is Tilstand.STOPPET:
        return False, reasons.STOPPED
    if not abonnement.gaelder(now):
        return False, reasons.OUTSIDE_PERIOD
    if not modtag.allowed:
        return False, modtag.reason
    return True, "pause: kept back until it is resumed" if abonnement.tilstand is Tilstand.PAUSE else ""


def _sorted(standings: list[Standing]) -> tuple[Standing, ...]:
    return tuple(sorted(standings, key=lambda one: len(one.limits)))


def _others(values: tuple[str, ...], keep: tuple[int, ...] | None) -> tuple[str, ...]:
    return () if keep is None else tuple(value for i, value in enumerate(values) if i not in keep)
