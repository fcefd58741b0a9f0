"""The page of arithmetic: what the table says is what the code says, and what it says makes sense."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.cluster.sizing import Assumptions, Capacity, plan, table

PAGE = Path(__file__).parents[3] / "docs" / "cluster.md"


def test_the_page_has_the_table_that_the_code_makes() -> None:
    """docs/cluster.md is not older than the arithmetic."""
    assert table() in PAGE.read_text()


def test_the_page_names_every_assumption_and_every_capacity() -> None:
    """Whoever knows better finds what to replace."""
    page = PAGE.read_text()
    for name in (*Assumptions.__slots__, *Capacity.__slots__):
        assert f"`{name}`" in page, name


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_more_never_takes_less(scale: int, more: int) -> None:
    """Of anything."""
    small, large = plan(scale), plan(scale + more)
    for name in ("peak", "deliveries", "inbound", "dueslag", "connections", "fronts", "clusters", "stored", "known"):
        assert getattr(large, name) >= getattr(small, name)


@given(st.integers(1, 200), st.floats(1, 100), st.floats(0.5, 50))
def test_what_is_planned_bears_the_peak_with_one_front_down(scale: int, peak: float, matches: float) -> None:
    """Fronts at no more than the share that is planned with, when one of them is gone."""
    assumed = replace(Assumptions(), peak=peak, matches=matches)
    capacity = Capacity()
    made = plan(scale, assumed, capacity)
    assert made.deliveries / (made.fronts - 1) <= capacity.front * capacity.load * 1.000001
    assert made.connections / (made.fronts - 1) <= capacity.connections * capacity.load * 1.000001
    assert made.deliveries / made.clusters <= capacity.quorum * capacity.load * 1.000001
