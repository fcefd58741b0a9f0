"""basic.consume, get, qos and cancel: how a system empties its dueslag."""

from __future__ import annotations

import pytest
from pamqp import commands, frame

from tests.wire.deliveries import Deliver, bodies, fill, tags
from tests.wire.fake_front import ANDENS, POST, SAG
from tests.wire.playbook import Stage


async def test_delivery_as_rabbitmq_sends_it(stage: Stage) -> None:
    """Method, content header and body; the properties are ours, none of the sender's."""
    [number] = fill(stage, 1)
    play = await stage.client()
    await play.consume(POST)
    heard = play.expect(
        1,
        Deliver,
        consumer_tag="c",
        delivery_tag=1,
        redelivered=False,
        exchange="AFSEND_BESKED_EXCHANGE",
        routing_key="",
    )
    assert heard.body == b"besked 1"
    assert heard.properties is not None
    told = {key: value for key, value in heard.properties if value not in (None, "")}
    assert told.pop("timestamp").timestamp() == 1_700_000_000  # type: ignore[union-attr]
    assert told == {"content_type": "application/xml", "delivery_mode": 2, "message_id": "transaktion-1"}
    await play.say(1, commands.Basic.Ack(1))
    assert stage.front.engine.acked == [number]
    assert stage.front.happened == [("delivered", number), ("ack", number)]


async def test_messages_that_come_later_are_pushed(stage: Stage) -> None:
    """A waiting consumer gets a message as soon as it is accepted."""
    play, other = await stage.client(), await stage.client()
    await play.consume(POST)
    await other.publish(b"ny")
    await play.listen()
    assert bodies(play) == [b"ny"]


async def test_large_body_is_cut_into_frames(stage: Stage) -> None:
    """A body larger than the negotiated frame goes out in several, none too large."""
    play = stage.play()
    play.stage.octet_by_octet = False
    await play.handshake()
    play.session.machine.output.frame_max = 4096
    await play.say(1, commands.Channel.Open())
    play.expect(1, commands.Channel.OpenOk)
    body = bytes(range(256)) * 100
    stage.front.engine.put(POST, body)
    stage.front.engine.put(POST, b"")
    await play.consume(POST)
    assert bodies(play) == [body, b""]


async def test_prefetch_per_consumer(stage: Stage) -> None:
    """qos global=false holds for consumers started after it; each ack makes room for one more."""
    fill(stage, 6)
    play = await stage.client()
    await play.say(1, commands.Basic.Qos(0, 2))
    play.expect(1, commands.Basic.QosOk)
    await play.consume(POST)
    assert tags(play) == [1, 2]
    await play.say(1, commands.Basic.Ack(1))
    assert tags(play) == [3]
    await play.say(1, commands.Basic.Ack(0, True))
    assert tags(play) == [4, 5]


async def test_prefetch_per_channel(stage: Stage) -> None:
    """qos global=true is shared by all consumers of the channel; raising it lets more out at once."""
    fill(stage, 3, POST)
    fill(stage, 3, SAG)
    play = await stage.client()
    await play.say(1, commands.Basic.Qos(0, 2, True))
    play.expect(1, commands.Basic.QosOk)
    await play.consume(POST, "a")
    assert tags(play) == [1, 2]
    await play.consume(SAG, "b")
    assert tags(play) == []
    await play.say(1, commands.Basic.Ack(2, True))
    assert len(tags(play)) == 2
    await play.say(1, commands.Basic.Qos(0, 5, True))
    assert len(tags(play)) == 2
    assert play.session.machine.channels[1].out == 4


async def test_no_ack_consumer_takes_everything(stage: Stage) -> None:
    """Without acks there is no limit, and a delivery is settled when it is sent."""
    numbers = fill(stage, 3)
    play = await stage.client()
    await play.say(1, commands.Basic.Qos(0, 1))
    play.expect(1, commands.Basic.QosOk)
    await play.consume(POST, no_ack=True)
    assert tags(play) == [1, 2, 3]
    assert stage.front.engine.acked == numbers
    await play.say(1, commands.Basic.Ack(1))
    play.expect(1, commands.Channel.Close, reply_code=406, reply_text="PRECONDITION_FAILED - unknown delivery tag 1")


async def test_get_until_empty(stage: Stage) -> None:
    """basic.get tells how many are left; get-empty when drained."""
    fill(stage, 2)
    play = await stage.client()
    await play.say(1, commands.Basic.Get(0, POST, False))
    first = play.expect(
        1, commands.Basic.GetOk, delivery_tag=1, redelivered=False, exchange="AFSEND_BESKED_EXCHANGE", message_count=1
    )
    assert first.body == b"besked 1"
    await play.say(1, commands.Basic.Get(0, POST, True))
    assert play.expect(1, commands.Basic.GetOk, delivery_tag=2, message_count=0).body == b"besked 2"
    await play.say(1, commands.Basic.Get(0, POST, False))
    play.expect(1, commands.Basic.GetEmpty)
    assert stage.front.engine.acked == [2]


async def test_several_gets_at_once_are_answered_in_order(stage: Stage) -> None:
    """A client may send get after get without waiting; what follows them waits its turn."""
    fill(stage, 2)
    play = await stage.client()
    get = commands.Basic.Get(0, POST, False)
    await play.say(1, get, get, get, commands.Basic.Qos(0, 1))
    play.expect(1, commands.Basic.GetOk, delivery_tag=1)
    play.expect(1, commands.Basic.GetOk, delivery_tag=2)
    play.expect(1, commands.Basic.GetEmpty)
    play.expect(1, commands.Basic.QosOk)
    assert play.link.reading


@pytest.mark.parametrize("leaves", [False, True])
async def test_get_that_the_store_cannot_answer(stage: Stage, leaves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails under basic.get closes that connection with 541, and no other."""

    async def broken(dueslag: str) -> None:
        if leaves:
            play.session.lost("test")
        raise OSError("disk")

    play, other = await stage.client(), await stage.client()
    monkeypatch.setattr(stage.front.engine, "get", broken)
    await play.say(1, commands.Basic.Get(0, POST, False))
    if leaves:
        play.expect_nothing()
    else:
        play.expect(0, commands.Connection.Close, reply_code=541, class_id=60, method_id=70)
    await other.say(1, commands.Basic.Qos(0, 1))
    other.expect(1, commands.Basic.QosOk)


async def test_get_of_a_client_that_goes_meanwhile(stage: Stage) -> None:
    """A delivery that the engine hands out after its client has gone returns."""
    fill(stage, 1)
    play = await stage.client()
    play.session.receive(frame.marshal(commands.Basic.Get(0, POST, False), 1))
    play.session.lost("test")
    await stage.settle()
    assert stage.front.engine.depth(POST).ready == 1
    assert stage.front.engine.out == {}


async def test_cancel_leaves_what_is_out(stage: Stage) -> None:
    """After cancel nothing more comes; what is out can still be acked; an unknown tag is answered too."""
    fill(stage, 1)
    play = await stage.client()
    await play.consume(POST)
    assert tags(play) == [1]
    await play.say(1, commands.Basic.Cancel("c"), commands.Basic.Cancel("unknown"))
    play.expect(1, commands.Basic.CancelOk, consumer_tag="c")
    play.expect(1, commands.Basic.CancelOk, consumer_tag="unknown")
    fill(stage, 1)
    await play.listen()
    play.expect_nothing()
    await play.say(1, commands.Basic.Ack(1))
    assert stage.front.engine.acked == [1]
    await play.say(1, commands.Basic.Cancel("c", True))
    play.expect_nothing()


async def test_dueslag_that_goes_cancels_its_consumers(stage: Stage) -> None:
    """basic.cancel from the server, to clients with consumer_cancel_notify."""
    play, old = await stage.client(), await stage.client()
    old.session.machine.capabilities = {}
    await play.consume(POST)
    await old.consume(POST)
    stage.front.engine.drop(POST)
    await play.listen()
    await old.listen()
    play.expect(1, commands.Basic.Cancel, consumer_tag="c", nowait=True)
    old.expect_nothing()
    await play.say(1, commands.Basic.CancelOk("c"))
    await play.consume(SAG)
    play.expect_nothing()


async def test_exclusive_consumer(stage: Stage) -> None:
    """An exclusive consumer is alone, and the next may come when it has gone."""
    play, other = await stage.client(), await stage.client()
    await play.consume(POST, exclusive=True)
    text = f"ACCESS_REFUSED - queue '{POST}' in vhost 'BF' in exclusive use"
    await other.say(1, commands.Basic.Consume(0, POST, "d"))
    other.expect(1, commands.Channel.Close, reply_code=403, reply_text=text, class_id=60, method_id=20)
    await other.say(1, commands.Channel.CloseOk())
    await play.say(1, commands.Basic.Cancel("c"))
    play.expect(1, commands.Basic.CancelOk)
    await other.say(1, commands.Channel.Open(), commands.Basic.Consume(0, POST, "d"))
    other.expect(1, commands.Channel.OpenOk)
    other.expect(1, commands.Basic.ConsumeOk, consumer_tag="d")
    await play.say(1, commands.Basic.Consume(0, POST, "e", exclusive=True))
    play.expect(1, commands.Channel.Close, reply_code=403, reply_text=text)


async def test_consumer_priority(stage: Stage) -> None:
    """x-priority decides who is served first."""
    low, high = await stage.client(), await stage.client()
    await low.consume(POST)
    await high.consume(POST, arguments={"x-priority": 10})
    fill(stage, 2)
    await low.listen()
    await high.listen()
    assert tags(low) == []
    assert tags(high) == [1, 2]


async def test_generated_consumer_tags_differ(stage: Stage) -> None:
    """An empty consumer tag is replaced by amq.ctag-…; nowait sends no answer at all."""
    play = await stage.client()
    await play.say(1, commands.Basic.Consume(0, POST, ""), commands.Basic.Consume(0, POST, ""))
    made = [play.expect(1, commands.Basic.ConsumeOk).method["consumer_tag"] for _ in range(2)]
    assert len(set(made)) == 2
    assert all(str(tag).startswith("amq.ctag-") for tag in made)
    await play.say(1, commands.Basic.Consume(0, POST, "quiet", nowait=True))
    play.expect_nothing()
    assert len(play.session.machine.channels[1].consumers) == 3


async def test_empty_queue_name_is_the_one_declared_last(stage: Stage) -> None:
    """After a passive declare an empty name means that dueslag."""
    fill(stage, 1)
    play = await stage.client()
    await play.say(1, commands.Queue.Declare(0, POST, passive=True))
    play.expect(1, commands.Queue.DeclareOk, queue=POST, message_count=1, consumer_count=0)
    await play.say(1, commands.Basic.Get(0, "", True))
    assert play.expect(1, commands.Basic.GetOk).body == b"besked 1"


async def test_passive_declares(stage: Stage) -> None:
    """What is one's own, or everybody's, may be looked at."""
    play = await stage.client()
    await play.consume(POST)
    await play.say(1, commands.Queue.Declare(0, POST, passive=True))
    play.expect(1, commands.Queue.DeclareOk, queue=POST, message_count=0, consumer_count=1)
    await play.say(1, commands.Queue.Declare(0, "amq.rabbitmq.reply-to", passive=True))
    play.expect(1, commands.Queue.DeclareOk, message_count=0, consumer_count=1)
    for name in ("AFSEND_BESKED_EXCHANGE", "amq.direct", "amq.topic"):
        await play.say(1, commands.Exchange.Declare(0, name, passive=True))
        play.expect(1, commands.Exchange.DeclareOk)
    await play.say(1, commands.Queue.Declare(0, POST, passive=True, nowait=True))
    play.expect_nothing()


async def test_other_systems_dueslag_is_refused(stage: Stage) -> None:
    """Consuming or getting from what belongs to another system: 403, and the connection lives."""
    play = await stage.client()
    await play.say(1, commands.Basic.Consume(0, ANDENS, "c"))
    user = play.session.user
    text = f"ACCESS_REFUSED - access to queue '{ANDENS}' in vhost 'BF' refused for user '{user}'"
    play.expect(1, commands.Channel.Close, reply_code=403, reply_text=text, class_id=60, method_id=20)
    await play.say(1, commands.Channel.CloseOk(), commands.Channel.Open())
    play.expect(1, commands.Channel.OpenOk)
