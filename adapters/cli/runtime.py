"""``serve.json`` in the data directory: where a running emulator is, for the other commands."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NAME = "serve.json"


def write(data: Path, where: dict[str, Any]) -> None:
    """Whole or not at all: a reader never sees half of it."""
    passing = data / f".{NAME}.{os.getpid()}"
    passing.write_text(json.dumps(where) + "\n", encoding="utf-8")
    passing.replace(data / NAME)


def read(data: Path) -> dict[str, Any] | None:
    """What the emulator on this data directory wrote, or None; it may be there no longer."""
    try:
        found = json.loads((data / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def remove(data: Path) -> None:
    """At the end of `serve`; what another process wrote in the meantime stays."""
    found = read(data)
    if found is not None and found.get("pid") == os.getpid():
        (data / NAME).unlink(missing_ok=True)
