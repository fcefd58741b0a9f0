"""The STS on a real TLS socket, over a Beskedfordeler in memory, and systems that ask it for tokens."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from adapters.http.limit import BodyLimit
from adapters.http.listener import bind
from adapters.http.server import serving
from adapters.pki import Pki, server_context
from adapters.pki.identity import Identity
from adapters.sts.app import StsConfig, create_sts
from adapters.sts.assertion import Signer
from broker.clock import FakeClock
from broker.core.model import Anvendersystem, Myndighed, Service, Serviceaftale
from broker.engine import memory_engine
from broker.kuvert import Limits
from broker.ports import RegisterContent
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.tokens.verifier import Issuer, Verifier
from broker.trace import Query, Trace
from tests.support.wss import Rst

ISSUER = "https://saml.sts.example/runtime"
TOKEN_TYPE = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"
WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
KOMMUNE, REGION = Myndighed("11111111", "En kommune (syntetisk)"), Myndighed("22222222", "En region (syntetisk)")
SENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", KOMMUNE.cvr)
RECEIVER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Modtager", REGION.cvr)
STRANGER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000003", "Ukendt", REGION.cvr)
"""Has a certificate of the CA, but is not in the register."""
AFTALE = Serviceaftale(
    "ffffffff-0000-4000-8000-000000000001", SENDER.id, Service.AFSEND, afsendende_myndigheder=(KOMMUNE.cvr,)
)
REST = "/runtime/api/rest/wstrust/v1/issue"
SOAP = "/runtime/services/kombittrust/14/certificatemixed"
EXCHANGE = "/service/AccessTokenService_1/token"
DEMO = "/service/AccessTokenDemo_1/callDemoService/"
AFSEND = "http://entityid.kombit.dk/service/bfo_afsend/2"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in lower case) and body of one answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, kode and sentence; fails where the body has not the promised shape."""
        assert set(self.json) == {"message", "kode"}
        return self.status, self.json["kode"], self.json["message"]


@dataclass(slots=True)
class Office:
    """The STS, and the ways to it."""

    service: Beskedfordeler
    pki: Pki
    clock: FakeClock
    port: int
    verifier: Verifier
    sts: Identity
    identities: dict[str, Identity] = field(default_factory=dict)

    def identity(self, system: Anvendersystem) -> Identity:
        """Key and function certificate of a system."""
        if system.id not in self.identities:
            self.identities[system.id] = self.pki.system(system, "En myndighed (syntetisk)")
        return self.identities[system.id]

    async def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        system: Anvendersystem | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request over TLS of its own, with the client certificate of ``system``."""
        pem = None if system is None else self.identity(system).path
        return await asyncio.to_thread(fetch, self.port, self.pki.ca_path, pem, method, path, body, headers or {})

    async def rest(self, changes: Mapping[str, Any] | None = None, *, system: Anvendersystem | None = SENDER) -> Reply:
        """A request for a token, as the public Python client writes it, with ``changes`` to its fields."""
        content = self.wish(system or SENDER) | dict(changes or {})
        headers = {"content-type": "application/json"}
        return await self.call("POST", REST, json.dumps(content).encode(), system=system, headers=headers)

    def wish(self, system: Anvendersystem) -> dict[str, Any]:
        certificate = self.identity(system).certificate.public_bytes(Encoding.DER)
        return {
            "TokenType": TOKEN_TYPE,
            "RequestType": WST + "/Issue",
            "KeyType": WST + "/PublicKey",
            "AnvenderKontekst": {"Cvr": KOMMUNE.cvr},
            "UseKey": base64.b64encode(certificate).decode(),
            "AppliesTo": {"EndpointReference": {"Address": AFSEND}},
            "OnBehalfOf": None,
        }

    def rst(self, system: Anvendersystem = SENDER, **changes: Any) -> Rst:
        """A request for a token by SOAP, not signed yet."""
        return Rst(self.identity(system).certificate, self.clock.now(), **changes)

    async def soap(self, body: bytes, *, system: Anvendersystem | None = None) -> Reply:
        headers = {"content-type": "application/soap+xml; charset=utf-8"}
        return await self.call("POST", SOAP, body, system=system, headers=headers)

    async def token(self) -> bytes:
        """The assertion that the sender gets by REST."""
        reply = await self.rest()
        assert reply.status == 200, reply.content
        return base64.b64decode(reply.json["RequestedSecurityToken"]["Assertion"])

    async def noted(self, what: str) -> Mapping[str, Any]:
        """Detail of the last record of that kind in the trace."""
        detail: Mapping[str, Any] = (await self.service.trace.find(Query(what=what)))[-1].detail
        return detail


def fetch(
    port: int, ca: Path, pem: Path | None, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> Reply:
    """One request over TLS; blocks."""
    context = ssl.create_default_context(cafile=str(ca))
    if pem is not None:
        context.load_cert_chain(pem)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@cache
def start() -> float:
    """When the fake clocks start: now, as TLS goes by the machine's clock."""
    return float(int(time.time()))


@asynccontextmanager
async def open_service() -> AsyncIterator[Beskedfordeler]:
    """A Beskedfordeler in memory with two myndigheder, two systems and one serviceaftale."""
    clock = FakeClock(start())
    register = MemoryRegister()
    engine = memory_engine(clock)
    await register.open()
    await engine.open()
    service = Beskedfordeler(register, RegisterContent(), engine, Trace(None), clock, Limits())
    try:
        await service.put([KOMMUNE, REGION, SENDER, RECEIVER, AFTALE])
        yield service
    finally:
        await service.distributor.close()
        await engine.close()


@asynccontextmanager
async def open_office(pki: Pki) -> AsyncIterator[Office]:
    """The STS over such a Beskedfordeler, on a free port."""
    own = pki.sts()
    verifier = Verifier([Issuer(own.certificate.public_bytes(Encoding.DER), ISSUER)])
    tls = server_context(pki.server(["localhost", "127.0.0.1"]).path, None, [pki.ca_path])
    async with open_service() as service:
        assert isinstance(service.clock, FakeClock)
        config = StsConfig(ISSUER, 8 * 3600, (pki.ca_path,))
        app = create_sts(lambda: service, Signer(own.key, own.certificate), config, verifier)
        sock = bind("127.0.0.1", 0)
        async with serving(BodyLimit(app), sock, tls):
            yield Office(service, pki, service.clock, sock.getsockname()[1], verifier, own)
