"""Where letters stand, as the emulator's trace tells: for findings that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consumers.admin import Admin, AdminError

_LETTERS = 3
"""So many letters of a finding are traced."""
_LONGEST = 400
_NOTHING = "not in the trace: it never came to the emulator, or a kill took the newest records"


async def trace_of(admin: Admin, letters: Iterable[str]) -> tuple[str, ...]:
    """A line for each record, oldest first; where the emulator cannot be asked, that."""
    lines: list[str] = []
    for besked_id in list(dict.fromkeys(letters))[:_LETTERS]:
        try:
            records = await admin.spor(besked_id)
        except (AdminError, OSError) as error:
            lines.append(f"{besked_id}: no trace to be had: {error}")
            continue
        lines += [_line(besked_id, record) for record in records] or [f"{besked_id}: {_NOTHING}"]
    return tuple(lines)


def _line(besked_id: str, record: dict[str, Any]) -> str:
    who = record.get("system_navn") or record.get("system") or ""
    where = record.get("dueslag_navn") or record.get("dueslag") or ""
    text = " ".join(filter(None, (besked_id, record["time"], record["what"], who, where, _detail(record))))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _detail(record: dict[str, Any]) -> str:
    detail, names = record.get("detail"), record.get("names") or {}
    if not isinstance(detail, dict):
        return "" if detail is None else str(detail)
    return ", ".join(f"{key}: {_named(value, names)}" for key, value in detail.items() if value not in (None, [], ""))


def _named(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, list):
        return "; ".join(_named(one, names) for one in value)
    return str(names.get(value, value)) if isinstance(value, str) else str(value)
