"""docs/tokens.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sts import demo, exchange, rest, soap, wss
from adapters.sts.answers import status_of
from adapters.sts.faults import CODES
from adapters.sts.refusals import Kind

PAGE = (Path(__file__).resolve().parents[3] / "docs/tokens.md").read_text("utf-8")
REST_ONLY, SOAP_ONLY = {Kind.NO_CERTIFICATE}, {Kind.TIME_RANGE}


@pytest.mark.parametrize("kind", Kind)
def test_each_refusal_is_in_the_table(kind: Kind) -> None:
    """With its HTTP status and its SOAP fault."""
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    _, _, status, fault, _, _ = (cell.strip() for cell in row.split("|"))
    assert status == ("" if kind in SOAP_ONLY else str(status_of(kind)))
    assert fault == ("" if kind in REST_ONLY else f"`wst:{CODES[kind].value[1]}`")


def test_the_paths_and_bounds_are_those_of_the_code() -> None:
    """Endpoints, and the skew of the Timestamp."""
    for path in (rest.PATH, soap.PATH, exchange.PATH, demo.PATH):
        assert path in PAGE
    assert f"give or take {wss.SKEW:g} s" in PAGE
