"""Push: messages a second to one receiver, and beside receivers that are down.

The Beskedfordeler runs here with its SQLite files as `serve` does it; the receiver is a process of its own.  Every
figure counts messages whose answer 20 is on disk.  Run by itself it prints ``name value`` lines.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from adapters.cluster.ports import free_port
from adapters.push import PushOutlets
from benchmarks.figures import Goal
from benchmarks.process import allow_many_files, on_disk
from benchmarks.pushed import Pushed, receiving
from benchmarks.wire import Invalid
from broker.app import running
from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Myndighed, Service, Serviceaftale
from broker.kuvert import RelateretObjekt, haendelsesbesked
from broker.ports import Login, Peer, Publication, Verdict
from broker.service import Beskedfordeler
from broker.settings import Settings

GOALS = {"push_per_s": Goal(2_000, True), "push_beside_dead": Goal(0.9, True)}
DUESLAG = 200
DEAD = 1_000
_TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
_OBJEKT = "ce7fcf97-a8a2-447a-8690-d38aa0f6e23c"
_SENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", "11111111")
_RECEIVER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Modtager", "22222222")
_LOGIN = Login(_SENDER, Peer("127.0.0.1", 50000), "PLAIN")
_FILTER = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator = '{}'"
_FILLER = b'<x:Data xmlns:x="urn:bench">' + b"a" * 3_000 + b"</x:Data>"
_WINDOW = 256
"""Messages that are being accepted at the same time."""
_LIMIT = 120.0
"""Seconds that one measurement may take."""
DELAY = 20.0
"""Seconds (three quarters to all of it) between attempts at a receiver that is down: a third of the default."""
_BURSTS = 5
"""Measurements in a row: whatever else the machine does for a moment hits one of them."""
_SLICES = 20
"""Receivers go down in so many groups, so that the attempts at them are spread out as they are after an hour."""

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """A running Beskedfordeler that pushes."""

    service: Beskedfordeler
    pushed: Pushed
    delay: float

    async def through(self, dueslag: Sequence[Dueslag], messages: int) -> Figures:
        """A backlog pushed out, then as many messages from their acceptance on."""
        await self.callbacks(dueslag, "")
        await self.send([one.navn for one in dueslag], messages)
        figures = await self._timed("push", messages, self.callbacks(dueslag, "modtag"))
        figures |= await self._timed("push_from_send", messages, self.send([one.navn for one in dueslag], messages))
        return figures

    async def one_beside(self, one: Dueslag, dead: Sequence[Dueslag], messages: int, rounds: int) -> Figures:
        """One dueslag alone, beside receivers that are down, and at the moment when all of these go down."""
        await self.send(["dead"], 3)
        alone: list[float] = []
        beside: list[float] = []
        for _ in range(rounds):
            alone += [await self._one(one, messages) for _ in range(_BURSTS)]
            for number in range(_SLICES):
                await self.callbacks(dead[number::_SLICES], "hang", refused=True)
                await asyncio.sleep(self.delay / _SLICES)
            beside += [await self._one(one, messages) for _ in range(_BURSTS)]
            await self.callbacks(dead, "")
        await self.callbacks(dead, "hang", refused=True)
        return {
            "push_one_per_s": statistics.median(alone),
            "push_one_beside_dead_per_s": statistics.median(beside),
            "push_beside_dead": statistics.median(beside) / statistics.median(alone),
            "push_one_while_all_go_down_per_s": await self._one(one, messages),
        }

    async def _one(self, one: Dueslag, messages: int) -> float:
        await self.callbacks([one], "")
        await self.send([one.navn], messages)
        return (await self._timed("one", messages, self.callbacks([one], "modtag")))["one_per_s"]

    async def _timed(self, name: str, messages: int, begin: Coroutine[None, None, None]) -> Figures:
        settled, before = self.service.meters.settled, self.pushed.count()
        until = settled["ack"] + messages
        start, cpu = time.perf_counter(), time.process_time()
        await begin
        while settled["ack"] < until:
            if time.perf_counter() - start > _LIMIT:
                raise Invalid(f"{name}: {until - settled['ack']} of {messages} not taken in {_LIMIT:g} s")
            await asyncio.sleep(0.002)
        await self.service.engine.flushed()
        seconds, spent = time.perf_counter() - start, time.process_time() - cpu
        taken = self.pushed.count() - before
        if taken != messages:
            raise Invalid(f"{name}: {messages} messages, {taken} taken")
        return {f"{name}_per_s": messages / seconds, f"{name}_cpu_us_per_message": spent / messages * 1e6}

    async def callbacks(self, dueslag: Sequence[Dueslag], path: str, refused: bool = False) -> None:
        """Give them a callback, "" = none; ``refused``: for every other one a port where nobody listens."""
        nobody = f"http://127.0.0.1:{free_port()}/"
        url = self.pushed.url(path) if path else None
        odd = nobody if refused else url
        await self.service.put([replace(one, callback=(url, odd)[i % 2]) for i, one in enumerate(dueslag)])

    async def send(self, names: Sequence[str], messages: int) -> None:
        """Send so many messages, in turn to each of ``names``; returns when all are accepted, hence on disk."""
        room = asyncio.Semaphore(_WINDOW)
        refused: list[Verdict] = []
        for number in range(messages):
            await room.acquire()

            def answered(verdict: Verdict) -> None:
                room.release()
                if verdict.status_kode != 20:
                    refused.append(verdict)

            about = RelateretObjekt(f"urn:bench:{names[number % len(names)]}", _OBJEKT)
            body = haendelsesbesked(beskedtype=_TYPE, relateret_objekt=(about,), beskeddata=_FILLER)
            if not self.service.submit(_LOGIN, Publication(body, None, None), answered):
                await asyncio.sleep(0)
        for _ in range(_WINDOW):
            await room.acquire()
        if refused:
            raise Invalid(f"refused: {refused[0].text}")


def _dueslag(number: int, navn: str) -> Dueslag:
    return Dueslag(f"dddddddd-0000-4000-8000-{number:012d}", navn, _RECEIVER.id)


def _abonnement(dueslag: Dueslag, about: str) -> Abonnement:
    return Abonnement(
        f"bbbbbbbb{dueslag.id[8:]}", f"til {dueslag.navn}", dueslag.id, _FILTER.format(f"urn:bench:{about}")
    )


def _no_tls() -> ssl.SSLContext:
    raise AssertionError("no https callback here")


@asynccontextmanager
async def _pushing(folder: Path, pushed: Pushed, delay: float) -> AsyncIterator[Bench]:
    settings = Settings(
        data=folder / "data", amqp_port=None, push_timeout=2, push_first_delay=delay, push_longest_delay=delay
    )
    async with running(settings) as app:
        push = PushOutlets(app.service, settings, _no_tls)
        await push.start()
        try:
            yield Bench(app.service, pushed, delay)
        finally:
            await push.close()


async def measure(
    folder: Path, messages: int, one_messages: int, dead_count: int, rounds: int, delay: float = DELAY
) -> Figures:
    """All figures.  Raises Invalid where a message is lost, refused or sent twice."""
    live = [_dueslag(number, f"live-{number}") for number in range(DUESLAG)]
    dead = [_dueslag(number, f"dead-{number}") for number in range(DUESLAG, DUESLAG + dead_count)]
    with receiving() as pushed:
        async with _pushing(folder, pushed, delay) as bench:
            await bench.service.put(
                [
                    Myndighed("11111111", "En kommune (syntetisk)"),
                    Myndighed("22222222", "En anden kommune (syntetisk)"),
                    _SENDER,
                    _RECEIVER,
                    Beskedtype(_TYPE, "Bench"),
                    Serviceaftale("ffffffff-0000-4000-8000-000000000001", _SENDER.id, Service.AFSEND),
                    Serviceaftale("ffffffff-0000-4000-8000-000000000002", _RECEIVER.id, Service.MODTAG),
                    *live,
                    *dead,
                    *(_abonnement(one, one.navn) for one in live),
                    *(_abonnement(one, "dead") for one in dead),
                ]
            )
            figures = await bench.through(live, messages)
            if rounds:
                figures |= await bench.one_beside(live[0], dead, one_messages, rounds)
            return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.push", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="to 200 dueslag")
    parser.add_argument("--one", type=int, default=1_000, help="to one dueslag, five times each round")
    parser.add_argument("--dead", type=int, default=DEAD, help="dueslag whose receivers are down")
    parser.add_argument("--rounds", type=int, default=3, help="alone, and beside the dead; 0 = not at all")
    options = parser.parse_args(arguments)
    allow_many_files()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory(prefix="bench-push-", dir=on_disk()) as folder:
        work = measure(Path(folder), options.messages, options.one, options.dead, options.rounds)
        for name, value in asyncio.run(work).items():
            print(f"{name} {value:.6g}")


if __name__ == "__main__":
    main()
