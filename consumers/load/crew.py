"""The processes of a run: started, told to go, listened to, and stopped."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from consumers.load.news import Done, Failed, Go, Ready, Stop, Task, Tick
from consumers.load.process import work

News = Ready | Tick | Done | Failed
_READY = 60.0
_END = 30.0


class CrewError(Exception):
    """A process could not do what it was started for."""


class Crew:
    """``heard`` is called with the number of the process and what it said."""

    def __init__(self, tasks: Sequence[Task], heard: Callable[[int, News], None]) -> None:
        context = multiprocessing.get_context("spawn")
        self._heard = heard
        self._members: list[tuple[BaseProcess, Connection]] = []
        self._ready: set[int] = set()
        self._ended: set[int] = set()
        self._changed = asyncio.Event()
        self.done: dict[int, Done] = {}
        self.failures: list[str] = []
        self.properties: dict[str, str] = {}
        for number, task in enumerate(tasks):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, task), name=f"load-{number}", daemon=True)
            process.start()
            theirs.close()
            self._members.append((process, ours))
            asyncio.get_running_loop().add_reader(ours.fileno(), self._read, number)

    @property
    def size(self) -> int:
        return len(self._members)

    async def ready(self) -> None:
        """Until all are connected.  Raises CrewError."""
        await self._until(lambda: bool(self.failures) or len(self._ready) == self.size, _READY)
        if self.failures:
            raise CrewError(self.failures[0])
        if len(self._ready) < self.size:
            raise CrewError(f"not all processes were ready within {_READY:.0f} s")

    def go(self, delay: float) -> Go:
        """Let them begin in ``delay`` seconds, all at the same moment."""
        go = Go(time.monotonic_ns() + int(delay * 1e9), time.time() + delay)
        self._tell(go)
        return go

    async def stop(self) -> None:
        """Have their last word, as far as they have one."""
        self._tell(Stop())
        await self._until(lambda: len(self._ended) == self.size, _END)
        for number, (process, pipe) in enumerate(self._members):
            if number not in self._ended:
                process.kill()
                self._unread(number, pipe)
            await asyncio.to_thread(process.join, 5.0)
            process.close()
            pipe.close()
        self._members.clear()

    def _tell(self, what: Go | Stop) -> None:
        for number, (_, pipe) in enumerate(self._members):
            if number not in self._ended:
                try:
                    pipe.send(what)
                except OSError:
                    continue  # the reader will see that it is gone

    def _read(self, number: int) -> None:
        pipe = self._members[number][1]
        try:
            while number not in self._ended and pipe.poll():
                self._hear(number, pipe.recv())
        except (EOFError, OSError):
            if number not in self.done:
                self.failures.append("a process of the generator died")
            self._unread(number, pipe)
        self._changed.set()

    def _hear(self, number: int, news: News) -> None:
        if isinstance(news, Ready):
            self._ready.add(number)
            self.properties = self.properties or news.properties
        elif isinstance(news, Failed):
            self.failures.append(news.reason)
        elif isinstance(news, Done):
            self.done[number] = news
            self._unread(number, self._members[number][1])
        self._heard(number, news)

    def _unread(self, number: int, pipe: Connection) -> None:
        if number not in self._ended:
            self._ended.add(number)
            asyncio.get_running_loop().remove_reader(pipe.fileno())

    async def _until(self, condition: Callable[[], bool], limit: float) -> None:
        deadline = time.monotonic() + limit
        while not condition() and time.monotonic() < deadline:
            self._changed.clear()
            try:
                async with asyncio.timeout(max(0.0, min(0.5, deadline - time.monotonic()))):
                    await self._changed.wait()
            except TimeoutError:
                continue
