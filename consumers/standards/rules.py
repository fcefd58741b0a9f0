"""The rules between fields, which no schema can say: all of them, and the check of a letter against them."""

from __future__ import annotations

from datetime import date

from consumers.standards import rules_content, rules_head
from consumers.standards.codes import FFB_VERSION
from consumers.standards.findings import Finding, capped, shown
from consumers.standards.letters import Brev
from consumers.standards.paths import Form, order, path
from consumers.standards.rule import RULES, Fault, Rule, Seen
from consumers.standards.shape import shape_of
from consumers.standards.standard import Standard

__all__ = ["RULES", "Fault", "Rule", "check", "rules_content", "rules_head"]

_OF = {standard: tuple(rule for rule in RULES if standard in rule.standards) for standard in Standard}


def check(
    brev: Brev, *, today: date | None = None, ffb_version: str = FFB_VERSION, form: Form = "xml"
) -> list[Finding]:
    """What the letter breaks, in the order of its fields; empty where all is well.

    ``today``: the day it is, for consent and for data from the future; without it the day on which the letter's data
    were read.  ``ffb_version``: the newest one that is known (R8).  ``form``: how the paths are written.
    """
    shape = shape_of(type(brev))
    seen = Seen(today or brev.data_tidspunkt.date(), ffb_version)
    faults = [(rule, fault) for rule in _OF[brev.standard] for fault in rule.check(brev, seen)]
    if not faults:
        return []
    faults.sort(key=lambda each: order(shape, each[1].loc))
    return capped(
        [
            Finding(path(shape, fault.loc, form), rule.id, fault.text, shown(fault.value), rule.severity)
            for rule, fault in faults
        ]
    )
