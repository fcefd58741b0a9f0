"""The push part of the benchmark, small: it must not rot unseen."""

from __future__ import annotations

from pathlib import Path

from benchmarks.push import GOALS, measure


async def test_pushed_messages_are_counted_alone_and_beside_receivers_that_are_down(tmp_path: Path) -> None:
    """Each figure comes from messages that the receiver took once; the goals are about figures that there are."""
    found = await measure(tmp_path, 300, 20, 10, 1, delay=0.2)
    assert all(value > 0 for value in found.values())
    assert found.keys() > GOALS.keys()
