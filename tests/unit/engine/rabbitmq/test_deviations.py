"""What RabbitMQ means otherwise is one list: the page and the conformance suite say the same."""

from __future__ import annotations

import ast
from pathlib import Path

from broker.engine.rabbitmq.deviations import DEVIATIONS
from tests.conformance.engine.deviating import DEVIATING, INTERNALS

ROOT = Path(__file__).resolve().parents[4]


def test_the_page_is_the_list() -> None:
    """Each difference is told in docs/engines.md, in the order of the code, and none that is not there."""
    page = (ROOT / "docs/engines.md").read_text("utf-8").partition("## Where they differ")[2]
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| id ")]
    assert rows == [f"| {d.id} | {d.what} | {d.embedded} | {d.rabbitmq} | {d.why} |" for d in DEVIATIONS]


def test_ids_are_told_once() -> None:
    """No two differences have the same id."""
    assert len({one.id for one in DEVIATIONS}) == len(DEVIATIONS)


def test_every_test_that_may_fail_says_by_which_difference() -> None:
    """A test that is let off names a difference of the list, and is there."""
    assert {one.deviation for one in DEVIATING.values()} <= {one.id for one in DEVIATIONS} | {INTERNALS}
    tests = {
        node.name
        for file in (ROOT / "tests/conformance/engine").glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert DEVIATING.keys() <= tests
