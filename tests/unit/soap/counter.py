"""VærdilisteRediger without a socket, over a Beskedfordeler in memory with two systems that keep lists."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

from adapters.soap.app import create_soap
from broker.clock import FakeClock
from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Myndighed, Service, Serviceaftale
from broker.engine import memory_engine
from broker.kuvert import Limits, haendelsesbesked
from broker.kuvert.build import RelateretObjekt
from broker.ports import Leverance, Peer, Publication, RegisterContent, Verdict
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.settings import Auth
from broker.tokens import TokenVerifier
from broker.trace import Query, Trace
from tests.support.soap import PATH, SOAP_12, Reply, basic, envelope

KOMMUNE = Myndighed("11111111", "En kommune (syntetisk)")
SENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", KOMMUNE.cvr, adgangskode="åben")
SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Fagsystem", KOMMUNE.cvr)
OTHER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000003", "Et andet", KOMMUNE.cvr)
TYPE = Beskedtype("bbbbbbbb-0000-4000-8000-000000000001", "Om borgere (syntetisk)")
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Indbakke", SYSTEM.id)
SPARE = Dueslag("dddddddd-0000-4000-8000-000000000002", "Reserve", SYSTEM.id)
OTHERS = Dueslag("dddddddd-0000-4000-8000-000000000003", "Andres", OTHER.id)
FILTER = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId IN VAERDILISTE 'Borgere'"
_AFTALER = (
    Serviceaftale("ffffffff-0000-4000-8000-000000000001", SENDER.id, Service.AFSEND),
    Serviceaftale("ffffffff-0000-4000-8000-000000000002", SYSTEM.id, Service.MODTAG),
    Serviceaftale("ffffffff-0000-4000-8000-000000000003", OTHER.id, Service.MODTAG),
)


@dataclass(slots=True)
class Counter:
    """Where systems call."""

    service: Beskedfordeler
    app: ASGIApp
    clock: FakeClock

    async def call(self, content: str | bytes, *, user: str = SYSTEM.navn) -> Reply:
        """A call of an operation, SOAP 1.1, by password."""
        return await self.post(envelope(content), basic(user))

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        certificate: bytes | None = None,
    ) -> Reply:
        """Any octets; ``certificate`` (DER) is shown by TLS."""
        media = "application/soap+xml" if SOAP_12.encode() in body[:300] else "text/xml"
        given = {"content-type": f"{media}; charset=utf-8", **(headers or {})}
        return Reply(*await ask(self.app, "POST", PATH, body, given, certificate=certificate))

    async def get(self, target: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        status, found, content = await ask(
            self.app, "GET", target, b"", {"host": "emulator.test:8080", **(headers or {})}
        )
        return status, found.get("content-type", ""), content

    async def subscribe(self, filter: str = FILTER, dueslag: Dueslag = DUESLAG) -> Abonnement:
        abonnement = Abonnement("abababab-0000-4000-8000-000000000001", "Om borgere", dueslag.id, filter)
        await self.service.put([abonnement])
        return abonnement

    async def send(self, borger: str, besked_id: str | None = None) -> None:
        """A message about a citizen, through the front door."""
        objekt = RelateretObjekt(borger, "urn:oio:objekttype:person")
        xml = haendelsesbesked(besked_id=besked_id, beskedtype=TYPE.id, relateret_objekt=[objekt])
        login = self.service.login("PLAIN", SENDER.navn, b"\xc3\xa5ben", Peer("127.0.0.1", 1))
        verdicts: list[Verdict] = []
        self.service.submit(login, Publication(xml, None, None), verdicts.append)
        await self.service.engine.flushed()
        assert verdicts[0].status_kode == 20, verdicts

    async def fetch(self, dueslag: Dueslag = DUESLAG) -> tuple[Leverance, bytes]:
        """The next message and how it is delivered."""
        leverance = await self.service.engine.get(dueslag.id)
        assert leverance is not None
        return leverance, self.service.render(leverance).body

    def ready(self, dueslag: Dueslag = DUESLAG) -> int:
        return self.service.engine.depth(dueslag.id).ready

    def state(self) -> dict[str, Any]:
        """The lists of the register and what they hold, to compare."""
        content = self.service.content
        values = {key: frozenset(held) for key, held in content.vaerdier.items()}
        return {"lists": dict(content.vaerdilister), "values": values}

    async def noted(self, what: str) -> list[Any]:
        """Details of the records of that kind."""
        return [record.detail for record in await self.service.trace.find(Query(what=what))]


@asynccontextmanager
async def open_counter(
    *, auth: Auth = "open", verifier: TokenVerifier | None = None, clock: FakeClock | None = None
) -> AsyncIterator[Counter]:
    clock = clock or FakeClock()
    register = MemoryRegister()
    await register.open()
    engine = memory_engine(clock)
    await engine.open()
    service = Beskedfordeler(register, RegisterContent(), engine, Trace(None), clock, Limits(), auth, verifier)
    try:
        await service.put([KOMMUNE, SENDER, SYSTEM, OTHER, TYPE, DUESLAG, SPARE, OTHERS, *_AFTALER])
        yield Counter(service, create_soap(lambda: service, verifier, auth), clock)
    finally:
        await service.distributor.close()
        await engine.close()


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    certificate: bytes | None = None,
    chunk: int = 1024 * 1024,
) -> tuple[int, dict[str, str], bytes]:
    """Put one HTTP request to an ASGI application: status, headers and body of the answer."""
    parts = urlsplit(target)
    sent: list[Message] = []
    position = 0

    async def receive() -> Message:
        nonlocal position
        await asyncio.sleep(0)
        piece, position = body[position : position + chunk], position + chunk
        return {"type": "http.request", "body": piece, "more_body": position < len(body)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http" if certificate is None else "https",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 4711),
        "extensions": {} if certificate is None else {"tls": _shown(certificate)},
    }
    await app(scope, receive, send)
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


def _shown(certificate: bytes) -> dict[str, Any]:
    return {"client_cert_chain": [ssl.DER_cert_to_PEM_cert(certificate)]}


def header_of_basic(text: bytes) -> dict[str, str]:
    """Any octets as what HTTP Basic carries."""
    return {"authorization": "Basic " + base64.b64encode(text).decode()}
