"""One run against one target, from the register to the ledger; a target that dies still leaves a result."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from consumers.load import usage
from consumers.load.board import Board
from consumers.load.cast import Cast
from consumers.load.crew import Crew, CrewError, News
from consumers.load.histogram import Histogram
from consumers.load.ledger import Change, draw_up
from consumers.load.limit import judge
from consumers.load.news import SendCounts, Task, Tick
from consumers.load.plan import changes_of, marks_of, tasks_of, windows_of
from consumers.load.result import MEASURED, Result
from consumers.load.series import Series
from consumers.load.snapshot import Look, Plan, Snapshot
from consumers.load.tally import LAG, OWN_LAG
from consumers.load.targets.target import Target, TargetError
from consumers.load.workload import Churn

_LOOK = 0.25
_START = 0.3
"""Seconds between the last preparation and the first message."""
_QUIET = 5.0
"""Seconds without a delivery, the queues empty, after which what is missing is lost."""
_SENDER_GRACE = 10.0


async def run(target: Target, plan: Plan, number: int, run_id: int, look: Look) -> Result:
    """Never raises for what the target does: that stands in ``reasons``."""
    result = Result(target.name, number, started=datetime.now(UTC).isoformat(timespec="seconds"))
    began = time.monotonic()
    try:
        look(Snapshot(0, 0, "preparing", SendCounts(), 0, 0, None, f"{target.name}: preparing"))
        cast = await target.prepare(plan.workload, run_id)
        try:
            with Board.make(cast.offsets[-1]) as board:
                await _Run(target, plan, cast, board, result, look).play()
        finally:
            await target.close(keep=plan.keep)
    except TargetError as error:
        result.reasons.append(str(error))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        if not result.reasons:
            result.reasons.append("interrupted")
    result.took = time.monotonic() - began
    return result


@dataclass(slots=True)
class _Run:
    target: Target
    plan: Plan
    cast: Cast
    board: Board
    result: Result
    look: Look
    origin: int = 0
    ticks: dict[int, Tick] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    depths: dict[str, int] | None = None
    series: Series = field(init=False)
    crew: Crew = field(init=False)
    tasks: tuple[Task, ...] = ()
    cpu_at_end: dict[int, float] = field(default_factory=dict)
    cut_short: bool = False
    moved_at: float = 0.0
    moved: int = 0
    stood: dict[int, float] = field(default_factory=dict)
    """By process: seconds for which it did not get on while the phases lasted."""
    stood_most: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.series = Series(self.cast.profile.seconds + self.cast.drain)
        self.tasks = tasks_of(self.cast, self.plan.workload, self.board.name, self.plan.patience)

    @property
    def now(self) -> float:
        """Seconds since the start of the first phase."""
        return (time.monotonic_ns() - self.origin) / 1e9

    async def play(self) -> None:
        self.crew = Crew(self.tasks, self._heard)
        machine = spent = None
        begun = time.monotonic()
        try:
            await self.crew.ready()
            self.result.about = await self.target.about()
            begun, machine = time.monotonic(), usage.machine_seconds()
            spent = self._target_cpu()
            self.origin = self.crew.go(_START).origin
            await self._watch()
        except (CrewError, TargetError) as error:
            self._give_up(str(error))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            self._give_up("interrupted")
        finally:
            self._shares(begun, machine, spent)
            await self.crew.stop()
        self._finish()

    async def _watch(self) -> None:
        """Carry out churn, look at the target, and wait for the end."""
        background = [asyncio.create_task(self._churn()), asyncio.create_task(self._look_at_target())]
        try:
            end = self.cast.profile.seconds
            while not self.cut_short and self.now < end:
                await asyncio.sleep(min(_LOOK, max(0.0, end - self.now)))
                self._check(background)
            expected: list[int] | None = None
            while not self.cut_short:
                self._check(background)
                if expected is None and self._sent_all:
                    expected = await asyncio.to_thread(self._expected)
                if expected is not None and self._all_in(expected):
                    self.result.drained = max(0.0, self.moved_at - end)
                    break
                if self.now > end + self.cast.drain:
                    self._too_slow()
                    break
                await asyncio.sleep(_LOOK)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

    def _check(self, background: Sequence[asyncio.Task[None]]) -> None:
        """Give up where going on would be of no use; tell how it stands."""
        if self.crew.failures:
            self._give_up(self.crew.failures[0])
        elif gone := self.target.gone():
            self._give_up(gone)
        for task in background:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                self._give_up(str(error))
        self.look(self._snapshot())

    def _give_up(self, reason: str) -> None:
        if not self.cut_short:
            self.cut_short = True
            self.result.reasons.append(reason if not self.origin else f"after {max(0.0, self.now):.1f} s: {reason}")

    def _too_slow(self) -> None:
        self.cut_short = True
        send, left = self._send, sum((self.depths or {}).values())
        parts = []
        if send.due > send.sent:
            parts.append(f"{send.due - send.sent} messages not sent yet")
        if send.unanswered:
            parts.append(f"{send.unanswered} without an answer")
        if left:
            parts.append(f"{left} still in the queues")
        self.result.reasons.append(
            f"too slow: {', '.join(parts) or 'not everything had come'} {self.cast.drain:g} s after the last phase"
        )

    # The target, while messages flow

    async def _churn(self) -> None:
        for at, churn in changes_of(self.plan.workload.churn, self.cast.profile.seconds):
            await asyncio.sleep(max(0.0, at - self.now))
            await self._change(churn)

    async def _change(self, churn: Churn) -> None:
        begin = time.monotonic_ns() - self.origin
        after = await self.target.churn(self.cast, churn)
        end = time.monotonic_ns() - self.origin
        self.changes += [Change(index, begin, end, kinds) for index, kinds in after.items()]
        self.result.marks.append((begin / 1e9, f"{churn.do} {churn.receiver}"))

    async def _look_at_target(self) -> None:
        cpu, at = self._target_cpu(), time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            found = await self.target.depths()
            self.depths = None if found is None else dict(found)
            if found is not None:
                self.series.depth(self.now, found)
            pid, now, spent = self.target.pid(), time.monotonic(), self._target_cpu()
            if pid is not None:
                mb = usage.resident_mb(pid)
                cores = None if spent is None or cpu is None else (spent - cpu) / (now - at)
                self.series.usage(self.now, cores, mb)
                self.result.peak_mb = max(self.result.peak_mb or 0.0, mb or 0.0)
            cpu, at = spent, now

    def _target_cpu(self) -> float | None:
        pid = self.target.pid()
        return None if pid is None else usage.cpu_seconds(pid)

    # What the processes say

    def _heard(self, process: int, news: News) -> None:
        if not isinstance(news, Tick):
            return
        self.ticks[process] = news
        self.series.tick(process, news)
        for (hop, phase), counts in news.latencies.items():
            label = self.cast.labels[phase]
            for name in (label,) if phase in self.cast.warm else (label, MEASURED):
                hops = self.result.histograms.setdefault(name, {})
                hops.setdefault(hop, Histogram()).add(counts)
        if news.at <= self.cast.profile.seconds + 1.0:
            self.cpu_at_end[process] = news.cpu / max(news.at, 0.001)
            self.stood[process] = self.stood.get(process, 0.0) + news.stood
            self.stood_most[process] = max(self.stood_most.get(process, 0.0), news.stood_most)

    @property
    def _send(self) -> SendCounts:
        found = [tick.send for tick in self.ticks.values() if tick.send is not None]
        return SendCounts(
            **{name: sum(getattr(one, name) for one in found) for name in SendCounts.__dataclass_fields__}
        )

    @property
    def _taken(self) -> int:
        return sum(sum(tick.taken.values()) for tick in self.ticks.values())

    @property
    def _sent_all(self) -> bool:
        senders = [number for number, task in enumerate(self.tasks) if task.streams]
        return all(number in self.ticks and self.ticks[number].done for number in senders)

    def _expected(self) -> list[int]:
        """By destination, what is to come at least."""
        ledger = draw_up(self.cast, self.board.cells, (), self.changes, complete=True)
        return [row.expected for row in ledger.rows]

    def _all_in(self, expected: Sequence[int]) -> bool:
        """Whether everything has come, or nothing more will."""
        came = self._taken + sum(tick.arrived for tick in self.ticks.values())
        if came != self.moved:
            self.moved, self.moved_at = came, self.now
        empty = self.depths is not None and not sum(self.depths.values())
        quiet = self.now - self.moved_at
        taken: dict[int, int] = {}
        for tick in self.ticks.values():
            taken |= tick.taken
        all_came = all(taken.get(index, 0) >= count for index, count in enumerate(expected))
        if all_came and (not self.changes or empty):
            return quiet > (1.5 if self.changes else 0.5)  # what comes twice comes after the first time
        waiting = sum(tick.waiting for tick in self.ticks.values())
        still = max(
            (stall.at + stall.seconds for one in self.plan.workload.receivers for stall in one.stall), default=0
        )
        return empty and not waiting and quiet > _QUIET and self.now > still + _QUIET

    def _snapshot(self) -> Snapshot:
        at, seconds = self.now, self.cast.profile.seconds
        phase, until = "draining", 0.0
        for label, (length, _, _) in zip(self.cast.labels, self.cast.phases, strict=True):
            until += length
            if at < until:
                phase = label
                break
        depth = None if self.depths is None else sum(self.depths.values())
        p99 = self.result.histogram("e2e").percentile(99) / 1000
        return Snapshot(at, seconds, phase, self._send, self._taken, p99, depth)

    # The end

    def _shares(self, begun: float, machine: float | None, spent: float | None) -> None:
        elapsed, cores, shares = max(time.monotonic() - begun, 0.001), os.cpu_count() or 1, self.result.shares
        shares.generator = sum(tick.cpu for tick in self.ticks.values()) / elapsed / cores
        now, target = usage.machine_seconds(), self._target_cpu()
        if machine is not None and now is not None:
            shares.machine = min(1.0, (now - machine) / elapsed / cores)
        if spent is not None and target is not None:
            shares.target = (target - spent) / elapsed / cores

    def _finish(self) -> None:
        result, cast = self.result, self.cast
        done = list(self.crew.done.values())
        if len(done) < len(self.tasks):
            self._give_up("a process of the generator did not tell what it had seen")
        result.ledger = draw_up(cast, self.board.cells, done, self.changes, complete=not self.cut_short)
        result.bins, result.width = self.series.finish(), self.series.width
        result.marks = sorted([*marks_of(self.plan.workload, cast), *result.marks])
        result.windows = windows_of(cast)
        result.reconnects = self._send.reconnects + sum(tick.reconnects for tick in self.ticks.values())
        names = [f"process {n + 1} ({'sending' if task.streams else 'receiving'})" for n, task in enumerate(self.tasks)]
        cpu = {names[number]: round(share, 3) for number, share in self.cpu_at_end.items()}
        own, lag = (result.histogram(hop).percentile(99) / 1000 for hop in (OWN_LAG, LAG))
        seconds = max(cast.profile.seconds, 0.001)
        stood = {names[n]: (round(lost / seconds, 4), round(self.stood_most[n], 3)) for n, lost in self.stood.items()}
        result.limit = judge(cpu, own, lag, stood)
