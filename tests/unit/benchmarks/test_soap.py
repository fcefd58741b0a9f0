"""The SOAP part of the benchmark, small: it must not rot unseen."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soap import GOALS, measure


def test_calls_are_counted_and_a_large_list_comes_and_goes(tmp_path: Path) -> None:
    """Each figure comes from calls that were answered 20; the goals are about figures that there are."""
    found = measure(tmp_path, 16, 500, 1)
    assert all(value > 0 for value in found.values())
    assert found.keys() > GOALS.keys()
