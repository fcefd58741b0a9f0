r"""Any text as one that PostgreSQL can hold: without the zero character.  Pure."""

from __future__ import annotations


def written(text: str) -> str:
    r"""``\`` becomes ``\\``, and the zero character ``\0``; hardly any text has either."""
    if "\\" in text or "\0" in text:
        return text.replace("\\", "\\\\").replace("\0", "\\0")
    return text


def read(text: str) -> str:
    """What `written` made of it, taken back."""
    if "\\" not in text:
        return text
    return "\\".join(part.replace("\\0", "\0") for part in text.split("\\\\"))
