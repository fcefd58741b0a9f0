"""XML as bytes: finding elements of a document that is known to be well-formed and valid, without parsing it anew.

Byte offsets are what a splice needs and a tree does not keep.  What makes it exact:
- "<" never stands in an attribute value or in text, so each "<" outside comments, CDATA and processing
  instructions (here: opaque) starts a tag.
- Opaque constructs end at the first "-->", "]]>" and "?>".
- ">" may stand in an attribute value, so the end of a tag is found by stepping over quoted values.
All patterns are possessive: the work is linear in what is stepped over, and takes no memory.  A group that is repeated
is atomic, too: Python before 3.11.5 goes wrong over one that is not (its issue gh-106052), and an atomic group around a
repeat that is not possessive remembers each of the repeats.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_OPAQUE: Final = rb"<(?:!--.*?-->|\?.*?\?>|!\[CDATA\[.*?\]\]>)"
_TEXT: Final = rb"(?>[^<]++|" + _OPAQUE + rb")*+"
_PREFIX: Final = rb"(?:[^\s<>/:!?]++:)?"
_NAME: Final = rb"[^\s<>/:!?]++"
_ATTRIBUTES: Final = rb"""(?>[^"'/>]++|"[^"]*+"|'[^']*+')*+"""
_LEAF: Final = rb"<[^\s<>/!?]++" + _ATTRIBUTES + rb"(?:/>|>" + _TEXT + rb"</[^>]*+>)"

_TOKEN: Final = re.compile(
    _OPAQUE + rb"|<(/)[^>]*+>|<[^\s<>/!?]++" + _ATTRIBUTES + rb"(/?)>",
    re.DOTALL,
)
OPEN: Final = re.compile(
    _TEXT + rb"(?P<tag><(?P<prefix>" + _PREFIX + rb")(?P<name>" + _NAME + rb")" + _ATTRIBUTES + rb"(?P<empty>/?)>)",
    re.DOTALL,
)
"""The next start tag, what stands before it stepped over; no match where an end tag comes first."""


def simple_element(*names: bytes) -> re.Pattern[bytes]:
    """Matches the next element if it is called one of ``names`` and holds text and single leaves only."""
    return re.compile(
        _TEXT
        + rb"(?P<tag><(?P<prefix>"
        + _PREFIX
        + rb")(?P<name>"
        + rb"|".join(names)
        + rb")(?=[\s/>])"
        + _ATTRIBUTES
        + rb"(?:/>|>"
        + _TEXT
        + rb"(?>"
        + _LEAF
        + _TEXT
        + rb")*+</[^>]*+>))",
        re.DOTALL,
    )


_EXTENSION: Final = b"ObjektRegistreringLokalUdvidelse"
"""The only element before Beskeddata's end, bar the extensions in Leveranceinformation, that may hold anything."""


def find_start(data: bytes, name: bytes, start: int) -> int:
    """Offset of the "<" of the first start tag called ``name`` from ``start``, where the envelope holds one.

    Looks by plain search first.  What that finds counts if it is a start tag, and nothing before it makes it
    doubtful (an opaque construct that may still be open, an extension that may hold look-alikes);
    else the document is stepped through tag by tag.
    """
    at = data.find(name, start)
    tag = data.rfind(b"<", start, at) if at > 0 else -1
    if (
        tag >= 0
        and _start_tag(name).match(data, tag)
        and data.rfind(b"<!--", start, tag) <= data.rfind(b"-->", start, tag)
        and data.find(b"[", start, tag) < 0  # no CDATA
        and data.find(b"?", start, tag) < 0  # no processing instruction
        and data.find(_EXTENSION, start, tag) < 0
    ):
        return tag
    return scan_start(data, name, start)


def scan_start(data: bytes, name: bytes, start: int) -> int:
    """As `find_start`, tag by tag.  Raises ValueError where there is none."""
    position = start
    while True:
        step = _up_to(name).match(data, position)
        position = step.end() if step is not None else position
        tag = OPEN.match(data, position)
        if tag is None:
            raise ValueError(f"no element {name.decode()} in this document")
        if tag["name"] == name:
            return tag.start("tag")
        position = tag.end() if tag["empty"] else end_tag(data, tag.end())[1]


def end_tag(data: bytes, inside: int) -> tuple[int, int]:
    """Start and end offset of the end tag that closes the element whose start tag ends at ``inside``.

    Raises ValueError where there is none.
    """
    depth = 1
    for token in _TOKEN.finditer(data, inside):
        kind = token.lastindex
        if kind == 1:
            depth -= 1
            if depth == 0:
                return token.start(), token.end()
        elif kind == 2 and not token[2]:
            depth += 1
    raise ValueError("an element does not end in this document")


def space_before(data: bytes, start: int, tag: int) -> int:
    """Where the white space right before offset ``tag`` begins, not before ``start``."""
    return start + len(data[start:tag].rstrip(b" \t\r\n"))


@lru_cache(maxsize=8)
def _start_tag(name: bytes) -> re.Pattern[bytes]:
    return re.compile(b"<" + _PREFIX + name + rb"(?=[\s/>])")


@lru_cache(maxsize=8)
def _up_to(name: bytes) -> re.Pattern[bytes]:
    """Everything before the next start tag called ``name`` or that of an extension."""
    stop = rb"(?!" + _PREFIX + rb"(?:" + name + rb"|" + _EXTENSION + rb")[\s/>])"
    return re.compile(rb"(?>[^<]++|" + _OPAQUE + rb"|<" + stop + rb"[^<!?]++)*+", re.DOTALL)
