"""Whatever a peer sends, the machine does not raise, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import commands, frame

from broker.amqp import frames
from broker.amqp.connection import Connection
from broker.amqp.methods import RARE
from broker.amqp.settings import AmqpSettings
from tests.wire.fake_front import KOMMUNE, POST
from tests.wire.playbook import Play, Stage, publish, start_ok

C = commands
LOGIN = [
    frames.PROTOCOL_HEADER,
    frame.marshal(start_ok("PLAIN", f"\0{KOMMUNE.id}\0hemmelig"), 0),
    frame.marshal(C.Connection.TuneOk(2047, 131072, 60), 0),
    frame.marshal(C.Connection.Open("BF"), 0),
    frame.marshal(C.Channel.Open(), 1),
]
TALK = [
    frame.marshal(C.Confirm.Select(), 1),
    frame.marshal(C.Basic.Qos(0, 3), 1),
    frame.marshal(C.Basic.Consume(0, "amq.rabbitmq.reply-to", "r", no_ack=True), 1),
    frame.marshal(C.Basic.Consume(0, POST, "c", arguments={"x-priority": 1}), 1),
    publish(b"<besked/>", reply_to="amq.rabbitmq.reply-to", headers={"token": "t"}),
    publish(b"", exchange="", routing_key="q", mandatory=True),
    publish(b"x" * 50, frame_max=20),
    frame.marshal(C.Basic.Get(0, POST, False), 1),
    frame.marshal(C.Basic.Ack(1), 1),
    frame.marshal(C.Basic.Nack(2, True, True), 1),
    frame.marshal(C.Basic.Reject(3, False), 1),
    frame.marshal(C.Basic.Recover(True), 1),
    frame.marshal(C.Queue.Declare(0, POST, passive=True, arguments={"a": [1, {"b": None}]}), 1),
    frame.marshal(C.Exchange.Declare(0, "amq.direct", passive=True), 1),
    frame.marshal(C.Channel.Flow(True), 1),
    frame.marshal(C.Basic.Cancel("c"), 1),
    frame.marshal(C.Tx.Commit(), 1),
    frame.marshal(C.Channel.CloseOk(), 1),
    frame.marshal(C.Channel.Open(), 2),
    frame.marshal(C.Channel.Close(200, "", 0, 0), 2),
    frames.HEARTBEAT_FRAME,
    frame.marshal(C.Connection.Close(200, "", 0, 0), 0),
]

method_ids = st.sampled_from([*RARE, frames.BASIC_PUBLISH, frames.BASIC_GET, frames.BASIC_ACK, frames.BASIC_NACK])
odd_methods = st.builds(
    lambda channel, method_id, arguments: frames.method(channel, method_id, arguments),
    st.integers(0, 2),
    method_ids | st.integers(0, 2**32 - 1),
    st.binary(max_size=40),
)
odd_frames = st.builds(
    lambda kind, channel, payload: frames.HEAD.pack(kind, channel, len(payload)) + payload + b"\xce",
    st.sampled_from([1, 2, 3, 8]) | st.integers(0, 255),
    st.integers(0, 3),
    st.binary(max_size=40),
)
said = st.lists(st.sampled_from(TALK) | odd_methods | odd_frames, max_size=12)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A dialogue that began well, with an octet changed, cut out or put in here and there."""
    raw = bytearray(b"".join(draw(said)))
    for _ in range(draw(st.integers(0, 3))):
        if not raw:
            break
        at = draw(st.integers(0, len(raw) - 1))
        what = draw(st.sampled_from(["change", "cut", "insert"]))
        if what == "change":
            raw[at] = draw(st.integers(0, 255))
        elif what == "cut":
            del raw[at : at + draw(st.integers(1, 9))]
        else:
            raw[at:at] = draw(st.binary(min_size=1, max_size=9))
    return bytes(raw)


def pieces(raw: bytes, sizes: list[int]) -> Iterator[bytes]:
    """``raw`` in pieces of these sizes, in turn."""
    at = turn = 0
    while at < len(raw):
        size = sizes[turn % len(sizes)]
        yield raw[at : at + size]
        at, turn = at + size, turn + 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_the_machine_takes_any_octets(raw: bytes, sizes: list[int]) -> None:
    """Garbage in any pieces, with and without the protocol header before it: events, never an exception."""
    for start in (b"", frames.PROTOCOL_HEADER):
        machine = Connection(AmqpSettings(), ("PLAIN",))
        for piece in pieces(start + raw, sizes):
            for _ in machine.receive(piece):
                pass


@settings(max_examples=400, deadline=None)
@given(mutated(), st.lists(st.integers(1, 200), min_size=1, max_size=5), st.booleans())
def test_nobody_notices_what_another_sends(raw: bytes, sizes: list[int], leaves: bool) -> None:
    """A client may say anything once it is logged in: the server does not stumble, and its neighbour is served.

    Nothing that was accepted gets lost on the way: it is ready, out, acked or in the fejlkø.
    """
    asyncio.run(_play(raw, sizes, leaves))


async def _play(raw: bytes, sizes: list[int], leaves: bool) -> None:
    stage = Stage(False, AmqpSettings(max_body=1000))
    neighbour, play = await stage.client(), stage.play()
    for step in LOGIN:
        await play.send(step)
    play.heard.clear()
    for piece in pieces(raw, sizes):
        await play.send(piece)
    closed = [heard for heard in play.heard if isinstance(heard.method, C.Connection.Close)]
    assert not any(heard.method["reply_code"] == 541 for heard in closed), closed
    await neighbour.publish(b"neighbour")
    await neighbour.say(1, C.Queue.Declare(0, POST, passive=True))
    neighbour.expect(1, C.Queue.DeclareOk)
    if leaves:
        await play.drop_dead()
        _nothing_lost(stage)
        assert stage.front.engine.out == {}
        assert stage.front.engine.depth(POST).consumers == 0
        assert len(stage.hub.replies) == 0
    else:
        _nothing_lost(stage)
        _books_agree(play)


def _nothing_lost(stage: Stage) -> None:
    engine = stage.front.engine
    known = len(engine.ready.get(POST, [])) + len(engine.out) + len(engine.acked) + len(engine.dead)
    assert known == len(stage.front.submitted)


def _books_agree(play: Play) -> None:
    """What the channels count as out is what they have out."""
    for channel in play.session.machine.channels.values():
        assert sum(consumer.out for consumer in channel.consumers.values()) <= channel.out <= len(channel.unacked)
