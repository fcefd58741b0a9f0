"""The built-in register, for `beskedfordeler serve` without a file."""

from __future__ import annotations

from pathlib import Path

from broker.core.filter import parse_filter
from broker.ports import RegisterContent
from broker.register.rules import FilterCheck

DEFAULT_FILE = Path(__file__).with_name("default.yaml")


def default_content(check_filter: FilterCheck = parse_filter) -> RegisterContent:
    """A new copy of the built-in register: synthetic, and fit for KOMBIT's public sample messages."""
    from broker.register.file import load_file

    return load_file(DEFAULT_FILE, check_filter)
