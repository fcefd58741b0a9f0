"""Dialogues as tests: what the client says, and exactly what the server answers.

A `Play` is one client at a server whose front is a `FakeFront`; several can share a `Stage`.  Each test that asks
for the fixture ``stage`` runs twice: with what the client says in one piece, and octet by octet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

from pamqp import body as pamqp_body
from pamqp import commands, frame, header
from pamqp.base import Frame

from broker.amqp import frames
from broker.amqp.hub import Hub
from broker.amqp.session import Session
from broker.amqp.settings import AmqpSettings
from broker.ports import Front, Peer
from tests.wire.fake_front import KOMMUNE, FakeFront

CAPABILITIES = {
    "authentication_failure_close": True,
    "consumer_cancel_notify": True,
    "connection.blocked": True,
}


@dataclass
class Heard:
    """One method of the server, with its content where it has one."""

    channel: int
    method: Frame
    properties: commands.Basic.Properties | None = None
    body: bytes | None = None

    def __repr__(self) -> str:
        fields = {key: value for key, value in self.method if value is not None}
        content = f" {self.body!r}" if self.body is not None else ""
        return f"<< {self.channel} {self.method.name} {fields}{content}"


@dataclass
class FakeLink:
    """Notes what the session asks of its socket."""

    asked: list[str] = field(default_factory=list)
    heartbeat: int | None = None
    reading: bool = True

    def opened(self, heartbeat: int) -> None:
        self.heartbeat = heartbeat

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def flush(self) -> None:
        self.asked.append("flush")

    def linger(self) -> None:
        self.asked.append("linger")

    def finish(self) -> None:
        self.asked.append("finish")

    def abort(self) -> None:
        self.asked.append("abort")


class Stage:
    """A hub and its front; `play` brings in clients."""

    def __init__(self, octet_by_octet: bool, settings: AmqpSettings | None = None) -> None:
        self.front = FakeFront()
        self.octet_by_octet = octet_by_octet
        self.tasks: set[asyncio.Task[None]] = set()
        self.woken: list[Session] = []
        self.hub = Hub(cast(Front, self.front), settings or AmqpSettings(), wake=self.woken.append, spawn=self._spawn)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def settle(self) -> None:
        """Run what the sessions have spawned to its end."""
        while self.tasks:
            await asyncio.gather(*self.tasks)

    def play(self) -> Play:
        """A client that has not said anything yet."""
        return Play(self)

    async def client(self, user: str = KOMMUNE.id, *, channels: tuple[int, ...] = (1,)) -> Play:
        """A client that is logged in and has these channels open."""
        play = self.play()
        await play.handshake(user)
        for number in channels:
            await play.say(number, commands.Channel.Open())
            play.expect(number, commands.Channel.OpenOk)
        return play


class Play:
    """One client: it says things, and expects exactly what comes back."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.link = FakeLink()
        self.session = Session(stage.hub, self.link, Peer("127.0.0.1", 50000))
        stage.hub.sessions.add(self.session)
        self.heard: list[Heard] = []
        self.raw = b""
        self.unknown: list[bytes] = []
        self.stuck = False

    # the client speaks

    async def send(self, octets: bytes) -> None:
        """Say octets, whole or one by one, and listen to the answer."""
        if self.stage.octet_by_octet:
            for octet in octets:
                self.session.receive(bytes((octet,)))
        else:
            self.session.receive(octets)
        await self.listen()

    async def say(self, channel: int, *methods: Frame) -> None:
        await self.send(b"".join(frame.marshal(method, channel) for method in methods))

    async def publish(self, body: bytes = b"<besked/>", *, channel: int = 1, **options: Any) -> None:
        await self.send(publish(body, channel=channel, **options))

    async def listen(self) -> None:
        """Take what the server has to say now."""
        await self.stage.settle()
        while self.session in self.stage.woken:
            self.stage.woken.remove(self.session)
            if self.stuck:
                break
            self.raw += b"".join(self.session.take_output())
            self.session.written(False)
            await self.stage.settle()
        self._hear()

    def _hear(self) -> None:
        while len(self.raw) >= 8:
            if self.raw == frames.PROTOCOL_HEADER:
                return
            if self.raw[7:11] == b"\x00\x1e\x00\x0b":  # access.request-ok, which pamqp does not know
                self.unknown.append(self.raw[:14])
                self.raw = self.raw[14:]
                continue
            used, channel, one = frame.unmarshal(self.raw)
            self.raw = self.raw[used:]
            if isinstance(one, header.ContentHeader):
                self.heard[-1].properties, self.heard[-1].body = one.properties, b""
            elif isinstance(one, pamqp_body.ContentBody):
                before = self.heard[-1].body
                assert before is not None
                self.heard[-1].body = before + one.value
            else:
                assert isinstance(one, Frame)
                self.heard.append(Heard(channel, one))

    # the server is held to its word

    def expect(self, channel: int, kind: type[Frame], **fields: Any) -> Heard:
        """The next method heard is this one, with these fields."""
        assert self.heard, f"nothing was heard where {kind.name} was due"
        heard = self.heard.pop(0)
        assert (heard.channel, heard.method.name) == (channel, kind.name), heard
        for key, value in fields.items():
            assert getattr(heard.method, key) == value, (key, heard)
        return heard

    def expect_nothing(self) -> None:
        assert self.heard == []
        assert self.raw == b""

    async def handshake(self, user: str = KOMMUNE.id) -> None:
        """Login with PLAIN, tune, open BF."""
        await self.send(frames.PROTOCOL_HEADER)
        self.expect(0, commands.Connection.Start)
        await self.say(0, start_ok("PLAIN", f"\0{user}\0hemmelig"))
        self.expect(0, commands.Connection.Tune)
        await self.say(0, commands.Connection.TuneOk(2047, 131072, 60), commands.Connection.Open("BF"))
        self.expect(0, commands.Connection.OpenOk)

    async def consume(self, queue: str, tag: str = "c", *, channel: int = 1, **options: Any) -> None:
        """basic.consume, answered; deliveries that follow at once stay to be expected."""
        await self.say(channel, commands.Basic.Consume(0, queue, tag, **options))
        self.expect(channel, commands.Basic.ConsumeOk, consumer_tag=tag)

    async def drop_dead(self) -> None:
        """The socket goes, without a goodbye."""
        self.session.lost("test")
        await self.stage.settle()


def start_ok(mechanism: str, response: str, capabilities: dict[str, bool] | None = None) -> commands.Connection.StartOk:
    """start-ok of a client with these capabilities (None = all)."""
    properties: dict[str, Any] = {"product": "playbook", "capabilities": dict(capabilities or CAPABILITIES)}
    return commands.Connection.StartOk(properties, mechanism, response, "en_US")


def publish(
    body: bytes,
    *,
    channel: int = 1,
    exchange: str = "AFSEND_BESKED_EXCHANGE",
    routing_key: str = "",
    mandatory: bool = False,
    immediate: bool = False,
    frame_max: int = 131072,
    **properties: Any,
) -> bytes:
    """The frames of one publication."""
    room = frame_max - 8
    names = frames.shortstr(exchange) + frames.shortstr(routing_key)
    pieces = [
        raw_method(channel, 60, 40, b"\x00\x00" + names + bytes((mandatory | immediate << 1,))),
        frame.marshal(header.ContentHeader(0, len(body), commands.Basic.Properties(**properties)), channel),
    ]
    for start in range(0, len(body), room):
        pieces.append(frame.marshal(pamqp_body.ContentBody(body[start : start + room]), channel))
    return b"".join(pieces)


def raw_method(channel: int, class_id: int, method_id: int, arguments: bytes = b"") -> bytes:
    """A method frame that pamqp would not make."""
    return frames.method(channel, class_id << 16 | method_id, arguments)
