"""The sender: publishes distinct messages within a window of unconfirmed ones, as fast as it may or at a rate.

At a rate it is an open model: each message has the time at which it was meant to go, and that time is what its
BeskedId carries, so a server that holds the sender up is charged for it.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass, field

from pamqp import commands

from benchmarks import frames
from benchmarks.payload import Payload, besked_id
from benchmarks.rawclient import CHANNEL, Address, Connection, WireError, raise_closed

_BATCH = 64
"""Messages to a write at most (some 300 kB)."""
_STALL = 30.0
"""Seconds without a confirm after which a sender gives up."""


@dataclass(frozen=True, slots=True)
class SendPlan:
    """What to send where, and when to stop: at ``count`` messages or after ``seconds``, whichever comes first."""

    address: Address
    exchange: str
    routing_key: str
    head: str
    tail: str
    run: int
    count: int
    seconds: float
    window: int = 1000
    rate: float = 0.0
    """Messages per second; 0 = as fast as the window allows."""
    warm_s: float = 1.0
    headers: dict[str, str] = field(default_factory=dict)
    """What each message carries in its headers table."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent; times in ns of CLOCK_MONOTONIC."""

    sent: int
    confirmed: int
    nacked: int
    returned: int
    blocked: int
    first_ns: int
    warm: int
    """Messages sent in the first ``warm_s`` seconds."""
    warm_ns: int
    """When the first message after those was sent."""
    done_ns: int
    """When the last one was sent."""
    confirmed_ns: int
    """When the last confirm came."""


class Sender:
    """The state of one sending; `run` carries it out."""

    def __init__(self, plan: SendPlan, connection: Connection) -> None:
        self._plan = plan
        self._connection = connection
        self._socket = connection.socket
        self._pending = connection.rest()
        self._pieces = frames.publication(
            CHANNEL, plan.exchange, plan.routing_key, plan.head.encode(), plan.tail.encode(), plan.headers
        )
        self._out = memoryview(b"")
        self._why = ""
        self.limit = plan.count
        """Messages to have been sent when `run` ends; a greater one, and it can be run again."""
        self._floor = 0
        self._beyond: set[int] = set()
        self.sent = self.confirmed = self.nacked = self.returned = self.blocked = 0
        self.first_ns = self.warm = self.warm_ns = self.done_ns = self.confirmed_ns = 0

    def run(self) -> None:
        """Send and read confirms until everything sent is confirmed.  Raises WireError on a stall or a close."""
        self.first_ns = self.done_ns = self.confirmed_ns = time.monotonic_ns()
        stop_ns = self.first_ns + int(self._plan.seconds * 1e9)
        self._socket.setblocking(False)
        while True:
            now = time.monotonic_ns()
            sending = now < stop_ns and self.sent < self.limit
            if sending and not self._out:
                self._fill(now)
            if not sending and not self._out and self.confirmed >= self.sent:
                return
            if now - max(self.confirmed_ns, self.done_ns) > _STALL * 1e9:
                raise WireError(f"no confirm for {_STALL:.0f} s: {self.confirmed} of {self.sent} confirmed{self._why}")
            self._turn(self._pause(now) if sending else 0.5)

    def _fill(self, now: int) -> None:
        """Put what may go now into the buffer."""
        room = min(self._plan.window - (self.sent - self.confirmed), self.limit - self.sent, _BATCH)
        if self._plan.rate:
            room = min(room, int((now - self.first_ns) / 1e9 * self._plan.rate) + 1 - self.sent)
        if room <= 0:
            return
        if not self.warm_ns and now - self.first_ns >= self._plan.warm_s * 1e9:
            self.warm, self.warm_ns = self.sent, now
        begin, middle, end = self._pieces
        parts: list[bytes] = []
        for sequence in range(self.sent, self.sent + room):
            identifier = besked_id(self._plan.run, sequence, self._due(sequence, now))
            parts += (begin, identifier, middle, identifier, end)
        self._out = memoryview(b"".join(parts))
        self.sent += room
        self.done_ns = now

    def _due(self, sequence: int, now: int) -> int:
        """The time at which a message was meant to go."""
        return self.first_ns + int(sequence / self._plan.rate * 1e9) if self._plan.rate else now

    def _pause(self, now: int) -> float:
        """Seconds until the next message is due at most; confirms end the wait earlier."""
        if not self._plan.rate:
            return 0.5
        return min(0.5, max(0.0, (self._due(self.sent, now) - now) / 1e9))

    def _turn(self, timeout: float) -> None:
        full = self.sent - self.confirmed >= self._plan.window
        reading, writing, _ = select.select(
            [self._socket], [self._socket] if self._out else [], [], 0.5 if full or self._out else timeout
        )
        if writing:
            self._out = self._out[self._connection.write(self._out) :]
        if reading:
            self._read(self._connection.read())

    def _read(self, data: bytes) -> None:
        data = self._pending + data
        position, end = 0, len(data)
        while end - position >= frames.OVERHEAD:
            kind, _, size = frames.frame_head(data, position)
            following = position + size + frames.OVERHEAD
            if following > end:
                break
            if kind == frames.METHOD:
                self._method(data, position, following)
            position = following
        self._pending = data[position:]

    def _method(self, data: bytes, position: int, following: int) -> None:
        method = frames.method_id(data, position + 7)[0]
        if method in (frames.BASIC_ACK, frames.BASIC_NACK):
            settled = self._settle(frames.delivery_tag(data, position + 11)[0], bool(data[position + 19] & 1))
            self.nacked += settled if method == frames.BASIC_NACK else 0
            self.confirmed_ns = time.monotonic_ns()
        elif method == frames.BASIC_RETURN:
            self.returned += 1
        elif method == frames.CONNECTION_BLOCKED:
            self.blocked += 1
            length = data[position + 11]
            self._why = "; the server blocks: " + data[position + 12 : position + 12 + length].decode()
        elif method in (frames.CHANNEL_CLOSE, frames.CONNECTION_CLOSE):
            raise_closed(data[position:following])

    def _settle(self, tag: int, multiple: bool) -> int:
        """Count one confirm; how many messages it settles.  Singles may come out of order, before a multiple."""
        before = self.confirmed
        if multiple:
            self._floor = max(self._floor, tag)
            self._beyond = {beyond for beyond in self._beyond if beyond > self._floor}
        elif tag > self._floor:
            self._beyond.add(tag)
        while self._floor + 1 in self._beyond:
            self._floor += 1
            self._beyond.remove(self._floor)
        self.confirmed = self._floor + len(self._beyond)
        return self.confirmed - before


def confirming(address: Address) -> Connection:
    """A connection whose channel is in confirm mode.  Raises OSError or WireError."""
    connection = Connection(address)
    connection.call(CHANNEL, commands.Confirm.Select(), commands.Confirm.SelectOk)
    return connection


def send(plan: SendPlan) -> Sent:
    """Carry out a plan.  Raises OSError or WireError."""
    connection = confirming(plan.address)
    sender = Sender(plan, connection)
    sender.run()
    connection.close()
    return Sent(
        sent=sender.sent,
        confirmed=sender.confirmed,
        nacked=sender.nacked,
        returned=sender.returned,
        blocked=sender.blocked,
        first_ns=sender.first_ns,
        warm=sender.warm,
        warm_ns=sender.warm_ns or sender.first_ns,
        done_ns=sender.done_ns,
        confirmed_ns=sender.confirmed_ns,
    )


def plan_for(
    address: Address, exchange: str, routing_key: str, payload: Payload, run: int, *, count: int, seconds: float
) -> SendPlan:
    """A plan that sends ``payload`` as fast as the window allows."""
    return SendPlan(address, exchange, routing_key, payload.head.decode(), payload.tail.decode(), run, count, seconds)
