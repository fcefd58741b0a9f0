"""pika as it is: the library of the public Python client of the Serviceplatform."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from consumers.retur import StandardRetur, read_retur
from tests.interop import samples
from tests.support.emulator import Emulator

REPLY_TO = "amq.rabbitmq.reply-to"


@contextmanager
def connected(emulator: Emulator, user: str) -> Iterator[pika.BlockingConnection]:
    """A connection as the public client makes it, but for PLAIN."""
    parameters = pika.ConnectionParameters(
        emulator.host, emulator.port, "BF", pika.PlainCredentials(user, "lokal"), heartbeat=30
    )
    connection = pika.BlockingConnection(parameters)
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


def send(channel: BlockingChannel, xml: bytes) -> StandardRetur:
    """Publish with confirm and mandatory, and wait for the StandardRetur."""
    correlation_id = str(uuid.uuid4())
    properties = pika.BasicProperties(
        message_id=str(uuid.uuid4()), correlation_id=correlation_id, reply_to=REPLY_TO, delivery_mode=2
    )
    channel.basic_publish("AFSEND_BESKED_EXCHANGE", "", xml, properties, mandatory=True)
    for _method, answer, body in channel.consume(REPLY_TO, auto_ack=True, inactivity_timeout=5):
        assert answer is not None, "no answer within 5 s"
        if answer.correlation_id == correlation_id:
            return read_retur(body)
    raise AssertionError("the reply consumer was cancelled")


def sending_channel(connection: pika.BlockingConnection) -> BlockingChannel:
    """Confirms on, and the reply consumer there before the first publish, as direct reply-to demands."""
    channel: BlockingChannel = connection.channel()
    channel.confirm_delivery()
    next(channel.consume(REPLY_TO, auto_ack=True, inactivity_timeout=0.01))
    return channel


def get(channel: BlockingChannel, dueslag: str, **options: Any) -> tuple[Any, bytes | None]:
    method, _properties, body = channel.basic_get(dueslag, **options)
    return method, body


@pytest.mark.parametrize("name", samples.NAMES)
def test_sample_is_sent_with_confirm_and_fetched_by_polling(shared_emulator: Emulator, name: str) -> None:
    """confirm_delivery, mandatory and direct reply-to on the way in; basic_get until get-empty on the way out."""
    sent = samples.sample(name)
    with connected(shared_emulator, samples.SENDER) as connection:
        assert send(sending_channel(connection), sent.xml) == StandardRetur(20, "")
    with connected(shared_emulator, sent.receiver) as connection:
        channel = connection.channel()
        method, body = get(channel, sent.dueslag)
        assert method is not None
        assert not method.redelivered
        assert method.message_count == 0
        assert body is not None
        samples.check_delivered(sent, body)
        channel.basic_ack(method.delivery_tag)
        assert get(channel, sent.dueslag) == (None, None)


def test_fetched_without_ack_it_is_gone(shared_emulator: Emulator) -> None:
    """basic_get with auto_ack takes the message for good."""
    sent = samples.extern_test_besked()
    with connected(shared_emulator, samples.SENDER) as connection:
        assert send(sending_channel(connection), sent.xml).ok
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        _method, body = get(connection.channel(), samples.TEST_DUESLAG, auto_ack=True)
        assert body is not None
        samples.check_delivered(sent, body)
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        assert get(connection.channel(), samples.TEST_DUESLAG) == (None, None)


def test_consumed_nacked_and_acked(shared_emulator: Emulator) -> None:
    """basic_consume with manual ack: what is nacked with requeue comes again, flagged redelivered."""
    batch = [samples.extern_test_besked() for _ in range(3)]
    with connected(shared_emulator, samples.SENDER) as connection:
        channel = sending_channel(connection)
        assert all(send(channel, sent.xml).ok for sent in batch)
    seen: list[bool] = []
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)
        for method, _properties, _body in channel.consume(samples.TEST_DUESLAG, inactivity_timeout=5):
            assert method is not None, "no delivery within 5 s"
            seen.append(method.redelivered)
            if len(seen) == 1:
                channel.basic_nack(method.delivery_tag, requeue=True)
            else:
                channel.basic_ack(method.delivery_tag)
            if len(seen) == 4:
                break
        channel.cancel()
    assert seen == [False, True, False, False]


def test_unacked_messages_come_back_when_the_connection_goes(shared_emulator: Emulator) -> None:
    """A receiver that dies with messages in hand: they come again, in order, flagged."""
    batch = [samples.extern_test_besked() for _ in range(3)]
    with connected(shared_emulator, samples.SENDER) as connection:
        channel = sending_channel(connection)
        assert all(send(channel, sent.xml).ok for sent in batch)
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        channel = connection.channel()
        for _ in batch:
            assert get(channel, samples.TEST_DUESLAG)[0] is not None
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        channel = connection.channel()
        for sent in batch:
            method, body = get(channel, samples.TEST_DUESLAG)
            assert method is not None
            assert body is not None
            assert method.redelivered
            samples.check_delivered(sent, body)
            channel.basic_ack(method.delivery_tag)
        assert get(channel, samples.TEST_DUESLAG)[0] is None


def test_faulty_message_is_refused_and_the_channel_lives(shared_emulator: Emulator) -> None:
    """A message that breaks the XSD is confirmed by AMQP and refused by StandardRetur 40, naming the element."""
    sent = samples.extern_test_besked()
    with connected(shared_emulator, samples.SENDER) as connection:
        channel = sending_channel(connection)
        broken = send(channel, sent.xml.replace(b"ns2:BeskedVersion>", b"ns2:BeskedUdgave>"))
        assert broken.status_kode == 40
        assert "BeskedUdgave" in broken.fejlbesked_tekst
        assert send(channel, sent.xml.replace(b"Version>1.0<", b"Version>2.0<")).status_kode == 55
        assert send(channel, b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>").status_kode == 40
        assert send(channel, sent.xml).ok
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        method, body = get(connection.channel(), samples.TEST_DUESLAG, auto_ack=True)
        assert method is not None
        assert body is not None
        samples.check_delivered(sent, body)


def test_errors_close_the_channel_with_code_and_text(shared_emulator: Emulator) -> None:
    """404 for an unknown queue or exchange, 403 for another's dueslag and for declaring, 406 for a tag twice acked."""
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:

        def closed_by(act: Any) -> tuple[int, str]:
            channel = connection.channel()
            with pytest.raises(pika.exceptions.ChannelClosedByBroker) as caught:
                act(channel)
            return caught.value.reply_code, caught.value.reply_text

        unknown = str(uuid.uuid4())
        code, text = closed_by(lambda channel: channel.basic_get(unknown))
        assert (code, text) == (404, f"NOT_FOUND - no queue '{unknown}' in vhost 'BF'")
        code, text = closed_by(lambda channel: channel.basic_get(samples.PKO_DUESLAG))
        assert code == 403
        assert text.startswith("ACCESS_REFUSED - ")
        assert closed_by(lambda channel: channel.queue_declare("egen"))[0] == 403
        assert closed_by(lambda channel: channel.exchange_declare("egen", "fanout"))[0] == 403
        assert closed_by(lambda channel: channel.queue_purge(samples.TEST_DUESLAG))[0] == 403
        code, text = closed_by(lambda channel: _publish_confirmed(channel, "FINDES_IKKE"))
        assert (code, text) == (404, "NOT_FOUND - no exchange 'FINDES_IKKE' in vhost 'BF'")
        code, text = closed_by(_ack_nothing)
        assert (code, text) == (406, "PRECONDITION_FAILED - unknown delivery tag 99")
        declared = connection.channel().queue_declare(samples.TEST_DUESLAG, passive=True)
        assert declared.method.message_count == 0


def _publish_confirmed(channel: BlockingChannel, exchange: str) -> None:
    channel.confirm_delivery()
    channel.basic_publish(exchange, "", b"x", mandatory=True)


def _ack_nothing(channel: BlockingChannel) -> None:
    channel.basic_ack(99)
    channel.queue_declare(samples.TEST_DUESLAG, passive=True)


def test_unknown_system_and_unknown_vhost_are_refused(shared_emulator: Emulator) -> None:
    """pika names both as it does with RabbitMQ: a refused login, and a virtual host that is not there."""
    with (
        pytest.raises(pika.exceptions.ProbableAuthenticationError, match="ACCESS_REFUSED"),
        connected(shared_emulator, "Ukendt system"),
    ):
        pass
    parameters = pika.ConnectionParameters(
        shared_emulator.host, shared_emulator.port, "/", pika.PlainCredentials(samples.SENDER, "lokal")
    )
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError, match="vhost / not found"):
        pika.BlockingConnection(parameters)
