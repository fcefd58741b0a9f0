"""``serve.json`` in the data directory: where a running emulator is, for the other commands."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NAME = "serve.json"


def write(data: Path, where: dict[str, Any]) -> None:
    """Raises OSError."""
    write_whole(data / NAME, json.dumps(where) + "\n")


def write_whole(path: Path, text: str, mode: int = 0o666, sync: bool = False) -> None:
    """Whole or not at all: a reader never sees half of it, nor a file with other rights.

    ``sync``: it is to outlive a power cut, too.  Raises OSError.
    """
    passing = path.with_name(f".{path.name}.{os.getpid()}")
    passing.unlink(missing_ok=True)
    try:
        with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        passing.replace(path)
    except BaseException:
        passing.unlink(missing_ok=True)
        raise


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
