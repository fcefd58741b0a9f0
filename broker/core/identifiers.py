"""Identifiers in canonical form, so that values that mean the same compare equal.

UUIDs compare without case.  A CVR number comes as ``urn:oio:cvr-nr:NNNNNNNN`` from senders and as
``urn:oio:cvr:NNNNNNNN`` in delivered messages: both mean the digits, and the canonical form is the latter.
URN prefixes compare without case (RFC 8141, section 3.1, for ``urn:`` and the namespace ``oio``).
"""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_CVR_URN = re.compile(r"urn:oio:cvr(?:-nr)?:(\d{8})\Z", re.IGNORECASE)
_OIO_URN = re.compile(r"urn:oio:", re.IGNORECASE)


def canonical(value: str) -> str:
    """The canonical form of an identifier or any other envelope value; unknown forms only lose outer white space."""
    value = value.strip()
    if _UUID.match(value):
        return value.lower()
    if _OIO_URN.match(value):
        if cvr := _CVR_URN.match(value):
            return "urn:oio:cvr:" + cvr[1]
        return "urn:oio:" + value[8:]
    return value


def is_uuid(value: str) -> bool:
    """Whether the value is a UUID in its 8-4-4-4-12 form."""
    return _UUID.match(value) is not None


def cvr_number(value: str) -> str | None:
    """The eight digits of a CVR URN (either form), or None where the value is none."""
    match = _CVR_URN.match(value.strip())
    return match[1] if match else None
