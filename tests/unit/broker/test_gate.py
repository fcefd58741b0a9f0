"""Who may come in, in each mode; the judge of tokens is a table here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import ClassVar

import pytest

from broker.clock import FakeClock
from broker.core.model import Anvendersystem, Beskedtype, Dueslag, Myndighed, Service, Serviceaftale
from broker.engine import memory_engine
from broker.errors import AccessDenied, TokenExpired, TokenRefused
from broker.kuvert import Limits, haendelsesbesked
from broker.kuvert.build import ObjektRegistrering
from broker.ports import Login, Peer, Publication, RegisterContent, Verdict
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.settings import Auth
from broker.tokens import AFSEND, MODTAG, Certificate, Token
from broker.trace import Query, Record, Trace

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Fagsystem", "11111111", "hemmelig")
OTHER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Andet", "11111111")
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Post", SYSTEM.id)
MODTAGER = Serviceaftale(
    "ffffffff-0000-4000-8000-000000000002", SYSTEM.id, Service.MODTAG, tilladte_myndigheder=("11111111",)
)
PLAIN, TLS = Peer("127.0.0.1", 50000), Peer("127.0.0.1", 50001, tls=True)


def token(service: Service, holder: str = SYSTEM.serienummer, cvr: str = "11111111") -> Token:
    audience = AFSEND if service is Service.AFSEND else MODTAG
    certificate = Certificate(b"der", holder, f"SERIALNUMBER={holder} + CN=x", 4711, "CN=CA")
    return Token("_1", "issuer", audience, service, cvr, certificate, 0.0, 2e9)


class Judge:
    """Knows its tokens by name."""

    known: ClassVar = {
        b"afsend": token(Service.AFSEND),
        b"modtag": token(Service.MODTAG),
        b"andet": token(Service.AFSEND, OTHER.serienummer),
        b"fremmed": token(Service.AFSEND, "CVR:99999999-FID:1"),
        b"anden kommune": token(Service.AFSEND, cvr="22222222"),
        b"modtag for anden": token(Service.MODTAG, cvr="22222222"),
        b"ukendt kommune": token(Service.AFSEND, cvr="33333333"),
    }

    def verify(self, raw: bytes, now: float, presented: bytes | None = None) -> Token:
        if raw == b"gammelt":
            raise TokenExpired("the token expired")
        if raw not in self.known:
            raise TokenRefused("not accepted", "the signature does not hold")
        return self.known[raw]


async def _serving(auth: Auth) -> AsyncIterator[Beskedfordeler]:
    clock = FakeClock()
    engine = memory_engine(clock)
    await engine.open()
    service = Beskedfordeler(
        MemoryRegister(), RegisterContent(), engine, Trace(None), clock, Limits(1_000_000), auth, Judge()
    )
    await service.register.open()
    await service.put(
        [
            Myndighed("11111111", "En kommune (syntetisk)"),
            Myndighed("22222222", "En anden kommune (syntetisk)"),
            SYSTEM,
            OTHER,
            Beskedtype(TYPE, "Test"),
            Serviceaftale("ffffffff-0000-4000-8000-000000000001", SYSTEM.id, Service.AFSEND),
            MODTAGER,
            DUESLAG,
        ]
    )
    yield service
    await engine.close()


@pytest.fixture
async def guarded() -> AsyncIterator[Beskedfordeler]:
    """With --auth=token."""
    async for service in _serving("token"):
        yield service


@pytest.fixture(params=["open", "plain", "token"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Beskedfordeler]:
    """Each mode in turn."""
    async for one in _serving(request.param):
        yield one


async def send(service: Beskedfordeler, header: bytes | None, **more: object) -> Verdict:
    """One message by the system that is logged in with its afsend token."""
    login = service.login("EXTERNAL", "", b"afsend", TLS)
    body = haendelsesbesked(beskedtype=TYPE, **more)  # type: ignore[arg-type]
    answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    service.submit(login, Publication(body, "t-1", header), answer.set_result)
    return await asyncio.wait_for(answer, 5)


async def last(service: Beskedfordeler, what: str) -> Record:
    return (await service.trace.find(Query(what=what)))[-1]


async def test_mechanisms_on_offer(service: Beskedfordeler) -> None:
    """Passwords unless tokens are asked for; EXTERNAL beside them on TLS only, as some clients take it unasked."""
    if service.gate.judges_messages:
        assert service.mechanisms(PLAIN) == service.mechanisms(TLS) == ("EXTERNAL",)
    else:
        assert service.mechanisms(PLAIN) == ("PLAIN", "AMQPLAIN")
        assert service.mechanisms(TLS) == ("PLAIN", "AMQPLAIN", "EXTERNAL")


async def test_system_is_known_by_its_certificate(service: Beskedfordeler) -> None:
    """EXTERNAL: the SERIALNUMBER in the token's certificate says which anvendersystem this is; the trace says who."""
    login = service.login("EXTERNAL", "", b"modtag", TLS)
    assert (login.system, login.token) == (SYSTEM, Judge.known[b"modtag"])
    record = await last(service, "login")
    assert record.system == SYSTEM.id
    assert record.detail["cvr"] == "11111111"
    assert record.detail["certifikat"] == "4711"


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (b"vr\xf8vl", "the signature does not hold"),
        (b"gammelt", "expired"),
        (b"fremmed", "CVR:99999999-FID:1) belongs to no anvendersystem"),
        (b"ukendt kommune", "33333333, which is not in the register"),
        (b"modtag for anden", "no serviceaftale about 'modtag'"),
    ],
)
async def test_refused_login_is_in_the_trace_with_its_reason(
    service: Beskedfordeler, secret: bytes, words: str
) -> None:
    """The AMQP reply says no more than that it was refused; whoever runs the emulator sees why."""
    with pytest.raises(AccessDenied):
        service.login("EXTERNAL", "", secret, TLS)
    assert words in (await last(service, "denied")).detail["grund"]


async def test_plain_mode_wants_a_password_for_everyone() -> None:
    """--auth=plain: a system that the register gives no adgangskode cannot log in; the reason says where to set it."""
    async for service in _serving("plain"):
        assert service.login("PLAIN", "Fagsystem", b"hemmelig", PLAIN).system == SYSTEM
        with pytest.raises(AccessDenied, match=r"anvendersystemer\[\]\.adgangskode"):
            service.login("PLAIN", "Andet", b"hvad som helst", PLAIN)
    async for service in _serving("open"):
        assert service.login("PLAIN", "Andet", b"hvad som helst", PLAIN).system == OTHER


@pytest.mark.parametrize(
    ("header", "kode", "words"),
    [
        (b"afsend", 20, ""),
        (None, 40, "the header 'token' is missing"),
        (b"gammelt", 41, "expired"),
        (b"modtag", 40, f"ask the STS for one for {AFSEND}"),
        (b"andet", 40, "one of anvendersystem 'Andet', but the connection is one of 'Fagsystem'"),
        (b"fremmed", 40, "belongs to no anvendersystem"),
        (b"ukendt kommune", 40, "myndighed 33333333, which is not in the register (myndigheder[].cvr)"),
        (b"falsk", 40, "not accepted"),
    ],
)
async def test_token_of_a_message(guarded: Beskedfordeler, header: bytes | None, kode: int, words: str) -> None:
    """--auth=token: every message is judged by the token in its own header."""
    verdict = await send(guarded, header)
    assert verdict.status_kode == kode
    assert words in verdict.text
    assert "signature" not in verdict.text
    record = await last(guarded, "accepted" if kode == 20 else "refused")
    cvr = "33333333" if header == b"ukendt kommune" else "11111111"
    assert (record.system, record.detail["cvr"], record.detail["certifikat"]) == (SYSTEM.id, cvr, "4711")
    if header == b"falsk":
        assert record.detail["grund"] == "the signature does not hold"


async def test_message_speaks_for_the_myndighed_of_its_token(guarded: Beskedfordeler) -> None:
    """ObjektAnsvarligMyndighed other than the token's CVR: 40; either form of the CVR number is the same."""
    own = (ObjektRegistrering(objekt_ansvarlig_myndighed="urn:oio:cvr-nr:11111111"),)
    assert (await send(guarded, b"afsend", objekt_registrering=own)).status_kode == 20
    verdict = await send(guarded, b"anden kommune", objekt_registrering=own)
    assert verdict.status_kode == 40
    assert "ObjektAnsvarligMyndighed" in verdict.text
    assert "22222222" in verdict.text


async def test_without_auth_token_no_message_needs_one() -> None:
    """open and plain: the header is not looked at."""
    for auth in ("open", "plain"):
        async for service in _serving(auth):
            assert (await send(service, b"falsk")).status_kode == 20
            assert (await send(service, None)).status_kode == 20


async def test_fetching_wants_a_token_for_it(guarded: Beskedfordeler) -> None:
    """A token for sending opens no dueslag (ours)."""
    assert guarded.open_dueslag(guarded.login("EXTERNAL", "", b"modtag", TLS), DUESLAG.id) == DUESLAG
    with pytest.raises(AccessDenied, match="bfo_modtag"):
        guarded.open_dueslag(guarded.login("EXTERNAL", "", b"afsend", TLS), DUESLAG.id)


async def test_renewed_token_is_one_of_the_same_system(guarded: Beskedfordeler) -> None:
    """update-secret: another token of the system is taken, one of another system or an old one is not."""
    login = guarded.login("EXTERNAL", "", b"afsend", TLS)
    assert guarded.renew(login, b"modtag").token == Judge.known[b"modtag"]
    for secret in (b"andet", b"gammelt"):
        with pytest.raises(AccessDenied):
            guarded.renew(login, secret)


async def test_a_system_follows_its_certificate(guarded: Beskedfordeler) -> None:
    """When the register gives a system another certificate, the old one is nobody's from the next login on."""
    await guarded.put([replace(SYSTEM, certifikat="UI:DK-O:G:a8c3")])
    with pytest.raises(AccessDenied):
        guarded.login("EXTERNAL", "", b"afsend", TLS)
    assert guarded.catalogue.system_by_serienummer("UI:DK-O:G:a8c3") is not None


async def test_withdrawn_agreement_ends_the_logins_by_it(guarded: Beskedfordeler) -> None:
    """A token that was given out while an agreement stood opens nothing once it is withdrawn."""
    assert guarded.login("EXTERNAL", "", b"modtag", TLS).system == SYSTEM
    await guarded.put([replace(MODTAGER, godkendt=False)])
    with pytest.raises(AccessDenied, match="no serviceaftale about 'modtag'"):
        guarded.login("EXTERNAL", "", b"modtag", TLS)


async def test_a_long_name_fills_no_log(service: Beskedfordeler) -> None:
    """What a stranger says to be called is kept as far as it helps, no further."""
    with pytest.raises(AccessDenied) as refusal:
        service.login("PLAIN", "x" * 200_000, b"", PLAIN)
    assert len(str(refusal.value)) < 500
    assert len(str((await last(service, "denied")).detail)) < 1_000


def test_login_shows_no_secret() -> None:
    """What a log might print of a login holds no token."""
    assert "afsend" not in repr(Login(SYSTEM, TLS, "EXTERNAL"))
