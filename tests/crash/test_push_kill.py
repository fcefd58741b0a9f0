"""kill -9 of the whole emulator while it pushes, over and over: nothing answered 20 is lost, and nothing overtakes.

Per dueslag one sender, which sends a message until it is answered 20 and then the next: so the order is known in
which the receiver must see them.  What was taken by the receiver, and not yet noted as taken when the emulator was
killed, comes again: at most one message of a dueslag for each kill, and not as if it were new.
"""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consumers.client import Afsend
from tests.interop.push_world import QUICK, SENDER, Lane, register
from tests.support.emulator import Emulator
from tests.support.receipts import OK, Act, Arrival, Receipts
from tests.support.receiver import Receiver, receiving

KILLS = int(os.environ.get("BESKEDFORDELER_KILLS", "5"))
LANES = 4
ILL = (
    Act(40, "ikke nu"), Act(http_status=500), Act(http_status=503), Act(how="drop"), Act(how="reset"), Act(how="hang"),
    Act(how="garbage"), Act(delay=0.05),
)  # fmt: skip
"""What a receiver does with one request in thirty."""


@dataclass(slots=True)
class Ledger:
    """What was sent to one dueslag, and what came of it."""

    lane: Lane
    sent: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    resent: int = 0

    def line(self, receipts: Receipts, kills: int) -> str:
        """In one line."""
        first = receipts.order
        return (
            f"{self.lane.navn}: kills {kills}, sent {len(self.sent)}, acknowledged {len(self.acknowledged)}, "
            f"resent {self.resent}, arrivals {len(receipts.arrivals)}, lost {len(self.acknowledged - receipts.taken)}, "
            f"unexpected {len(set(first) - set(self.sent))}, again {len(receipts.arrivals) - len(first)}, "
            f"unflagged {len(receipts.as_if_new)}, "
            f"taken again {len(receipts.taken_again)} (at most {most_after_one_kill(receipts)} after one kill)"
        )


async def send_until(stopped: asyncio.Event, emulator: Emulator, ledger: Ledger, pause: Callable[[], float]) -> None:
    """A message, its answer (sent again until there is one), a breath, the next message."""
    async with Afsend(emulator.endpoint(SENDER), timeout=5, attempts=10_000) as afsend:
        while not stopped.is_set():
            besked_id = str(uuid.uuid4())
            ledger.sent.append(besked_id)
            retur = await afsend.send(ledger.lane.kuvert(besked_id))
            if retur.ok:
                ledger.acknowledged.add(besked_id)
            else:
                ledger.refused[besked_id] = f"{retur.status_kode} {retur.fejlbesked_tekst}"
            await asyncio.sleep(pause())
        ledger.resent = afsend.resent


def ill_now_and_then(dice: random.Random) -> Callable[[Arrival], Act]:
    """Conduct of a receiver that fails one request in thirty."""
    return lambda _: dice.choice(ILL) if dice.random() < 1 / 30 else OK


def most_after_one_kill(receipts: Receipts) -> int:
    """How many messages that had been taken came again after one kill, at most."""
    again = {(one.era, one.besked_id) for one in receipts.taken_again}
    return max(Counter(era for era, _ in again).values(), default=0)


async def quiet_and_flood(receiver: Receiver, dice: random.Random) -> None:
    """Between kills; half of the time the receiver is away for a while, so that the kill falls into what follows:
    what has gathered, pushed as fast as it can be."""
    if dice.random() < 0.5:
        await asyncio.to_thread(receiver.down)
        await asyncio.sleep(dice.uniform(0.1, 0.4))
        receiver.up()
        await asyncio.sleep(dice.uniform(0.0, 0.15))
    else:
        await asyncio.sleep(dice.uniform(0.05, 0.4))


def ledgers() -> Iterator[Ledger]:
    return (Ledger(Lane(number)) for number in range(1, LANES + 1))


async def all_taken(receiver: Receiver, books: list[Ledger]) -> None:
    for book in books:
        wanted = set(book.acknowledged)
        await receiver.until(book.lane.path, lambda found, wanted=wanted: found.taken >= wanted, longest=30)  # type: ignore[misc]


def arrival(besked_id: str, kode: int, era: int) -> Arrival:
    return Arrival("/a", 1, "", b"", 0.0, besked_id, 1, era=era, act=Act(kode), answered=True)


@pytest.mark.parametrize(
    ("came", "most"),
    [
        ([("a", 20, 0), ("b", 20, 0)], 0),
        ([("a", 40, 0), ("a", 20, 1)], 0),
        ([("a", 20, 0), ("a", 20, 1), ("b", 20, 1), ("b", 20, 2)], 1),
        ([("a", 20, 0), ("a", 40, 1), ("a", 20, 1)], 1),
        ([("a", 20, 0), ("b", 20, 0), ("a", 20, 1), ("b", 20, 1)], 2),
    ],
    ids=["once", "was not taken", "one after each kill", "again, and refused then", "two after a kill"],
)
def test_ledger_counts_by_kill(came: list[tuple[str, int, int]], most: int) -> None:
    """Only what had been taken counts, and how much of it comes again after one kill."""
    assert most_after_one_kill(Receipts(tuple(arrival(*one) for one in came))) == most


async def test_push_over_many_kills(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """What was answered 20 is pushed in spite of kill -9 at any moment: none lost, none invented, none out of order.

    Again come only those that the receiver did not take, and after a kill at most one message of a dueslag that it had
    taken; all of them with an AntalLeveranceforsoeg above 1.  5 kills; BESKEDFORDELER_KILLS asks for more.
    """
    seed = int(os.environ.get("BESKEDFORDELER_SEED", random.randrange(10**6)))
    dice = random.Random(seed)
    books, stopped, kills = list(ledgers()), asyncio.Event(), 0
    with receiving() as receiver:
        receiver.conduct = ill_now_and_then(random.Random(seed))
        file = tmp_path / "register.yaml"
        file.write_text(register(receiver, lanes=LANES))
        emulator = Emulator(tmp_path / "data", file, (*QUICK, "--push-attempts", "0"))
        await asyncio.to_thread(emulator.start)
        try:
            async with asyncio.timeout(60 + 6 * KILLS):
                async with asyncio.TaskGroup() as sending:
                    for book in books:
                        sending.create_task(send_until(stopped, emulator, book, lambda: dice.uniform(0.0, 0.02)))
                    while kills < KILLS:
                        await quiet_and_flood(receiver, dice)
                        await asyncio.to_thread(emulator.kill)
                        kills += 1
                        receiver.era = kills
                        await asyncio.to_thread(emulator.start)
                    stopped.set()
                await all_taken(receiver, books)
            depths = await emulator.admin.depths()
        finally:
            emulator.kill()
    found = [(book, receiver.receipts(book.lane.path)) for book in books]
    lines = [f"seed {seed}", *(book.line(receipts, kills) for book, receipts in found)]
    print("\n".join(lines))
    record_property("ledger", lines)
    for book, receipts in found:
        assert not book.refused, lines
        assert book.acknowledged == set(book.sent), lines
        assert receipts.problems == [], lines
        assert receipts.taken == book.acknowledged, lines
        assert receipts.order == book.sent, lines
        assert receipts.runs == book.sent, lines
        assert receipts.as_if_new == [], lines
        assert most_after_one_kill(receipts) <= 1, lines
        assert not [pair for pair in receipts.overlaps if pair[0].answered], lines
    assert all(not depth[state] for depth in depths.values() for state in ("ready", "out", "held", "dead")), depths
