"""serve.json: where a running emulator is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from adapters.cli import runtime


def test_written_read_and_removed(tmp_path: Path) -> None:
    """What serve writes the other commands read, until it ends."""
    where = {"admin": {"url": "http://127.0.0.1:1"}, "pid": os.getpid()}
    runtime.write(tmp_path, where)
    assert runtime.read(tmp_path) == where
    runtime.remove(tmp_path)
    assert runtime.read(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_that_of_another_process_stays(tmp_path: Path) -> None:
    """A second emulator that took the directory over keeps its file when the first one ends."""
    runtime.write(tmp_path, {"pid": os.getpid() + 1})
    runtime.remove(tmp_path)
    assert runtime.read(tmp_path) == {"pid": os.getpid() + 1}


def test_nonsense_is_none(tmp_path: Path) -> None:
    """A broken file, or one of another shape, is as none."""
    for text in ("", "{", json.dumps([1]), "\x00"):
        (tmp_path / runtime.NAME).write_text(text)
        assert runtime.read(tmp_path) is None
