"""As many connections as the channels need: a front has one channel for each dueslag that is fetched from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from broker.engine.rabbitmq.channel import Channel
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.link import Link
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

CHANNELS = 1_000
"""On one connection, where RabbitMQ's channel_max allows as many: all that one carries goes through one process of
RabbitMQ, and comes again when it is lost."""


class Lines:
    """Lines to the same RabbitMQ; the first is there from the start, others are made when they are needed."""

    def __init__(self, first: Line, another: Callable[[int], Line], channels: int = CHANNELS) -> None:
        """``another`` makes the line of a number, from 2 on."""
        self._all = [first]
        self._another = another
        self._channels = channels
        self._making = asyncio.Lock()

    @property
    def link(self) -> Link | None:
        """The first, when it is up."""
        return self._all[0].link

    def __len__(self) -> int:
        return len(self._all)

    async def open(self) -> None:
        """The first.  Raises StoreError."""
        await self._all[0].open()

    async def channel(self) -> Channel:
        """A new channel, on whichever connection has room.  Raises StoreError."""
        while True:
            for line in self._all:
                if line.link is not None and self._has_room(line.link):
                    return await line.link.channel()
            down = next((line for line in self._all if line.link is None), None)
            if down is not None:
                await down.ready()
            else:
                await self._make_another()

    async def close(self) -> None:
        await asyncio.gather(*[line.close() for line in self._all])

    def _has_room(self, link: Link) -> bool:
        return len(link.channels) < min(link.channel_max, self._channels)

    async def _make_another(self) -> None:
        async with self._making:
            if any(line.link is None or self._has_room(line.link) for line in self._all):
                return  # somebody else has made one meanwhile
            number = len(self._all) + 1
            line = self._another(number)
            try:
                await line.open()
            except StoreError as error:
                _log.warning("no further connection to RabbitMQ", number=number, reason=str(error))
                raise
            self._all.append(line)
            _log.info("a further connection to RabbitMQ", number=number, channels=self._channels)
