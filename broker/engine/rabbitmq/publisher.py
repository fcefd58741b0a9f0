"""The way into RabbitMQ: publishes in order, many under way, each done when RabbitMQ has confirmed it."""

from __future__ import annotations

import asyncio
import re
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
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

MAX_UNCONFIRMED = 5_000
MAX_BYTES = 16 * 1024 * 1024
"""Of bodies that are published and not confirmed."""
NACKED_DELAY = 0.2
"""Seconds before what RabbitMQ refused is published again."""
DRAINING = 1.0
"""Seconds that a channel on which something was refused has to answer for the rest."""


_TOO_LARGE = re.compile(r"message size (\d+) is larger than configured max size")


@dataclass(slots=True, eq=False)
class Job:
    """One publish until it is confirmed."""

    letter: Letter
    queue: str
    done: Callable[[], None]
    begun: float
    """Loop time at which it was asked for."""
    returned: bool = False
    sent: bool = False
    """RabbitMQ may have it."""
    withdrawn: bool = False


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
        self._held = False
        self._draining: asyncio.TimerHandle | None = None
        self.on_refused: Callable[[set[Job]], None] = lambda jobs: None
        """Hears of what RabbitMQ takes at no time."""
        self.confirmed_at = self._loop.time()
        """Loop time at which RabbitMQ confirmed something last."""

    def publish(self, letter: Letter, done: Callable[[], None]) -> Job:
        """``done`` is called on the loop thread when a majority has it on disk; never where this never comes."""
        job = Job(letter, self._queues.names.queue(letter.kind, letter.dueslag), done, self._loop.time())
        self._put(job)
        return job

    def withdraw(self, jobs: set[Job]) -> None:
        """Nothing more is done about these; those that are ``sent`` RabbitMQ may have or not."""
        for job in jobs:
            job.withdrawn = True
        for tag in [tag for tag, job in self._unconfirmed.items() if job.withdrawn]:
            self._bytes -= len(self._unconfirmed.pop(tag).letter.besked.data)
        self._waiting = deque(job for job in self._waiting if not job.withdrawn)
        for waiting in self._undeclared.values():
            waiting[:] = [job for job in waiting if not job.withdrawn]
        self._pump()

    def hold(self, held: bool) -> None:
        """RabbitMQ takes nothing now: what would only lie on the way to it stays here."""
        self._held = held
        self._pump()

    def oldest(self) -> float | None:
        """Loop time at which the oldest publish was asked for that is not confirmed."""
        first = [next(iter(self._unconfirmed.values()), None), self._waiting[0] if self._waiting else None]
        first += [jobs[0] for jobs in self._undeclared.values() if jobs]
        return min((job.begun for job in first if job is not None), default=None)

    def pending(self) -> int:
        """Publishes that are not confirmed, begun or not."""
        return len(self._unconfirmed) + len(self._waiting) + sum(len(jobs) for jobs in self._undeclared.values())

    def up(self, link: Link) -> None:
        """There is a connection again."""
        self._do(self._open(link))

    def down(self) -> None:
        """It went: nobody knows what of the unconfirmed RabbitMQ has."""
        self._held = False
        self._let_go()

    def _let_go(self) -> None:
        self._channel = None
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None
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
        except StoreError as error:
            if link.lost is None and not self._closing:
                _log.warning("no channel for publishing", reason=str(error))
                self._loop.call_later(NACKED_DELAY, self.up, link)
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
        too_large = self._too_large(reason)
        self.down()
        if too_large:
            self.withdraw(too_large)
            self.on_refused(too_large)
        if link is not None and link.lost is None and not self._closing:
            _log.error("RabbitMQ closed the channel for publishing", reason=reason)
            self._loop.call_later(NACKED_DELAY, self.up, link)

    def _too_large(self, reason: str) -> set[Job]:
        """Those that RabbitMQ closes the channel for: it says the size, and not which it was."""
        found = _TOO_LARGE.search(reason)
        size = int(found[1]) if found else -1
        return {job for job in self._unconfirmed.values() if len(job.letter.besked.data) == size}

    def _put(self, job: Job) -> None:
        if job.withdrawn:
            return
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
            and not self._held
            and self._draining is None
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
        job.sent = True
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
        if good:
            self.confirmed_at = self._loop.time()
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
                if self._draining is None:
                    _log.info("RabbitMQ refused a message: it is published again, flagged redelivered", queue=job.queue)
                    self._draining = self._loop.call_later(DRAINING, self._renew)
        if self._draining is not None and not self._unconfirmed:
            self._renew()
        elif self._waiting:
            self._pump()

    def _renew(self) -> None:
        """Another channel: RabbitMQ 3.10 goes on refusing on one what it refused there while a queue had no leader."""
        channel = self._channel
        self._let_go()
        if channel is not None and channel.closed is None and not self._closing:
            channel.on_confirm = channel.on_return = channel.on_closed = None
            self._do(channel.close())
            self._do(self._open(channel.link))

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
            await self.put(queue, *frames.raw_properties(message.header), message.body)
            message.channel.ack(message.tag)
        except StoreError as error:
            _log.warning("a message that is none of ours stays for now", queue=queue, reason=str(error))

    async def put(self, queue: str, flags: int, values: bytes, body: bytes) -> None:
        """A message that is none of ours into a queue, on a channel of its own; returns when it is confirmed.

        Raises StoreError: it may be there or not.
        """
        await self._queues.declare(queue)
        channel = await self._line.channel()
        await channel.select()
        answer: asyncio.Future[bool] = self._loop.create_future()

        def answered(good: bool) -> None:
            if not answer.done():
                answer.set_result(good)

        def returned(_header: bytes) -> None:
            self._queues.declared.discard(queue)
            answered(False)

        channel.on_confirm = lambda _tag, _multiple, good: answered(good)
        channel.on_closed = lambda _: answered(False)
        channel.on_return = returned
        channel.link.send(frames.publish_method(channel.number, queue))
        for piece in frames.content(channel.number, flags, values, body, channel.link.frame_max):
            channel.link.send(piece)
        try:
            if not await answer:
                raise ChannelClosed(channel.closed or "RabbitMQ refused it")
        finally:
            channel.on_closed = None
            await channel.close()
