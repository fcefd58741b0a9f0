"""The engine alone under kill -9: whatever was acknowledged is there, nothing twice unless it says so.

The child stores messages, hands them out, acks some and condemns others, wherever they are; it writes what it did to
a pipe, so that every line stands for something that had happened.  It is killed at any moment, and started again on
the same files.
BESKEDFORDELER_ENGINE_KILLS sets the number of kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

KILLS = int(os.environ.get("BESKEDFORDELER_ENGINE_KILLS", "20"))

CHILD = """
import asyncio, os, sys, random
from pathlib import Path
from broker.clock import SystemClock
from broker.engine import sqlite_engine
from broker.core.stored import StoredBesked
from broker.ports import Outcome, Routing

path, run, drain = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "drain"

def say(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

class Taker:
    priority = 0
    def __init__(self, engine, dueslag):
        self.engine, self.dueslag, self.out = engine, dueslag, []
    def has_room(self):
        return len(self.out) < 50
    def deliver(self, leverance):
        self.out.append(leverance)
        say("got", self.dueslag, leverance.besked.besked_id, "again" if leverance.redelivered else "first")
    def dueslag_gone(self):
        pass

async def take(engine, taker):
    chance = random.Random()
    while True:
        await asyncio.sleep(0.002)
        out, taker.out = taker.out, []
        chance.shuffle(out)
        keep = 0 if drain else len(out) // 4
        back, done = out[:keep], out[keep:]
        engine.ack(done)
        engine.requeue(back)
        engine.kick(taker.dueslag)

async def doom(engine, known):
    chance = random.Random()
    ghosts = 0
    while True:
        await asyncio.sleep(chance.uniform(0, 0.004))
        name = chance.choice(known[-400:]) if known and chance.random() < 0.9 else f"{run}-ghost-{ghosts}"
        ghosts += 1
        say("doom", name)
        given = StoredBesked("afs", name, "t", "bt", b"as received", name.encode() * 200, b"", 1.0)
        outcome = await engine.condemn("D", "A", given, "doomed")
        say("doomed", name, outcome.value)

async def main():
    engine = sqlite_engine(path, SystemClock(), redelivery_limit=3)
    await engine.open()
    tasks = []
    for dueslag in ("D", "E") if drain else ("D",):
        taker = Taker(engine, dueslag)
        engine.attach(dueslag, taker)
        tasks.append(asyncio.create_task(take(engine, taker)))
    number = 0
    known = []
    if not drain:
        tasks += [asyncio.create_task(doom(engine, known)) for _ in range(2)]
    def stored(outcome, name):
        say("ok" if outcome is Outcome.ACCEPTED else "bad", name)
        known.append(name)
    while not drain:
        for _ in range(20):
            name = f"{run}-{number}"
            number += 1
            say("try", name)
            done = lambda outcome, name=name: stored(outcome, name)
            body = name.encode() * 300
            engine.accept(
                StoredBesked("afs", name, "t", "bt", b"d", body, b"", 1.0),
                [Routing("D", "A"), Routing("E", "B")], done,
            )
        await asyncio.sleep(0.003)
    while engine.depth("D").ready + engine.depth("D").out + engine.depth("E").ready + engine.depth("E").out:
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    after = 0
    while page := await engine.peek("D", state="dead", after=after, limit=500, body=False):
        after = page[-1].id
        for one in page:
            say("dead", one.besked.besked_id, one.reason.replace(" ", "-"))
    await engine.close()
    say("end")

asyncio.run(main())
"""


@dataclass
class Ledger:
    """What happened, as the child told it."""

    attempted: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    delivered: Counter[tuple[str, str]] = field(default_factory=Counter)
    unflagged: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Deliveries that did not say that they may be repeated."""
    doomed: Counter[str] = field(default_factory=Counter)
    """Answers of condemn, by what they said."""
    condemned: set[str] = field(default_factory=set)
    """Condemned in D, and answered."""
    dead: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What lay in the fejlkø of D in the end, with the reason."""

    def read(self, text: str) -> None:
        for line in text.splitlines():
            what, *rest = line.split()
            if what == "try":
                self.attempted.add(rest[0])
            elif what == "ok":
                self.acknowledged.add(rest[0])
            elif what == "got":
                key = (rest[0], rest[1])
                if rest[2] == "first":
                    self.unflagged[key] += 1
                    assert not self.delivered[key], f"{key} came again without saying so"
                assert rest[0] != "D" or rest[1] not in self.condemned, f"{rest[1]} was condemned, and came again"
                self.delivered[key] += 1
            elif what == "doomed":
                self.doomed[rest[1]] += 1
                self.condemned.add(rest[0])
            elif what == "dead":
                self.dead[rest[0], rest[1]] += 1
            else:
                assert what in ("doom", "end"), line

    def lost(self) -> set[tuple[str, str]]:
        wanted = {(dueslag, name) for name in self.acknowledged for dueslag in ("D", "E")}
        return wanted - set(self.delivered) - {("D", name) for name, _ in self.dead}

    def duplicated(self) -> list[tuple[str, str]]:
        return [key for key, count in self.unflagged.items() if count > 1]

    def __str__(self) -> str:
        return (
            f"attempted {len(self.attempted)}, acknowledged {len(self.acknowledged)}, "
            f"delivered {self.delivered.total()}, lost {len(self.lost())}, duplicated unflagged "
            f"{len(self.duplicated())}, flagged again {self.delivered.total() - len(self.delivered)}, condemned "
            f"{len(self.condemned)} ({dict(self.doomed)}), in the fejlkø {Counter(why for _, why in self.dead)}"
        )


def child(path: Path, run: str, mode: str, output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as out:
        return subprocess.Popen([sys.executable, "-c", CHILD, str(path), run, mode], stdout=out, cwd=Path.cwd())


def test_nothing_acknowledged_is_lost_over_kills(tmp_path: Path) -> None:
    """After any number of kills at any moment: every acknowledged message is delivered to each dueslag or lies in its
    fejlkø, and none is delivered a second time without the redelivered flag.  What was condemned is in the fejlkø
    once and does not come again; a condemn that a kill cut off was done or not done."""
    chance = random.Random(20261121)
    ledger = Ledger()
    for number in range(KILLS):
        output = tmp_path / f"run{number}"
        process = child(tmp_path / "dueslag.sqlite", f"r{number}", "send", output)
        deadline = time.monotonic() + 20
        while b"\n" not in output.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        ledger.read(output.read_text())
    output = tmp_path / "last"
    process = child(tmp_path / "dueslag.sqlite", "last", "drain", output)
    assert process.wait(timeout=120) == 0
    last = Ledger()
    last.read(output.read_text())
    ledger.read(output.read_text())
    print(ledger)
    assert output.read_text().endswith("end\n")
    assert len(ledger.acknowledged) > KILLS
    assert not ledger.lost()
    assert not ledger.duplicated()
    assert {"moved", "added", "known"} <= set(ledger.doomed)
    names = Counter(name for name, _ in ledger.dead)
    assert not ledger.condemned - set(names), "condemned, and not in the fejlkø"
    assert set(names.values()) == set(ledger.dead.values()) == {1}, "in the fejlkø more than once"
    assert {why for _, why in ledger.dead} <= {"doomed", "redelivery-limit-of-3-reached"}
    assert not {("D", name) for name in names} & set(last.delivered), "in the fejlkø and in the dueslag"
