"""Which version of the distribution runs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


@cache
def version() -> str:
    """As the package metadata say; "0" where it runs from a folder that is not installed."""
    try:
        return installed("beskedfordeler")
    except PackageNotFoundError:
        return "0"
