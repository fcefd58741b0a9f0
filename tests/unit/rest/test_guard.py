"""The gate before the admin API: what it lets in, and what it answers to the rest."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.listener import bind
from adapters.http.server import serving
from adapters.rest.access import Guard
from adapters.rest.app import create_app
from tests.unit.rest.desk import Answer, Desk, ask

TOKEN = "wT9-syntetisk_token.til~proeve"


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "10.1.2.3", "emulator.example", ""])
def test_elsewhere_without_a_token_is_never_served(bound: str) -> None:
    """An API that others could reach cannot even be put together without a token."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="needs a token"):
        Guard(app, bound)


async def test_websockets_are_not_let_through() -> None:
    """There are none; one that a server would offer some day is closed unjudged."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Guard(app, "127.0.0.1")({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_foreign_page_changes_nothing(desk: Desk) -> None:
    """The request is answered 403 before an endpoint sees it."""
    answer = await desk.call_with({"origin": "https://evil.example"}, "POST", "/abonnementer/Testbeskeder/stop")
    assert answer.status == 403
    assert "evil.example" in answer.error
    assert (await desk.get("/abonnementer/Testbeskeder"))["tilstand"] == "aktiv"


def guarded(desk: Desk, bound: str = "0.0.0.0") -> ASGIApp:
    """The desk's API as it is served elsewhere, with the token."""
    return create_app(desk.admin, bound, TOKEN)


async def call(app: ASGIApp, target: str, method: str = "GET", authorization: str | None = None) -> Answer:
    headers = {"host": "admin.kommune.example"} | ({"authorization": authorization} if authorization else {})
    return await ask(app, method, target, b"", headers)


@pytest.mark.parametrize("bound", ["0.0.0.0", "127.0.0.1"])
async def test_with_the_token_everything_answers(desk: Desk, bound: str) -> None:
    """Elsewhere, and on loopback where a token was given: the token opens it, by whatever name it was reached."""
    app = guarded(desk, bound)
    for target in ("/status", "/openapi.json", "/register", "/health/ready"):
        assert (await call(app, target, authorization=f"Bearer {TOKEN}")).status == 200
    assert (await call(app, "/status")).status == 401


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/status"),
        ("GET", "/openapi.json"),
        ("GET", "/nowhere"),
        ("GET", f"/status?token={TOKEN}"),
        ("GET", f"/status?access_token={TOKEN}"),
        ("POST", "/reset"),
        ("OPTIONS", "/status"),
        ("POST", "/health/live"),
        ("GET", "/health/live/"),
        ("GET", "/health/live/../../status"),
        ("GET", "//health/live"),
        ("GET", "/health/Live"),
    ],
)
async def test_without_the_token_nothing_answers(desk: Desk, method: str, target: str) -> None:
    """401, how to show the token and where it is; in a query it is not taken, where logs and histories keep it."""
    answer = await call(guarded(desk), target, method)
    assert answer.status == 401
    assert "Authorization: Bearer" in answer.error
    assert "admin.token" in answer.error
    assert TOKEN not in answer.error


async def test_health_answers_yes_or_no(desk: Desk) -> None:
    """A health check needs no token, and learns nothing but whether it is ready."""
    app = guarded(desk)
    for target in ("/health/live", "/health/ready"):
        answer = await call(app, target)
        assert (answer.status, answer.json) == (200, {"ready": True, "reason": ""})
    desk.admin.emulator, desk.admin.reason = None, "a secret of the house"
    answer = await call(app, "/health/ready")
    assert answer.status == 503
    assert answer.json["ready"] is False
    assert answer.json["reason"]  # `wait` takes an empty one for ready
    assert b"secret" not in answer.content
    assert b"secret" in (await call(app, "/health/ready", authorization=f"Bearer {TOKEN}")).content


async def test_wrong_token_is_slow_and_holds_nobody(desk: Desk) -> None:
    """Who shows a wrong one waits; who shows the right one at the same time does not wait for that."""
    app = guarded(desk)
    began = time.monotonic()
    wrong = [asyncio.create_task(call(app, "/status", authorization=f"Bearer {n}")) for n in range(20)]
    await asyncio.sleep(0)
    assert (await call(app, "/status", authorization=f"Bearer {TOKEN}")).status == 200
    assert not any(task.done() for task in wrong)
    assert {answer.status for answer in await asyncio.gather(*wrong)} == {401}
    assert time.monotonic() - began >= 0.5


async def test_token_is_in_no_log_line(desk: Desk) -> None:
    """Failed attempts are logged with the peer; neither the token nor what was shown instead stands there."""
    app = Guard(create_app(desk.admin), "0.0.0.0", TOKEN, delay=0)
    with structlog.testing.capture_logs() as logs:
        await call(app, f"/status?token={TOKEN}", authorization="Bearer almost-the-right-one")
        await call(app, "/status", authorization=f"Basic {TOKEN}")
    assert [(line["log_level"], line["peer"], line["reason"]) for line in logs] == [
        ("warning", "127.0.0.1", "wrong token")
    ]
    assert TOKEN not in repr(logs)
    assert "almost" not in repr(logs)
    assert TOKEN not in repr(vars(app))


async def exchange(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to these bytes, on a connection of their own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:-1])
        length = int(fields.get(b"content-length", -1))  # -1: to the end of the connection
        return head, await asyncio.wait_for(reader.readexactly(length) if length >= 0 else reader.read(), 10)
    finally:
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def on_a_port(app: ASGIApp) -> AsyncIterator[int]:
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    async with serving(app, sock):
        yield port


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", 200),
        (b"GET /status HTTP/1.1\r\nhOST: LOCALHOST:%d\r\n", 200),
        (b"GET /status HTTP/1.1\r\nHost: evil.example:%d\r\n", 403),
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nHost: evil.example\r\n", 400),
        (b"GET /status HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1:%d\r\n", 400),
        (b"GET /status HTTP/1.1\r\nX-None: %d\r\n", 400),
        (b"GET /status HTTP/1.0\r\nX-None: %d\r\n", 403),
        (b"GET http://127.0.0.1/status HTTP/1.1\r\nHost: evil.example:%d\r\n", 403),
        (b"GET http://evil.example/status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", 404),
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: null\r\n", 403),
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://[::1\r\n", 403),
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nSec-Fetch-Site: same-site\r\n", 403),
        (b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", 200),
        (
            b"POST /reset HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: https://evil.example\r\n"
            b"Content-Type: text/plain\r\nContent-Length: 0\r\n",
            403,
        ),
        (b"OPTIONS /reset HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: https://evil.example\r\n", 403),
    ],
)
async def test_on_the_wire_without_a_token(desk: Desk, request_head: bytes, status: int) -> None:
    """The bytes that an attacker's page or program would send, to the real server."""
    async with on_a_port(desk.app) as port:
        head, body = await exchange(port, request_head % port + b"\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head + body
    assert b"access-control-allow" not in head.lower()
    if status != 400:
        assert b"x-content-type-options: nosniff" in head
        assert b"cross-origin-resource-policy: same-origin" in head


async def test_on_the_wire_with_a_token(desk: Desk) -> None:
    """401 says how; health is open; the token opens; a body that is still on its way is no harm."""
    async with on_a_port(guarded(desk)) as port:
        request = b"GET /status HTTP/1.1\r\nHost: admin.example\r\n"
        head, body = await exchange(port, request + b"\r\n")
        assert head.startswith(b"HTTP/1.1 401 ")
        assert b"\r\nwww-authenticate: Bearer\r\n" in head
        assert json.loads(body)["kode"] == 40
        head, _ = await exchange(port, request + b"Authorization: Bearer bl\xe5b\xe6r\r\n\r\n")
        assert b'\r\nwww-authenticate: Bearer error="invalid_token"\r\n' in head
        head, _ = await exchange(port, request + b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        head, body = await exchange(port, b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (head[:13], body) == (b"HTTP/1.1 200 ", b'{"ready": true, "reason": ""}')
        twice = b"Authorization: Bearer x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
        head, _ = await exchange(port, request + twice)
        assert head.startswith(b"HTTP/1.1 400 ")
        big = b"PUT /register HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 200_000
        head, _ = await exchange(port, big)
        assert head.startswith(b"HTTP/1.1 401 ")
