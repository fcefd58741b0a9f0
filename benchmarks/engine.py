"""What the engine alone can do: accepts per second, accept + deliver + ack, commit latency, a million queued.

    python -m benchmarks.engine [--messages N] [--queued N] [--memory]

Figures go to standard output, one per line; run by hand, never by the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from broker.clock import SystemClock
from broker.core.stored import StoredBesked
from broker.engine import EmbeddedEngine, memory_engine, sqlite_engine
from broker.ports import Leverance, Outcome, Routing

BODY = 4_700
WINDOW = 1_000
"""Messages under way at most, as a sender's confirm window."""


@dataclass(slots=True)
class Figures:
    """Medians are per run; latencies in milliseconds, memory in MB."""

    values: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.values[name] = value
        print(f"{name:<40} {value:>12.1f}", flush=True)


def rss_mb() -> float:
    """Memory of this process now."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1024 / 1024


def beskeder(count: int, size: int = BODY) -> Iterator[StoredBesked]:
    """Messages with random BeskedIds and one shared body."""
    body = b"<Haendelsesbesked/>" + b"x" * (size - 19)
    for _ in range(count):
        id = str(uuid.uuid4())
        yield StoredBesked("c2b6d5f0-6f0e-4a43-9f0e-2f6a1c7f4a11", id, id, "bt", id.encode()[:32], body, b"cuts", 1.0)


class Sender:
    """Keeps a window of accepts under way; optionally so many per second."""

    def __init__(self, engine: EmbeddedEngine, routing: list[Routing], rate: float | None = None) -> None:
        self._engine = engine
        self._routing = routing
        self._rate = rate
        self._under_way = 0
        self._room = asyncio.Event()
        self.latencies: list[float] = []

    async def send(self, messages: list[StoredBesked]) -> float:
        """All of them; seconds from the first accept to the last answer."""
        started = time.perf_counter()
        if self._rate is None:
            await self._window(messages)
        else:
            await self._paced(messages, self._rate)
        while self._under_way:
            self._room.clear()
            await self._room.wait()
        return time.perf_counter() - started

    async def _window(self, messages: list[StoredBesked]) -> None:
        queue = deque(messages)
        while queue:
            for _ in range(min(WINDOW - self._under_way, 20, len(queue))):  # as a read from a socket brings
                self._accept(queue.popleft())
            if self._under_way >= WINDOW:
                self._room.clear()
                await self._room.wait()
            else:
                await asyncio.sleep(0)

    async def _paced(self, messages: list[StoredBesked], rate: float) -> None:
        started = time.perf_counter()
        for position, besked in enumerate(messages):
            while (wait := started + position / rate - time.perf_counter()) > 0:  # noqa: ASYNC110 - the clock has no event
                await asyncio.sleep(max(wait, 0.001))
            self._accept(besked)

    def _accept(self, besked: StoredBesked) -> None:
        self._under_way += 1
        began = time.perf_counter()

        def done(outcome: Outcome) -> None:
            assert outcome is Outcome.ACCEPTED
            self._under_way -= 1
            self.latencies.append(time.perf_counter() - began)
            self._room.set()

        self._engine.accept(besked, self._routing, done)


class Taker:
    """A consumer that acks in bundles of 50, a moment after it got them."""

    priority = 0

    def __init__(self, engine: EmbeddedEngine, dueslag: str, prefetch: int = 500) -> None:
        self._engine = engine
        self._dueslag = dueslag
        self._prefetch = prefetch
        self._out = 0
        self._taken: list[Leverance] = []
        self._acked = asyncio.Event()
        self.count = 0

    def has_room(self) -> bool:
        return self._out < self._prefetch

    def deliver(self, leverance: Leverance) -> None:
        self._out += 1
        self.count += 1
        leverance.besked = None
        if not self._taken:
            asyncio.get_running_loop().call_soon(self._ack)
        self._taken.append(leverance)

    async def reached(self, count: int) -> None:
        """Returns when so many were delivered."""
        while self.count < count:
            self._acked.clear()
            await self._acked.wait()

    def _ack(self) -> None:
        self._acked.set()
        taken, self._taken = self._taken, []
        self._out -= len(taken)
        self._engine.ack(taken)
        self._engine.kick(self._dueslag)

    def dueslag_gone(self) -> None:
        raise AssertionError("nobody removed the dueslag")


def _engine(directory: Path, memory: bool) -> EmbeddedEngine:
    return memory_engine(SystemClock()) if memory else sqlite_engine(directory / "dueslag.sqlite", SystemClock())


async def _accepts(figures: Figures, directory: Path, memory: bool, count: int) -> None:
    engine = _engine(directory, memory)
    await engine.open()
    seconds = await Sender(engine, [Routing("D", "A")]).send(list(beskeder(count)))
    await engine.close()
    figures.note("accepts_per_s", count / seconds)


async def _through(figures: Figures, directory: Path, memory: bool, count: int) -> float:
    rates = []
    for run in range(3):
        engine = _engine(directory / f"through{run}", memory)
        await engine.open()
        taker = Taker(engine, "D")
        engine.attach("D", taker)
        messages = list(beskeder(count))
        began, cpu = time.perf_counter(), time.thread_time()
        await Sender(engine, [Routing("D", "A")]).send(messages)
        await taker.reached(count)
        await engine.flushed()
        rates.append(count / (time.perf_counter() - began))
        loop_us = (time.thread_time() - cpu) / count * 1e6
        await engine.close()
        figures.note("loop_thread_us_per_message", loop_us)
    rate = statistics.median(rates)
    figures.note("accept_deliver_ack_per_s", rate)
    return rate


async def _latency(figures: Figures, directory: Path, memory: bool, rate: float) -> None:
    engine = _engine(directory / "latency", memory)
    await engine.open()
    engine.attach("D", Taker(engine, "D"))
    sender = Sender(engine, [Routing("D", "A")], rate)
    messages = list(beskeder(int(rate * 3)))
    gc.collect()
    gc.freeze()
    await sender.send(messages)
    await engine.close()
    cuts = statistics.quantiles(sender.latencies, n=100)
    figures.note("half_rate_per_s", rate)
    figures.note("commit_p50_ms", cuts[49] * 1e3)
    figures.note("commit_p99_ms", cuts[98] * 1e3)
    figures.note("commit_max_ms", max(sender.latencies) * 1e3)


async def _million(figures: Figures, directory: Path, count: int) -> None:
    """Many small messages queued, with a consumer that takes none; reopened, then drained."""
    path = directory / "million" / "dueslag.sqlite"
    engine = sqlite_engine(path, SystemClock())
    await engine.open()
    before = rss_mb()
    sender = Sender(engine, [Routing("D", "A")])
    for _ in range(0, count, 20_000):
        await sender.send(list(beskeder(20_000, 500)))
        sender.latencies.clear()
    gc.collect()
    figures.note("rss_growth_mb_queued", rss_mb() - before)
    figures.note("queued", engine.depth("D").ready)
    await engine.close()
    began = time.perf_counter()
    engine = sqlite_engine(path, SystemClock())
    await engine.open()
    figures.note("reopen_s", time.perf_counter() - began)
    taker = Taker(engine, "D")
    began = time.perf_counter()
    engine.attach("D", taker)
    drained = min(count, 100_000)
    await taker.reached(drained)
    figures.note("drained_per_s", taker.count / (time.perf_counter() - began))
    figures.note("rss_growth_mb_drained", rss_mb() - before)
    await engine.close()


async def _many(figures: Figures, directory: Path) -> None:
    engine = sqlite_engine(directory / "many" / "dueslag.sqlite", SystemClock())
    await engine.open()
    gc.collect()
    before = rss_mb()
    for number in range(10_000):
        engine.attach(f"{number:08d}-aaaa-bbbb-cccc-dddddddddddd", Taker(engine, "D"))
    figures.note("rss_growth_mb_10k_dueslag", rss_mb() - before)
    await engine.close()


async def run(messages: int = 50_000, queued: int = 1_000_000, memory: bool = False) -> dict[str, float]:
    """All of it, in a directory of its own; figures by name."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if not memory:
            await _many(figures, directory)
        await _accepts(figures, directory, memory, messages)
        rate = await _through(figures, directory, memory, messages)
        await _latency(figures, directory, memory, rate / 2)
        if not memory and queued:
            await _million(figures, directory, queued)
    return figures.values


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--queued", type=int, default=1_000_000)
    parser.add_argument("--memory", action="store_true", help="the memory engine")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.messages, arguments.queued, arguments.memory))


if __name__ == "__main__":
    main()
