"""The process that writes: `python -m broker.engine.store_child DESCRIPTOR`, started by `ProcessStore` alone.

It ends with the socket: where that closes without a word, the emulator is gone, and what is half written was never
answered.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from broker.engine.store import StoreFull
from broker.engine.store_journal import JournalStore
from broker.engine.store_wire import CALLS, LENGTHS, Kind, message, read_message
from broker.errors import StoreError

Request = tuple[Kind, memoryview, memoryview]


class Serving:
    """One socket, one store, one request at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._requests: asyncio.Queue[Request] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Serve until the socket closes."""
        reading = self._loop.create_task(self._read())
        _, opening, _ = await self._requests.get()
        path, full, limits = read_message(opening)
        store = JournalStore(path, full=full, limits=limits)
        calls = {name: getattr(store, name) for name in CALLS}
        await self._answer(store.open)
        while True:
            kind, head, bodies = await self._requests.get()
            if kind is Kind.BATCH:
                await self._answer(store.write, head, bodies)
                store.take_in()
            else:
                name, arguments = read_message(head)
                await self._answer(calls[name], *arguments)
                if name == "close":
                    reading.cancel()
                    return
            del head, bodies  # so that a large batch is not held until the next

    async def _answer(self, call: Callable[..., Awaitable[Any]], *arguments: object) -> None:
        try:
            answer = message(Kind.DONE, await call(*arguments))
        except StoreFull as error:
            answer = message(Kind.FULL, str(error))
        except StoreError as error:
            answer = message(Kind.REFUSED, str(error))
        except Exception:
            answer = message(Kind.BROKEN, traceback.format_exc())
        try:
            await self._loop.sock_sendall(self._connection, answer)
        except OSError:
            _emulator_is_gone()

    async def _read(self) -> None:
        """Reads on while the store works, so as to hear of an emulator that is gone."""
        try:
            while True:
                kind, head, bodies = LENGTHS.unpack(await self._exactly(LENGTHS.size))
                data = await self._exactly(head + bodies)
                self._requests.put_nowait((Kind(kind), data[:head], data[head:]))
                del data
        except (EOFError, OSError):
            _emulator_is_gone()

    async def _exactly(self, size: int) -> memoryview:
        data = memoryview(bytearray(size))
        had = 0
        while had < size:
            got = await self._loop.sock_recv_into(self._connection, data[had:])
            if not got:
                raise EOFError
            had += got
        return data


def _emulator_is_gone() -> NoReturn:
    """End at once: the next emulator waits for the lock on the file."""
    os._exit(0)


async def _serve(descriptor: int) -> None:
    with socket.socket(fileno=descriptor) as connection:
        connection.setblocking(False)
        await Serving(connection).run()


def main(descriptor: int) -> None:
    """Serve the emulator at the other end of this socket; after a fault of ours the process ends, threads and all."""
    gc.disable()  # nothing here is a cycle
    sys.setswitchinterval(0.001)  # a fold in its thread shall not hold up a commit
    try:
        asyncio.run(_serve(descriptor))
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
