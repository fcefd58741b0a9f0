"""What one stream sends at a time, and which answers it believes."""

from __future__ import annotations

import time

import pytest

from consumers.load import sender as module
from consumers.load.sender import Sender
from consumers.load.tally import Tally
from tests.unit.load.made import cast


class Wire:
    """A connection that takes everything."""

    frame_max = 131_072
    writable = True

    def __init__(self) -> None:
        self.numbers: list[list[int]] = []
        self.octets: list[int] = []

    def publishing(self, numbers: range | list[int]) -> None:
        self.numbers.append(list(numbers))

    def write(self, data: bytes) -> None:
        self.octets.append(len(data))


def _sender(monkeypatch: pytest.MonkeyPatch, size: int, rate: int = 50) -> tuple[Sender, Wire]:
    """One that is two seconds behind its schedule."""
    made = cast(types=[{"name": "a", "size": size}], phases=[{"phase": "hold", "seconds": 2, "rate": rate}])
    stream = made.streams[0]
    cells = memoryview(bytearray(8 * stream.total)).cast("q")
    sender, wire = Sender(made, stream, cells, Tally(), 20_000, 1.0), Wire()
    monkeypatch.setattr(sender, "_link", wire)
    sender._prepare(wire.frame_max)
    sender.begin(time.monotonic_ns() - 3_000_000_000, time.time() - 3)
    return sender, wire


def test_large_messages_are_made_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred late messages of 1 MB are not made and kept all at once; small ones go hundreds at a time."""
    sender, wire = _sender(monkeypatch, 1_000_000)
    while sender.sent < 100:
        sender.pump(time.monotonic_ns())
    assert [number for numbers in wire.numbers for number in numbers] == list(range(100))
    assert max(wire.octets) <= module._OCTETS + 100_000
    sender, wire = _sender(monkeypatch, 2_000)
    sender.pump(time.monotonic_ns())
    assert wire.numbers == [list(range(100))]


def test_one_message_larger_than_that_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 MB is sent, whatever the limit says; and what is sent again is measured the same way, in its order."""
    sender, wire = _sender(monkeypatch, 10_000_000, rate=2)
    for _ in range(4):
        sender.pump(time.monotonic_ns())
    assert wire.numbers == [[0], [1], [2], [3]]
    sender._again.extend([0, 1, 2])
    for _ in range(3):
        sender.pump(time.monotonic_ns())
    assert wire.numbers[4:] == [[0], [1], [2]]
    assert sender.resent == 3


def test_second_answer_changes_nothing_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """20 and then 40 to the same message, or 40 and then 20: the first holds, the second is a fault of the target."""
    sender, _ = _sender(monkeypatch, 2_000)
    sender.pump(time.monotonic_ns())
    now = time.monotonic_ns()
    sender.answered(0, now)
    sender.refuse(0, 40, "no")
    sender.refuse(1, 40, "no")
    sender.answered(1, now)
    sender.answered(1_000, now)
    assert (sender.accepted, sender.refused, sender.end.strays) == (1, 1, 3)
    assert sender._cells[0] > 0 > sender._cells[1]
