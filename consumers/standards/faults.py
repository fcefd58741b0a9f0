"""Letters with one fault, and what a validator must say about it."""

from __future__ import annotations

from random import Random

from consumers.standards.chance import pick
from consumers.standards.draft import Draft
from consumers.standards.fault import OF_RULES, Fault, Spoilt
from consumers.standards.form_faults import can_have, spoilt_form
from consumers.standards.letters import Brev
from consumers.standards.paths import Form
from consumers.standards.rule_faults import Broken, break_rule, breakable, without_consent
from consumers.standards.rules import RULES

__all__ = ["Fault", "Spoilt", "possible", "spoil"]

_RULE = {Fault.NO_CONSENT: "R1", Fault.OLD_FFB: "R8"}
FLAGGED = frozenset(rule.id for rule in RULES if rule.severity == "flag")


def spoil(
    brev: Brev, random: Random, fault: Fault | None = None, *, form: Form = "xml", rule: str | None = None
) -> Spoilt:
    """A valid letter with one fault, at a place that ``random`` picks.

    ``rule`` (which implies Fault.RULE) names the rule to break.  Raises ValueError where this letter cannot have that
    fault; `possible` tells which it can.
    """
    fault = Fault.RULE if rule else fault or pick(random, possible(brev, form))
    if fault in OF_RULES:
        rule = rule or _RULE.get(fault) or pick(random, breakable(brev) or ("",))
        spoilt = _by_rule(brev, random, fault, form, rule)
    else:
        spoilt = spoilt_form(Draft(brev, form), fault, random)
    if spoilt is None:
        raise ValueError(f"this {brev.standard} in {form} cannot have the fault {rule or fault}")
    return spoilt


def possible(brev: Brev, form: Form = "xml") -> tuple[Fault, ...]:
    """The faults that this letter can be given in that form, in the order of `Fault`."""
    draft, rules = Draft(brev, form), breakable(brev)
    return tuple(
        fault
        for fault in Fault
        if (_RULE.get(fault, rules and rules[0]) in rules if fault in OF_RULES else can_have(draft, fault))
    )


def _by_rule(brev: Brev, random: Random, fault: Fault, form: Form, rule: str) -> Spoilt | None:
    broken: Broken | None
    broken = without_consent(brev) if fault is Fault.NO_CONSENT else break_rule(brev, rule, random)
    if broken is None:
        return None
    draft = Draft(broken.brev, form)
    return Spoilt(
        draft.document(), fault, draft.path(broken.loc), rule, "flag" if rule in FLAGGED else "error", broken.today
    )
