"""The commands' HTTP client: which emulator is meant, and what its refusals become."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme

from adapters.cli import admin_token, runtime
from adapters.cli.api import DEFAULT, Api, Unreachable, connect, part
from adapters.cli.exits import Exit, Failure

TOKEN = "syntetisk-token-1234567890"
OTHER = "andet-token-som-ogsaa-er-syntetisk"


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked, or as the path tells it."""

    answers: ClassVar[dict[str, tuple[int, str, bytes]]] = {
        "/refused": (422, "application/json", b'{"error": "no", "kode": 40}'),
        "/missing": (404, "application/json", b'{"error": "no dueslag", "kode": 44}'),
        "/starting": (503, "application/json", b'{"error": "not ready", "kode": 53}'),
        "/bug": (500, "application/json", b'{"error": "oh", "kode": 50}'),
        "/other": (418, "text/plain", b"teapot"),
        "/empty": (204, "", b""),
        "/guarded": (401, "text/html", b"<html>a proxy's own page"),
        "/yaml": (200, "application/yaml", "a: ø\n".encode()),
    }

    def do_POST(self) -> None:
        """Whatever the method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {
            "method": self.command,
            "path": self.path,
            "body": body.decode(),
            "token": self.headers.get("Authorization"),
        }
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
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
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


@pytest.mark.parametrize(
    "address",
    [
        "foo",
        "http://",
        "https://",
        "ftp://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1:5680/?a=b",
        "http://127.0.0.1:5680/#a",
        "",
    ],
)
def test_bad_address_is_usage(address: str) -> None:
    """An --admin that is no http address."""
    with pytest.raises(Failure) as failure:
        Api(address)
    assert failure.value.code is Exit.USAGE


def test_no_password_in_the_address() -> None:
    """One that is given there is refused and not repeated."""
    with pytest.raises(Failure, match="BESKEDFORDELER_ADMIN_TOKEN") as failure:
        Api("http://operator:hemmelig@127.0.0.1:5680")
    assert failure.value.code is Exit.USAGE
    assert "hemmelig" not in str(failure.value)


def test_behind_a_proxy_below_a_path(url: str) -> None:
    """A proxy may have the API below a path of its own."""
    assert Api(url + "/beskedfordeler/").get("/status")["path"] == "/beskedfordeler/status"


def test_listening_everywhere_is_here() -> None:
    """An emulator that listens everywhere is called on loopback."""
    assert Api("http://0.0.0.0:5680").address == ("http", "127.0.0.1", 5680)
    assert Api("http://[::]:5680").address == ("http", "::1", 5680)
    assert Api("https://admin.example").address == ("https", "admin.example", 443)


def test_token_is_shown(url: str) -> None:
    """As a bearer; without one there is no such header."""
    assert Api(url, token=TOKEN).get("/x")["token"] == f"Bearer {TOKEN}"
    assert Api(url).get("/x")["token"] is None


@pytest.mark.parametrize(("token", "words"), [(None, "asks for a token"), (TOKEN, "does not take the token")])
def test_no_token_or_a_wrong_one(url: str, token: str | None, words: str) -> None:
    """Exit code 4 and how to give the token, whoever answers 401; the token is not repeated."""
    with pytest.raises(Failure, match=f"{words}.*: .*--data DIR.*admin.token.*BESKEDFORDELER_ADMIN_TOKEN") as failure:
        Api(url, token=token).get("/guarded")
    assert failure.value.code is Exit.REFUSED
    assert TOKEN not in str(failure.value)


def shown(api: Api) -> Any:
    return api.get("/x")["token"]


def test_which_token(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept one for the emulator that it belongs to, by whatever name; the environment's for any other."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    admin_token.keep(data, TOKEN)
    runtime.write(data, {"admin": {"url": url}})
    assert shown(connect(None, data)) == f"Bearer {TOKEN}"
    assert shown(connect(url, data)) == f"Bearer {TOKEN}"
    assert shown(connect(url.replace("127.0.0.1", "localhost"), data)) == f"Bearer {TOKEN}"
    assert shown(connect(url, None)) is None  # not the data directory that is looked into
    runtime.write(data, {"admin": {"url": "http://127.0.0.1:9"}})
    assert shown(connect(url, data)) is None  # another emulator: the token is not shown to it
    monkeypatch.setenv("BESKEDFORDELER_ADMIN_TOKEN", OTHER + "\n")
    assert shown(connect(url, data)) == f"Bearer {OTHER}"
    runtime.write(data, {"admin": {"url": url.replace("127.0.0.1", "0.0.0.0")}})
    assert shown(connect(None, data)) == f"Bearer {TOKEN}"
    data.rename(tmp_path / "beskedfordeler-data")
    assert shown(connect(None, None)) == f"Bearer {TOKEN}"
    (tmp_path / "beskedfordeler-data" / admin_token.NAME).unlink()
    assert shown(connect(None, None)) == f"Bearer {OTHER}"


def test_broken_serve_json_is_as_none(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonsense in the file does not stand in the way of --admin."""
    files: tuple[dict[str, Any], ...] = ({}, {"admin": None}, {"admin": {}}, {"admin": {"url": "foo"}})
    for nonsense in files:
        runtime.write(tmp_path, nonsense)
        assert connect(url, tmp_path).url == url
        with pytest.raises(Failure, match="no emulator serves"):
            connect(None, tmp_path)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_url(ca: trustme.CA) -> Iterator[str]:
    """The same server with TLS, as a proxy gives it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that do not trust us hang up
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_https(tls_url: str, ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is verified against the trust store of this machine; SSL_CERT_FILE names another."""
    with pytest.raises(Failure, match=r"certificate is not trusted .*SSL_CERT_FILE") as failure:
        Api(tls_url, token=TOKEN).get("/x")
    assert failure.value.code is Exit.UNREACHABLE
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert shown(Api(tls_url, token=TOKEN)) == f"Bearer {TOKEN}"
    with pytest.raises(Failure, match="not trusted"):
        Api(tls_url.replace("localhost", "127.0.0.1")).get("/x")


def test_https_where_there_is_none(url: str) -> None:
    """A plain listener asked for TLS: said so, before anything of the request is sent."""
    with pytest.raises(Failure, match=r"no TLS there .*http://") as failure:
        Api(url.replace("http:", "https:"), token=TOKEN).get("/x")
    assert failure.value.code is Exit.UNREACHABLE


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
