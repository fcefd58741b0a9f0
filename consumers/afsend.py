"""Afsend: send messages to the Beskedfordeler and wait for its StandardRetur (SF1462 BeskedAfsend).

As KOMBIT's sample client does it: publish to AFSEND_BESKED_EXCHANGE, routing key empty, mandatory, with the answer
through direct reply-to on the same channel; no answer in 10 s = reconnect and send the same message again.  The
BeskedId stays the same, so the Beskedfordeler gives the same answer and delivers once.
"""

from __future__ import annotations

import asyncio
import uuid
from types import TracebackType
from typing import Self

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage

from consumers.endpoint import Endpoint, close_quietly, mapped, pauses
from consumers.errors import ConnectionLost, NoAnswer
from consumers.retur import TOKEN_EXPIRED, StandardRetur, read_retur
from consumers.token import AFSEND, GivenToken, TokenSource

EXCHANGE = "AFSEND_BESKED_EXCHANGE"
REPLY_TO = "amq.rabbitmq.reply-to"


class Afsend:
    """A sender: ``async with Afsend(endpoint) as afsend: retur = await afsend.send(xml)``.

    Any number of `send` may be under way at once; they share one connection and one channel.
    ``timeout`` is how many seconds an answer may take, ``attempts`` how often a message is sent in all, and
    ``exchange`` another exchange, for tests against another broker.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = 10.0,
        attempts: int = 5,
        confirms: bool = True,
        exchange: str = EXCHANGE,
    ) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._attempts = attempts
        self._confirms = confirms
        self._exchange = exchange
        self._session: _Session | None = None
        self._connecting = asyncio.Lock()
        self.resent = 0
        """How many times a message was sent again."""

    async def __aenter__(self) -> Self:
        await self._connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, xml: bytes, *, transaktions_id: str | None = None, token: str | None = None) -> StandardRetur:
        """Send one Haendelsesbesked; returns what the Beskedfordeler answers, whatever its StatusKode.

        ``transaktions_id`` (a UUID) becomes message_id, a new one where it is not given.  ``token`` (a decoded SAML
        assertion) goes along instead of one from the endpoint's tokens; of these, one that turns out to have expired
        (41) is renewed, and the message sent again, once.  Raises NotPermitted at once, NoAnswer after all attempts.
        """
        message = Message(
            xml,
            content_type="application/xml",
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=transaktions_id or str(uuid.uuid4()),
            correlation_id=str(uuid.uuid4()),
            reply_to=REPLY_TO,
        )
        tokens = self._endpoint.tokens if token is None else GivenToken(token)
        retur = await self._answer(message, tokens)
        if retur.status_kode == TOKEN_EXPIRED and tokens is not None and token is None:
            self.resent += 1
            retur = await self._answer(message, tokens, str(message.headers["token"]))
        return retur

    async def _answer(self, message: Message, tokens: TokenSource | None, refused: str | None = None) -> StandardRetur:
        """Send until there is an answer, with a token other than ``refused``."""
        following = pauses()
        reason = ""
        for attempt in range(self._attempts):
            if attempt:
                self.resent += 1
                await asyncio.sleep(following())
            session: _Session | None = None
            try:
                if tokens is not None:
                    fetched = tokens.token(AFSEND) if refused is None else tokens.renew(AFSEND, refused)
                    message.headers["token"] = await fetched
                session = await self._connected()
                async with mapped(), asyncio.timeout(self._timeout):
                    return await session.send(message)
            except ConnectionLost as lost:
                reason = str(lost)
                if session is not None:
                    await self._drop(session)
        raise NoAnswer(f"no StandardRetur after {self._attempts} attempts; the last: {reason}")

    async def _connected(self) -> _Session:
        async with self._connecting:
            if self._session is None or self._session.gone:
                self._session = await _Session.open(self._endpoint, self._exchange, self._confirms)
            return self._session

    async def _drop(self, session: _Session) -> None:
        """Give up a connection; the other messages under way on it are sent again by their own `send`."""
        if self._session is session:
            self._session = None
        await session.close()


class _Session:
    """One connection, its channel, and who waits for an answer on it."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel, exchange: AbstractExchange) -> None:
        self._connection = connection
        self._exchange = exchange
        self._waiting: dict[str | None, asyncio.Future[StandardRetur]] = {}
        self.gone = False
        connection.close_callbacks.add(self._lost)
        channel.close_callbacks.add(self._lost)

    @classmethod
    async def open(cls, endpoint: Endpoint, exchange: str, confirms: bool) -> _Session:
        async with endpoint.opening(AFSEND) as connection:
            channel = await connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
            replies = await channel.get_queue(REPLY_TO, ensure=False)
            session = cls(connection, channel, await channel.get_exchange(exchange, ensure=False))
            await replies.consume(session._answered, no_ack=True)
        return session

    async def send(self, message: Message) -> StandardRetur:
        """Publish and wait for the answer.  Raises ConnectionLost."""
        answer: asyncio.Future[StandardRetur] = asyncio.get_running_loop().create_future()
        self._waiting[message.correlation_id] = answer
        try:
            if self.gone:
                raise ConnectionLost("the connection is closed")
            async with mapped():
                await self._exchange.publish(message, "", mandatory=True)
                return await answer
        finally:
            del self._waiting[message.correlation_id]
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # seen, also where the publish failed first

    async def _answered(self, message: AbstractIncomingMessage) -> None:
        answer = self._waiting.get(message.correlation_id)
        if answer is None or answer.done():
            return
        try:
            answer.set_result(read_retur(message.body))
        except ValueError as error:
            answer.set_exception(ConnectionLost(str(error)))

    def _lost(self, _sender: object, error: BaseException | None = None) -> None:
        self.gone = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(error or ConnectionResetError("the connection was closed"))

    async def close(self) -> None:
        self.gone = True
        await close_quietly(self._connection)
