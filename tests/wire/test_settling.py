"""basic.ack, nack, reject and recover, and what becomes of deliveries whose receiver stops reading or goes."""

from __future__ import annotations

from typing import cast

import pytest
from pamqp import commands, frame
from pamqp.base import Frame

from broker.amqp.settings import AmqpSettings
from tests.wire.deliveries import Deliver, bodies, fill, tags
from tests.wire.fake_front import POST, SAG
from tests.wire.playbook import Stage, raw_method


async def test_unacked_return_in_order_when_the_channel_closes(stage: Stage) -> None:
    """Channel closed: everything unacked comes back, in order, with redelivered set."""
    fill(stage, 3)
    play, other = await stage.client(), await stage.client()
    await play.consume(POST)
    assert tags(play) == [1, 2, 3]
    await play.say(1, commands.Basic.Ack(2))
    await play.say(1, commands.Channel.Close(200, "", 0, 0))
    play.expect(1, commands.Channel.CloseOk)
    await other.consume(POST)
    assert other.expect(1, Deliver, redelivered=True).body == b"besked 1"
    assert other.expect(1, Deliver, redelivered=True).body == b"besked 3"
    other.expect_nothing()


async def test_unacked_return_when_the_socket_goes(stage: Stage) -> None:
    """A vanished client's deliveries, of all its channels, go to whoever is there."""
    fill(stage, 2)
    play, other = await stage.client(channels=(1, 2)), await stage.client()
    await play.consume(POST, channel=1)
    assert tags(play) == [1, 2]
    fill(stage, 2, SAG)
    await play.consume(SAG, channel=2)
    await other.consume(POST)
    await other.consume(SAG, "d")
    await play.drop_dead()
    await other.listen()
    assert sorted(cast(list[bytes], bodies(other))) == [b"besked 1", b"besked 1", b"besked 2", b"besked 2"]
    assert play.session not in stage.hub.sessions


async def test_ack_then_close_in_one_breath(stage: Stage) -> None:
    """Acks that arrive together with the goodbye count."""
    fill(stage, 2)
    play = await stage.client()
    await play.consume(POST)
    await play.send(
        frame.marshal(commands.Basic.Ack(2, True), 1)
        + frame.marshal(commands.Channel.Close(200, "", 0, 0), 1)
        + frame.marshal(commands.Connection.Close(200, "", 0, 0), 0)
    )
    assert stage.front.engine.acked == [1, 2]
    assert stage.front.engine.depth(POST).ready == 0


@pytest.mark.parametrize(
    "method", [commands.Basic.Nack(2, False, True), commands.Basic.Reject(2, True)], ids=["nack", "reject"]
)
async def test_requeue_one(stage: Stage, method: Frame) -> None:
    """Requeued, it comes again at once, flagged, with a new tag."""
    fill(stage, 3)
    play = await stage.client()
    await play.consume(POST)
    assert tags(play) == [1, 2, 3]
    await play.say(1, method)
    assert play.expect(1, Deliver, delivery_tag=4, redelivered=True).body == b"besked 2"
    assert ("requeue", 2) in stage.front.happened


@pytest.mark.parametrize("multiple", [False, True])
async def test_requeued_comes_before_what_is_behind_it(stage: Stage, multiple: bool) -> None:
    """With prefetch 1 a message that is given back is the next to come, not the one behind it."""
    fill(stage, 3)
    play = await stage.client()
    await play.say(1, commands.Basic.Qos(0, 1))
    play.expect(1, commands.Basic.QosOk)
    await play.consume(POST)
    assert bodies(play) == [b"besked 1"]
    await play.say(1, commands.Basic.Nack(1, multiple, True))
    assert play.expect(1, Deliver, redelivered=True).body == b"besked 1"
    play.expect_nothing()
    await play.say(1, commands.Basic.Ack(2))
    assert play.expect(1, Deliver, redelivered=False).body == b"besked 2"


@pytest.mark.parametrize(
    "method", [commands.Basic.Nack(1, False, False), commands.Basic.Reject(1, False)], ids=["nack", "reject"]
)
async def test_reject_without_requeue_goes_to_the_fejlkoe(stage: Stage, method: Frame) -> None:
    """Rejected for good, the message is put aside with a reason."""
    fill(stage, 1)
    play = await stage.client()
    await play.consume(POST)
    tags(play)
    await play.say(1, method)
    play.expect_nothing()
    assert [(leverance.id, reason) for leverance, reason in stage.front.engine.dead] == [
        (1, "rejected by the receiver")
    ]


async def test_nack_multiple(stage: Stage) -> None:
    """nack with multiple gives all up to the tag back, in order; tag 0 means all."""
    fill(stage, 4)
    play, other = await stage.client(), await stage.client()
    await play.consume(POST)
    assert tags(play) == [1, 2, 3, 4]
    await play.say(1, commands.Basic.Cancel("c"))
    play.expect(1, commands.Basic.CancelOk)
    await play.say(1, commands.Basic.Nack(2, True, True))
    await other.say(1, commands.Basic.Get(0, POST, True), commands.Basic.Get(0, POST, True))
    assert other.expect(1, commands.Basic.GetOk, redelivered=True).body == b"besked 1"
    assert other.expect(1, commands.Basic.GetOk, redelivered=True).body == b"besked 2"
    await play.say(1, commands.Basic.Nack(0, True, False))
    assert [leverance.id for leverance, _ in stage.front.engine.dead] == [3, 4]
    await play.say(1, commands.Basic.Nack(0, True, True))
    play.expect_nothing()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_recover(stage: Stage, asynchronous: bool) -> None:
    """recover gives back everything unacked on the channel; the old method has no answer."""
    fill(stage, 2)
    play = await stage.client()
    await play.consume(POST)
    assert tags(play) == [1, 2]
    await play.send(raw_method(1, 60, 100 if asynchronous else 110, b"\x01"))
    heard = [play.expect(1, Deliver, redelivered=True).body for _ in range(2)]
    assert heard == [b"besked 1", b"besked 2"]
    if not asynchronous:
        play.expect(1, commands.Basic.RecoverOk)
    play.expect_nothing()


async def test_delivery_that_cannot_be_rendered_is_put_aside(stage: Stage) -> None:
    """One broken message goes to the fejlkø; those behind it are delivered, by consume and by get."""
    fill(stage, 4)
    stage.front.unrenderable = {1, 3}
    play = await stage.client()
    await play.say(1, commands.Basic.Get(0, POST, False))
    assert play.expect(1, commands.Basic.GetOk).body == b"besked 2"
    await play.consume(POST)
    assert bodies(play) == [b"besked 4"]
    assert [leverance.id for leverance, _ in stage.front.engine.dead] == [1, 3]


async def test_client_that_does_not_read_gets_no_more() -> None:
    """With a full socket deliveries stop at the output limit, go on when it drains, and others are served."""
    stage = Stage(False, AmqpSettings(output_limit=10_000))
    slow, other = await stage.client(), await stage.client()
    await slow.consume(POST)
    slow.stuck = True
    slow.session.written(True)
    for _ in range(100):
        stage.front.engine.put(POST, b"x" * 1000)
    await slow.listen()
    assert slow.session.machine.output.pending <= 12_000
    await other.consume(POST, "d")
    while other.heard or other.session.dirty:
        await other.listen()
        await other.say(1, commands.Basic.Ack(0, True))
        tags(other)
    assert len(stage.front.engine.acked) + len(slow.session.machine.channels[1].unacked) == 100
    assert len(stage.front.engine.acked) > 80


async def test_publisher_that_does_not_read_its_answers_is_not_read() -> None:
    """Answers pile up to a limit; then the connection is not read until they are fetched."""
    stage = Stage(False, AmqpSettings(answer_limit=10_000))
    stage.front.engine.put(POST, b"x" * 9_000)
    stage.front.engine.put(POST, b"y" * 9_000)
    play = await stage.client()
    play.stuck = True
    play.session.written(True)
    for _ in range(4):
        await play.say(1, commands.Basic.Get(0, POST, False))
    assert play.session.held
    assert play.session.machine.output.pending < 30_000
    play.stuck = False
    play.session.dirty = False
    play.session.wake()
    await play.listen()
    assert [heard.method.name for heard in play.heard] == ["Basic.GetOk"] * 2 + ["Basic.GetEmpty"] * 2
    assert not play.session.held


async def test_unwritten_deliveries_without_ack_return(stage: Stage) -> None:
    """What a no-ack consumer was to get, but was never written because the socket went, is not lost."""
    play = await stage.client()
    await play.consume(POST, no_ack=True)
    play.stuck = True
    fill(stage, 2)
    await play.drop_dead()
    assert stage.front.engine.acked == []
    assert [leverance.redelivered for leverance in stage.front.engine.ready[POST]] == [True, True]
