"""The page on push says what the code does."""

from __future__ import annotations

from pathlib import Path

from adapters.push.journal import EVERY
from adapters.push.verdict import MAX_ANSWER
from broker.settings import Settings

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "push.md").read_text("utf-8")


def test_the_defaults_of_the_options_are_those_on_the_page() -> None:
    """Every setting of push is in the table, with its default."""
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in PAGE.splitlines() if line.startswith("| `--")]
    told = {name.strip("`"): default for name, default in rows}
    settings = {
        "--" + name.replace("_", "-"): "" if field.default == () else f"{field.default:g}"
        for name, field in Settings.model_fields.items()
        if name.startswith("push_")
    }
    assert told == settings


def test_limits_and_samples_are_those_on_the_page() -> None:
    """The longest answer that is read, and how much of a failure that goes on is in the trace."""
    assert f"more than {MAX_ANSWER // 1024} kB" in PAGE
    assert EVERY == 10
    assert "every tenth time" in PAGE
