"""One process of the generator: it sends or receives what it is told to, and reports once in a while.

`work` is its whole life.  It talks over one pipe (`consumers.load.news`); when that closes, it ends.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from consumers.load.board import Board
from consumers.load.news import Done, Failed, Go, Ready, SendCounts, Stop, Task, Tick
from consumers.load.receiver import Receiver
from consumers.load.sender import Sender
from consumers.load.tally import Tally
from consumers.load.wire import WireError

INTERVAL = 0.5
"""Seconds between two ticks."""
_BEAT = 0.02
_STOOD = 0.05
"""Seconds by which a beat is late from which on the process stood still: what came meanwhile looks late, too."""


def work(pipe: Connection, task: Task) -> None:
    """Runs until `Stop`, or until the other end of the pipe is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of us; whoever started us says what to do
    try:
        with Board.attach(task.board, task.cast.offsets[-1]) as board:
            asyncio.run(_Process(pipe, task, board).run())
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return


class _Process:
    def __init__(self, pipe: Connection, task: Task, board: Board) -> None:
        self._pipe = pipe
        self._task = task
        self._board = board
        self._tally = Tally()
        self._views: list[Any] = []
        self._origin = 0
        self._cpu = 0.0
        self._stood = self._stood_most = 0.0
        self._commands: asyncio.Queue[Go | Stop] = asyncio.Queue()
        self._stopped = asyncio.Event()
        self.senders: list[Sender] = []
        self.receivers: list[Receiver] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._pipe.fileno(), self._read)
        self._make()
        parts: Sequence[Sender | Receiver] = [*self.senders, *self.receivers]
        reason = await self._open(parts)
        if not reason:
            self._pipe.send(Ready(next((sender.properties for sender in self.senders), {})))
            command = await self._commands.get()
            if isinstance(command, Go):
                await self._play(parts, command)
        else:
            self._pipe.send(Failed(reason))
        loop.remove_reader(self._pipe.fileno())
        await self._end(parts)

    def _make(self) -> None:
        cast, offsets, task = self._task.cast, self._task.cast.offsets, self._task
        for index in task.streams:
            cells = self._board.cells[offsets[index] : offsets[index + 1]]
            self._views.append(cells)
            stream = cast.streams[index]
            self.senders.append(Sender(cast, stream, cells, self._tally, task.max_unanswered, task.patience))
        for index in task.destinations:
            destination = cast.destinations[index]
            self.receivers.append(Receiver(cast, destination, self._board.cells, self._tally, task.patience))

    async def _open(self, parts: Sequence[Sender | Receiver]) -> str:
        """Why it cannot, or nothing."""
        try:
            for at in range(0, len(parts), 32):
                await asyncio.gather(*(part.open() for part in parts[at : at + 32]))
        except WireError as error:
            return str(error)
        return ""

    async def _play(self, parts: Sequence[Sender | Receiver], go: Go) -> None:
        self._origin = go.origin
        gc.collect()
        gc.freeze()
        for sender in self.senders:
            sender.begin(go.origin, go.wall)
        for receiver in self.receivers:
            receiver.begin(go.origin)
        self._cpu = time.process_time()
        keeping = [asyncio.create_task(self._keep(part)) for part in parts]
        ticking = asyncio.create_task(self._tick())
        pumping = asyncio.create_task(self._pump()) if self.senders else None
        beating, stopping = asyncio.create_task(self._beat()), asyncio.create_task(self._wait_for_stop())
        await self._stopped.wait()
        tasks = [task for task in (*keeping, ticking, pumping, beating, stopping) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, part: Sender | Receiver) -> None:
        reason = await part.run()
        self._pipe.send(Failed(reason))

    async def _pump(self) -> None:
        senders = self.senders
        while True:
            now = time.monotonic_ns()
            following = now + 50_000_000
            for sender in senders:
                following = min(following, sender.pump(now))
            await asyncio.sleep(max(0.0, (following - time.monotonic_ns()) / 1e9))

    async def _tick(self) -> None:
        while True:
            since = (time.monotonic_ns() - self._origin) / 1e9
            await asyncio.sleep((since // INTERVAL + 1) * INTERVAL - since)  # the same moments in all processes
            self._pipe.send(self._news())

    async def _beat(self) -> None:
        """Notice where the machine, or too much work, kept this process from getting on."""
        await asyncio.sleep(max(0.0, (self._origin - time.monotonic_ns()) / 1e9))
        while True:
            before = time.monotonic()
            await asyncio.sleep(_BEAT)
            late = time.monotonic() - before - _BEAT
            if late > _STOOD:
                self._stood += late
                self._stood_most = max(self._stood_most, late)

    def _news(self) -> Tick:
        now = time.monotonic_ns()
        stood, most, self._stood, self._stood_most = self._stood, self._stood_most, 0.0, 0.0
        send = None
        if self.senders:
            send = SendCounts(
                due=sum(sender.due(now) for sender in self.senders),
                sent=sum(sender.sent for sender in self.senders),
                accepted=sum(sender.accepted for sender in self.senders),
                refused=sum(sender.refused for sender in self.senders),
                unanswered=sum(sender.unanswered for sender in self.senders),
                resent=sum(sender.resent for sender in self.senders),
                reconnects=sum(sender.reconnects for sender in self.senders),
            )
        return Tick(
            at=(now - self._origin) / 1e9,
            cpu=time.process_time() - self._cpu,
            latencies=self._tally.taken(),
            send=send,
            arrived=sum(receiver.arrived for receiver in self.receivers),
            waiting=sum(receiver.waiting for receiver in self.receivers),
            taken={receiver.index: receiver.taken for receiver in self.receivers},
            reconnects=sum(receiver.reconnects for receiver in self.receivers),
            stood=stood,
            stood_most=most,
            done=all(sender.done for sender in self.senders),
        )

    def _read(self) -> None:
        try:
            while self._pipe.poll():
                self._commands.put_nowait(self._pipe.recv())
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._commands.put_nowait(Stop())

    async def _wait_for_stop(self) -> None:
        while not isinstance(await self._commands.get(), Stop):
            pass
        self._stopped.set()

    async def _end(self, parts: Sequence[Sender | Receiver]) -> None:
        await asyncio.gather(*(part.close() for part in parts), return_exceptions=True)
        if self._origin:
            self._pipe.send(self._news())
        streams = {index: sender.end for index, sender in zip(self._task.streams, self.senders, strict=True)}
        seen = {
            (receiver.index, number): seen
            for receiver in self.receivers
            for number, seen in enumerate(receiver.seen)
            if seen.highest >= 0 or seen.strays
        }
        self._pipe.send(Done(streams, seen, sum(receiver.foreign for receiver in self.receivers)))
        self.senders.clear()
        self.receivers.clear()
        for view in self._views:
            view.release()
