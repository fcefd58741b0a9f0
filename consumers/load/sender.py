"""One stream: messages when they are due, their answers onto the board, and again after a lost connection.

Open model: what is due is sent whether or not earlier messages were answered, up to ``max_unanswered`` of them.
Latency counts from the moment at which a message was *meant* to go.  A connection that goes is made anew; what had no
answer by then is sent again with the same BeskedId, before anything else.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from pamqp import commands

from consumers.load import frames
from consumers.load.answers import AnswerLink
from consumers.load.cast import Cast, Stream
from consumers.load.frames import Publication
from consumers.load.login import token_of
from consumers.load.message import besked_id, common, stamp, template
from consumers.load.news import StreamEnd
from consumers.load.pauses import pauses
from consumers.load.phases import PhaseOf
from consumers.load.tally import LAG, OWN_LAG, Tally
from consumers.load.wire import Refusal, WireError, connect
from consumers.token import AFSEND

_BATCH = 512
_OCTETS = 4 << 20
"""What is made at a time: of messages of 10 MB one, not 512."""
_TOKEN_EXPIRED = 41
_MOST_REASONS = 100


class Sender:
    """The state of one stream; `run` keeps it connected, `pump` sends what is due."""

    def __init__(
        self, cast: Cast, stream: Stream, cells: memoryview[int], tally: Tally, max_unanswered: int, patience: float
    ) -> None:
        self._cast = cast
        self._stream = stream
        self._cells = cells
        self._tally = tally
        self._most = max_unanswered
        self._patience = patience
        self._schedule = stream.schedule(cast.profile)
        self._phase = PhaseOf(cast.phases)
        self._publications: tuple[Publication, ...] = ()
        self._templates = [
            template(
                beskedtype=kind.beskedtype,
                aktoer=stream.aktoer,
                myndighed=stream.myndighed,
                tilladt_modtager=kind.tilladt_modtager,
                opgave_emne=kind.opgave_emne,
                size=kind.size,
            )
            for kind in cast.kinds
        ]
        self._sizes = [made.size for made in self._templates]
        self._largest = max(self._sizes, default=0)
        self._mine = common(cast.run, stream.index)
        self._link: AnswerLink | None = None
        self._again: deque[int] = deque()
        self._unanswered: dict[int, None] = {}
        self._next_due = 0
        self._able_since = 0
        self._able = False
        self._token: str | None = None
        self._renewing: asyncio.Task[None] | None = None
        self.origin = 0
        self.wall = 0.0
        self.sent = self.accepted = self.refused = self.resent = self.reconnects = self.strays = 0
        self.refusals: dict[str, int] = {}

    @property
    def unanswered(self) -> int:
        return len(self._unanswered)

    @property
    def done(self) -> bool:
        """Whether everything is sent and answered."""
        return self.sent >= self._stream.total and not self._unanswered

    @property
    def end(self) -> StreamEnd:
        return StreamEnd(self.sent, self.resent, self.refusals, self.strays)

    @property
    def properties(self) -> dict[str, str]:
        link = self._link
        return {} if link is None else {name: str(link.properties.get(name, "")) for name in ("product", "version")}

    def due(self, now_ns: int) -> int:
        """How many should have gone by now."""
        return min(self._stream.total, self._schedule.count((now_ns - self.origin) / 1e9))

    def begin(self, origin: int, wall: float) -> None:
        self.origin, self.wall = origin, wall
        self._next_due = self._due_ns(0)
        self._able_since = origin

    async def open(self) -> None:
        """Connect and prepare what is sent.  Raises WireError, Refusal."""
        stream, cast = self._stream, self._cast
        self._token = await token_of(stream.login, AFSEND)
        link = await connect(
            lambda: AnswerLink(self, confirms=not cast.answers, mine=self._mine), stream.login.address, self._token
        )
        if cast.answers:
            consume = commands.Basic.Consume(queue=frames.REPLY_TO.decode(), no_ack=True, consumer_tag="r")
            await link.call(frames.CHANNEL, consume, commands.Basic.ConsumeOk)
        else:
            await link.call(frames.CHANNEL, commands.Confirm.Select(), commands.Confirm.SelectOk)
        self._prepare(link.frame_max)
        self._again = deque(sorted(self._unanswered))
        self._able = False
        self._link = link

    async def run(self) -> str:
        """Until the connection is gone for good; why."""
        while True:
            link = self._link
            assert link is not None
            reason = await asyncio.shield(link.lost)  # cancelled, this task must not take the future with it
            self._link = None
            if link.final:
                return reason
            self.reconnects += 1
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
        if self._renewing is not None:
            self._renewing.cancel()
        if self._link is not None:
            await self._link.close()

    def pump(self, now: int) -> int:
        """Send what is due at ``now``; when the next message is (ns), or soon where something holds it up."""
        link = self._link
        if link is None or not link.writable:
            self._able = False
            return now + 2_000_000
        if not self._able:
            self._able, self._able_since = True, now
        if self._again and not self._is_renewing:
            numbers = [self._again[place] for place in range(min(_BATCH, len(self._again)))]
            for _ in range(self._fitting(numbers)):
                self._again.popleft()
            self._send(numbers[: self._fitting(numbers)], now, first=False)
            return now
        if now < self._next_due:
            return self._next_due
        wanted = self.due(now) - self.sent
        room = min(self._most - len(self._unanswered), _BATCH)
        if wanted > room:
            wanted = room
            self._able = room == _BATCH
        if wanted > 0:
            wanted = self._fitting(range(self.sent, self.sent + wanted))
            self._send(range(self.sent, self.sent + wanted), now, first=True)
            self.sent += wanted
            self._next_due = self._due_ns(self.sent)
        return max(self._next_due, now + 200_000) if self._able else now + 1_000_000

    def _fitting(self, numbers: Sequence[int]) -> int:
        """How many of them are sent at a time: at least one."""
        if len(numbers) * self._largest <= _OCTETS:
            return len(numbers)
        cycle, length, octets = self._stream.cycle, len(self._stream.cycle), 0
        for place, number in enumerate(numbers):
            octets += self._sizes[cycle[number % length]]
            if octets > _OCTETS:
                return max(1, place)
        return len(numbers)

    def _due_ns(self, number: int) -> int:
        if number >= self._stream.total:
            return 1 << 62
        return self.origin + int(self._schedule.due(number) * 1e9)

    def _send(self, numbers: range | list[int], now: int, *, first: bool) -> None:
        cast, stream, link = self._cast, self._stream, self._link
        assert link is not None
        cycle, length, publications, index, run = (
            stream.cycle,
            len(stream.cycle),
            self._publications,
            stream.index,
            cast.run,
        )
        due_of, unanswered, add, phase_of = self._schedule.due, self._unanswered, self._tally.add, self._phase
        since = now - self.origin
        able = self._able_since - self.origin
        moment, when = -1, b""
        parts: list[bytes] = []
        for number in numbers:
            kind = cycle[number % length]
            due = int(due_of(number) * 1e9)
            if due // 1_000_000 != moment:  # of its intended time: sent again, it is the same message to the last octet
                moment = due // 1_000_000
                when = stamp(self.wall + moment / 1e3)
            parts += publications[kind].parts(besked_id(run, index, kind, number, due), when)
            if first:
                unanswered[number] = None
                phase = phase_of(due)
                add(LAG, phase, since - due)
                add(OWN_LAG, phase, since - (due if due > able else able))
        link.publishing(numbers)
        if not first:
            self.resent += len(numbers)
        link.write(b"".join(parts))

    def _prepare(self, frame_max: int) -> None:
        cast = self._cast
        headers = {} if self._token is None else {"token": self._token}
        self._publications = tuple(
            frames.publication(
                made,
                exchange=cast.exchange,
                routing_key=kind.routing_key,
                headers=headers,
                reply=cast.answers,
                frame_max=frame_max,
            )
            for made, kind in zip(self._templates, cast.kinds, strict=True)
        )

    # What the link has read

    def answered(self, number: int, now: int) -> None:
        """Accepted."""
        if number not in self._unanswered:
            self.strays += 1
            return
        del self._unanswered[number]
        since = now - self.origin
        self._cells[number] = since + 1
        self.accepted += 1
        due = int(self._schedule.due(number) * 1e9)
        self._tally.add("accept", self._phase(due), since - due)

    def refuse(self, number: int, kode: int, text: str) -> None:
        """Answered, but not 20."""
        if number not in self._unanswered:
            self.strays += 1
            return
        if kode == _TOKEN_EXPIRED and self._token is not None:
            self._renew()
            self._again.append(number)
            return
        del self._unanswered[number]
        self._cells[number] = -max(1, kode)
        self.refused += 1
        reason = f"{kode} {text}"[:300]
        if reason in self.refusals or len(self.refusals) < _MOST_REASONS:
            self.refusals[reason] = self.refusals.get(reason, 0) + 1

    def stray(self) -> None:
        """An answer to none of its messages."""
        self.strays += 1

    @property
    def _is_renewing(self) -> bool:
        return self._renewing is not None and not self._renewing.done()

    def _renew(self) -> None:
        if not self._is_renewing:
            self._renewing = asyncio.create_task(self._renewed())

    async def _renewed(self) -> None:
        try:
            self._token = await token_of(self._stream.login, AFSEND, refused=self._token)
        except WireError:
            return  # the next 41 asks again
        if self._link is not None:
            self._prepare(self._link.frame_max)
