"""The STS client: what it asks, what it keeps and for how long, and what it says when there is no token."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from consumers.client import AFSEND, MODTAG, ClientError, ConnectionLost, NoToken, NotPermitted, Sts, StsUnreachable
from consumers.token import read_assertion
from tests.unit.consumers.assertions import assertion
from tests.unit.consumers.sts_server import Asked, StsServer, pem_file, sts_server, token_answer

NOW = 1_800_000_000.0
HOUR = 3600.0


@dataclass
class Stage:
    """An STS, a client certificate that it takes, and a clock that a test moves."""

    server: StsServer
    ca: Path
    certificate: Path
    folder: Path
    now: float = NOW

    def client(self, **changes: Path) -> Sts:
        files = {"ca": self.ca, "certificate": self.certificate, **changes}
        return Sts("localhost", self.server.port, **files, timeout=10, now=lambda: self.now)

    def gives_tokens(self, lifetime: float = 8 * HOUR) -> None:
        """A new token for each request, valid from the stage's now on."""
        numbers = itertools.count()

        def answer(_: Asked) -> tuple[int, bytes]:
            return token_answer(assertion(self.now, self.now + lifetime, str(next(numbers))))

        self.server.answer = answer


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def stage(authority: trustme.CA, tmp_path: Path) -> Iterator[Stage]:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    certificate = pem_file(authority.issue_cert("system.example"), tmp_path / "system.pem")
    with sts_server(authority.issue_cert("localhost", "127.0.0.1"), authority) as server:
        yield Stage(server, ca, certificate, tmp_path)


async def test_asks_as_the_public_clients_do(stage: Stage) -> None:
    """The JSON of SF1514, UseKey as one line of base64, and the certificate shown in the handshake: the same one."""
    stage.gives_tokens()
    got = await stage.client().token("11111111", AFSEND)
    [asked] = stage.server.asked
    assert asked.path == "/runtime/api/rest/wstrust/v1/issue"
    use_key = asked.body.pop("UseKey")
    assert asked.body == {
        "TokenType": "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
        "RequestType": "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue",
        "KeyType": "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey",
        "AnvenderKontekst": {"Cvr": "11111111"},
        "AppliesTo": {"EndpointReference": {"Address": "http://entityid.kombit.dk/service/bfo_afsend/2"}},
        "OnBehalfOf": None,
    }
    assert b64decode(use_key, validate=True) == asked.certificate
    assert got.xml == assertion(NOW, NOW + 8 * HOUR, "0")
    assert got.expires == NOW + 8 * HOUR, "by the assertion, not by Lifetime"


async def test_kept_until_five_minutes_before_the_end(stage: Stage) -> None:
    """One request in eight hours; another service or another CVR has a token of its own."""
    stage.gives_tokens()
    sts = stage.client()
    first = await sts.token("11111111", AFSEND)
    stage.now = NOW + 8 * HOUR - 301
    assert await sts.token("11111111", AFSEND) is first
    assert len(stage.server.asked) == 1
    stage.now = NOW + 8 * HOUR - 299
    assert (await sts.token("11111111", AFSEND)).xml != first.xml
    await sts.token("11111111", MODTAG)
    await sts.token("22222222", AFSEND)
    assert len(stage.server.asked) == 4


@pytest.mark.parametrize("lifetime", [4.0, 60.0, 599.0])
async def test_short_ones_are_kept_for_half_their_life(stage: Stage, lifetime: float) -> None:
    """Tokens that last less than ten minutes are used too, each for half of its time."""
    stage.gives_tokens(lifetime)
    sts = stage.client()
    first = await sts.token("11111111", AFSEND)
    stage.now = NOW + lifetime / 2 - 1
    assert await sts.token("11111111", AFSEND) is first
    stage.now = NOW + lifetime / 2 + 1
    assert await sts.token("11111111", AFSEND) is not first


async def test_clock_ahead_of_the_sts_costs_requests_only(stage: Stage) -> None:
    """What has ended by the client's own clock is given out all the same: the Beskedfordeler is to judge it."""
    stage.server.answer = lambda _: token_answer(assertion(NOW - 2 * HOUR, NOW - HOUR))
    sts = stage.client()
    assert await sts.token("11111111", AFSEND) == await sts.token("11111111", AFSEND)
    assert len(stage.server.asked) == 2


async def test_many_at_once_ask_once(stage: Stage) -> None:
    """50 senders without a token: one request, the same token for all, also when one of them gives up waiting."""
    stage.gives_tokens()
    stage.server.gate.clear()
    sts = stage.client()
    waiting = [asyncio.create_task(sts.token("11111111", AFSEND)) for _ in range(50)]
    while not stage.server.asked:  # noqa: ASYNC110 - the server is in a thread
        await asyncio.sleep(0.01)
    waiting[0].cancel()
    stage.server.gate.set()
    got = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(got[0], asyncio.CancelledError)
    assert len({id(one) for one in got[1:]}) == 1
    assert len(stage.server.asked) == 1


async def test_renew_of_the_same_token_asks_once(stage: Stage) -> None:
    """Whoever is refused with a token that was renewed meanwhile gets the new one."""
    stage.gives_tokens()
    source = stage.client().on_behalf_of("11111111")
    refused = await source.token(AFSEND)
    renewed = await asyncio.gather(*(source.renew(AFSEND, refused) for _ in range(20)))
    assert set(renewed) == {assertion(NOW, NOW + 8 * HOUR, "1").decode()}
    assert await source.renew(AFSEND, refused) == renewed[0]
    assert len(stage.server.asked) == 2


async def test_renew_without_a_token_drops_what_is_kept(stage: Stage) -> None:
    """A caller that wants a new one gets a new one."""
    stage.gives_tokens()
    sts = stage.client()
    first = await sts.token("11111111", AFSEND)
    assert (await sts.renew("11111111", AFSEND)).xml != first.xml


async def test_refusal_is_said_with_the_words_of_the_sts(stage: Stage) -> None:
    """No serviceaftale, say: NoToken with the message, nothing is kept, and the next try asks again."""
    stage.server.answer = lambda _: (400, b'{"message": "ingen serviceaftale for CVR 11111111"}')
    sts = stage.client()
    with pytest.raises(NoToken, match=r"refuses: ingen serviceaftale for CVR 11111111 \(HTTP 400\)") as refused:
        await sts.token("11111111", AFSEND)
    assert isinstance(refused.value, NotPermitted)
    stage.gives_tokens()
    assert await sts.token("11111111", AFSEND)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((403, b"<html>no</html>"), "<html>no</html>"),
        ((401, b""), "does not say why"),
        ((200, b"{}"), "RequestedSecurityToken.Assertion"),
        ((200, b"[]"), "RequestedSecurityToken.Assertion"),
        ((200, b"not json"), "no token in its answer"),
        (token_answer(b"<x"), "no XML"),
        (token_answer(b"<x/>"), "expected an Assertion"),
        (token_answer(b'<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>'), "NotOnOrAfter"),
    ],
)
async def test_answers_that_are_no_token(stage: Stage, answer: tuple[int, bytes], text: str) -> None:
    """Whatever comes back instead of a token is NoToken with one sentence."""
    stage.server.answer = lambda _: answer
    with pytest.raises(NoToken, match=text):
        await stage.client().token("11111111", AFSEND)


async def test_trouble_of_the_sts_is_worth_another_try(stage: Stage) -> None:
    """HTTP 500, or nobody there: StsUnreachable, which the clients treat as a lost connection."""
    stage.server.answer = lambda _: (503, b'{"message": "starting"}')
    with pytest.raises(StsUnreachable, match="HTTP 503: starting") as failure:
        await stage.client().token("11111111", AFSEND)
    assert isinstance(failure.value, ConnectionLost)
    nobody = Sts("127.0.0.1", 1, ca=stage.ca, certificate=stage.certificate)
    with pytest.raises(StsUnreachable, match=r"127\.0\.0\.1:1 cannot be reached: connection refused"):
        await nobody.token("11111111", AFSEND)


async def test_foreign_sts_gets_nothing(stage: Stage) -> None:
    """Its certificate is not of the CA that was named: said so, and no request is made."""
    other = stage.folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with pytest.raises(NoToken, match="certificate is not trusted"):
        await stage.client(ca=other).token("11111111", AFSEND)
    assert stage.server.asked == []


async def test_foreign_certificate_is_refused_by_the_sts(stage: Stage) -> None:
    """A client certificate of a CA that the STS does not know: an error that is one of ours, whatever TLS says."""
    foreign = pem_file(trustme.CA().issue_cert("system.example"), stage.folder / "foreign.pem")
    with pytest.raises((NoToken, StsUnreachable)):
        await stage.client(certificate=foreign).token("11111111", AFSEND)


def test_files_that_will_not_do(stage: Stage) -> None:
    """A missing file, one without a key, a CA that is none: ClientError that names the file."""
    lone = stage.folder / "lone.pem"
    lone.write_bytes(stage.ca.read_bytes())
    junk = stage.folder / "junk.pem"
    junk.write_bytes(b"\xff\x00junk")
    for changes in ({"certificate": lone}, {"certificate": junk}, {"ca": junk}, {"ca": stage.folder / "none.pem"}):
        with pytest.raises(ClientError, match=str(next(iter(changes.values())))):
            stage.client(**changes)


@given(st.integers(0, 4_000_000_000), st.integers(1, 10**7), st.booleans())
def test_end_of_an_assertion(start: int, lasts: int, told: bool) -> None:
    """The end, and the lifetime where the beginning is told."""
    read = read_assertion(assertion(start if told else None, start + lasts))
    assert read.expires == start + lasts
    assert read.lasts == (lasts if told else None)


@pytest.mark.parametrize(
    "moment",
    ["2027-01-15T08:00:00Z", "2027-01-15T08:00:00.0000000Z", "2027-01-15T09:00:00+01:00", "2027-01-15T08:00:00"],
)
def test_moments_as_libraries_write_them(moment: str) -> None:
    """.NET's seven decimals, an offset, and none at all (UTC, as SAML says)."""
    xml = (
        b'<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"><a:Conditions NotOnOrAfter="%s"/></a:Assertion>'
    )
    assert read_assertion(xml % moment.encode()).expires == NOW


def test_tls_of_a_client_is_checked(stage: Stage) -> None:
    """Certificate and name of the other end are checked, TLS is 1.2 or later."""
    from consumers.tls import client_context

    context = client_context(stage.ca)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
