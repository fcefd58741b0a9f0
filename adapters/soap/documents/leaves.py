"""The single values of a request: texts, identifiers, times, numbers.

Each takes an element that the XSD has found right, or None where it is missing, and refuses with place, value and rule
what no schema says.
"""

from __future__ import annotations

from typing import cast

from lxml import etree

from adapters.soap.documents.place import place_of
from broker.core.identifiers import canonical, is_uuid
from broker.core.model import Livscyklus
from broker.errors import Refused
from broker.kuvert.names import TIDSSTEMPEL, UUID_IDENTIFIKATOR
from broker.kuvert.tidspunkt import read_date_time
from broker.register.lexical import unik_id_fault

EARLIEST = -62135596800.0
"""0001-01-01T00:00:00Z: asked for, what is earlier is read as this (ours)."""
LATEST = 253402300799.999
"""9999-12-31T23:59:59.999Z: asked for, what is later means no limit (ours)."""
_MILLISECOND = 0.001
_LONGEST_SHOWN = 100
_MOST_DIGITS = 15
_string = etree.XPath("string()", smart_strings=False)


def child(element: etree._Element | None, tag: str) -> etree._Element | None:
    """The first child of that name, if there is one, or an element to have it."""
    return element.find(tag) if element is not None else None


def whole_text(element: etree._Element | None) -> str | None:
    """The text of an element, what stands between comments and processing instructions joined."""
    if element is None:
        return None
    return cast(str, _string(element)) if len(element) else element.text or ""


def uuid_of(element: etree._Element) -> str:
    """A UUIDIdentifikator, canonical.  Raises Refused where it is no UUID."""
    value = canonical(whole_text(element) or "")
    if not is_uuid(value):
        raise Refused(
            f"{place_of(element)}: '{shown(value)}' is not a UUID; expected the form 8-4-4-4-12, as "
            "01157488-c45c-4fd2-b076-1de12effbf66"
        )
    return value


def unik_id_of(element: etree._Element | None) -> str | None:
    """A UnikId: its UUID or URN, canonical.  Raises Refused: no UUID, or an empty URN."""
    if element is None:
        return None
    leaf = _choice(element)
    if leaf.tag == UUID_IDENTIFIKATOR:
        return uuid_of(leaf)
    value = canonical(whole_text(leaf) or "")
    if unik_id_fault(value):
        raise Refused(
            f"{place_of(leaf)}: '{shown(value)}' is not a URN; expected urn:NAMESPACE:NAME, or a UUIDIdentifikator"
        )
    return value


def tidspunkt_of(element: etree._Element | None) -> float | None:
    """A Tidspunkt that is asked for, in seconds since the epoch; None = no limit: a GraenseIndikator, or after the
    year 9999.  Before the year 1 is its start."""
    if (leaf := _tidsstempel(element)) is None:
        return None
    tid = _read_tid(leaf)
    if tid is None or tid > LATEST:
        return None
    return max(tid, EARLIEST)


def stated_tidspunkt_of(element: etree._Element | None) -> float | None:
    """A Tidspunkt that is to be kept; None = no limit: a GraenseIndikator.

    Raises Refused where it cannot be kept: before the year 1 or after the year 9999.  What lies within the last
    millisecond of 9999 is the last that can be.
    """
    if (leaf := _tidsstempel(element)) is None:
        return None
    tid = _read_tid(leaf)
    text = whole_text(leaf) or ""
    if tid is None or not EARLIEST <= tid <= LATEST + _MILLISECOND or text.strip().startswith(("-", "0000")):
        raise Refused(
            f"{place_of(leaf)}: '{shown(text)}' is outside the years 0001 to 9999 (UTC); expected a time within them, "
            "or GraenseIndikator for no limit"
        )
    return min(tid, LATEST)


def _tidsstempel(element: etree._Element | None) -> etree._Element | None:
    """The TidsstempelDatoTid of a Tidspunkt, if it has one."""
    if element is None or (leaf := _choice(element)).tag != TIDSSTEMPEL:
        return None
    return leaf


def _read_tid(leaf: etree._Element) -> float | None:
    text = whole_text(leaf) or ""
    try:
        return read_date_time(text)
    except ValueError:
        raise Refused(
            f"{place_of(leaf)}: '{shown(text)}' is not a time that can be read; expected a date and time as "
            "2026-11-21T08:00:00Z"
        ) from None


def integer_of(element: etree._Element | None) -> int | None:
    """A number from 0 up.  Raises Refused: below, or of more digits than any list has hits."""
    if element is None:
        return None
    text = (whole_text(element) or "").strip()
    if len(text) > _MOST_DIGITS or (number := int(text)) < 0:
        raise Refused(
            f"{place_of(element)}: '{shown(text)}' is out of range; expected a whole number from 0 up, of at most "
            f"{_MOST_DIGITS} digits"
        )
    return number


def livscyklus_of(element: etree._Element | None) -> Livscyklus | None:
    """A LivscyklusKode."""
    return None if element is None else Livscyklus(whole_text(element) or "")


def shown(value: str) -> str:
    """A value as a sentence quotes it."""
    value = value.strip()
    return value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"


def _choice(element: etree._Element) -> etree._Element:
    """The one element inside."""
    return next(element.iterchildren("*"))
