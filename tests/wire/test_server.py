"""The server on real sockets: timers, slow and vanishing peers, TLS, shutdown."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest
import trustme
from pamqp import commands, frame
from pamqp.base import Frame

from broker.amqp import AmqpServer, AmqpSettings, frames
from broker.ports import Front
from tests.wire.fake_front import KOMMUNE, POST, FakeFront
from tests.wire.playbook import publish, start_ok

C = commands


@asynccontextmanager
async def serving(
    settings: AmqpSettings | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[AmqpServer, FakeFront, int]]:
    """A server on a free port, closed at the end."""
    front = FakeFront()
    server = AmqpServer(cast(Front, front), settings)
    [(_, port)] = await server.start(port=0, ssl=tls)
    try:
        yield server, front, port
    finally:
        for client in _connected:
            client.reset()
        _connected.clear()
        await server.close(grace=0.2)


class Client:
    """A client on a socket, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, tls: ssl.SSLContext | None = None) -> Client:
        name = "localhost" if tls else None
        client = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name, limit=2**16))
        _connected.append(client)
        return client

    @classmethod
    async def opened(cls, port: int, *, heartbeat: int = 0, tls: ssl.SSLContext | None = None) -> Client:
        """Logged in, with channel 1."""
        client = await cls.connect(port, tls)
        client.writer.write(frames.PROTOCOL_HEADER)
        await client.heard(C.Connection.Start)
        client.say(0, start_ok("PLAIN", f"\0{KOMMUNE.id}\0hemmelig"))
        await client.heard(C.Connection.Tune)
        client.say(0, C.Connection.TuneOk(2047, 131072, heartbeat), C.Connection.Open("BF"))
        await client.heard(C.Connection.OpenOk)
        client.say(1, C.Channel.Open())
        await client.heard(C.Channel.OpenOk)
        return client

    def say(self, channel: int, *methods: Frame) -> None:
        for method in methods:
            self.writer.write(frame.marshal(method, channel))

    async def next(self) -> tuple[int, int, bytes]:
        """Kind, channel and payload of the next frame."""
        async with asyncio.timeout(10):
            kind, channel, length = struct.unpack(">BHI", await self.reader.readexactly(7))
            payload = await self.reader.readexactly(length + 1)
        return kind, channel, payload[:-1]

    async def heard(self, kind: type[Frame]) -> Frame:
        """The next frame is this method."""
        number, channel, payload = await self.next()
        whole = struct.pack(">BHI", number, channel, len(payload)) + payload + b"\xce"
        _, _, method = frame.unmarshal(whole)
        assert isinstance(method, kind), method
        return method

    async def content(self, kind: type[Frame]) -> bytes:
        """The body of the next method, which is this one."""
        await self.heard(kind)
        number, _, header = await self.next()
        assert number == 2
        size, body = int.from_bytes(header[4:12], "big"), b""
        while len(body) < size:
            number, _, part = await self.next()
            assert number == 3
            body += part
        return body

    async def closed(self) -> None:
        """The server has closed the socket; nothing more was said."""
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                assert await self.reader.read() == b""
        self.writer.close()

    def reset(self) -> None:
        """Vanish without a goodbye."""
        self.writer.transport.abort()


_connected: list[Client] = []


async def until(condition: Callable[[], object]) -> None:
    """Wait for what must come true."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for is inside the server
            await asyncio.sleep(0.01)


async def test_a_message_through_a_socket() -> None:
    """In by one connection, out by another, acked; and status tells who was there."""
    async with serving() as (server, front, port):
        sender, fetcher = await Client.opened(port), await Client.opened(port)
        fetcher.say(1, C.Basic.Qos(0, 10), C.Basic.Consume(0, POST, "c"))
        await fetcher.heard(C.Basic.QosOk)
        await fetcher.heard(C.Basic.ConsumeOk)
        sender.writer.write(publish(b"<besked/>"))
        assert await fetcher.content(C.Basic.Deliver) == b"<besked/>"
        infos = server.connections()
        assert [info.system for info in infos] == [KOMMUNE.id] * 2
        assert sum(info.unacked for info in infos) == 1
        assert sum(info.consumers for info in infos) == 1
        assert {info.client for info in infos} == {"playbook"}
        fetcher.say(1, C.Basic.Ack(1))
        await until(lambda: front.engine.acked == [1])
        for client in (sender, fetcher):
            client.say(0, C.Connection.Close(200, "", 0, 0))
            await client.heard(C.Connection.CloseOk)
            await client.closed()
        await until(lambda: server.connections() == [])


async def test_wrong_protocol_header_on_a_socket() -> None:
    """A browser gets eight octets and a closed socket."""
    async with serving() as (_, _, port):
        client = await Client.connect(port)
        client.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(5):
            assert await client.reader.read() == frames.PROTOCOL_HEADER
        client.writer.close()


async def test_handshake_must_be_done_in_time() -> None:
    """Whoever connects and says nothing is disconnected after the handshake timeout."""
    async with serving(AmqpSettings(handshake_timeout=0.1)) as (_, _, port):
        await (await Client.connect(port)).closed()


async def test_silent_refusal_closes_after_a_while() -> None:
    """A login refused without a frame: the socket is closed after the silent-close delay."""
    async with serving(AmqpSettings(silent_close_delay=0.1)) as (_, _, port):
        client = await Client.connect(port)
        client.writer.write(frames.PROTOCOL_HEADER)
        await client.heard(C.Connection.Start)
        client.say(0, start_ok("PLAIN", "\0nobody\0x", {"basic.nack": True}))
        await client.closed()


async def test_client_that_ignores_a_close_is_cut_off() -> None:
    """connection.close that is not answered: the socket is closed after the delay."""
    async with serving(AmqpSettings(silent_close_delay=0.1)) as (_, _, port):
        client = await Client.opened(port)
        client.say(1, C.Channel.Open())
        close = await client.heard(C.Connection.Close)
        assert close["reply_code"] == 504
        await client.closed()


async def test_heartbeats_go_both_ways() -> None:
    """The server sends heartbeats in a silence; a client that sends them stays, one that does not is dropped.

    What the dead client had goes to others.
    """
    async with serving() as (server, front, port):
        dead, alive = await Client.opened(port, heartbeat=1), await Client.opened(port, heartbeat=1)
        front.engine.put(POST, b"x")
        dead.say(1, C.Basic.Consume(0, POST, "c"))
        await dead.heard(C.Basic.ConsumeOk)
        assert await dead.content(C.Basic.Deliver) == b"x"

        async def keep_alive() -> None:
            while True:
                alive.writer.write(frames.HEARTBEAT_FRAME)
                await asyncio.sleep(0.4)

        beating = asyncio.create_task(keep_alive())
        assert await alive.next() == (8, 0, b"")
        await until(lambda: len(server.connections()) == 1)
        assert front.engine.depth(POST).ready == 1
        assert front.engine.ready[POST][0].redelivered
        beating.cancel()


async def test_vanishing_client_gives_its_messages_back() -> None:
    """The socket is reset in the middle of a message: what it had out comes back, what was begun is forgotten."""
    async with serving() as (server, front, port):
        front.engine.put(POST, b"x")
        client = await Client.opened(port)
        client.say(1, C.Basic.Consume(0, POST, "c"))
        await client.heard(C.Basic.ConsumeOk)
        await client.content(C.Basic.Deliver)
        client.writer.write(publish(b"never whole")[:-5])
        await client.writer.drain()
        client.reset()
        await until(lambda: server.connections() == [])
        assert front.engine.depth(POST).ready == 1
        assert front.submitted == []


async def test_slow_reader_costs_little_and_disturbs_nobody() -> None:
    """A consumer that never reads gets what its buffers hold; everything else goes to the one that reads."""
    async with serving(AmqpSettings(output_limit=65536)) as (server, front, port):
        slow, quick = await Client.opened(port), await Client.opened(port)
        _small_buffer(slow)
        slow.say(1, C.Basic.Consume(0, POST, "slow"))
        await slow.heard(C.Basic.ConsumeOk)
        cast(asyncio.Transport, slow.writer.transport).pause_reading()
        for _ in range(2000):
            front.engine.put(POST, b"x" * 20_000)
        quick.say(1, C.Basic.Qos(0, 50), C.Basic.Consume(0, POST, "quick"))
        await quick.heard(C.Basic.QosOk)
        await quick.heard(C.Basic.ConsumeOk)
        got, stuck = 0, 0
        while got + stuck < 2000:
            await quick.content(C.Basic.Deliver)
            got += 1
            if got % 25 == 0:
                quick.say(1, C.Basic.Ack(got, True))
                stuck = max(info.unacked for info in server.connections())
        assert got > 1000
        session = max(server._hub.sessions, key=lambda one: one.machine.output.pending)
        assert session.machine.output.pending < 65536 + 2 * 20_000


def _small_buffer(client: Client) -> None:
    sock = client.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)


async def test_consumer_that_reads_again_is_served_on() -> None:
    """Deliveries go on when a slow reader catches up, to the last message."""
    async with serving(AmqpSettings(output_limit=65536)) as (_, front, port):
        client = await Client.opened(port)
        client.say(1, C.Basic.Consume(0, POST, "c", no_ack=True))
        await client.heard(C.Basic.ConsumeOk)
        for number in range(1500):
            front.engine.put(POST, b"%06d" % number + b"x" * 20_000)
        await asyncio.sleep(0.1)
        assert front.engine.depth(POST).ready > 0
        for number in range(1500):
            assert (await client.content(C.Basic.Deliver))[:6] == b"%06d" % number


async def test_large_body_both_ways() -> None:
    """Ten megabytes go in and come out as they were."""
    async with serving() as (_, front, port):
        client = await Client.opened(port)
        body = bytes(range(256)) * 40_000
        client.writer.write(publish(body))
        client.say(1, C.Basic.Get(0, POST, True))
        assert await client.content(C.Basic.GetOk) == body
        assert front.submitted[0].body == body


async def test_a_blocked_publisher_can_say_goodbye() -> None:
    """A connection that is closed by the server while it waits for room is gone as soon as the client agrees."""
    async with serving(AmqpSettings(silent_close_delay=60)) as (server, front, port):
        client = await Client.opened(port)
        server.block("disk is full")
        client.writer.write(publish(b"<besked/>"))
        await client.heard(C.Connection.Blocked)
        assert server.force_close("shutdown") == 1
        await client.heard(C.Connection.Close)
        client.say(0, C.Connection.CloseOk())
        await client.closed()
        server.unblock()
        assert front.submitted == [], "what was never taken is not taken behind the sender's back"


async def test_blocking_reaches_every_publisher() -> None:
    """connection.blocked goes out, a waiting message is taken when the block ends, with its heartbeat kept."""
    async with serving() as (server, front, port):
        client = await Client.opened(port, heartbeat=1)
        server.block("disk is full")
        client.writer.write(publish(b"1") + publish(b"2"))
        blocked = await client.heard(C.Connection.Blocked)
        assert blocked["reason"] == "disk is full"
        assert [info.blocked for info in server.connections()] == [True]
        assert front.submitted == []
        server.unblock()
        await client.heard(C.Connection.Unblocked)
        await until(lambda: len(front.submitted) == 2)


async def test_flood_while_blocked_waits_in_the_clients_socket() -> None:
    """While publishers wait the server stops reading, so a flood fills no memory; then all of it is taken, in order."""
    async with serving() as (server, front, port):
        client = await Client.opened(port)
        server.block("disk is full")
        flood = b"".join(publish(b"%06d" % number + bytes(50_000)) for number in range(400))
        client.writer.write(flood)
        await client.heard(C.Connection.Blocked)
        await asyncio.sleep(0.2)
        [session] = server._hub.sessions
        assert sum(map(len, session._backlog)) <= 512 * 1024
        assert cast(asyncio.Transport, client.writer.transport).get_write_buffer_size() > 0
        server.unblock()
        await client.heard(C.Connection.Unblocked)
        await until(lambda: len(front.submitted) == 400)
        assert [publication.body[:6] for publication in front.submitted] == [b"%06d" % number for number in range(400)]


async def test_forced_close_of_some() -> None:
    """The caretaker closes chosen connections with 320; the others stay."""
    async with serving() as (server, _, port):
        one, _ = await Client.opened(port), await Client.opened(port)
        name = "127.0.0.1:{}".format(one.writer.get_extra_info("sockname")[1])
        assert server.force_close("maintenance", lambda info: info.name == name) == 1
        close = await one.heard(C.Connection.Close)
        assert (close["reply_code"], close["reply_text"]) == (320, "CONNECTION_FORCED - maintenance")
        one.say(0, C.Connection.CloseOk())
        await one.closed()
        assert len(server.connections()) == 1


async def test_shutdown_says_goodbye() -> None:
    """At shutdown clients are told 320 and may say close-ok; no new ones are let in."""
    front = FakeFront()
    server = AmqpServer(cast(Front, front))
    [(_, port)] = await server.start(port=0)
    client, idle = await Client.opened(port), await Client.connect(port)
    closing = asyncio.create_task(server.close(grace=5))
    close = await client.heard(C.Connection.Close)
    assert close["reply_code"] == 320
    assert "shutdown" in str(close["reply_text"])
    client.say(0, C.Connection.CloseOk())
    await client.closed()
    await closing
    await idle.closed()
    _connected.clear()
    with pytest.raises(ConnectionError):
        await Client.connect(port)
    assert repr(server) == "AmqpServer(listeners=0, connections=0)"


async def test_port_in_use() -> None:
    """Listening on a port that is taken raises OSError."""
    async with serving() as (server, _, port):
        with pytest.raises(OSError, match="in use"):
            await server.start(port=port)


async def test_tls_with_a_client_certificate() -> None:
    """The TLS listener serves beside the plain one, and the front sees the client's certificate."""
    authority = trustme.CA()
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server_tls)
    authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_OPTIONAL
    client_tls = ssl.create_default_context()
    authority.configure_trust(client_tls)
    certificate = authority.issue_cert("kommune.example")
    certificate.configure_cert(client_tls)
    async with serving(tls=server_tls) as (server, front, port):
        [(_, plain)] = await server.start(port=0)
        secure, open_ = await Client.opened(port, tls=client_tls), await Client.opened(plain)
        der = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
        assert [(login.peer.tls, login.peer.certificate) for login in front.logins] == [(True, der), (False, None)]
        body = b"x" * 1_000_000
        secure.writer.write(publish(body))
        open_.say(1, C.Basic.Get(0, POST, True))
        await until(lambda: front.submitted)
        secure.say(1, C.Basic.Get(0, POST, True))
        await open_.next()


def _publish_and_go(port: int, ours: ssl.SSLContext, first: bytes, rest: bytes) -> None:
    """A client that waits for nothing, and hangs up without a goodbye."""
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        ours.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        login = frame.marshal(start_ok("PLAIN", f"\0{KOMMUNE.id}\0hemmelig"), 0)
        open_ = frame.marshal(C.Connection.TuneOk(2047, 131072, 0), 0) + frame.marshal(C.Connection.Open("BF"), 0)
        for said in (frames.PROTOCOL_HEADER, login, open_, frame.marshal(C.Channel.Open(), 1)):
            secure.sendall(said)
            secure.recv(65536)
        secure.sendall(first + rest)
        secure.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while secure.recv(65536):
                pass


@pytest.mark.parametrize("count", [80, 100])
async def test_what_came_by_tls_before_the_end_is_taken(count: int) -> None:
    """While a large letter is judged a client sends more than is read at a time, and hangs up: nothing is left out."""
    authority = trustme.CA()
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server_tls)
    client_tls = ssl.create_default_context()
    authority.configure_trust(client_tls)
    async with serving(tls=server_tls) as (_, front, port):
        front.slow, front.more = True, False
        rest = b"".join([publish(b"x" * 4_700)] * count)
        client = asyncio.create_task(asyncio.to_thread(_publish_and_go, port, client_tls, publish(b"large"), rest))
        await until(lambda: front.submitted)
        await asyncio.sleep(0.1)
        front.slow, front.more = False, True
        front.answer_all()
        await until(lambda: len(front.submitted) == 1 + count)
        await client


async def test_garbage_on_many_sockets() -> None:
    """Fifty sockets talk nonsense at every stage; one that behaves does not notice."""
    async with serving(AmqpSettings(silent_close_delay=0.05)) as (server, front, port):
        good = await Client.opened(port)
        noise = bytes(range(256)) * 8
        for number in range(50):
            bad = await (Client.opened(port) if number % 2 else Client.connect(port))
            bad.writer.write(noise[number:] if number % 3 else frames.PROTOCOL_HEADER + noise)
        good.writer.write(publish(b"good"))
        await until(lambda: [publication.body for publication in front.submitted] == [b"good"])
        await until(lambda: len(server.connections()) == 1)
