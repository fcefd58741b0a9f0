"""A connection that is kept up: made anew, on the next node, when it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from broker.engine.rabbitmq.address import Address
from broker.engine.rabbitmq.channel import Channel
from broker.engine.rabbitmq.link import Link, LinkLost
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.05, 2.0
"""Seconds between attempts to connect."""
ELECTIONS = 2.0
"""Seconds before another node is tried.  A node of a cluster that dies takes the leaders of its queues with it, and the
elections take 0.2 s; what is published over another node before they are over is refused on 3.10 for as long as that
channel lives (measured: nothing accepted for 25 s and more; with the pause 2.2 s)."""
PATIENCE = 10.0
"""Seconds that a caretaker waits for RabbitMQ."""


class Line:
    """``on_up`` and ``on_down`` are called on the loop thread at every change; ``on_blocked`` with RabbitMQ's reason
    for taking no messages (None: it does again)."""

    def __init__(
        self, address: Address, name: str, heartbeat: int, *, on_up: Callable[[Link], None],
        on_down: Callable[[str], None], on_blocked: Callable[[str | None], None],
    ) -> None:  # fmt: skip
        self.link: Link | None = None
        self._address = address
        self._name = name
        self._heartbeat = heartbeat
        self._on_up = on_up
        self._on_down = on_down
        self._on_blocked = on_blocked
        self._up = asyncio.Event()
        self._node = 0
        self._again: asyncio.Task[None] | None = None
        self._closing = False

    async def open(self) -> None:
        """Connect to whichever node answers.  Raises StoreError."""
        error: StoreError = StoreError("no node")
        for _ in self._address.nodes:
            try:
                return await self._connect()
            except LinkLost as lost:
                error = lost
        raise StoreError(str(error))

    async def ready(self) -> Link:
        """The link, when it is up.  Raises StoreError where it does not come up in good time."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self.link is None:
                    await self._up.wait()
        except TimeoutError:
            raise StoreError(f"RabbitMQ at {self._address} is not reached") from None
        return self.link

    async def channel(self) -> Channel:
        """A new channel.  Raises StoreError."""
        return await (await self.ready()).channel()

    async def close(self) -> None:
        self._closing = True
        if self._again is not None:
            self._again.cancel()
            await asyncio.gather(self._again, return_exceptions=True)
        if self.link is not None:
            await self.link.close()

    async def _connect(self) -> None:
        host, port = self._address.nodes[self._node % len(self._address.nodes)]
        self._node += 1
        link = Link(self._address, self._name, self._heartbeat, self._lost, self._on_blocked)
        await link.open(host, port)
        if link.lost is not None:
            raise LinkLost(link.lost)
        self.link = link
        self._up.set()
        self._on_up(link)

    def _lost(self, reason: str) -> None:
        if self.link is None or self.link.lost is None:
            return  # it never was up
        self.link = None
        self._up.clear()
        if self._closing:
            return
        self._on_down(reason)
        self._again = asyncio.get_running_loop().create_task(self._reconnect())

    async def _reconnect(self) -> None:
        if await self._still_there():
            return
        delay = FIRST_DELAY
        while True:
            try:
                return await self._connect()
            except LinkLost as error:
                _log.debug("no connection to RabbitMQ", reason=str(error), line=self._name)
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)

    async def _still_there(self) -> bool:
        """Whether the node takes this front back at once: then it was the connection that went, and no leader with
        it.  Else elections are over when this returns."""
        over = asyncio.get_running_loop().time() + ELECTIONS
        self._node -= 1
        try:
            async with asyncio.timeout_at(over):
                await self._connect()
            return True
        except (LinkLost, TimeoutError) as error:
            _log.debug("RabbitMQ's node is gone", reason=str(error), line=self._name)
        await asyncio.sleep(over - asyncio.get_running_loop().time())
        return False
