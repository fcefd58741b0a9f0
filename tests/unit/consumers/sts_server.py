"""An STS for tests: real TLS with client certificates, answers as a test tells it."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

Answer = tuple[int, bytes]


def token_answer(assertion: bytes) -> Answer:
    """An answer as the REST STS gives it."""
    return 200, json.dumps(
        {
            "RequestedSecurityToken": {"Assertion": b64encode(assertion).decode()},
            "Lifetime": {"Created": "01/01/2001 00:00:00", "Expires": "01/01/2001 08:00:00"},
        }
    ).encode()


@dataclass
class Asked:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    certificate: bytes | None
    """DER of the client certificate."""


@dataclass
class StsServer:
    """Answers each request with what ``answer`` makes of it; ``gate`` holds requests back while it is cleared."""

    answer: Callable[[Asked], Answer] = lambda _: (500, b"")
    asked: list[Asked] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    port: int = 0


@contextmanager
def sts_server(certificate: trustme.LeafCert, clients: trustme.CA) -> Iterator[StsServer]:
    """Serves on a free port of 127.0.0.1; a client certificate of ``clients`` is demanded."""
    state = StsServer()
    state.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            connection = self.connection
            assert isinstance(connection, ssl.SSLSocket)
            asked = Asked(self.path, body, connection.getpeercert(binary_form=True))
            state.asked.append(asked)
            state.gate.wait(10)
            status, content = state.answer(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Not on stderr."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away in the handshake is what some tests are about."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    certificate.configure_cert(context)
    clients.configure_trust(context)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            state.gate.set()
            server.shutdown()
            thread.join()


def pem_file(leaf: trustme.LeafCert, path: Path) -> Path:
    """Key and certificate in one file."""
    path.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    return path
