"""The client libraries that vendors use, as they are, against the server: send, be answered, fetch, be refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aio_pika
import amqp
import pika
import pytest
from pika.exceptions import (
    ChannelClosedByBroker,
    NackError,
    ProbableAuthenticationError,
    UnroutableError,
)

from tests.wire.fake_front import ANDENS, KOMMUNE, POST, refuse, verdict_of
from tests.wire.test_server import serving, until

EXCHANGE, REPLY_TO = "AFSEND_BESKED_EXCHANGE", "amq.rabbitmq.reply-to"


def in_thread(work: Callable[[int], None], port: int) -> asyncio.Future[None]:
    """A blocking client beside the server's loop."""
    return asyncio.ensure_future(asyncio.to_thread(work, port))


def pika_connection(port: int, password: str = "hemmelig") -> pika.BlockingConnection:
    login = pika.PlainCredentials(KOMMUNE.navn, password)
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port, "BF", login, socket_timeout=5))


def pika_talk(port: int) -> None:
    with pika_connection(port) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        answers: list[tuple[str | None, bytes]] = []
        channel.basic_consume(
            REPLY_TO, lambda ch, method, props, body: answers.append((props.correlation_id, body)), auto_ack=True
        )
        properties = pika.BasicProperties(
            message_id="m", correlation_id="c", reply_to=REPLY_TO, headers={"token": "<saml:Assertion/>" * 400}
        )
        channel.basic_publish(EXCHANGE, "", b"<besked/>", properties, mandatory=True)
        connection.process_data_events(time_limit=1)
        assert answers == [("c", verdict_of(20, "").document)]
        with pytest.raises(UnroutableError):
            channel.basic_publish("", "nowhere", b"x", mandatory=True)
        with pytest.raises(NackError):
            channel.basic_publish(EXCHANGE, "", b"afvis")
        assert channel.queue_declare(POST, passive=True).method.message_count == 1
        method, got, body = channel.basic_get(POST)
        assert (body, got.message_id, method.message_count) == (b"<besked/>", "transaktion-1", 0)
        channel.basic_nack(method.delivery_tag, requeue=True)
        method, _, _ = channel.basic_get(POST)
        assert method.redelivered
        channel.basic_ack(method.delivery_tag)
        assert channel.basic_get(POST) == (None, None, None)
        with pytest.raises(ChannelClosedByBroker, match="refused for user 'Kommunens fagsystem'"):
            channel.queue_declare("mine")
        again = connection.channel()
        with pytest.raises(ChannelClosedByBroker, match="403"):
            again.basic_consume(ANDENS, lambda *_: None)


async def test_pika() -> None:
    """pika: confirms, returns, direct reply-to, get, nack, passive declare, refusals."""
    async with serving() as (_, front, port):
        front.verdicts = refuse
        await in_thread(pika_talk, port)
        assert front.engine.acked == [1]
        assert front.submitted[0].token == b"<saml:Assertion/>" * 400


def pika_wrong_password(port: int) -> None:
    with pytest.raises(ProbableAuthenticationError, match="Login was refused using authentication mechanism PLAIN"):
        pika_connection(port, "wrong")


async def test_pika_with_a_wrong_password() -> None:
    """pika tells its user that the login was refused."""
    async with serving() as (_, _, port):
        await in_thread(pika_wrong_password, port)


async def test_aio_pika() -> None:
    """aio-pika: confirms on every publish, a consumer with prefetch, and reconnecting after it was thrown out."""
    async with serving() as (server, front, port):
        url = f"amqp://{KOMMUNE.id}:hemmelig@127.0.0.1:{port}/BF"
        async with await aio_pika.connect_robust(url, reconnect_interval=0.1) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=2)
            exchange = await channel.get_exchange(EXCHANGE)
            queue = await channel.get_queue(POST)
            got: asyncio.Queue[bytes] = asyncio.Queue()

            async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
                async with message.process():
                    got.put_nowait(message.body)

            await queue.consume(take)
            for number in range(10):
                await exchange.publish(aio_pika.Message(b"%d" % number), routing_key="")
            async with asyncio.timeout(5):
                assert [await got.get() for _ in range(10)] == [b"%d" % number for number in range(10)]
            await until(lambda: len(front.engine.acked) == 10)
            assert server.force_close("maintenance") == 1
            await until(lambda: front.engine.consumers[POST])
            front.engine.put(POST, b"after")
            async with asyncio.timeout(5):
                assert await got.get() == b"after"


async def test_aio_pika_asks_directly() -> None:
    """aio-pika's direct reply-to gets the StandardRetur."""
    async with serving() as (_, _, port):
        connection = await aio_pika.connect(f"amqp://{KOMMUNE.id}:hemmelig@127.0.0.1:{port}/BF")
        channel = await connection.channel()
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        replies = await channel.get_queue(REPLY_TO)

        async def heard(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            answer.set_result(message.body)

        await replies.consume(heard, no_ack=True)
        exchange = await channel.get_exchange(EXCHANGE)
        await exchange.publish(aio_pika.Message(b"x", correlation_id="c", reply_to=REPLY_TO), routing_key="")
        async with asyncio.timeout(5):
            assert await answer == verdict_of(20, "").document
        await connection.close()


def py_amqp_talk(port: int) -> None:
    connection = amqp.Connection(
        f"127.0.0.1:{port}", KOMMUNE.id, "hemmelig", virtual_host="BF", confirm_publish=True, connect_timeout=5
    )
    with connection:
        channel = connection.channel()
        channel.basic_publish(amqp.Message(b"<besked/>", message_id="m"), EXCHANGE, "")
        got: list[Any] = []
        channel.basic_qos(0, 1, False)
        channel.basic_consume(POST, callback=got.append)
        connection.drain_events(timeout=5)
        assert [message.body for message in got] in ([b"<besked/>"], ["<besked/>"])
        channel.basic_ack(got[0].delivery_tag)
        assert channel.queue_declare(POST, passive=True).message_count == 0
        with pytest.raises(amqp.exceptions.AccessRefused):
            channel.queue_purge(POST)


async def test_py_amqp() -> None:
    """py-amqp, which logs in with AMQPLAIN: confirmed publish, consume, ack, refusal."""
    async with serving() as (_, front, port):
        front.offers = ("PLAIN", "AMQPLAIN")  # it takes EXTERNAL first, with an empty response
        await in_thread(py_amqp_talk, port)
        assert front.engine.acked == [1]
        assert front.logins[0].mechanism == "AMQPLAIN"
