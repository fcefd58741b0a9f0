"""The way into RabbitMQ: publishes in order, many under way, each done when RabbitMQ has confirmed it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from broker.clock import Clock
from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.channel import Channel, ChannelClosed, Message
from broker.engine.rabbitmq.letter import Letter
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.link import Link
from broker.engine.rabbitmq.queues import Queues

_log = structlog.get_logger(__name__)

MAX_UNCONFIRMED = 5_000
MAX_BYTES = 16 * 1024 * 1024
"""Of bodies that are published and not confirmed."""
NACKED_DELAY = 0.2
"""Seconds before what RabbitMQ refused is published again."""


@dataclass(slots=True, eq=False)
class Job:
    """One publish until it is confirmed."""

    letter: Letter
    queue: str
    done: Callable[[], None]
    begun: float
    """Loop time at which it was asked for."""
    returned: bool = False


class Publisher:
    """What is unconfirmed when the connection goes is published again, flagged as perhaps delivered before; what is
    returned for want of a queue is published again once that is declared."""

    def __init__(self, line: Line, queues: Queues, clock: Clock) -> None:
        self._line = line
        self._queues = queues
        self._clock = clock
        self._channel: Channel | None = None
        self._methods: dict[str, bytes] = {}
        self._tag = 0
        self._bytes = 0
        self._unconfirmed: dict[int, Job] = {}
        self._waiting: deque[Job] = deque()
        self._undeclared: dict[str, list[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._closing = False

    def publish(self, letter: Letter, done: Callable[[], None]) -> None:
        """``done`` is called on the loop thread when a majority has it on disk; never where this never comes."""
        self._put(Job(letter, self._queues.names.queue(letter.kind, letter.dueslag), done, self._loop.time()))

    def oldest(self) -> float | None:
        """Loop time at which the oldest publish was asked for that is not confirmed."""
        first = [next(iter(self._unconfirmed.values()), None), self._waiting[0] if self._waiting else None]
        first += [jobs[0] for jobs in self._undeclared.values()]
        return min((job.begun for job in first if job is not None), default=None)

    def pending(self) -> int:
        """Publishes that are not confirmed, begun or not."""
        return len(self._unconfirmed) + len(self._waiting) + sum(len(jobs) for jobs in self._undeclared.values())

    def up(self, link: Link) -> None:
        """There is a connection again."""
        self._do(self._open(link))

    def down(self) -> None:
        """It went: nobody knows what of the unconfirmed RabbitMQ has."""
        self._channel = None
        again = list(self._unconfirmed.values())
        self._unconfirmed = {}
        self._bytes = 0
        for job in again:
            job.letter.redelivered = True
            job.returned = False
        self._waiting.extendleft(reversed(again))

    async def close(self) -> None:
        self._closing = True
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # inside
    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, link: Link) -> None:
        try:
            channel = await link.channel()
            await channel.select()
        except ChannelClosed:
            return
        channel.on_confirm = self._confirmed
        channel.on_return = self._returned
        channel.on_closed = self._closed
        link.on_writable = self._pump
        self._methods = {}
        self._tag = 0
        self._channel = channel
        self._pump()

    def _closed(self, reason: str) -> None:
        """Only the channel, while the connection stands: a bug, or RabbitMQ refuses a message for good."""
        link = self._line.link
        self.down()
        if link is not None and link.lost is None and not self._closing:
            _log.error("RabbitMQ closed the channel for publishing", reason=reason)
            self._loop.call_later(NACKED_DELAY, self.up, link)

    def _put(self, job: Job) -> None:
        if job.queue not in self._queues.declared:
            waiting = self._undeclared.get(job.queue)
            if waiting is not None:
                waiting.append(job)
            else:
                self._undeclared[job.queue] = [job]
                self._do(self._declare(job.queue))
        elif self._waiting or not self._open_for_more():
            self._waiting.append(job)
        else:
            self._send(job)

    def _open_for_more(self) -> bool:
        channel = self._channel
        return (
            channel is not None
            and channel.link.writable
            and len(self._unconfirmed) < MAX_UNCONFIRMED
            and self._bytes < MAX_BYTES
        )

    def _pump(self) -> None:
        while self._waiting and self._open_for_more():
            self._send(self._waiting.popleft())

    def _send(self, job: Job) -> None:
        channel = self._channel
        assert channel is not None
        letter = job.letter
        method = self._methods.get(job.queue)
        if method is None:
            if len(self._methods) > 10_000:
                self._methods = {}
            method = self._methods[job.queue] = frames.publish_method(channel.number, job.queue)
        flags, values = letter.pack(self._clock.now())
        body = letter.besked.data
        send = channel.link.send
        send(method)
        for piece in frames.content(channel.number, flags, values, body, channel.link.frame_max):
            send(piece)
        self._tag += 1
        self._bytes += len(body)
        self._unconfirmed[self._tag] = job

    async def _declare(self, queue: str) -> None:
        while True:
            try:
                await self._queues.declare(queue)
                break
            except Exception as error:
                _log.debug("a queue is not declared yet", queue=queue, reason=str(error))
                await asyncio.sleep(NACKED_DELAY)
        jobs = self._undeclared.pop(queue)
        for job in jobs:
            self._put(job)

    def _confirmed(self, tag: int, multiple: bool, good: bool) -> None:
        if not multiple:
            tags = [tag] if tag in self._unconfirmed else []
        elif next(iter(self._unconfirmed), tag + 1) == tag:
            tags = [tag]
        else:
            tags = []
            for one in self._unconfirmed:
                if one > tag:
                    break
                tags.append(one)
        for one in tags:
            job = self._unconfirmed.pop(one)
            self._bytes -= len(job.letter.besked.data)
            if job.returned:
                job.returned = False
                self._queues.declared.discard(job.queue)
                self._put(job)
            elif good:
                job.done()
            else:
                job.letter.redelivered = True  # some of the members may have it
                self._loop.call_later(NACKED_DELAY, self._put, job)
        if self._waiting:
            self._pump()

    def _returned(self, header: bytes) -> None:
        """By its id: confirms of others may come before its own."""
        id = frames.letter_id(header)
        for job in self._unconfirmed.values():
            if job.letter.id == id and not job.returned:
                job.returned = True
                break

    def forward(self, message: Message, queue: str) -> None:
        """Move a message that is none of ours, as it is, out of the way."""
        self._do(self._forward(message, queue))

    async def _forward(self, message: Message, queue: str) -> None:
        try:
            await self._queues.declare(queue)
            channel = await (await self._line.ready()).channel()
            await channel.select()
            confirmed = asyncio.Event()
            channel.on_confirm = lambda _tag, _multiple, good: confirmed.set() if good else None
            channel.on_closed = lambda _: confirmed.set()
            channel.link.send(frames.publish_method(channel.number, queue))
            flags, values = frames.raw_properties(message.header)
            for piece in frames.content(channel.number, flags, values, message.body, channel.link.frame_max):
                channel.link.send(piece)
            await confirmed.wait()
            if channel.closed is None:
                message.channel.ack(message.tag)
                channel.on_closed = None
                await channel.close()
        except ChannelClosed as error:
            _log.warning("a message that is none of ours stays for now", queue=queue, reason=str(error))
