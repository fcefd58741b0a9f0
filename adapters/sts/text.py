"""Text that clients send: looked at where it comes in, so that it can stand in a token, an answer and the trace."""

from __future__ import annotations

import re

from adapters.sts.refusals import Kind, TokenDenied

LONGEST = 1_000
"""Characters (ours); the longest text that clients need to write is the name of a TokenType, 76."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def checked(name: str, value: str) -> str:
    """``value``, where XML can carry it and it is not too long.  Raises TokenDenied, which names the field."""
    if len(value) > LONGEST:
        raise TokenDenied(Kind.BAD_REQUEST, f"{name} is {len(value)} characters long; expected at most {LONGEST}")
    if problem := not_xml(value):
        raise TokenDenied(Kind.BAD_REQUEST, f"{name} {problem}")
    return value


def not_xml(value: str) -> str | None:
    """Which character XML 1.0 cannot carry, told by its code point and not repeated.  None = there is none."""
    found = _NOT_XML.search(value)
    return None if found is None else f"holds the character U+{ord(found[0]):04X}, which XML cannot carry"
