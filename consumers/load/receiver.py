"""One destination: takes what comes as it was told to, keeps its half of the ledger, and times every message.

Behaviours: prompt; slow (so many seconds on each, one after the other); stalling (nothing is read for a while);
reconnecting (the connection is cut, with what is out); requeueing (a share is put back once).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from pamqp import commands

from consumers.load import frames
from consumers.load.cast import Cast, Destination
from consumers.load.login import token_of
from consumers.load.message import ID_LENGTH, MARK, number_of
from consumers.load.pauses import pauses
from consumers.load.phases import PhaseOf
from consumers.load.seen import Seen
from consumers.load.tally import Tally
from consumers.load.wire import Link, Refusal, WireError, connect
from consumers.token import MODTAG

_SPREAD = 2654435761
_Arrival = tuple[int, int, int, int, int, bool]
"""Delivery tag, stream, number, due (ns), arrived (ns), whether to put it back."""


class Receiver:
    """The state of one destination; `run` keeps it connected."""

    def __init__(
        self, cast: Cast, destination: Destination, cells: memoryview[int], tally: Tally, patience: float
    ) -> None:
        self._destination = destination
        self._told = destination.receiver
        self._cells = cells
        self._offsets = cast.offsets
        self._tally = tally
        self._patience = patience
        self._phase = PhaseOf(cast.phases)
        self._run = b"%04x" % cast.run
        self._link: _ReceiverLink | None = None
        self._back = int(self._told.requeue * (1 << 32))
        self.seen = [Seen(stream.total) for stream in cast.streams]
        self.origin = 0
        self.arrived = self.taken = self.foreign = self.reconnects = 0
        self._stalled = False
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def index(self) -> int:
        return self._destination.index

    @property
    def waiting(self) -> int:
        """How many arrived and are not settled."""
        return 0 if self._link is None else len(self._link.waiting)

    def begin(self, origin: int) -> None:
        """Set the clock of what is to happen to the connection."""
        self.origin = origin
        loop = asyncio.get_running_loop()
        start = loop.time() + (origin - time.monotonic_ns()) / 1e9
        for stall in self._told.stall:
            self._timers.append(loop.call_at(start + stall.at, self._stall, True))
            self._timers.append(loop.call_at(start + stall.at + stall.seconds, self._stall, False))
        if self._told.reconnect_every is not None:
            self._timers.append(loop.call_at(start + self._told.reconnect_every, self._cut))

    async def open(self) -> None:
        """Connect and consume.  Raises WireError, Refusal."""
        login = self._destination.login
        link = await connect(lambda: _ReceiverLink(self), login.address, await token_of(login, MODTAG))
        link.slow = self._told.slow
        await link.call(frames.CHANNEL, commands.Basic.Qos(0, self._told.prefetch, False), commands.Basic.QosOk)
        consume = commands.Basic.Consume(queue=self._destination.queue, consumer_tag="load")
        await link.call(frames.CHANNEL, consume, commands.Basic.ConsumeOk)
        self._link = link
        if self._stalled:
            link.hold(True)

    async def run(self) -> str:
        """Until the connection is gone for good; why."""
        while True:
            link = self._link
            assert link is not None
            reason = await asyncio.shield(link.lost)  # cancelled, this task must not take the future with it
            if link.final:
                return reason
            self.reconnects += 1
            self._link = None
            following, deadline = pauses(), time.monotonic() + self._patience
            while self._link is None:
                try:
                    await self.open()
                except Refusal as error:
                    return str(error)
                except WireError as error:
                    if time.monotonic() > deadline:
                        return f"{error} (tried for {self._patience:g} s)"
                    await asyncio.sleep(next(following))

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._link is not None:
            await self._link.close()

    def _stall(self, begins: bool) -> None:
        self._stalled = begins
        if self._link is not None:
            self._link.hold(begins)

    def _cut(self) -> None:
        if self._link is not None:
            self._link.abort()
        again = asyncio.get_running_loop().call_later(self._told.reconnect_every or 1.0, self._cut)
        self._timers = [timer for timer in self._timers if not timer.cancelled()][-8:]
        self._timers.append(again)

    # What the link has read

    def arrive(self, identifier: bytes, tag: int, redelivered: bool, now: int) -> _Arrival:
        """One whole message; what is to be done with it."""
        self.arrived += 1
        if identifier[9:13] != self._run:
            self.foreign += 1
            return tag, -1, 0, 0, now, False
        stream, number, due = int(identifier[15:18], 16), number_of(identifier), int(identifier[24:36], 16)
        if stream >= len(self.seen):
            self.foreign += 1
            return tag, -1, 0, 0, now, False
        first = self.seen[stream].arrive(number, redelivered)
        if first:
            since = now - self.origin
            accepted = self._cells[self._offsets[stream] + number]
            # its answer may still be on its way to the sender: then it lay in no queue
            self._tally.add("queue", self._phase(due), since - accepted + 1 if 0 < accepted <= since else 0)
        back = first and self._back > 0 and (number * _SPREAD & 0xFFFFFFFF) < self._back
        return tag, stream, number, due, now, back

    def take(self, arrival: _Arrival, now: int) -> None:
        """It is handled and acknowledged."""
        _, stream, number, due, arrived, _ = arrival
        if stream >= 0 and self.seen[stream].take(number):
            self.taken += 1
            phase = self._phase(due)
            self._tally.add("deliver", phase, now - arrived)
            self._tally.add("e2e", phase, now - self.origin - due)


class _ReceiverLink(Link):
    """Reads deliveries and settles them."""

    def __init__(self, receiver: Receiver) -> None:
        super().__init__()
        self._receiver = receiver
        self._now = 0
        self._tag = 0
        self._redelivered = False
        self._left = 0
        self._identifier = b""
        self.waiting: deque[_Arrival] = deque()
        self._held = False
        self._free_at = 0
        self._timer: asyncio.TimerHandle | None = None
        self.slow = 0.0

    def data_received(self, data: bytes) -> None:
        self._now = time.monotonic_ns()
        super().data_received(data)

    def on_method(self, method: int, data: bytearray, at: int) -> bool:
        if method != frames.DELIVER:
            return False
        at += 1 + data[at]
        self._tag = frames.u64_at(data, at)[0]
        self._redelivered = bool(data[at + 8] & 1)
        self._identifier = b""
        return True

    def on_header(self, data: bytearray, at: int, size: int) -> None:
        self._left = frames.u64_at(data, at + 4)[0]

    def on_body(self, data: bytearray, at: int, size: int) -> None:
        if not self._identifier:
            place = data.find(MARK, at, at + size) + len(MARK)
            self._identifier = bytes(data[place : place + ID_LENGTH])
        self._left -= size
        if self._left <= 0:
            arrival = self._receiver.arrive(self._identifier, self._tag, self._redelivered, self._now)
            self.waiting.append(arrival)

    def on_turn(self) -> None:
        """A prompt consumer settles all that came; a slow one works them off by a timer."""
        if not self.waiting or self._held:
            return
        if self.slow:
            if self._timer is None:
                self._work()
            return
        now = time.monotonic_ns()
        waiting, take, upto = self.waiting, self._receiver.take, 0
        out = []
        for arrival in waiting:
            if arrival[5]:
                if upto:
                    out.append(frames.ack(upto, True))
                    upto = 0
                out.append(frames.requeue(arrival[0]))
            else:
                upto = arrival[0]
                take(arrival, now)
        if upto:
            out.append(frames.ack(upto, True))
        waiting.clear()
        self.write(b"".join(out))

    def hold(self, on: bool) -> None:
        """Stop or go on reading and settling."""
        self._held = on
        if self.transport is not None and not self.lost.done():
            if on:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()
        if not on:
            self._free_at = time.monotonic_ns()
            self.on_turn()

    def _work(self) -> None:
        """Settle those whose work is done by now, one after the other; come again for the next."""
        self._timer = None
        now, step = time.monotonic_ns(), int(self.slow * 1e9)
        out = []
        while self.waiting and not self._held and not self.lost.done():
            arrival = self.waiting[0]
            ready = max(self._free_at, arrival[4]) + step
            if ready > now:
                delay = (ready - now) / 1e9
                self._timer = asyncio.get_running_loop().call_later(delay, self._work)
                break
            self._free_at = ready
            self.waiting.popleft()
            if arrival[5]:
                out.append(frames.requeue(arrival[0]))
            else:
                out.append(frames.ack(arrival[0], False))
                self._receiver.take(arrival, now)
        if out:
            self.write(b"".join(out))
