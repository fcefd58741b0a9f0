"""How one dueslag comes from RabbitMQ into this front: a channel, and consumers on it while somebody takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from pamqp import commands

from broker.engine.rabbitmq.channel import Channel, ChannelClosed, Channels, Message
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

LARGEST = 65_535
"""Unsettled deliveries that one consumer may have."""
RETRY = 0.2
"""Seconds until a feed that could not be started is tried again."""


class Feed:
    """``arrived`` takes each delivery; ``starving`` says whether more is wanted than may be unsettled; ``gone``
    hears that the queue was deleted."""

    def __init__(
        self, channels: Channels, queues: Queues, dueslag: str, prefetch: int, *, arrived: Callable[[Message], None],
        starving: Callable[[int], bool], gone: Callable[[], None], lost: Callable[[], None],
    ) -> None:  # fmt: skip
        self.queue = queues.names.queue(Kind.MAIN, dueslag)
        self.wanted = False
        self._channels = channels
        self._queues = queues
        self._prefetch = prefetch
        self._arrived = arrived
        self._starving = starving
        self._gone = gone
        self._told_lost = lost
        self._channel: Channel | None = None
        self._opening = asyncio.Lock()
        self._capacity = 0
        """What RabbitMQ may have unsettled here; 0 = nothing is consumed."""
        self._tags: list[str] = []
        self._ending: list[asyncio.Future[object]] = []
        """Consumers that RabbitMQ has not said to be cancelled."""
        self.halting = False
        """What comes now is to go back: it stood behind what was given back already."""
        self._work: asyncio.Task[None] | None = None
        self._closed = False

    def halt(self) -> None:
        """Consume no more.  RabbitMQ is told now: what is given back after this does not come again by this feed."""
        self.wanted = False
        self._cancel()
        self.poke()

    def _cancel(self) -> None:
        if self._tags and self._channel is not None and self._channel.closed is None:
            tags, self._tags = self._tags, []
            self.halting = True
            self._ending += [self._channel.ask(commands.Basic.Cancel(tag)) for tag in tags]

    def poke(self) -> None:
        """See that it runs where it is wanted, stops where it is not, and has enough."""
        if self._work is None and not self._closed and not self._settled():
            self._work = asyncio.get_running_loop().create_task(self._run())

    async def idle(self) -> None:
        """Returns when nothing is being started or stopped."""
        while self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    async def heard(self) -> None:
        """Returns when RabbitMQ has read what was said on the channel."""
        if self._channel is not None and self._channel.closed is None:
            await self._channel.heard()

    async def channel(self) -> Channel:
        """The channel, opened where it is not.  Raises StoreError."""
        async with self._opening:
            if self._channel is None or self._channel.closed is not None:
                self._capacity, self._tags = 0, []
                self._channel = await self._channels.channel()
                self._channel.on_cancelled = self._cancelled
                self._channel.on_closed = self._lost
            return self._channel

    def _lost(self, reason: str) -> None:
        """RabbitMQ has everything back that was unsettled."""
        self._capacity, self._tags = 0, []
        if not self._closed:
            self._told_lost()

    async def close(self) -> None:
        """What is unsettled goes back to RabbitMQ."""
        self._closed = True
        self.wanted = False
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        if self._channel is not None:
            await self._channel.close()

    # inside
    def _settled(self) -> bool:
        if not self.wanted or self.halting:
            return not self._capacity and not self.halting
        return self._running() and not self._starving(self._capacity)

    def _running(self) -> bool:
        return self._capacity > 0 and self._channel is not None and self._channel.closed is None

    async def _run(self) -> None:
        try:
            while not self._settled() and not self._closed:
                try:
                    await self._step()
                except (ChannelClosed, StoreError) as error:
                    self._capacity, self._tags = 0, []
                    if not self.wanted:
                        return
                    _log.debug("a dueslag is not consumed yet", queue=self.queue, reason=str(error))
                    await asyncio.sleep(RETRY)
        finally:
            self._work = None

    async def _step(self) -> None:
        if not self.wanted or self.halting:
            self._cancel()
            while self._ending:
                ending, self._ending = self._ending, []
                await asyncio.gather(*ending, return_exceptions=True)
            self._capacity, self.halting = 0, False
            return
        if not self._running():
            await self._queues.declare(self.queue)
        channel = await self.channel()
        if not self.wanted:
            return
        prefetch = min(LARGEST, self._capacity or self._prefetch)
        tag = f"{channel.number}.{channel.next_tag()}"
        self._tags.append(tag)
        self._capacity += prefetch
        await channel.consume(self.queue, tag, prefetch, self._arrived)

    def _cancelled(self) -> None:
        self._capacity, self._tags = 0, []
        self.wanted = False
        self._queues.declared.discard(self.queue)
        self._gone()
