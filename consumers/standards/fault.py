"""Kinds of fault that a letter may have, and a document that has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    """A required field is not there."""
    UNKNOWN_CODE = "unknown-code"
    TOO_LONG = "too-long"
    BLANK = "blank"
    WRONG_DATE = "wrong-date"
    WRONG_CPR = "wrong-cpr"
    WRONG_FORM = "wrong-form"
    """Another value that is not written as it must be: a UUID, a CVR number, an amount, a time without offset …"""
    OUT_OF_RANGE = "out-of-range"
    TOO_MANY = "too-many"
    UNKNOWN_FIELD = "unknown-field"
    TWICE = "twice"
    WRONG_TYPE = "wrong-type"
    NULL = "null"
    """JSON only."""
    CHARACTER = "character"
    """JSON only: a character that XML cannot write."""
    ORDER = "order"
    """XML only: two fields have changed places."""
    ATTRIBUTE = "attribute"
    """XML only."""
    NAMESPACE = "namespace"
    """XML only."""
    DTD = "dtd"
    """XML only."""
    UNKNOWN_LETTER = "unknown-letter"
    """A root element, or a "standard", that is none of the nine."""
    NOT_WELL_FORMED = "not-well-formed"
    RULE = "rule"
    """The form is right, and a rule is broken."""
    NO_CONSENT = "no-consent"
    """R1: neither samtykke nor a legal ground."""
    OLD_FFB = "old-ffb"
    """R8: an FFB version before the newest: flagged, and not refused."""


OF_RULES = (Fault.RULE, Fault.NO_CONSENT, Fault.OLD_FFB)
"""Faults of what the letter says; the others are of its form."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A document with one fault.  A validator must find it at ``path``, by ``rule``, as ``severity``."""

    document: bytes
    fault: Fault
    path: str
    rule: str
    severity: str = "error"
    today: date | None = None
    """Where it is one on that day only."""

    @property
    def structural(self) -> bool:
        """A fault of form: the only one that is found, for rules are asked of letters that can be read."""
        return self.fault not in OF_RULES
