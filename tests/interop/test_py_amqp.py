"""py-amqp as it is (Celery's library): AMQPLAIN by default, and a blocking drain loop."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
import pytest
from amqp.exceptions import AccessRefused, NotFound

from consumers.retur import StandardRetur, read_retur
from tests.interop import samples
from tests.support.emulator import Emulator


@contextmanager
def connected(emulator: Emulator, user: str, **options: Any) -> Iterator[Any]:
    """Without a login method named, py-amqp takes the first that it and the server know: AMQPLAIN."""
    connection = amqp.Connection(
        f"{emulator.host}:{emulator.port}", userid=user, password="lokal", virtual_host="BF", **options
    )
    connection.connect()
    try:
        yield connection
    finally:
        connection.close()


def send(connection: Any, xml: bytes) -> StandardRetur:
    """Publish with mandatory and wait for the StandardRetur."""
    channel = connection.channel()
    answers: list[Any] = []
    channel.basic_consume("amq.rabbitmq.reply-to", callback=answers.append, no_ack=True)
    message = amqp.Message(
        xml,
        message_id=str(uuid.uuid4()),
        correlation_id="c-1",
        reply_to="amq.rabbitmq.reply-to",
        delivery_mode=2,
    )
    channel.basic_publish(message, "AFSEND_BESKED_EXCHANGE", "", mandatory=True)
    while not answers:
        connection.drain_events(timeout=5)
    assert answers[0].properties["correlation_id"] == "c-1"
    body = answers[0].body
    return read_retur(body if isinstance(body, bytes) else body.encode())


def as_bytes(message: Any) -> bytes:
    body = message.body
    return body if isinstance(body, bytes) else body.encode()


@pytest.mark.parametrize("name", samples.NAMES)
def test_sample_is_sent_and_fetched_by_get(shared_emulator: Emulator, name: str) -> None:
    """Login by AMQPLAIN; one message in, one out by basic_get, then empty."""
    sent = samples.sample(name)
    with connected(shared_emulator, samples.SENDER) as connection:
        assert send(connection, sent.xml) == StandardRetur(20, "")
    with connected(shared_emulator, sent.receiver) as connection:
        channel = connection.channel()
        message = channel.basic_get(sent.dueslag)
        samples.check_delivered(sent, as_bytes(message))
        channel.basic_ack(message.delivery_tag)
        assert channel.basic_get(sent.dueslag) is None


@pytest.mark.parametrize("method", ["AMQPLAIN", "PLAIN"])
def test_both_login_methods_work(shared_emulator: Emulator, method: str) -> None:
    """AMQPLAIN and PLAIN by name, consuming with manual ack and a requeue in between."""
    sent = samples.extern_test_besked()
    with connected(shared_emulator, samples.SENDER, login_method=method) as connection:
        assert send(connection, sent.xml).ok
    with connected(shared_emulator, samples.TEST_RECEIVER, login_method=method) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        came: list[Any] = []
        channel.basic_consume(samples.TEST_DUESLAG, callback=came.append)
        while not came:
            connection.drain_events(timeout=5)
        channel.basic_reject(came[0].delivery_tag, requeue=True)
        while len(came) < 2:
            connection.drain_events(timeout=5)
        assert [message.delivery_info["redelivered"] for message in came] == [False, True]
        samples.check_delivered(sent, as_bytes(came[1]))
        channel.basic_ack(came[1].delivery_tag)


def test_publisher_confirms_are_given(shared_emulator: Emulator) -> None:
    """basic_publish_confirm returns when the broker has confirmed; the message is then in the dueslag."""
    sent = samples.extern_test_besked()
    with connected(shared_emulator, samples.SENDER, confirm_publish=True) as connection:
        connection.channel().basic_publish_confirm(
            amqp.Message(sent.xml, message_id=str(uuid.uuid4())), "AFSEND_BESKED_EXCHANGE", "", mandatory=True
        )
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        message = connection.channel().basic_get(samples.TEST_DUESLAG, no_ack=True)
        samples.check_delivered(sent, as_bytes(message))


def test_errors_have_the_class_that_py_amqp_gives_them(shared_emulator: Emulator) -> None:
    """NotFound for an unknown queue, AccessRefused for another's dueslag, for declaring and for a wrong login."""
    with connected(shared_emulator, samples.TEST_RECEIVER) as connection:
        with pytest.raises(NotFound, match="no queue"):
            connection.channel().basic_get(str(uuid.uuid4()))
        with pytest.raises(AccessRefused):
            connection.channel().basic_consume(samples.PKO_DUESLAG)
        with pytest.raises(AccessRefused):
            connection.channel().queue_declare("egen")
    refused = amqp.Connection(
        f"{shared_emulator.host}:{shared_emulator.port}", userid="Ukendt", password="x", virtual_host="BF"
    )
    with pytest.raises(AccessRefused, match="Login was refused"):
        refused.connect()
