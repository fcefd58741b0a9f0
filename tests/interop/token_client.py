"""A vendor's pika with tokens: EXTERNAL with the assertion as the response, the header `token` on every message."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from consumers.retur import StandardRetur, read_retur
from tests.interop import samples
from tests.interop.token_world import TokenWorld

EXCHANGE, REPLY_TO = "AFSEND_BESKED_EXCHANGE", "amq.rabbitmq.reply-to"
LONGEST = 20.0
"""Seconds after which a client takes it that no answer will come: a bound for a test that hangs, no measure."""


class TokenCredentials(pika.credentials.ExternalCredentials):  # type: ignore[misc]  # pika has no types
    """As in the public Python client: the response to EXTERNAL is the decoded assertion."""

    def __init__(self, token: bytes) -> None:
        super().__init__()
        self.token = token

    def response_for(self, start: Any) -> tuple[str, bytes]:
        return self.TYPE, self.token


def parameters(world: TokenWorld, credentials: Any, pem: Path | None = None) -> pika.ConnectionParameters:
    """TLS verified against the exported CA, vhost BF; ``pem`` = the client certificate that is presented."""
    return pika.ConnectionParameters(
        host="localhost",
        port=world.emulator.amqps_port,
        virtual_host="BF",
        ssl_options=pika.SSLOptions(context=world.context(pem), server_hostname="localhost"),
        credentials=credentials,
        socket_timeout=LONGEST,
        stack_timeout=2 * LONGEST,
        blocked_connection_timeout=LONGEST,
    )


@contextmanager
def logged_in(world: TokenWorld, token: bytes, pem: Path | None = None) -> Iterator[pika.BlockingConnection]:
    """A connection by a token, closed at the end."""
    connection = pika.BlockingConnection(parameters(world, TokenCredentials(token), pem))
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


def login_refused(world: TokenWorld, credentials: Any, pem: Path | None = None) -> str:
    """The text of the 403 with which the login ends."""
    try:
        pika.BlockingConnection(parameters(world, credentials, pem)).close()
    except pika.exceptions.ProbableAuthenticationError as error:
        return str(error)
    raise AssertionError("the login was let through")


class Sender:
    """One channel with confirms on and direct reply-to, as KOMBIT's samples send."""

    def __init__(self, connection: pika.BlockingConnection) -> None:
        self.channel: BlockingChannel = connection.channel()
        self.channel.confirm_delivery()
        next(self.channel.consume(REPLY_TO, auto_ack=True, inactivity_timeout=0.01))

    def send(self, xml: bytes, token: object = None) -> StandardRetur:
        """Mandatory, with the header ``token`` where there is one; what the StandardRetur says."""
        correlation_id = str(uuid.uuid4())
        properties = pika.BasicProperties(
            message_id=str(uuid.uuid4()),
            correlation_id=correlation_id,
            reply_to=REPLY_TO,
            headers=None if token is None else {"token": token},
        )
        self.channel.basic_publish(EXCHANGE, "", xml, properties, mandatory=True)
        for _method, answer, body in self.channel.consume(REPLY_TO, auto_ack=True, inactivity_timeout=LONGEST):
            assert answer is not None, "no answer"
            if answer.correlation_id == correlation_id:
                return read_retur(body)
        raise AssertionError("the reply consumer was cancelled")


def sent(world: TokenWorld, count: int = 1) -> list[samples.Sample]:
    """That many of KOMBIT's sample messages, taken."""
    batch = [samples.extern_test_besked() for _ in range(count)]
    with logged_in(world, world.afsend()) as connection:
        sender = Sender(connection)
        assert all(sender.send(one.xml, world.afsend().decode()).ok for one in batch)
    return batch


def drained(channel: BlockingChannel, dueslag: str, *, auto_ack: bool = True) -> list[bytes]:
    """Polling as the public Python client does it: basic.get until the dueslag is empty."""
    bodies: list[bytes] = []
    while True:
        method, properties, body = channel.basic_get(dueslag, auto_ack=auto_ack)
        if not any((method, properties, body)):
            return bodies
        assert body is not None
        bodies.append(body)
        if not auto_ack:
            channel.basic_ack(method.delivery_tag)
