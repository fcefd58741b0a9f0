"""Why an abonnement gets a message or not: what `explain` tells, by the rules of the distributor itself."""

from __future__ import annotations

from dataclasses import dataclass

from broker.catalogue import Catalogue
from broker.core.besked import Besked
from broker.core.explain import Explanation, explain
from broker.core.model import Abonnement, Anvendersystem
from broker.core.ruling import Ruling, outcome, rule_on_delivery, rule_on_send
from broker.distributor import check_validity
from broker.errors import Refused
from broker.planner import check_beskedtype


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why an abonnement gets a message or not: its filter term by term, and what else was decided."""

    abonnement: Abonnement
    explanation: Explanation
    delivered: bool
    reason: str
    """Empty where it is delivered at once; else why not, or why later."""
    afsend: Ruling | None = None
    """What the sender's serviceaftaler make of the message; None = no sender was given."""
    modtag: Ruling | None = None
    """What those of the dueslag's system do; None = the filter does not accept the message."""


def judge(
    catalogue: Catalogue, abonnement: Abonnement, besked: Besked, sender: Anvendersystem | None, now: float
) -> Judgement:
    """Why this abonnement would, or would not, get this message if it came at ``now``.

    Without a sender its agreements are not judged, and the message is taken for one that was accepted.
    """
    content, agreements = catalogue.content, catalogue.agreements
    compiled = catalogue.filter(abonnement.id)
    lists = catalogue.lists(catalogue.owner(abonnement), compiled.lists)
    explanation = explain(compiled, besked, lists)
    afsend = rule_on_send(besked, sender, agreements, now) if sender is not None else None
    if not explanation.holds:
        return Judgement(abonnement, explanation, False, "the filter does not accept the message", afsend)
    recipients = afsend.stays if afsend is not None and afsend.allowed else besked.tilladt_modtager
    dueslag = content.dueslag[abonnement.dueslag]
    system = content.anvendersystemer[dueslag.anvendersystem]
    modtag = rule_on_delivery(besked, recipients, dueslag, system.navn, agreements, now)
    delivered, reason = outcome(abonnement, afsend, modtag, now)
    if afsend is not None and afsend.allowed:
        try:
            check_validity(besked, now)
            check_beskedtype(besked, content.beskedtyper)
        except Refused as refusal:
            delivered, reason = False, f"the message is refused: {refusal}"
    return Judgement(abonnement, explanation, delivered, reason, afsend, modtag)
