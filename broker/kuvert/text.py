"""Any string as the content of an element."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\r]")
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def xml_text(value: str) -> str:
    """``value`` escaped; what XML 1.0 cannot hold (control characters, lone surrogates) becomes U+FFFD."""
    if _FORBIDDEN.search(value):
        value = _FORBIDDEN.sub("\ufffd", value)
    if _SPECIAL.search(value):
        value = _SPECIAL.sub(lambda match: _ESCAPED[match[0]], value)
    return value
