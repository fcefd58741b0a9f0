"""The commands' HTTP client: which emulator is meant, and what its refusals become."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.cli import runtime
from adapters.cli.api import DEFAULT, Api, Unreachable, connect, part
from adapters.cli.exits import Exit, Failure


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked, or as the path tells it."""

    answers: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/refused": (422, "application/json", b'{"error": "no", "kode": 40}'),
        "/missing": (404, "application/json", b'{"error": "no dueslag", "kode": 44}'),
        "/starting": (503, "application/json", b'{"error": "not ready", "kode": 53}'),
        "/bug": (500, "application/json", b'{"error": "oh", "kode": 50}'),
        "/other": (418, "text/plain", b"teapot"),
        "/empty": (204, "", b""),
        "/yaml": (200, "application/yaml", "a: ø\n".encode()),
    }

    def do_POST(self) -> None:
        """Whatever the method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {"method": self.command, "path": self.path, "body": body.decode()}
        status, kind, content = self.answers.get(self.path, (200, "application/json", json.dumps(said).encode()))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Not on stderr."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that answers as `Handler` does."""
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> str:
    """An address that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_requests(url: str) -> None:
    """Query (nothing for None, true for True, repeated for a list), JSON body, bytes as they are."""
    api = Api(url + "/")
    assert api.get("/x", a=None, b=True, c=[1, 2])["path"] == "/x?b=true&c=1&c=2"
    assert api.put("/x", {"a": "ø"})["body"] == '{"a": "\\u00f8"}'
    assert api.post("/x", b"<x/>")["body"] == "<x/>"
    assert api.delete("/empty") is None
    assert api.get("/yaml") == "a: ø\n"
    assert part("a/b ø") == "a%2Fb%20%C3%B8"


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("/refused", Exit.REFUSED, "no"),
        ("/missing", Exit.NOT_FOUND, "no dueslag"),
        ("/starting", Exit.UNREACHABLE, "not ready"),
        ("/bug", Exit.FAILED, "oh"),
        ("/other", Exit.FAILED, "is that a beskedfordeler"),
    ],
)
def test_refusals(url: str, path: str, code: Exit, text: str) -> None:
    """The sentence of the API, and the exit code that its status means."""
    with pytest.raises(Failure, match=text) as failure:
        Api(url).get(path)
    assert failure.value.code is code


def test_nothing_there(nobody: str) -> None:
    """Exit code 3, with the address and what to do."""
    with pytest.raises(Unreachable, match=f"no emulator at {nobody} .*beskedfordeler serve") as failure:
        Api(nobody).get("/status")
    assert failure.value.code is Exit.UNREACHABLE


@pytest.mark.parametrize("address", ["foo", "https://127.0.0.1:1", "http://", "http://127.0.0.1:99999", ""])
def test_bad_address_is_usage(address: str) -> None:
    """An --admin that is no http address."""
    with pytest.raises(Failure) as failure:
        Api(address)
    assert failure.value.code is Exit.USAGE


def test_which_emulator(url: str, nobody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--admin, else what serves --data, else what serves the default directory if it answers, else the default."""
    monkeypatch.chdir(tmp_path)
    assert connect("http://127.0.0.1:9", tmp_path).url == "http://127.0.0.1:9"
    with pytest.raises(Failure, match="no emulator serves"):
        connect(None, tmp_path)
    assert connect(None, None).url == DEFAULT
    runtime.write(tmp_path, {"admin": {"url": url}})
    assert connect(None, tmp_path).url == url
    (tmp_path / "beskedfordeler-data").mkdir()
    runtime.write(tmp_path / "beskedfordeler-data", {"admin": {"url": url}})
    assert connect(None, None).url == url
    runtime.write(tmp_path / "beskedfordeler-data", {"admin": {"url": nobody}})
    assert connect(None, None).url == DEFAULT
