"""The letters of each citizen as files: a sequence diagram in Mermaid, and the same in SVG."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from consumers.demo.citizens import CitizenRow
from consumers.fagsystem import Event
from consumers.sequence import exchanges, mermaid, svg


def write_sequences(folder: Path, events: Sequence[Event], rows: Sequence[CitizenRow]) -> list[Path]:
    """Two files for each citizen, made in ``folder``; their paths.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, row in enumerate(rows, 1):
        letters = exchanges(events, {row.forloeb})
        title = f"{row.navn} (syntetisk): {row.tilstand}"
        for suffix, text in (("mmd", mermaid(letters, title)), ("svg", svg(letters, title))):
            path = folder / f"{number:02}-{_slug(row.navn)}.{suffix}"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def _slug(navn: str) -> str:
    """Letters and digits of ASCII, for a file's name."""
    for danish, plain in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        navn = navn.lower().replace(danish, plain)
    ascii_only = unicodedata.normalize("NFKD", navn).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
