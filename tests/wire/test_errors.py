"""Every refusal: reply code, text, class and method as RabbitMQ gives them, and what it closes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pamqp import commands, frame
from pamqp.base import Frame

from broker.amqp import frames
from broker.amqp.deviations import DEVIATIONS
from broker.amqp.settings import AmqpSettings
from tests.wire.fake_front import ANDENS, KOMMUNE, POST
from tests.wire.playbook import Stage, publish, raw_method

C = commands
USER = KOMMUNE.id
REFUSED_QUEUE = "ACCESS_REFUSED - access to queue '{}' in vhost 'BF' refused for user '" + USER + "'"
REFUSED_EXCHANGE = "ACCESS_REFUSED - access to exchange '{}' in vhost 'BF' refused for user '" + USER + "'"


def octets(channel: int, *methods: Frame) -> bytes:
    return b"".join(frame.marshal(method, channel) for method in methods)


def header_frame(size: int, class_id: int = 60, weight: int = 0) -> bytes:
    payload = frames.CONTENT_HEAD.pack(class_id, weight, size, 0)
    return frames.HEAD.pack(2, 1, len(payload)) + payload + b"\xce"


@dataclass(frozen=True)
class Case:
    """What a client says on a running connection with channel 1 open, and what it is told."""

    name: str
    says: bytes
    code: int
    text: str
    method: tuple[int, int]


BEGUN = octets(1, C.Basic.Publish(0, "AFSEND_BESKED_EXCHANGE", ""))
ON_CHANNEL = [
    Case(
        "passive declare of an unknown queue",
        octets(1, C.Queue.Declare(0, "q", passive=True)),
        404,
        "NOT_FOUND - no queue 'q' in vhost 'BF'",
        (50, 10),
    ),
    Case(
        "passive declare of another system's dueslag",
        octets(1, C.Queue.Declare(0, ANDENS, passive=True)),
        403,
        REFUSED_QUEUE.format(ANDENS),
        (50, 10),
    ),
    Case("declare", octets(1, C.Queue.Declare(0, "q")), 403, REFUSED_QUEUE.format("q"), (50, 10)),
    Case("declare of one's own", octets(1, C.Queue.Declare(0, POST)), 403, REFUSED_QUEUE.format(POST), (50, 10)),
    Case(
        "declare of a reserved name",
        octets(1, C.Queue.Declare(0, "amq.foo")),
        403,
        "ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*'",
        (50, 10),
    ),
    Case(
        "passive declare of a reply consumer that is gone",
        octets(1, C.Queue.Declare(0, "amq.rabbitmq.reply-to.gone", passive=True)),
        404,
        "NOT_FOUND - no queue 'amq.rabbitmq.reply-to.gone' in vhost 'BF'",
        (50, 10),
    ),
    Case("bind", octets(1, C.Queue.Bind(0, POST, "amq.direct")), 403, REFUSED_QUEUE.format(POST), (50, 20)),
    Case(
        "bind to the default exchange",
        octets(1, C.Queue.Bind(0, POST, "")),
        403,
        "ACCESS_REFUSED - operation not permitted on the default exchange",
        (50, 20),
    ),
    Case("unbind", octets(1, C.Queue.Unbind(0, POST, "amq.direct")), 403, REFUSED_QUEUE.format(POST), (50, 50)),
    Case("purge", octets(1, C.Queue.Purge(0, POST)), 403, REFUSED_QUEUE.format(POST), (50, 30)),
    Case("delete", octets(1, C.Queue.Delete(0, POST)), 403, REFUSED_QUEUE.format(POST), (50, 40)),
    Case(
        "purge without a name",
        octets(1, C.Queue.Purge(0, "")),
        404,
        "NOT_FOUND - no previously declared queue",
        (50, 30),
    ),
    Case(
        "consume without a name",
        octets(1, C.Basic.Consume(0, "", "c")),
        404,
        "NOT_FOUND - no previously declared queue",
        (60, 20),
    ),
    Case(
        "passive declare of an unknown exchange",
        octets(1, C.Exchange.Declare(0, "x", passive=True)),
        404,
        "NOT_FOUND - no exchange 'x' in vhost 'BF'",
        (40, 10),
    ),
    Case("exchange declare", octets(1, C.Exchange.Declare(0, "x")), 403, REFUSED_EXCHANGE.format("x"), (40, 10)),
    Case(
        "declare of the default exchange",
        octets(1, C.Exchange.Declare(0, "")),
        403,
        "ACCESS_REFUSED - operation not permitted on the default exchange",
        (40, 10),
    ),
    Case(
        "declare of a reserved exchange",
        octets(1, C.Exchange.Declare(0, "amq.foo")),
        403,
        "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'",
        (40, 10),
    ),
    Case(
        "delete of a system exchange",
        octets(1, C.Exchange.Delete(0, "amq.direct")),
        403,
        "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost 'BF' not allowed",
        (40, 20),
    ),
    Case(
        "delete of the default exchange",
        octets(1, C.Exchange.Delete(0, "")),
        403,
        "ACCESS_REFUSED - operation not permitted on the default exchange",
        (40, 20),
    ),
    Case(
        "delete of the sending exchange",
        octets(1, C.Exchange.Delete(0, "AFSEND_BESKED_EXCHANGE")),
        403,
        REFUSED_EXCHANGE.format("AFSEND_BESKED_EXCHANGE"),
        (40, 20),
    ),
    Case(
        "exchange bind",
        octets(1, C.Exchange.Bind(0, "amq.topic", "amq.direct")),
        403,
        REFUSED_EXCHANGE.format("amq.topic"),
        (40, 30),
    ),
    Case(
        "exchange unbind from the default exchange",
        octets(1, C.Exchange.Unbind(0, "amq.topic", "")),
        403,
        "ACCESS_REFUSED - operation not permitted on the default exchange",
        (40, 40),
    ),
    Case(
        "consume from an unknown queue",
        octets(1, C.Basic.Consume(0, "q", "c")),
        404,
        "NOT_FOUND - no queue 'q' in vhost 'BF'",
        (60, 20),
    ),
    Case("consume another's", octets(1, C.Basic.Consume(0, ANDENS)), 403, REFUSED_QUEUE.format(ANDENS), (60, 20)),
    Case(
        "consume with a priority that is no number",
        octets(1, C.Basic.Consume(0, POST, "c", arguments={"x-priority": "high"})),
        406,
        f"PRECONDITION_FAILED - invalid arg 'x-priority' for queue '{POST}' in vhost 'BF': {{unacceptable_type,str}}",
        (60, 20),
    ),
    Case(
        "get from an unknown queue",
        octets(1, C.Basic.Get(0, "q", True)),
        404,
        "NOT_FOUND - no queue 'q' in vhost 'BF'",
        (60, 70),
    ),
    Case("get from another's", octets(1, C.Basic.Get(0, ANDENS, True)), 403, REFUSED_QUEUE.format(ANDENS), (60, 70)),
    Case("ack unknown", octets(1, C.Basic.Ack(99)), 406, "PRECONDITION_FAILED - unknown delivery tag 99", (60, 80)),
    Case(
        "ack unknown, multiple",
        octets(1, C.Basic.Ack(99, True)),
        406,
        "PRECONDITION_FAILED - unknown delivery tag 99",
        (60, 80),
    ),
    Case("nack unknown", octets(1, C.Basic.Nack(7)), 406, "PRECONDITION_FAILED - unknown delivery tag 7", (60, 120)),
    Case("reject unknown", octets(1, C.Basic.Reject(7)), 406, "PRECONDITION_FAILED - unknown delivery tag 7", (60, 90)),
    Case(
        "publish to an unknown exchange",
        publish(b"x", exchange="nowhere"),
        404,
        "NOT_FOUND - no exchange 'nowhere' in vhost 'BF'",
        (60, 40),
    ),
    Case(
        "publish to a dueslag",
        publish(b"x", exchange="", routing_key=POST),
        403,
        REFUSED_EXCHANGE.format("amq.default"),
        (60, 40),
    ),
    Case(
        "publish to another's dueslag",
        publish(b"x", exchange="", routing_key=ANDENS),
        403,
        REFUSED_EXCHANGE.format("amq.default"),
        (60, 40),
    ),
    Case(
        "publish to a system exchange",
        publish(b"x", exchange="amq.direct"),
        403,
        REFUSED_EXCHANGE.format("amq.direct"),
        (60, 40),
    ),
    Case(
        "reply_to without a reply consumer",
        publish(b"x", reply_to="amq.rabbitmq.reply-to"),
        406,
        "PRECONDITION_FAILED - fast reply consumer does not exist",
        (60, 40),
    ),
    Case(
        "reply consumer with acks",
        octets(1, C.Basic.Consume(0, "amq.rabbitmq.reply-to", "r")),
        406,
        "PRECONDITION_FAILED - reply consumer cannot acknowledge",
        (60, 20),
    ),
    Case(
        "foreign user_id",
        publish(b"x", user_id="o"),
        406,
        f"PRECONDITION_FAILED - user_id property set to 'o' but authenticated user was '{USER}'",
        (60, 40),
    ),
    Case(
        "expiration is no number",
        publish(b"x", expiration="abc"),
        406,
        "PRECONDITION_FAILED - invalid expiration 'abc': no_integer",
        (60, 40),
    ),
    Case(
        "expiration with a unit",
        publish(b"x", expiration="10s"),
        406,
        "PRECONDITION_FAILED - invalid expiration '10s': {leftover_string,\"s\"}",
        (60, 40),
    ),
    Case(
        "negative expiration",
        publish(b"x", expiration="-1"),
        406,
        "PRECONDITION_FAILED - invalid expiration '-1': {value_negative,-1}",
        (60, 40),
    ),
    Case(
        "body beyond the limit",
        BEGUN + header_frame(1_000_001),
        406,
        "PRECONDITION_FAILED - message size 1000001 is larger than configured max size 1000000",
        (60, 40),
    ),
    Case(
        "commit without select",
        octets(1, C.Tx.Commit()),
        406,
        "PRECONDITION_FAILED - channel is not transactional",
        (90, 20),
    ),
    Case(
        "rollback without select",
        octets(1, C.Tx.Rollback()),
        406,
        "PRECONDITION_FAILED - channel is not transactional",
        (90, 30),
    ),
    Case(
        "confirms to transactions",
        octets(1, C.Confirm.Select(nowait=True), C.Tx.Select()),
        406,
        "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
        (90, 10),
    ),
]

ON_CONNECTION = [
    Case(
        "not opened",
        octets(2, C.Basic.Qos(0, 1)),
        504,
        "CHANNEL_ERROR - expected 'channel.open'",
        (60, 10),
    ),
    Case("opened twice", octets(1, C.Channel.Open()), 504, "CHANNEL_ERROR - second 'channel.open' seen", (20, 10)),
    Case(
        "channel method on channel 0",
        octets(0, C.Queue.Declare(0, "q")),
        504,
        "CHANNEL_ERROR - unexpected method in connection state running",
        (50, 10),
    ),
    Case(
        "handshake over again",
        octets(0, C.Connection.TuneOk(1, 4096, 0)),
        504,
        "CHANNEL_ERROR - unexpected method in connection state running",
        (10, 31),
    ),
    Case(
        "connection method on a channel",
        octets(1, C.Connection.Open("BF")),
        503,
        "COMMAND_INVALID - unimplemented method",
        (10, 40),
    ),
    Case(
        "method of a server",
        octets(1, C.Basic.GetEmpty()),
        503,
        "COMMAND_INVALID - unimplemented method",
        (60, 72),
    ),
    Case("unknown method", raw_method(1, 77, 7), 503, "COMMAND_INVALID - unimplemented method", (77, 7)),
    Case(
        "unknown exchange type",
        octets(1, C.Exchange.Declare(0, "x", "z")),
        503,
        "COMMAND_INVALID - unknown exchange type 'z'",
        (40, 10),
    ),
    Case(
        "consumer tag reused",
        octets(1, C.Basic.Consume(0, POST, "t", nowait=True), C.Basic.Consume(0, POST, "t")),
        530,
        "NOT_ALLOWED - attempt to reuse consumer tag 't'",
        (60, 20),
    ),
    Case(
        "reply consumer's tag reused",
        octets(
            1,
            C.Basic.Consume(0, "amq.rabbitmq.reply-to", "t", no_ack=True, nowait=True),
            C.Basic.Consume(0, POST, "t"),
        ),
        530,
        "NOT_ALLOWED - attempt to reuse consumer tag 't'",
        (60, 20),
    ),
    Case("immediate", publish(b"x", immediate=True), 540, "NOT_IMPLEMENTED - immediate=true", (60, 40)),
    Case("flow off", octets(1, C.Channel.Flow(False)), 540, "NOT_IMPLEMENTED - active=false", (20, 20)),
    Case("prefetch size", octets(1, C.Basic.Qos(10, 0)), 540, "NOT_IMPLEMENTED - prefetch_size!=0 (10)", (60, 10)),
    Case("recover", raw_method(1, 60, 110, b"\x00"), 540, "NOT_IMPLEMENTED - requeue=false", (60, 110)),
    Case("transactions", octets(1, C.Tx.Select()), 540, "NOT_IMPLEMENTED - tx.select", (90, 10)),
    Case(
        "method in place of a header",
        BEGUN + octets(1, C.Basic.Qos(0, 1)),
        505,
        "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
        (60, 40),
    ),
    Case(
        "body in place of a header",
        BEGUN + frames.HEAD.pack(3, 1, 1) + b"x\xce",
        505,
        "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
        (60, 40),
    ),
    Case(
        "header of another class",
        BEGUN + header_frame(1, class_id=90),
        505,
        "UNEXPECTED_FRAME - expected content header for class 60, got one for class 90 instead",
        (60, 40),
    ),
    Case(
        "method in place of a body",
        BEGUN + header_frame(1) + octets(1, C.Basic.Qos(0, 1)),
        505,
        "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
        (60, 40),
    ),
    Case(
        "header in place of a body",
        BEGUN + header_frame(1) + header_frame(1),
        505,
        "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
        (60, 40),
    ),
    Case(
        "header out of nowhere",
        header_frame(1),
        505,
        "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
        (0, 0),
    ),
    Case(
        "body out of nowhere",
        frames.HEAD.pack(3, 1, 1) + b"x\xce",
        505,
        "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
        (0, 0),
    ),
    Case(
        "body on a channel that is not open",
        frames.HEAD.pack(3, 2, 1) + b"x\xce",
        505,
        "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
        (0, 0),
    ),
    Case(
        "more body than announced",
        BEGUN + header_frame(1) + frames.HEAD.pack(3, 1, 2) + b"xx\xce",
        505,
        "UNEXPECTED_FRAME - content body is longer than its header says",
        (60, 40),
    ),
    Case(
        "body on channel 0",
        frames.HEAD.pack(3, 0, 1) + b"x\xce",
        505,
        'UNEXPECTED_FRAME - type 3, all octets = <<"x">>',
        (0, 0),
    ),
    Case(
        "heartbeat on a channel",
        frames.HEAD.pack(8, 1, 0) + b"\xce",
        505,
        "UNEXPECTED_FRAME - type 8, all octets = <<>>",
        (0, 0),
    ),
    Case(
        "wrong frame end",
        frames.HEAD.pack(1, 1, 4) + b"\x00\x14\x00\x0a\x00",
        501,
        "FRAME_ERROR - type 1, all octets = <<0,20,0,10>>: {invalid_frame_end_marker,0}",
        (0, 0),
    ),
    Case(
        "wrong end of a longer frame",
        frames.HEAD.pack(1, 1, 20) + bytes(20) + b"\xcd",
        501,
        "FRAME_ERROR - type 1, first 16 octets = <<0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0>>: {invalid_frame_end_marker,205}",
        (0, 0),
    ),
    Case(
        "unknown frame type",
        frames.HEAD.pack(5, 1, 2) + b"ab\xce",
        501,
        'FRAME_ERROR - type 5, all octets = <<"ab">>: unknown_frame',
        (0, 0),
    ),
    Case(
        "frame too large",
        frames.HEAD.pack(3, 1, 200000) + b"x",
        501,
        "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,200000,131064}",
        (0, 0),
    ),
    Case(
        "publish that cannot be read",
        raw_method(1, 60, 40, b"\x00\x00\x30abc"),
        501,
        "FRAME_ERROR - cannot decode <<0,0,48,97,98,99>>",
        (60, 40),
    ),
    Case("ack that cannot be read", raw_method(1, 60, 80, b"\x00"), 501, "FRAME_ERROR - cannot decode <<0>>", (60, 80)),
    Case(
        "declare that cannot be read",
        raw_method(1, 50, 10, b"\x00\x00\x01q\x00\x00\x00\x00\x09\x01"),
        501,
        "FRAME_ERROR - cannot decode <<0,0,1,113,0,0,0,0,9,1>>",
        (50, 10),
    ),
    Case(
        "properties that cannot be read",
        BEGUN + frames.HEAD.pack(2, 1, 16) + frames.CONTENT_HEAD.pack(60, 0, 0, 0x8000) + b"\x09a\xce",
        501,
        "FRAME_ERROR - cannot decode <<128,0,9,97>>",
        (60, 40),
    ),
]


def name_of(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", ON_CHANNEL, ids=name_of)
async def test_channel_errors(stage: Stage, case: Case) -> None:
    """The channel is closed with RabbitMQ's code and text; the connection and its other channels live on.

    Everything on the channel is ignored until close-ok, then its number is free.
    """
    stage.hub.settings = AmqpSettings(max_body=1_000_000)
    play = await stage.client(channels=(1, 7))
    await play.send(case.says)
    play.expect(
        1,
        C.Channel.Close,
        reply_code=case.code,
        reply_text=case.text,
        class_id=case.method[0],
        method_id=case.method[1],
    )
    play.expect_nothing()
    await play.send(publish(b"ignored") + octets(1, C.Queue.Declare(0, "ignored"), C.Channel.Open()))
    play.expect_nothing()
    assert stage.front.submitted == []
    await play.say(7, C.Basic.Qos(0, 1))
    play.expect(7, C.Basic.QosOk)
    await play.say(1, C.Channel.CloseOk(), C.Channel.Open())
    play.expect(1, C.Channel.OpenOk)
    assert play.link.asked == []


@pytest.mark.parametrize("case", ON_CONNECTION, ids=name_of)
async def test_connection_errors(stage: Stage, case: Case) -> None:
    """The connection is closed with RabbitMQ's code and text, what it held returns, and others do not notice."""
    other = await stage.client()
    play = await stage.client()
    await play.consume(POST, "held")
    stage.front.engine.put(POST, b"held")
    await play.listen()
    play.expect(1, C.Basic.Deliver)
    await play.send(case.says)
    heard = play.heard.pop()
    play.heard = [heard]
    play.expect(
        0,
        C.Connection.Close,
        reply_code=case.code,
        reply_text=case.text,
        class_id=case.method[0],
        method_id=case.method[1],
    )
    assert play.link.asked[0] == "linger"
    assert stage.front.engine.depth(POST).ready == 1
    assert stage.front.engine.depth(POST).consumers == 0
    await play.send(publish(b"ignored"))
    play.expect_nothing()
    await other.publish(b"x")
    assert [publication.body for publication in stage.front.submitted] == [b"x"]


async def test_goodbye_after_a_connection_error(stage: Stage) -> None:
    """close-ok ends it; so does the client's own connection.close that crossed ours."""
    for goodbye in (C.Connection.CloseOk(), C.Connection.Close(200, "", 0, 0)):
        play = await stage.client()
        await play.say(1, C.Channel.Open())
        play.expect(0, C.Connection.Close)
        await play.say(0, goodbye)
        assert play.link.asked == ["linger", "finish"]
        if isinstance(goodbye, C.Connection.Close):
            play.expect(0, C.Connection.CloseOk)
        play.expect_nothing()


async def test_more_channels_than_negotiated(stage: Stage) -> None:
    """The channel beyond channel_max closes the connection with 530."""
    play = stage.play()
    await play.handshake()
    play.session.machine.channel_max = 2
    await play.say(1, C.Channel.Open())
    await play.say(9, C.Channel.Open())
    play.heard.clear()
    await play.say(3, C.Channel.Open())
    text = "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)"
    play.expect(0, C.Connection.Close, reply_code=530, reply_text=text)


async def test_channel_closes_that_cross(stage: Stage) -> None:
    """The client's channel.close that crosses ours is answered; its close-ok to ours ends the channel."""
    play = await stage.client()
    await play.say(1, C.Queue.Declare(0, "q"))
    play.expect(1, C.Channel.Close)
    await play.say(1, C.Channel.Close(200, "", 0, 0))
    play.expect(1, C.Channel.CloseOk)
    await play.say(1, C.Channel.CloseOk(), C.Channel.Open())
    play.expect(1, C.Channel.OpenOk)


async def test_channel_error_in_the_middle_of_a_message(stage: Stage) -> None:
    """What was begun on a channel that is then closed does not come back to life on its number."""
    play = await stage.client()
    await play.send(BEGUN + header_frame(2_000_000_000))
    play.expect(1, C.Channel.Close, reply_code=406)
    await play.say(1, C.Channel.CloseOk(), C.Channel.Open())
    play.expect(1, C.Channel.OpenOk)
    await play.publish(b"x")
    assert [publication.body for publication in stage.front.submitted] == [b"x"]


async def test_second_reply_consumer(stage: Stage) -> None:
    """One reply consumer per channel; after cancel there may be another."""
    play = await stage.client(channels=(1, 2))
    for channel in (1, 2):
        await play.consume("amq.rabbitmq.reply-to", "r", channel=channel, no_ack=True)
    await play.say(1, C.Basic.Consume(0, "amq.rabbitmq.reply-to", "s", no_ack=True))
    text = "PRECONDITION_FAILED - reply consumer already set"
    play.expect(1, C.Channel.Close, reply_code=406, reply_text=text)
    await play.say(2, C.Basic.Cancel("r"))
    play.expect(2, C.Basic.CancelOk)
    await play.consume("amq.rabbitmq.reply-to", "r", channel=2, no_ack=True)
    assert len(stage.hub.replies) == 1


async def test_double_ack(stage: Stage) -> None:
    """A tag that was settled before is unknown."""
    stage.front.engine.put(POST, b"x")
    play = await stage.client()
    await play.consume(POST)
    play.heard.clear()
    await play.say(1, C.Basic.Ack(1), C.Basic.Ack(1))
    play.expect(1, C.Channel.Close, reply_code=406, reply_text="PRECONDITION_FAILED - unknown delivery tag 1")
    assert stage.front.engine.acked == [1]


async def test_reply_text_of_any_length_fits(stage: Stage) -> None:
    """A name of 255 octets in an error text is cut at a character, so that the frame stays readable."""
    play = await stage.client()
    name = ("æ" * 127).encode()
    await play.send(raw_method(1, 50, 10, b"\x00\x00" + bytes((len(name),)) + name + b"\x01\x00\x00\x00\x00"))
    text = play.expect(1, C.Channel.Close, reply_code=404).method["reply_text"]
    assert isinstance(text, str)
    assert text.startswith("NOT_FOUND - no queue 'ææ")
    assert 250 < len(text.encode()) <= 255


async def test_old_access_request_is_granted(stage: Stage) -> None:
    """Clients of AMQP 0-8 ask for access first, and get ticket 1."""
    play = await stage.client()
    await play.send(raw_method(1, 30, 10, b"\x04/data\x1f"))
    assert play.unknown == [frames.access_request_ok(1)]


async def test_server_named_queue_is_refused(stage: Stage) -> None:
    """queue.declare without a name would make a queue: 403, with the name it would have had."""
    play = await stage.client()
    await play.say(1, C.Queue.Declare(0, "", exclusive=True))
    text = play.expect(1, C.Channel.Close, reply_code=403).method["reply_text"]
    assert str(text).startswith("ACCESS_REFUSED - access to queue 'amq.gen-")


async def test_flow_and_close_ok_out_of_nowhere(stage: Stage) -> None:
    """flow active=true is answered; a stray channel.close-ok is forgiven."""
    play = await stage.client()
    await play.say(1, C.Channel.Flow(True))
    play.expect(1, C.Channel.FlowOk, active=True)
    await play.say(5, C.Channel.CloseOk())
    play.expect_nothing()


def test_deviations_are_complete_sentences() -> None:
    """What we do otherwise than RabbitMQ is listed, each with what, how there, how here, and why."""
    assert len({deviation.what for deviation in DEVIATIONS}) == len(DEVIATIONS)
    assert all(all(part.strip() for part in deviation) for deviation in DEVIATIONS)
