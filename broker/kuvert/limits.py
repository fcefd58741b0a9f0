"""How large and how deep a message may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one message, checked before anything is built from it.

    ``max_bytes``: size of the document.  ``max_depth``: levels of elements, root included (at most 2048).
    ``max_marks``: tags and attributes together, so that a document within ``max_bytes`` cannot grow into
    gigabytes of tree (a tag costs up to 60 times its bytes).
    """

    max_bytes: int = 128 * 1024 * 1024
    max_depth: int = 256
    max_marks: int = 2_000_000
