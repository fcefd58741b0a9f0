"""Login and sending by token, with our own client against the real AMQP server on a TLS socket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
import pytest
import trustme

from broker.ports import Publication, Verdict
from consumers.client import (
    AFSEND,
    MODTAG,
    Afhent,
    Afsend,
    Assertion,
    Endpoint,
    GivenToken,
    NoAnswer,
    NoToken,
    NotPermitted,
)
from consumers.errors import StsUnreachable
from consumers.tls import client_context
from tests.wire.fake_front import KOMMUNE, POST, FakeFront
from tests.wire.test_server import serving

RETUR = "<R xmlns='urn:oio:sagdok:3.0.0'><StatusKode>{}</StatusKode><FejlbeskedTekst>{}</FejlbeskedTekst></R>"


@dataclass
class Tokens:
    """A token source that counts: the first token of an audience ends with 0, each renewal makes the next."""

    asked: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    serial: int = 0
    prefix: str = "<saml:Assertion>æ "
    fails: list[Exception] = field(default_factory=list)

    async def token(self, audience: str) -> str:
        self.asked.append(audience)
        if self.fails:
            raise self.fails.pop()
        return f"{self.prefix}{audience.rpartition('/')[0][-6:]} {self.serial}" + " " * 6000

    async def renew(self, audience: str, refused: str) -> str:
        if refused == await self.token(audience):
            self.renewed.append(audience)
            self.serial += 1
            self.prefix = "<saml:Assertion>æ "
        return await self.token(audience)


@dataclass(frozen=True)
class Stage:
    """The fake front behind TLS, and how a client gets there."""

    front: FakeFront
    port: int
    trust: ssl.SSLContext

    def endpoint(self, tokens: Tokens | GivenToken | None, user: str = KOMMUNE.navn) -> Endpoint:
        return Endpoint("localhost", self.port, user, "hemmelig", tls=self.trust, tokens=tokens)


@asynccontextmanager
async def stage_of(front_offers: tuple[str, ...], folder: Path) -> AsyncIterator[Stage]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    async with serving(tls=context) as (_, front, port):
        front.offers = front_offers
        front.verdicts = lambda _: answer(20)
        yield Stage(front, port, client_context(ca))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage_of(("EXTERNAL",), tmp_path) as staged:
        yield staged


def answer(kode: int, text: str = "") -> Verdict:
    return Verdict(kode, text, RETUR.format(kode, text).encode())


def tokens_of(front: FakeFront) -> list[str]:
    """The audience and number of the token in the header of each message taken."""
    return [(one.token or b"").decode().removeprefix("<saml:Assertion>æ ").strip() for one in front.submitted]


async def test_login_and_header_by_token(stage: Stage) -> None:
    """6 kB with a Danish letter as EXTERNAL's response, and in the header of each message the token for sending."""
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        assert [(await afsend.send(b"<x/>")).status_kode for _ in range(2)] == [20, 20]
    assert [login.mechanism for login in stage.front.logins] == ["EXTERNAL"]
    assert tokens_of(stage.front) == ["afsend 0", "afsend 0"]
    assert set(tokens.asked) == {AFSEND}


async def test_fetching_by_token(stage: Stage) -> None:
    """Afhent logs in with the token for receiving; polling and subscribing work as with a password."""
    tokens = Tokens()
    stage.front.engine.put(POST, b"one")
    stage.front.engine.put(POST, b"two")
    async with Afhent(stage.endpoint(tokens), POST) as afhent:
        modtaget = await afhent.get()
        assert modtaget is not None
        assert await modtaget.ack()
        async for following in afhent:
            assert following.body == b"two"
            assert await following.ack()
            afhent.stop()
    assert tokens.asked == [MODTAG]


async def test_expired_token_is_renewed_and_the_message_sent_again(stage: Stage) -> None:
    """41, a new token, the same message with the same ids, 20; the connection stays."""
    stage.front.verdicts = expired_before(1)
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        assert (await afsend.send(b"<x/>", transaktions_id="t")).status_kode == 20
        assert afsend.resent == 1
    first, second = stage.front.submitted
    assert (first.body, first.message_id) == (second.body, second.message_id)
    assert tokens_of(stage.front) == ["afsend 0", "afsend 1"]
    assert len(stage.front.logins) == 1


async def test_expired_twice_is_the_answer(stage: Stage) -> None:
    """A new token that is no better: the 41 is handed back, no third try."""
    stage.front.verdicts = lambda _: answer(41, "udløbet")
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        retur = await afsend.send(b"<x/>")
    assert (retur.status_kode, retur.fejlbesked_tekst) == (41, "udløbet")
    assert len(stage.front.submitted) == 2


async def test_many_expired_at_once_renew_once(stage: Stage) -> None:
    """100 messages under way when the token ends: one renewal, each message sent twice."""
    stage.front.verdicts = expired_before(1)
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        returns = await asyncio.gather(*(afsend.send(b"<x/>") for _ in range(100)))
    assert {retur.status_kode for retur in returns} == {20}
    assert tokens.renewed == [AFSEND]
    assert len(stage.front.submitted) == 200


async def test_token_of_the_caller_is_sent_as_it_is(stage: Stage) -> None:
    """`send(token=...)` overrides the source, and its 41 is the answer."""
    stage.front.verdicts = lambda _: answer(41)
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        assert (await afsend.send(b"<x/>", token="mit")).status_kode == 41
    assert [one.token for one in stage.front.submitted] == [b"mit"]
    assert tokens.renewed == []


async def test_refused_login_is_tried_with_a_new_token_once(stage: Stage) -> None:
    """A kept token that holds no longer is replaced; one that is refused again is NotPermitted."""
    tokens = Tokens(prefix="gammel")
    async with Afhent(stage.endpoint(tokens), POST):
        assert tokens.renewed == [MODTAG]
    with pytest.raises(NotPermitted, match="EXTERNAL"):
        async with Afhent(stage.endpoint(GivenToken("<forkert/>")), POST):
            pass


async def test_password_where_only_tokens_are_taken(stage: Stage) -> None:
    """A client without a token is told what is offered and what to do."""
    with pytest.raises(NotPermitted, match="offers EXTERNAL to log in by here; a password will not do: log in with"):
        async with Afsend(stage.endpoint(None)):
            pass


async def test_token_where_only_passwords_are_taken(tmp_path: Path) -> None:
    """The other way round."""
    async with stage_of(("PLAIN", "AMQPLAIN"), tmp_path) as staged:
        with pytest.raises(NotPermitted, match="offers PLAIN, AMQPLAIN to log in by here; a token goes over TLS"):
            async with Afsend(staged.endpoint(Tokens())):
                pass


async def test_connections_with_different_tokens_side_by_side(stage: Stage) -> None:
    """Ten at once, each with its own token, and aio-pika's own connections as ever beside them."""
    stage.front.offers = ("PLAIN", "EXTERNAL")
    seen: list[bytes] = []
    login = stage.front.login

    def noting(mechanism: str, user: str, secret: bytes, peer: object) -> object:
        seen.append(secret)
        return login(mechanism, user, secret, peer)  # type: ignore[arg-type]  # as the server gave it

    stage.front.login = noting  # type: ignore[method-assign, assignment]
    names = [f"<saml:Assertion {number}/>" for number in range(10)]
    url = f"amqps://{KOMMUNE.id}:hemmelig@localhost:{stage.port}/BF"
    opened = await asyncio.gather(
        *(stage.endpoint(GivenToken(name)).connect() for name in names),
        aio_pika.connect(url, ssl_context=stage.trust),
    )
    for connection in opened:
        await connection.close()
    assert sorted(seen) == sorted([*map(str.encode, names), b"hemmelig"])


async def test_sts_without_an_answer_is_tried_again(stage: Stage) -> None:
    """The STS is away for a moment while the client connects, or sends: it goes on when the STS is back."""
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens)) as afsend:
        tokens.fails = [StsUnreachable("away")]
        assert (await afsend.send(b"<x/>")).ok
    tokens.fails = [StsUnreachable("away")]
    async with Afhent(stage.endpoint(tokens), POST) as afhent:
        assert await afhent.depth() == 1


async def test_sts_that_refuses_or_stays_away_is_told(stage: Stage) -> None:
    """NoToken at once with its words; NoAnswer after all attempts."""
    tokens = Tokens()
    async with Afsend(stage.endpoint(tokens), attempts=2) as afsend:
        tokens.fails = [NoToken("ingen serviceaftale")]
        with pytest.raises(NoToken, match="ingen serviceaftale"):
            await afsend.send(b"<x/>")
        tokens.fails = [StsUnreachable("away") for _ in range(2)]
        with pytest.raises(NoAnswer, match="after 2 attempts; the last: away"):
            await afsend.send(b"<x/>")


def test_tokens_are_not_shown() -> None:
    """Whoever prints an endpoint, or logs an error with one in it, shows no token."""
    assert "hemmeligt" not in repr(Endpoint("h", 1, "x", tokens=GivenToken("hemmeligt")))
    assert "hemmeligt" not in repr(Assertion(b"hemmeligt", 0.0))


async def test_untrusted_beskedfordeler(stage: Stage, tmp_path: Path) -> None:
    """Another CA than the one given: NotPermitted at once, saying so."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    endpoint = Endpoint("localhost", stage.port, "x", tls=client_context(other), tokens=Tokens())
    with pytest.raises(NotPermitted, match=r"certificate is not trusted .*give the CA that issued it"):
        async with Afsend(endpoint):
            pass


def expired_before(serial: int) -> Callable[[Publication], Verdict]:
    """41 for tokens of our source below a number, else 20."""

    def verdict(publication: Publication) -> Verdict:
        number = int((publication.token or b"").split()[-1])
        return answer(20) if number >= serial else answer(41, "udløbet")

    return verdict
