"""A store in a process of its own: what SQLite and its JSON take no longer holds up the loop thread (ADR 0024)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from broker.core.stored import StoredBesked
from broker.engine.flat import flatten
from broker.engine.limits import Limits
from broker.engine.store import Batch, Dead, Due, Located, Moved, Opened, Page, Selection, State, StoreFull
from broker.engine.store_wire import LENGTHS, Kind, batch_frame, message, read_message
from broker.errors import StoreError
from broker.ports import Glimpse

BUFFER = 1024 * 1024
"""Octets that the socket is asked to hold: most batches go in one call."""
PIECES = 512
"""Bodies to a call; systems take 1,024 at most."""
GOODBYE = 10.0
"""Seconds that the process is given to end."""


class ProcessStore:
    """`broker.engine.store.Store`: a `SqliteStore` in a process that this one starts, and that ends with it.

    Where that process ends by itself, ``lost`` is told why, once; from then on everything raises StoreError.
    """

    def __init__(
        self, path: Path, *, full: bool = True, limits: Limits | None = None, lost: Callable[[str], None] | None = None
    ) -> None:
        self._path = path
        self._full = full
        self._limits = limits or Limits()
        self._lost = lost
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._gone: str | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process that writes."""
        return None if self._process is None else self._process.pid

    async def open(self) -> Opened:
        self._start()
        try:
            opened: Opened = await self._ask([message(Kind.CALL, (self._path, self._full, self._limits))])
        except BaseException:
            await self._end()
            raise
        return opened

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            ours.setblocking(False)
            command = [sys.executable, "-P", "-m", "broker.engine.store_child", str(theirs.fileno())]
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this program, by its own interpreter
                    command,
                    pass_fds=(theirs.fileno(),),
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # not what lies where it is started
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the emulator: it says what is to be done
                )
            except OSError as error:
                ours.close()
                raise StoreError(f"the process that writes {self._path} cannot be started: {error}") from error
        self._socket, self._gone = ours, None
        watch = (self._process, asyncio.get_running_loop())
        threading.Thread(target=self._watch, args=watch, name="store-watch", daemon=True).start()

    def _watch(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: an emulator that has nothing to store is to hear of it, too."""
        process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(self._ended, process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        if process is self._process:
            self._note_end(process)

    async def close(self, clean: bool) -> None:
        if self._socket is None:
            return
        try:
            if self._gone is None:
                await self._call("close", clean)
        finally:
            await self._end()

    async def _end(self) -> None:
        """Close the socket, which ends the process, and wait for that."""
        process, connection = self._process, self._socket
        self._process = self._socket = None
        if connection is not None:
            connection.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, GOODBYE)
            if process.poll() is None:
                process.kill()
                process.wait()

    # asking
    async def _call(self, name: str, *arguments: object) -> Any:
        return await self._ask([message(Kind.CALL, (name, arguments))])

    async def _ask(self, pieces: Sequence[bytes]) -> Any:
        """Send a request and take its answer; one at a time."""
        async with self._turn:
            assert self._socket is not None, "the store is not open"
            if self._gone is not None:
                raise StoreError(self._gone)
            try:
                await self._send(self._socket, pieces)
                kind, size, _ = LENGTHS.unpack(await self._exactly(self._socket, LENGTHS.size))
                value = read_message(await self._exactly(self._socket, size))
            except (EOFError, OSError):
                raise StoreError(self._note_end(self._process)) from None
            except BaseException:  # cancelled in the middle: what comes next would be taken for its answer
                self._gone = f"an answer of the process that writes {self._path} was given up"
                raise
        if kind == Kind.DONE:
            return value
        if kind == Kind.FULL:
            raise StoreFull(value)
        if kind == Kind.REFUSED:
            raise StoreError(value)
        raise RuntimeError(f"in the process that writes {self._path}:\n{value}")

    async def _send(self, connection: socket.socket, pieces: Sequence[bytes]) -> None:
        """Without copying the bodies, but for what the socket does not take at once."""
        for start in range(0, len(pieces), PIECES):
            some = pieces[start : start + PIECES]
            try:
                sent = connection.sendmsg(some)
            except BlockingIOError:
                sent = 0
            if sent < sum(map(len, some)):
                rest = memoryview(b"".join(some))[sent:]
                await asyncio.get_running_loop().sock_sendall(connection, rest)

    async def _exactly(self, connection: socket.socket, size: int) -> bytearray:
        loop = asyncio.get_running_loop()
        data = bytearray(size)
        view, had = memoryview(data), 0
        while had < size:
            got = await loop.sock_recv_into(connection, view[had:])
            if not got:
                raise EOFError
            had += got
        return data

    def _note_end(self, process: subprocess.Popen[bytes] | None) -> str:
        if self._gone is not None:
            return self._gone
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = None if process is None else process.wait(1.0)
        how = "" if code is None else f" (signal {-code})" if code < 0 else f" (exit code {code})"
        self._gone = f"the process that writes {self._path} has ended{how}: start the emulator anew, nothing is lost"
        if self._lost is not None:
            self._lost(self._gone)
        return self._gone

    # the port
    async def commit(self, batch: Batch) -> dict[int, bytes]:
        flat, bodies = flatten(batch, self._limits.retention > 0)
        known: dict[int, bytes] = await self._ask([batch_frame(flat, bodies), *bodies])
        return known

    async def page(self, dueslag: str, after: int, limit: int, size: int) -> Page:
        page: Page = await self._call("page", dueslag, after, limit, size)
        return page

    async def load(self, seqs: Sequence[int]) -> dict[int, StoredBesked]:
        found: dict[int, StoredBesked] = await self._call("load", list(seqs))
        return found

    async def glimpse(self, dueslag: str, states: Sequence[State], after: int, limit: int, body: bool) -> list[Glimpse]:
        glimpses: list[Glimpse] = await self._call("glimpse", dueslag, states, after, limit, body)
        return glimpses

    async def find(self, besked_id: str) -> list[StoredBesked]:
        found: list[StoredBesked] = await self._call("find", besked_id)
        return found

    async def locate(self, dueslag: str, afsender: str, besked_id: str) -> Located:
        located: Located = await self._call("locate", dueslag, afsender, besked_id)
        return located

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        await self._call("add_dead", dead, besked, last_id, last_seq)

    async def remove(self, selection: Selection, after: int) -> Moved:
        moved: Moved = await self._call("remove", selection, after)
        return moved

    async def make_ready(self, selection: Selection, after: int, redelivered: bool) -> Moved:
        moved: Moved = await self._call("make_ready", selection, after, redelivered)
        return moved

    async def expired(self, now: float, after: tuple[float, int], limit: int) -> tuple[list[Due], tuple[float, int]]:
        due: tuple[list[Due], tuple[float, int]] = await self._call("expired", now, after, limit)
        return due

    async def next_expiry(self, after: float) -> float | None:
        earliest: float | None = await self._call("next_expiry", after)
        return earliest

    async def tidy(self, now: float, newest: bool = False) -> float | None:
        seconds: float | None = await self._call("tidy", now, newest)
        return seconds

    async def clear(self) -> None:
        await self._call("clear")
