"""The BeskedId that a document claims, valid or not: under it the trace keeps why the document was refused."""

from __future__ import annotations

import re
from typing import Final

from broker.core.identifiers import canonical

_LOOKED_AT: Final = 64 * 1024
"""Bytes: BeskedId is the first element, and what is refused may be of any size."""
_BETWEEN: Final = rb"(?>\s{0,1000}+<!--(?>[^-]|-[^-]){0,1000}+-->){0,8}+\s{0,1000}+"
"""Space and comments, as KOMBIT's own sample has them here; possessive, so that nothing is tried twice."""
_BESKED_ID: Final = re.compile(
    rb"<(?:[^<>\s/:!?]{1,64}:)?BeskedId(?:\s[^<>]{0,1000})?>" + _BETWEEN + rb"<(?:[^<>\s/:!?]{1,64}:)?"
    rb"(?:UUID|URN)Identifikator(?:\s[^<>]{0,1000})?>([^<>&]{1,300})<"
)


def claimed_besked_id(data: bytes) -> str | None:
    """The first BeskedId that stands in ``data``, in canonical form; None where none can be read."""
    found = _BESKED_ID.search(data, 0, _LOOKED_AT)
    if found is None:
        return None
    return canonical(found[1].decode(errors="replace")) or None
