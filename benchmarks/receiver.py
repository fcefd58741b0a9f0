"""The receiver: takes every message once, in order, and says when; acknowledges many at a time.

It stops when it has what the starter says was sent (a line ``total N`` on standard input), or at its time limit.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from array import array
from dataclasses import dataclass
from typing import TextIO

from pamqp import commands

from benchmarks import frames
from benchmarks.payload import UUID_TAG, sent_of, sequence_of
from benchmarks.rawclient import CHANNEL, Address, Connection, WireError, raise_closed

_ROOM = 1 << 22
_CHUNK = 1 << 18
_MOST = 4_000_000
"""Messages of one run at most: a receiver that gets another sequence number counts it as a stray."""


@dataclass(frozen=True, slots=True)
class ReceivePlan:
    """What to take from where.  ``run`` = the run in the BeskedId; what bears another is a stray."""

    address: Address
    queue: str
    run: int
    limit_s: float
    prefetch: int = 500
    ack_every: int = 100
    latency: bool = False
    """Whether to keep the latency of each message, as of the time in its BeskedId."""
    warm_s: float = 1.0
    """Latencies of messages sent in the first so many seconds are left out."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came; times in ns of CLOCK_MONOTONIC, latencies in ms."""

    received: int
    distinct: int
    out_of_order: int
    strays: int
    redelivered: int
    first_ns: int
    last_ns: int
    complete: bool
    measured: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    max_ms: float | None = None


class Receiver:
    """The state of one reception; `run` carries it out."""

    def __init__(self, plan: ReceivePlan, connection: Connection) -> None:
        self._plan = plan
        self._socket = connection.socket
        self._run = b"%04x" % plan.run
        self._buffer = bytearray(_ROOM)
        pending = connection.rest()
        self._end = len(pending)
        self._buffer[: self._end] = pending
        self._remaining = 0
        self._identified = True
        self._tag = self._acked = 0
        self._seen = bytearray(_MOST)
        self._total: int | None = None
        self._first_sent = 0
        self.latencies = array("q")
        self.received = self.distinct = self.out_of_order = self.strays = self.redelivered = 0
        self.highest = -1
        self.first_ns = self.last_ns = 0

    def run(self) -> None:
        """Take messages until the total is reached or the time is up.  Raises WireError on a close."""
        deadline = time.monotonic() + self._plan.limit_s
        view = memoryview(self._buffer)
        sources: list[socket.socket | TextIO] = [self._socket, sys.stdin]
        self._walk()
        while not self.complete and time.monotonic() < deadline:
            reading, _, _ = select.select(sources, [], [], 0.5)
            if sys.stdin in reading:
                self._read_total()
                sources.remove(sys.stdin)
            if self._socket in reading:
                read = self._socket.recv_into(view[self._end : self._end + _CHUNK])
                if not read:
                    raise WireError("the server closed the socket")
                self._end += read
                self._walk()
                if self._tag - self._acked >= self._plan.ack_every:
                    self.ack()

    @property
    def complete(self) -> bool:
        """Whether as many distinct messages came as were sent."""
        return self._total is not None and self.distinct >= self._total

    def ack(self) -> None:
        """Acknowledge everything that came."""
        if self._tag > self._acked:
            self._socket.sendall(frames.ack(CHANNEL, self._tag, True))
            self._acked = self._tag

    def _read_total(self) -> None:
        word, _, number = sys.stdin.readline().partition(" ")
        if word == "total":
            self._total = int(number)

    def _walk(self) -> None:
        """Read every whole frame in the buffer and move the rest to its start."""
        buffer, position, end = self._buffer, 0, self._end
        now = time.monotonic_ns()
        while end - position >= frames.OVERHEAD:
            kind, _, size = frames.frame_head(buffer, position)
            following = position + size + frames.OVERHEAD
            if following > end:
                break
            if kind == frames.BODY:
                self._body(position + 7, size, now)
            elif kind == frames.HEADER:
                self._remaining = frames.delivery_tag(buffer, position + 11)[0]
            elif kind == frames.METHOD:
                self._method(position, following)
            position = following
        buffer[: end - position] = buffer[position:end]
        self._end = end - position

    def _method(self, position: int, following: int) -> None:
        method = frames.method_id(self._buffer, position + 7)[0]
        if method == frames.BASIC_DELIVER:
            after_tag = position + 12 + self._buffer[position + 11]
            self._tag = frames.delivery_tag(self._buffer, after_tag)[0]
            self.redelivered += self._buffer[after_tag + 8]
            self._identified = False
        elif method in (frames.CHANNEL_CLOSE, frames.CONNECTION_CLOSE):
            raise_closed(bytes(self._buffer[position:following]))

    def _body(self, start: int, size: int, now: int) -> None:
        """One body frame: the first of a message holds its BeskedId, the last one ends it."""
        if not self._identified:
            self._identified = True
            at = self._buffer.find(UUID_TAG, start, start + size) + len(UUID_TAG)
            self._identify(bytes(self._buffer[at : at + 36]), now)
        self._remaining -= size
        if not self._remaining:
            self.received += 1
            self.last_ns = now
            self.first_ns = self.first_ns or now

    def _identify(self, identifier: bytes, now: int) -> None:
        sequence = sequence_of(identifier) if identifier[9:13] == self._run else _MOST
        if sequence >= _MOST:
            self.strays += 1
            return
        if not self._seen[sequence]:
            self._seen[sequence] = 1
            self.distinct += 1
        if sequence != self.highest + 1:
            self.out_of_order += 1
        self.highest = max(self.highest, sequence)
        if self._plan.latency:
            self._time(sent_of(identifier), now)

    def _time(self, sent: int, now: int) -> None:
        self._first_sent = self._first_sent or sent
        if sent - self._first_sent >= self._plan.warm_s * 1e9:
            self.latencies.append(now - sent)


def receive(plan: ReceivePlan) -> Received:
    """Carry out a plan; prints the line ``ready`` when the consumer is registered.  Raises OSError or WireError."""
    connection = Connection(plan.address)
    connection.call(CHANNEL, commands.Basic.Qos(0, plan.prefetch, False), commands.Basic.QosOk)
    connection.call(CHANNEL, commands.Basic.Consume(queue=plan.queue, consumer_tag="b"), commands.Basic.ConsumeOk)
    print("ready", flush=True)
    receiver = Receiver(plan, connection)
    receiver.run()
    receiver.ack()
    connection.close()
    p50, p99, p999, most = _percentiles(receiver.latencies)
    return Received(
        received=receiver.received,
        distinct=receiver.distinct,
        out_of_order=receiver.out_of_order,
        strays=receiver.strays,
        redelivered=receiver.redelivered,
        first_ns=receiver.first_ns,
        last_ns=receiver.last_ns,
        complete=receiver.complete,
        measured=len(receiver.latencies),
        p50_ms=p50,
        p99_ms=p99,
        p999_ms=p999,
        max_ms=most,
    )


def _percentiles(latencies: array[int]) -> tuple[float | None, ...]:
    """50th, 99th, 99.9th percentile and maximum in ms; None where nothing was measured."""
    if not latencies:
        return None, None, None, None
    ordered = sorted(latencies)
    last = len(ordered) - 1
    return tuple(ordered[min(last, int(share * len(ordered)))] / 1e6 for share in (0.5, 0.99, 0.999, 1.0))
