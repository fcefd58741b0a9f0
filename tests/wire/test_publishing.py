"""basic.publish: what the front gets, and what the sender is told."""

from __future__ import annotations

from typing import Any

import pytest
from pamqp import commands

from broker.amqp.settings import AmqpSettings
from broker.errors import NotAvailable
from broker.ports import Publication
from tests.wire.fake_front import FREMMED, KOMMUNE, POST, refuse, verdict_of
from tests.wire.playbook import Play, Stage, publish

REPLY_TO = "amq.rabbitmq.reply-to"


async def sender(stage: Stage, *, confirms: bool = False, replies: bool = True) -> Play:
    """A client as KOMBIT's sample: direct reply-to on channel 1, and confirms if asked for."""
    play = await stage.client()
    if confirms:
        await play.say(1, commands.Confirm.Select())
        play.expect(1, commands.Confirm.SelectOk)
    if replies:
        await play.consume(REPLY_TO, "svar", no_ack=True)
    return play


async def test_front_gets_body_ids_and_token(stage: Stage) -> None:
    """Body, message_id and the header token arrive; other properties and headers do not matter to it."""
    play = await sender(stage, replies=False)
    headers = {"before": 1, "list": ["a", {"b": True}], "token": "<saml:Assertion>æ</saml:Assertion>", "after": None}
    await play.publish(
        b"<besked/>",
        message_id="m",
        correlation_id="c",
        headers=headers,
        content_type="application/xml",
        content_encoding="utf-8",
        delivery_mode=2,
        priority=3,
        expiration="60000",
        message_type="t",
        app_id="a",
        user_id=KOMMUNE.navn,
    )
    token = "<saml:Assertion>æ</saml:Assertion>".encode()
    assert stage.front.submitted == [Publication(b"<besked/>", "m", token)]
    play.expect_nothing()


async def test_publication_without_properties(stage: Stage) -> None:
    """A bare message reaches the front, which judges what is missing."""
    play = await sender(stage, replies=False)
    await play.publish(b"x")
    assert stage.front.submitted == [Publication(b"x", None, None)]


async def test_routing_key_does_not_matter(stage: Stage) -> None:
    """AFSEND_BESKED_EXCHANGE takes the message whatever its routing key says."""
    play = await sender(stage, replies=False)
    await play.publish(b"x", routing_key="whatever", mandatory=True)
    assert len(stage.front.submitted) == 1
    play.expect_nothing()


async def test_too_large_a_message_is_read_dropped_and_answered(stage: Stage) -> None:
    """StandardRetur 40 with size and limit, a confirm, and the channel goes on: a sender that only waits for its answer
    does not send the same 128 MB again every 10 seconds."""
    stage.hub.settings = AmqpSettings(max_body=2_000)
    play = await sender(stage, confirms=True)
    await play.publish(b"x" * 140_001, correlation_id="c-1", reply_to=REPLY_TO)
    answer = play.expect(1, commands.Basic.Deliver, consumer_tag="svar")
    assert answer.properties is not None
    assert answer.properties.correlation_id == "c-1"
    assert answer.body is not None
    assert b"<StatusKode>40</StatusKode>" in answer.body
    assert b"the message is 140001 bytes long; expected at most 2000 bytes" in answer.body
    play.expect(1, commands.Basic.Ack, delivery_tag=1)
    play.expect_nothing()
    await play.publish(b"y" * 2_000, reply_to=REPLY_TO)
    play.expect(1, commands.Basic.Deliver, consumer_tag="svar")
    play.expect(1, commands.Basic.Ack, delivery_tag=2)
    assert [len(one.body) for one in stage.front.submitted] == [2_000]


@pytest.mark.parametrize("reply_to", [None, "amq.rabbitmq.reply-to.gone"])
async def test_too_large_a_message_that_nobody_can_be_told_about(stage: Stage, reply_to: str | None) -> None:
    """Without a reply consumer the 406 on the channel says it alone."""
    stage.hub.settings = AmqpSettings(max_body=1000)
    play = await sender(stage, replies=False)
    await play.publish(b"x" * 1001, reply_to=reply_to)
    play.expect(
        1,
        commands.Channel.Close,
        reply_code=406,
        reply_text="PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000",
    )
    play.expect_nothing()


async def test_answer_comes_by_direct_reply_to(stage: Stage) -> None:
    """StandardRetur comes to the reply consumer with the request's correlation_id."""
    play = await sender(stage)
    await play.publish(b"x", correlation_id="c-1", reply_to=REPLY_TO, mandatory=True)
    answer = play.expect(1, commands.Basic.Deliver, consumer_tag="svar", exchange="", redelivered=False)
    assert isinstance(answer.method, commands.Basic.Deliver)
    assert str(answer.method.routing_key).startswith(REPLY_TO + ".")
    assert answer.body == verdict_of(20, "").document
    assert answer.properties is not None
    assert answer.properties.correlation_id == "c-1"
    assert answer.properties.content_type == "application/xml"
    play.expect_nothing()


async def test_refusal_is_answered_and_confirmed(stage: Stage) -> None:
    """A refused message gets its StandardRetur, then the ack: the sender knows all there is to know."""
    stage.front.verdicts = refuse
    play = await sender(stage, confirms=True)
    await play.publish(b"afvis", correlation_id="c-1", reply_to=REPLY_TO)
    assert play.expect(1, commands.Basic.Deliver).body == verdict_of(40, "afvist").document
    play.expect(1, commands.Basic.Ack, delivery_tag=1, multiple=False)
    play.expect_nothing()


async def test_refusal_that_nobody_hears_is_nacked(stage: Stage) -> None:
    """Without reply_to a refused message is nacked: it is not on disk."""
    stage.front.verdicts = refuse
    play = await sender(stage, confirms=True, replies=False)
    await play.publish(b"afvis")
    play.expect(1, commands.Basic.Nack, delivery_tag=1, multiple=False)
    await play.publish(b"godt")
    play.expect(1, commands.Basic.Ack, delivery_tag=2, multiple=False)


async def test_unavailable_front_answers_53(stage: Stage) -> None:
    """While the Beskedfordeler cannot take messages the sender gets 53, and the connection lives on."""
    stage.front.raises = NotAvailable("stopping & closing")
    play = await sender(stage, confirms=True)
    await play.publish(b"x", correlation_id="c", reply_to=REPLY_TO)
    body = play.expect(1, commands.Basic.Deliver).body
    assert body is not None
    assert b"<StatusKode>53</StatusKode><FejlbeskedTekst>stopping &amp; closing</FejlbeskedTekst>" in body
    play.expect(1, commands.Basic.Ack, delivery_tag=1)
    await play.publish(b"x")
    play.expect(1, commands.Basic.Nack, delivery_tag=2)


async def test_confirms_of_one_batch_are_one_frame(stage: Stage) -> None:
    """What becomes durable together is confirmed with one multiple ack."""
    stage.front.slow = True
    play = await sender(stage, confirms=True, replies=False)
    for _ in range(5):
        await play.publish(b"x")
    play.expect_nothing()
    stage.front.answer_all()
    await play.listen()
    play.expect(1, commands.Basic.Ack, delivery_tag=5, multiple=True)
    play.expect_nothing()


async def test_multiple_never_covers_an_open_publication(stage: Stage) -> None:
    """An answer that overtakes earlier ones is confirmed alone; the multiple ack stops below the oldest open one."""
    stage.front.slow = True
    play = await sender(stage, confirms=True, replies=False)
    for _ in range(6):
        await play.publish(b"x")
    first, second, third, fourth, fifth, sixth = stage.front.waiting
    for answer in (first, second, fourth, sixth):
        answer()
    await play.listen()
    play.expect(1, commands.Basic.Ack, delivery_tag=2, multiple=True)
    play.expect(1, commands.Basic.Ack, delivery_tag=4, multiple=False)
    play.expect(1, commands.Basic.Ack, delivery_tag=6, multiple=False)
    third()
    fifth()
    await play.listen()
    play.expect(1, commands.Basic.Ack, delivery_tag=5, multiple=True)
    play.expect_nothing()


async def test_return_comes_before_the_ack(stage: Stage) -> None:
    """Mandatory to the default exchange where no queue has the name: 312 with the message, then the ack."""
    play = await sender(stage, confirms=True, replies=False)
    await play.publish(b"body", exchange="", routing_key="no-such-queue", mandatory=True, message_id="m")
    returned = play.expect(
        1, commands.Basic.Return, reply_code=312, reply_text="NO_ROUTE", exchange="", routing_key="no-such-queue"
    )
    assert returned.body == b"body"
    assert returned.properties is not None
    assert returned.properties.message_id == "m"
    play.expect(1, commands.Basic.Ack, delivery_tag=1)
    await play.publish(b"body", exchange="", routing_key="no-such-queue")
    play.expect(1, commands.Basic.Ack, delivery_tag=2)
    play.expect_nothing()


async def test_direct_reply_between_clients(stage: Stage) -> None:
    """A publication to exchange "" with a reply consumer's own name reaches it; without the sender's token."""
    asker, answerer = await sender(stage), await stage.client(FREMMED.id)
    await asker.publish(b"x", correlation_id="c", reply_to=REPLY_TO)
    told = asker.expect(1, commands.Basic.Deliver).method
    assert isinstance(told, commands.Basic.Deliver)
    options: dict[str, Any] = {"exchange": "", "routing_key": told.routing_key, "mandatory": True}
    await answerer.publish(b"svar", correlation_id="q", headers={"token": "secret"}, **options)
    await answerer.publish(b"svar 2", headers={"h": "kept"}, **options)
    answerer.expect_nothing()
    await asker.listen()
    first = asker.expect(1, commands.Basic.Deliver, consumer_tag="svar", routing_key=told.routing_key)
    assert (first.body, first.properties and first.properties.correlation_id) == (b"svar", "q")
    assert first.properties is not None
    assert first.properties.headers is None
    second = asker.expect(1, commands.Basic.Deliver)
    assert second.properties is not None
    assert second.properties.headers == {"h": "kept"}


async def test_reply_to_a_consumer_that_left_is_dropped(stage: Stage) -> None:
    """As RabbitMQ: silence, even where the reply was mandatory."""
    asker, answerer = await sender(stage), await stage.client(FREMMED.id)
    await asker.publish(b"x", reply_to=REPLY_TO)
    told = asker.expect(1, commands.Basic.Deliver).method
    assert isinstance(told, commands.Basic.Deliver)
    await asker.drop_dead()
    await answerer.publish(b"late", exchange="", routing_key=told.routing_key, mandatory=True)
    answerer.expect_nothing()


async def test_answer_to_a_channel_that_closed_goes_nowhere(stage: Stage) -> None:
    """The sender closed its channel before the answer stood: nothing is sent, nothing breaks."""
    stage.front.slow = True
    play = await sender(stage, confirms=True)
    await play.publish(b"x", reply_to=REPLY_TO)
    await play.say(1, commands.Channel.Close(200, "", 0, 0))
    play.expect(1, commands.Channel.CloseOk)
    await play.say(1, commands.Channel.Open())
    play.expect(1, commands.Channel.OpenOk)
    stage.front.answer_all()
    await play.listen()
    play.expect_nothing()
    assert play.session.unanswered == 0


async def test_reply_consumer_may_be_another_channels(stage: Stage) -> None:
    """reply_to may name the reply consumer of any living channel in full."""
    play = await stage.client(channels=(1, 2))
    await play.consume(REPLY_TO, "svar", no_ack=True)
    await play.publish(b"x", reply_to=REPLY_TO)
    told = play.expect(1, commands.Basic.Deliver).method
    assert isinstance(told, commands.Basic.Deliver)
    await play.publish(b"x", channel=2, reply_to=told.routing_key, correlation_id="c")
    play.expect(1, commands.Basic.Deliver, consumer_tag="svar")
    await play.publish(b"x", channel=2, reply_to="some.queue")
    play.expect_nothing()


async def test_body_in_many_frames(stage: Stage) -> None:
    """A body split at any size arrives as it was sent."""
    play = await sender(stage, replies=False)
    body = bytes(range(256)) * 40
    await play.publish(body, frame_max=4096)
    await play.publish(body, frame_max=9)
    await play.publish(b"")
    assert [publication.body for publication in stage.front.submitted] == [body, body, b""]


async def test_channels_may_interleave_their_frames(stage: Stage) -> None:
    """Frames of two messages on two channels may come in turns."""
    play = await stage.client(channels=(1, 2))
    one, two = publish(b"a" * 10, channel=1, frame_max=18), publish(b"b" * 10, channel=2, frame_max=18)
    cut = len(one) - 18
    await play.send(one[:cut] + two[:cut] + one[cut:] + two[cut:])
    assert [publication.body for publication in stage.front.submitted] == [b"a" * 10, b"b" * 10]


async def test_cr_and_lf_in_names_are_stripped(stage: Stage) -> None:
    """As RabbitMQ: line ends in names do not count."""
    play = await sender(stage, replies=False)
    await play.publish(b"x", exchange="AFSEND_\r\nBESKED_EXCHANGE\n")
    assert len(stage.front.submitted) == 1


@pytest.mark.parametrize("confirms", [False, True])
async def test_full_front_stops_the_reading(stage: Stage, confirms: bool) -> None:
    """While the front takes no more, nothing further of the connection is looked at; then it goes on in order."""
    stage.front.slow, stage.front.more = True, False
    play = await sender(stage, confirms=confirms, replies=False)
    await play.send(publish(b"1") + publish(b"2") + publish(b"3"))
    assert [publication.body for publication in stage.front.submitted] == [b"1"]
    stage.front.answer_all()
    assert [publication.body for publication in stage.front.submitted] == [b"1", b"2"]
    stage.front.slow, stage.front.more = False, True
    stage.front.answer_all()
    await play.listen()
    assert [publication.body for publication in stage.front.submitted] == [b"1", b"2", b"3"]
    assert play.link.reading
    if confirms:
        tags = [heard.method["delivery_tag"] for heard in play.heard]
        assert tags[-1] == 3


async def test_unanswered_publications_are_limited() -> None:
    """Beyond the limit a connection is not read; it goes on when half of them are answered."""
    stage = Stage(False, AmqpSettings(max_unanswered=4))
    stage.front.slow = True
    play = await sender(stage, replies=False)
    await play.send(publish(b"x") * 10)
    assert len(stage.front.submitted) == 4
    waiting, stage.front.waiting = stage.front.waiting, []
    waiting[0]()
    assert len(stage.front.submitted) == 4
    waiting[1]()
    assert len(stage.front.submitted) == 6


async def test_blocked_server(stage: Stage) -> None:
    """Publishers are told and wait, whoever only fetches goes on, and nothing that was sent is lost."""
    old, new, fetcher = [await stage.client() for _ in range(3)]
    await old.publish(b"1")
    stage.hub.block("disk is full")
    await old.listen()
    old.expect(0, commands.Connection.Blocked, reason="disk is full")
    await fetcher.say(1, commands.Basic.Get(0, POST, True))
    fetcher.expect(1, commands.Basic.GetOk)
    fetcher.expect_nothing()
    await old.publish(b"2")
    await new.publish(b"3")
    new.expect(0, commands.Connection.Blocked, reason="disk is full")
    old.expect_nothing()
    assert [publication.body for publication in stage.front.submitted] == [b"1"]
    assert old.session.blocked
    await old.say(1, commands.Basic.Qos(0, 10))
    old.expect_nothing()
    stage.hub.unblock()
    await old.listen()
    await new.listen()
    old.expect(0, commands.Connection.Unblocked)
    old.expect(1, commands.Basic.QosOk)
    new.expect(0, commands.Connection.Unblocked)
    assert sorted(publication.body for publication in stage.front.submitted) == [b"1", b"2", b"3"]
    fetcher.expect_nothing()


async def test_blocked_is_not_told_to_clients_that_do_not_understand(stage: Stage) -> None:
    """Without the capability connection.blocked the publisher only waits."""
    play = await stage.client()
    play.session.machine.capabilities = {}
    stage.hub.block("disk is full")
    await play.publish(b"1")
    play.expect_nothing()
    assert stage.front.submitted == []
    stage.hub.unblock()
    await play.listen()
    play.expect_nothing()
    assert len(stage.front.submitted) == 1


async def test_a_bug_in_the_front_costs_one_connection(stage: Stage) -> None:
    """An unforeseen error closes the connection it happened on with 541; others do not notice."""
    play, other = await stage.client(), await stage.client()
    stage.front.raises = RuntimeError("bug")
    await play.publish(b"x")
    play.expect(0, commands.Connection.Close, reply_code=541, class_id=60, method_id=40)
    stage.front.raises = None
    await other.publish(b"y")
    assert [publication.body for publication in stage.front.submitted] == [b"y"]


async def test_confirm_select_twice_counts_on(stage: Stage) -> None:
    """confirm.select may be repeated, and the count goes on; nowait gets no answer."""
    play = await sender(stage, confirms=True, replies=False)
    await play.publish(b"x")
    play.expect(1, commands.Basic.Ack, delivery_tag=1)
    await play.say(1, commands.Confirm.Select(nowait=True))
    play.expect_nothing()
    await play.publish(b"x")
    play.expect(1, commands.Basic.Ack, delivery_tag=2)
