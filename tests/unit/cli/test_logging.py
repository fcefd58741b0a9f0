"""Logs: JSON lines with CPR numbers masked, whoever logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from adapters.cli.logging import configure

CPR = "0101010000"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream that is configured as stderr would be; everything is put back after."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for handler in handlers:  # basicConfig(force=True) closes what it finds
        root.removeHandler(handler)
    held = io.StringIO()
    configure("info", held)
    yield held
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_with_level_and_time(stream: io.StringIO) -> None:
    """One JSON object a line; what is below the level is left out."""
    log = structlog.get_logger("x")
    log.info("ready", port=1)
    log.debug("not this")
    assert [(one["event"], one["level"], one["port"]) for one in lines(stream)] == [("ready", "info", 1)]
    assert lines(stream)[0]["timestamp"].endswith("Z")


def test_cpr_is_masked_however_deep(stream: io.StringIO) -> None:
    """In the event, in values, in lists and dicts, in a traceback."""
    log = structlog.get_logger("x")
    log.warning(f"about {CPR}", value=f"urn:oio:cpr-nr:{CPR}", deep={"a": [CPR, {"b": (CPR,)}]}, count=3)
    try:
        raise ValueError(f"bad {CPR}")
    except ValueError:
        log.exception("failed")
    assert CPR not in stream.getvalue()
    assert "010101-****" in stream.getvalue()
    assert lines(stream)[0]["count"] == 3
    assert "ValueError" in lines(stream)[1]["exception"]


def test_libraries_log_the_same_way(stream: io.StringIO) -> None:
    """A warning of a library that uses the standard library's logging is a JSON line too, and masked."""
    logging.getLogger("uvicorn.error").error("request about %s", CPR)
    logging.getLogger("uvicorn.error").info("not this")
    assert [one["event"] for one in lines(stream)] == ["request about 010101-****"]
