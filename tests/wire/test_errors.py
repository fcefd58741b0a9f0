"""Every refusal: reply code, text, class and method as RabbitMQ gives them, and what it closes."""

from __future__ import annotations

import pytest

from broker.amqp import frames
from broker.amqp.deviations import DEVIATIONS
from broker.amqp.settings import AmqpSettings
from tests.wire.cases import BEGUN, C, Case, header_frame, octets
from tests.wire.cases_channel import ON_CHANNEL
from tests.wire.cases_connection import ON_CONNECTION
from tests.wire.fake_front import POST
from tests.wire.playbook import Stage, publish, raw_method


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
