"""What fronts tell each other: which queues there are now.  AMQP has no list of queues, and RabbitMQ writes an error
into its log for every question about one that is not there."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog
from pamqp import commands, frame

from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.channel import Channel, Channels, Message
from broker.engine.rabbitmq.names import Names
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

AHEAD = 1_000
RETRY = 1.0
_PROPERTIES = frames.properties(frames.table(), "", "nyt", None)


class News:
    """A fanout exchange, and a queue of this front's own that goes with its connection.  Nothing rests on its being
    heard: who missed it (``missed`` is called on every new connection) has to look."""

    def __init__(
        self,
        hearing: Channels,
        telling: Channels,
        names: Names,
        heard: Callable[[str], None],
        missed: Callable[[], None],
    ) -> None:
        self._hearing = hearing
        self._telling = telling
        self._exchange = names.news
        self._queue = names.front(secrets.token_hex(8))
        self._heard = heard
        self._missed = missed
        self._channel: Channel | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._do(self._run())

    async def close(self) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, queue: str) -> None:
        """There is a queue now."""
        self._do(self._tell(queue))

    # inside
    def _do(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, queue: str) -> None:
        try:
            if self._channel is None or self._channel.closed is not None:
                self._channel = await self._telling.channel()
                await self._declare(self._channel)
            channel = self._channel
            channel.link.send(frame.marshal(commands.Basic.Publish(0, self._exchange), channel.number))
            for piece in frames.content(channel.number, *_PROPERTIES, queue.encode(), channel.link.frame_max):
                channel.link.send(piece)
        except StoreError as error:
            _log.debug("other fronts are not told of a queue", queue=queue, reason=str(error))

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except StoreError as error:
                _log.debug("no news from other fronts", reason=str(error))
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        """Until RabbitMQ ends it.  Raises StoreError."""
        channel = await self._hearing.channel()
        ended = asyncio.Event()
        channel.on_closed = lambda _: ended.set()
        channel.on_cancelled = ended.set
        await self._declare(channel)
        await channel.call(commands.Queue.Declare(0, self._queue, False, False, True, True))
        await channel.call(commands.Queue.Bind(0, self._queue, self._exchange))
        await channel.consume(self._queue, "nyt", AHEAD, self._take)
        self._missed()
        await ended.wait()
        await channel.close()

    async def _declare(self, channel: Channel) -> None:
        await channel.call(commands.Exchange.Declare(0, self._exchange, "fanout", False, False, True))

    def _take(self, message: Message) -> None:
        message.channel.ack(message.tag)
        self._heard(message.body.decode(errors="replace"))
