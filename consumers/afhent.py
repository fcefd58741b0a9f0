"""Afhent: fetch messages from a dueslag (SF1461 BeskedHent), by subscription or by polling, with manual ack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cached_property
from types import TracebackType
from typing import Self

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aiormq import spec

from consumers.endpoint import Endpoint, close_quietly, mapped, pauses
from consumers.errors import ConnectionLost, NotPermitted
from consumers.kuvert import Kuvert, read_kuvert
from consumers.token import MODTAG


class Modtaget:
    """One message out of a dueslag, to be settled once: `ack`, `requeue` or `reject`.

    Each of them returns whether it could still be said: False = the connection went, and the message comes back
    with ``redelivered`` set.
    """

    def __init__(self, message: AbstractIncomingMessage) -> None:
        self._message = message
        self.body = message.body
        self.redelivered = bool(message.redelivered)
        self.transaktions_id = message.message_id

    @cached_property
    def kuvert(self) -> Kuvert:
        """The envelope, read when first asked for.  Raises ValueError where the body is no Haendelsesbesked."""
        return read_kuvert(self.body)

    async def ack(self) -> bool:
        """Taken: the dueslag may forget it."""
        return await _said(self._message.ack())

    async def requeue(self) -> bool:
        """Back into the dueslag, for now or for another consumer."""
        return await _said(self._message.nack(requeue=True))

    async def reject(self) -> bool:
        """Cannot be used: to the fejlkø."""
        return await _said(self._message.reject(requeue=False))


class Afhent:
    """A receiver of one dueslag.

    ``async with Afhent(endpoint, dueslag) as afhent`` and then either ``async for modtaget in afhent`` (ends when
    `stop` is called), or ``await afhent.get()``.  A connection that goes is made again, ``attempts`` times in a
    row before ConnectionLost is raised.  ``prefetch`` is how many messages may be out unsettled.
    """

    def __init__(self, endpoint: Endpoint, dueslag: str, *, prefetch: int = 50, attempts: int = 20) -> None:
        self._endpoint = endpoint
        self._dueslag = dueslag
        self._prefetch = prefetch
        self._attempts = attempts
        self._session: _Session | None = None
        self._stopped = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._session is not None:
            await self._session.close()

    def stop(self) -> None:
        """End the iteration; what was not settled goes back to the dueslag when the connection closes."""
        self._stopped.set()
        if self._session is not None:
            self._session.wake()

    async def __aiter__(self) -> AsyncIterator[Modtaget]:
        """Messages as they come.  Raises NotPermitted (also when the dueslag is removed) and ConnectionLost."""
        while not self._stopped.is_set():
            session = await self._connected()
            try:
                await session.consume()
                while (modtaget := await session.following()) is not None and not self._stopped.is_set():
                    yield modtaget
            except ConnectionLost:
                continue

    async def run(self, handle: Callable[[Modtaget], Awaitable[None]]) -> None:
        """Hand every message to ``handle``, one at a time, until `stop`: acked when it returns, back when it raises.

        What ``handle`` raises is passed on.
        """
        async for modtaget in self:
            try:
                await handle(modtaget)
            except Exception:
                await modtaget.requeue()
                raise
            await modtaget.ack()

    async def get(self) -> Modtaget | None:
        """The next message, or None where the dueslag is drained (polling).  Raises NotPermitted, ConnectionLost."""
        for _ in range(self._attempts):
            session = await self._connected()
            try:
                return await session.get()
            except ConnectionLost:
                await session.close()
        raise ConnectionLost(f"no answer from the dueslag in {self._attempts} attempts")

    async def depth(self) -> int:
        """How many messages are ready in the dueslag (passive declare)."""
        session = await self._connected()
        return await session.depth()

    async def _connected(self) -> _Session:
        if self._session is not None and not self._session.gone:
            return self._session
        following = pauses()
        for attempt in range(self._attempts):
            try:
                self._session = await _Session.open(self._endpoint, self._dueslag, self._prefetch)
                return self._session
            except ConnectionLost:
                if attempt == self._attempts - 1:
                    raise
                await asyncio.sleep(following())
        raise ConnectionLost("no attempts allowed")


class _Session:
    """One connection and what it has delivered that was not handed on yet."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel, queue: AbstractQueue) -> None:
        self._connection = connection
        self._channel = channel
        self._queue = queue
        self._arrived: asyncio.Queue[Modtaget | None] = asyncio.Queue()
        self._consuming = False
        self._cancelled = False
        self.gone = False
        connection.close_callbacks.add(self._lost)
        channel.close_callbacks.add(self._lost)

    @classmethod
    async def open(cls, endpoint: Endpoint, dueslag: str, prefetch: int) -> _Session:
        async with endpoint.opening(MODTAG) as connection:
            channel = await connection.channel(publisher_confirms=False)
            await channel.set_qos(prefetch)
            return cls(connection, channel, await channel.get_queue(dueslag, ensure=False))

    async def consume(self) -> None:
        if not self._consuming:
            self._consuming = True
            async with mapped():
                underlay = await self._channel.get_underlay_channel()
                underlay.on_consumer_cancel_callbacks.add(self._on_cancel)
                await self._queue.consume(self._take)

    async def following(self) -> Modtaget | None:
        """The next delivery; None when woken, or when the connection went with all it had delivered."""
        modtaget = await self._arrived.get()
        if self._cancelled:
            raise NotPermitted(f"the Beskedfordeler cancelled the consumer: dueslag {self._queue.name} was removed")
        return None if self.gone else modtaget

    async def get(self) -> Modtaget | None:
        async with mapped():
            message = await self._queue.get(fail=False)
        return None if message is None else Modtaget(message)

    async def depth(self) -> int:
        async with mapped():
            declared = await self._channel.declare_queue(self._queue.name, passive=True)
        return declared.declaration_result.message_count or 0

    def wake(self) -> None:
        self._arrived.put_nowait(None)

    async def close(self) -> None:
        self.gone = True
        await close_quietly(self._connection)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self._arrived.put_nowait(Modtaget(message))

    def _on_cancel(self, _frame: spec.Basic.Cancel) -> None:
        self._cancelled = True
        self.wake()

    def _lost(self, _sender: object, _error: BaseException | None = None) -> None:
        self.gone = True
        self.wake()


async def _said(settling: Awaitable[None]) -> bool:
    try:
        async with mapped():
            await settling
    except ConnectionLost:
        return False
    return True
