"""A front in a process of its own, for tests that kill it: ``python -m … URL PREFIX DUESLAG``.

Reads lines: ``send NAME``, and writes ``accepted NAME`` when it is; ``take``, and writes ``got NAME 0|1`` (redelivered)
of what it consumes, 20 at most until ``ack``; ``turn``, and writes ``turn 1`` when it works the dueslag alone,
``turn 0`` when another front may.
"""

from __future__ import annotations

import asyncio
import sys

from broker.clock import SystemClock
from broker.engine.rabbitmq import RabbitmqEngine, open_rabbitmq_engine
from broker.ports import Leverance
from tests.conformance.engine.parts import Answers, Notebook, besked, to


class Teller(Notebook):
    """Says what it gets."""

    def deliver(self, leverance: Leverance) -> None:
        super().deliver(leverance)
        assert leverance.besked is not None
        print("got", leverance.besked.besked_id, int(leverance.redelivered), flush=True)


async def main(url: str, prefix: str, dueslag: str) -> None:
    engine = open_rabbitmq_engine(url, SystemClock(), prefix=prefix)
    await engine.open()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)
    teller = Teller(room=20)
    turns: list[asyncio.Task[None]] = []
    while line := await reader.readline():
        word, _, name = line.decode().strip().partition(" ")
        if word == "send":
            engine.accept(besked(name), to(dueslag), _Accepted(name))
        elif word == "take":
            engine.attach(dueslag, teller)
        elif word == "ack":
            engine.ack(teller.got)
            teller.room += len(teller.got)
            teller.got = []
            engine.kick(dueslag)
        elif word == "turn":
            turns.append(asyncio.create_task(take_turns(engine, dueslag)))
    for turn in turns:
        turn.cancel()
    await engine.close()


async def take_turns(engine: RabbitmqEngine, dueslag: str) -> None:
    while True:
        async with engine.sole(dueslag) as lease:
            print("turn 1", flush=True)
            await lease.lost.wait()
            print("turn 0", flush=True)


class _Accepted(Answers):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __call__(self, outcome: object) -> None:
        print("accepted", self._name, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
