"""What is told from the bytes of a message before any XML parser sees them."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from broker.errors import Refused
from broker.kuvert.limits import Limits

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?(?>[ \t\r\n]++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DECLARED = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n](?:[^?]|\?(?!>))*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*[\"']([^\"'?]*)"
)
_USUAL = b'<?xml version="1.0" encoding="UTF-8"'
_LONGEST_DECLARATION = 1024
"""Bytes; where a declaration goes on after that, the parser does not ask it for the encoding either."""
_UTF_8 = frozenset((b"UTF-8", b"UTF8"))
_SMALL = 1024 * 1024
"""Up to here (bytes) a document of nothing but tags stays under 100 MB as a tree: no need to count them."""


def check_prolog(data: bytes, limits: Limits) -> int:
    """Check size, encoding and that there is no DOCTYPE; the offset where the root element must start.

    Comments, processing instructions and white space are stepped over exactly, so that a DOCTYPE is found
    wherever it is one, and only there (a look-alike in a comment, in CDATA or in Beskeddata is none).
    Raises Refused.
    """
    _check_size(data, limits)
    _check_encoding(data)
    opening = _OPENING.match(data)
    root = opening.end() if opening is not None else 0
    if data.startswith(b"<!DOCTYPE", root):
        line = data.count(b"\n", 0, root) + 1
        raise Refused(
            f"the document has a DOCTYPE (line {line}): DTDs and entities are not accepted; "
            "expected the element Haendelsesbesked without one"
        )
    return root


def _check_size(data: bytes, limits: Limits) -> None:
    if not data or data.isspace():
        raise Refused("the message is empty; expected an XML document with the root element Haendelsesbesked")
    if len(data) > limits.max_bytes:
        raise Refused(f"the message is {len(data)} bytes long; expected at most {limits.max_bytes} bytes")
    if len(data) > _SMALL and data.count(b"<") + data.count(b"=") > limits.max_marks:
        raise Refused(f"the message has too many tags and attributes; expected at most {limits.max_marks}")


def _check_encoding(data: bytes) -> None:
    if b"\0" in data[:4] or data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        raise Refused("the document is not UTF-8: its first bytes are those of UTF-16 or UTF-32; expected UTF-8")
    declared = None if data.startswith(_USUAL) else _DECLARED.match(data, 0, _LONGEST_DECLARATION)
    if declared is not None and declared[1].upper() not in _UTF_8:
        name = declared[1].decode("ascii", "replace")[:40]
        raise Refused(f"the document declares encoding '{name}'; expected UTF-8")
    bad = _not_utf_8(data)
    if bad is not None:
        line = data.count(b"\n", 0, bad) + 1
        raise Refused(
            f"the document is not UTF-8: byte 0x{data[bad]:02X} at offset {bad} (line {line}) "
            "cannot stand there; expected UTF-8"
        )


def _not_utf_8(data: bytes) -> int | None:
    """Offset of the first byte that cannot stand there, or None; decodes large documents piece by piece."""
    if len(data) <= _SMALL:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            return error.start
        return None
    decoder = getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), _SMALL):
        left_over = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + _SMALL], final=start + _SMALL >= len(data))
        except UnicodeDecodeError as error:
            return start - left_over + error.start
    return None
