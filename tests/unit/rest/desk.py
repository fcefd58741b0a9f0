"""The admin API without a socket: an emulator in memory, and requests put to the ASGI application itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from starlette.types import ASGIApp, Message

from adapters.rest.app import create_app
from adapters.rest.context import Address, Admin
from broker.amqp.server import ConnectionInfo
from broker.clock import FakeClock
from broker.engine import memory_engine
from broker.kuvert import Limits
from broker.kuvert.build import RelateretObjekt, haendelsesbesked
from broker.ports import Peer, Publication, Verdict
from broker.register import MemoryRegister, prepare
from broker.service import Beskedfordeler
from broker.settings import Settings
from broker.trace import Trace

TESTTYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
CPR_TYPE = "248ce14c-a863-4fb5-9e6f-7df9ea850809"
CPR = "0101010000"
DUESLAG = "99999999-9999-9999-9999-999999999999"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, content type and body of one answer."""

    status: int
    content_type: str
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> str:
        """The sentence of a refusal; fails where the body has not the promised shape."""
        body = self.json
        assert set(body) - {"position"} == {"error", "kode"}
        assert isinstance(body["kode"], int)
        return str(body["error"])


class NoConnections:
    """An AMQP server that one connection is made to."""

    def connections(self) -> list[ConnectionInfo]:
        return [ConnectionInfo("127.0.0.1:1", None, "", "c", None, False, "open", 1, 0, 0, 0, False)]


@dataclass(slots=True)
class Emulator:
    """`adapters.rest.context.Emulator`, with nothing listening."""

    service: Beskedfordeler
    server: NoConnections = field(default_factory=NoConnections)
    amqp: Address | None = ("127.0.0.1", 5672)
    amqps: Address | None = None


@dataclass(slots=True)
class Desk:
    """An operator at the admin API."""

    service: Beskedfordeler
    admin: Admin
    app: ASGIApp
    clock: FakeClock

    async def call(self, method: str, target: str, content: object = None, /, **query: object) -> Answer:
        """One request; content of bytes goes as it is, any other as JSON."""
        return await self.call_with({}, method, target, content, **query)

    async def call_with(
        self, headers: dict[str, str], method: str, target: str, content: object = None, /, **query: object
    ) -> Answer:
        """The same with headers of one's own."""
        body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        given = {"host": "127.0.0.1:5680", "content-type": "application/json"} | headers
        return await ask(self.app, method, target + ("?" + urlencode(query, doseq=True) if query else ""), body, given)

    async def call_into(self, answers: list[Answer], method: str, target: str) -> None:
        """A request whose answer is kept also when the application raises after it."""
        await ask(self.app, method, target, b"", {"host": "127.0.0.1"}, answers)

    async def get(self, target: str, /, **query: object) -> Any:
        """The JSON of an answer that must be 200."""
        answer = await self.call("GET", target, **query)
        assert answer.status == 200, answer.content
        return answer.json

    async def post(self, target: str, content: object = None, /, **query: object) -> Any:
        """The JSON of an answer that must be 200, None of one that must be 204."""
        answer = await self.call("POST", target, content, **query)
        assert answer.status in (200, 204), answer.content
        return answer.json if answer.content else None

    async def send(self, xml: bytes | None = None) -> Verdict:
        """One message through the front door, as the AMQP server hands it over."""
        login = self.service.login("PLAIN", "Afsendersystem", b"", Peer("127.0.0.1", 1))
        verdicts: list[Verdict] = []
        self.service.submit(login, Publication(xml or sample_besked(), None, None), verdicts.append)
        await self.service.engine.flushed()
        return verdicts[0]

    async def reject_one(self, dueslag: str = DUESLAG, reason: str = "cannot be read") -> int:
        """Get a delivery and reject it; its id."""
        leverance = await self.service.engine.get(dueslag)
        assert leverance is not None
        self.service.engine.reject([leverance], reason)
        await self.service.engine.flushed()
        return leverance.id


def sample_besked(besked_id: str | None = None) -> bytes:
    """What the abonnement Testbeskeder of the built-in register accepts."""
    return haendelsesbesked(besked_id=besked_id, beskedtype=TESTTYPE)


def cpr_besked(besked_id: str | None = None) -> bytes:
    """About a citizen on the værdiliste of the built-in register."""
    objekt = RelateretObjekt(f"urn:oio:cpr-nr:{CPR}", "urn:oio:objekttype:person")
    return haendelsesbesked(besked_id=besked_id, beskedtype=CPR_TYPE, relateret_objekt=[objekt])


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    """With the built-in register, an engine in memory and a clock that stands still."""
    clock = FakeClock()
    register = MemoryRegister()
    content = (await prepare(register, None)).content
    engine = memory_engine(clock)
    trace = Trace(None)
    service = Beskedfordeler(register, content, engine, trace, clock, Limits())
    await engine.open()
    try:
        admin = Admin(Settings.model_construct(data=Path("data")), Emulator(service))
        yield Desk(service, admin, create_app(admin), clock)
    finally:
        await engine.close()


async def ask(
    app: ASGIApp, method: str, target: str, content: bytes, headers: dict[str, str], answers: list[Answer] | None = None
) -> Answer:
    """Put one HTTP request to an ASGI application; ``answers`` gets the answer even where it raises after it."""
    parts = urlsplit(target)
    sent: list[Message] = []
    chunks = [content[:10], content[10:]]  # in two pieces, as a network gives it

    async def receive() -> Message:
        if not chunks:
            await asyncio.Future()  # the caller stays until it is answered
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("127.0.0.1", 5680),
        "client": ("127.0.0.1", 1),
    }
    answers = answers if answers is not None else []
    try:
        await app(scope, receive, send)
    finally:
        if sent:
            found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
            body = b"".join(message.get("body", b"") for message in sent[1:])
            answers.append(Answer(sent[0]["status"], found.get("content-type", ""), body))
    return answers[-1]
