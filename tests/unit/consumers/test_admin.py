"""The operator's hand: what it shows to whom."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from consumers.admin import Admin, AdminError

TOKEN = "syntetisk-token-1234567890"


class Handler(BaseHTTPRequestHandler):
    """Says which token it was shown; /away sends the caller to another path, /guarded asks for one."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        token = self.headers.get("Authorization")
        self.seen.append((self.path, token))
        self.send_response({"/away": 302, "/guarded": 401}.get(self.path, 200))
        content = json.dumps({"token": token}).encode()
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Not on stderr."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_token_is_shown_where_given(url: str) -> None:
    """As a bearer; without one there is no such header."""
    assert await Admin(url, TOKEN).call("GET", "/status") == {"token": f"Bearer {TOKEN}"}
    assert await Admin(url).call("GET", "/status") == {"token": None}


def test_token_is_not_passed_on(url: str) -> None:
    """A redirect is followed without it: it is for this emulator alone."""
    Handler.seen.clear()
    Admin(url, TOKEN).request("GET", "/away")
    assert Handler.seen == [("/away", f"Bearer {TOKEN}"), ("/elsewhere", None)]


def test_proxy_of_the_environment_does_not_see_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An http_proxy that is set for the web is not asked for an emulator."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert Admin(url, TOKEN).request("GET", "/status") == {"token": f"Bearer {TOKEN}"}


def test_refusal(url: str) -> None:
    """The status is told, and what the API said."""
    with pytest.raises(AdminError, match="null") as refused:
        Admin(url).request("GET", "/guarded")
    assert refused.value.status == 401
