"""A strict receiver of pushed messages, built from KOMBIT's XSD and Python's own HTTP server, and from nothing of ours.

It runs in threads of its own, so that it hangs, resets and goes down without the test's event loop.  What comes is
entered in a ledger (`Receipts`), and answered as the script says: 20 unless told otherwise.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.support.receipts import OK, Act, Arrival, Receipts

XSD = Path(__file__).parents[3] / "shared" / "reference" / "kombit" / "xsd" / "AnvendersystemOperationer.xsd"
LIMIT = 1024 * 1024
"""Octets that a receiver takes."""
_NS = {"k": "urn:oio:besked:kuvert:1.0", "s": "urn:oio:sagdok:3.0.0"}
_OUTPUT = (
    '<?xml version="1.0" encoding="UTF-8"?><sts:ModtagBeskedOutput xmlns:sts="urn:oio:sts:1.0.0" '
    'xmlns="urn:oio:sagdok:3.0.0"><StandardRetur><StatusKode>{kode}</StatusKode>'
    "<FejlbeskedTekst>{tekst}</FejlbeskedTekst></StandardRetur></sts:ModtagBeskedOutput>"
)
_HANG = 600.0
"""Seconds after which even a receiver that hangs has had enough."""


@cache
def schema() -> etree.XMLSchema:
    """KOMBIT's.  Skips the test where it is missing; with CI=true that is a failure."""
    if not XSD.exists():
        reason = f"KOMBIT's reference files are not there: {XSD}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return etree.XMLSchema(etree.parse(XSD, etree.XMLParser(no_network=True)))


class Receiver:
    """A receiver on a port that stays its own.  ``tls`` may be set and changed; it holds for new connections."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        schema()  # here, where a test can be skipped
        self.tls = tls
        self.port = 0
        self.conduct: Callable[[Arrival], Act] = lambda _: OK
        """What to do where no script says otherwise."""
        self.era = 0
        """Counted up by the test, as at each kill; entered with each arrival."""
        self.refused: list[str] = []
        """TLS handshakes that failed, with OpenSSL's reason."""
        self.errors: list[str] = []
        """Faults of this receiver itself."""
        self._arrivals: list[Arrival] = []
        self._overlaps: list[tuple[Arrival, Arrival]] = []
        self._by_path: defaultdict[str, deque[Act]] = defaultdict(deque)
        self._by_besked: defaultdict[str, deque[Act]] = defaultdict(deque)
        self._connections: dict[int, socket.socket] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def url(self, path: str) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}{path}"

    def script(self, path: str, *acts: Act) -> None:
        """What to do with the next requests on a path, one after the other."""
        with self._lock:
            self._by_path[path].extend(acts)

    def script_besked(self, besked_id: str, *acts: Act) -> None:
        """The same, of one message."""
        with self._lock:
            self._by_besked[besked_id].extend(acts)

    def script_clear(self, besked_id: str) -> None:
        """From now on as if nothing had been said of that message."""
        with self._lock:
            self._by_besked[besked_id].clear()

    def receipts(self, path: str) -> Receipts:
        """The ledger so far."""
        with self._lock:
            return Receipts(
                tuple(one for one in self._arrivals if one.path == path),
                tuple(pair for pair in self._overlaps if pair[0].path == path),
            )

    async def until(self, path: str, enough: Callable[[Receipts], bool], longest: float = 30.0) -> Receipts:
        """The ledger of a path as soon as it has what is waited for.  Raises AssertionError."""
        deadline = time.monotonic() + longest
        while not enough(found := self.receipts(path)):
            assert time.monotonic() < deadline, [
                (one.besked_id, one.forsoeg, one.act, one.problem) for one in found.arrivals[-10:]
            ]
            await asyncio.sleep(0.02)
        return found

    async def takes(self, path: str, sent: list[str], longest: float = 30.0) -> Receipts:
        """Waits until all of these were taken; then nothing may be wrong with how they came."""
        found = await self.until(path, lambda receipts: receipts.taken >= set(sent), longest)
        found.check(sent)
        return found

    def up(self) -> None:
        """Listen, on the same port as before."""
        assert self._server is None
        self._server = _Server(self, self.port)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = None
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            _shut(connection)

    # --- for its server --------------------------------------------------------------------------------

    def opened(self, connection: socket.socket) -> int:
        with self._lock:
            number = next(self._numbers)
            self._connections[number] = connection
        return number

    def closed(self, number: int) -> None:
        with self._lock:
            del self._connections[number]

    def enter(self, arrival: Arrival) -> None:
        """Into the ledger, with what is to be done with it."""
        with self._lock:
            arrival.era = self.era
            self._overlaps += [
                (one, arrival) for one in self._arrivals[-200:] if one.path == arrival.path and not one.ended
            ]
            self._arrivals.append(arrival)
            for acts in (self._by_besked[arrival.besked_id], self._by_path[arrival.path]):
                if acts:
                    arrival.act = acts.popleft()
                    return
        arrival.act = self.conduct(arrival)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that is up within the block."""
    receiver = Receiver(tls)
    receiver.up()
    try:
        yield receiver
    finally:
        receiver.down()
    assert receiver.errors == []


def read(arrival: Arrival) -> None:
    """Fill in what the document says; ``problem`` where a strict receiver takes it for broken."""
    if len(arrival.body) > LIMIT:
        arrival.problem = f"more than {LIMIT} octets"
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(arrival.body, parser)
    except etree.XMLSyntaxError as error:
        arrival.problem = f"not well-formed: {error}"
        return
    if root.getroottree().docinfo.internalDTD is not None:
        arrival.problem = "a DTD"
    elif root.tag != "{urn:oio:sts:1.0.0}ModtagBeskedInput":
        arrival.problem = f"not ModtagBeskedInput but {root.tag}"
    else:
        arrival.problem = _invalid(root)
    arrival.besked_id = _text(root, "k:Haendelsesbesked/k:BeskedId/*")
    arrival.forsoeg = int(_text(root, ".//k:Leverancerute[last()]//k:AntalLeveranceforsoeg") or 0)
    arrival.abonnement = _text(root, ".//k:Leverancerute[last()]/k:ErLeveretIHenholdTil/*")


def _invalid(root: etree._Element) -> str:
    """By KOMBIT's XSD; "" = valid."""
    try:
        schema().assertValid(root)
    except etree.DocumentInvalid as error:
        return str(error)
    return ""


def _text(root: etree._Element, path: str) -> str:
    return (root.findtext(path, namespaces=_NS) or "").strip()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, receiver: Receiver, port: int) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", port), BaseHTTPRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of the connection: the handshake, then requests until it closes."""
        if self.receiver.tls is not None:
            try:
                request.settimeout(10)
                request = self.receiver.tls.wrap_socket(request, server_side=True)
                request.settimeout(None)
            except OSError as error:
                self.receiver.refused.append(getattr(error, "reason", None) or str(error))
                return
        number = self.receiver.opened(request)
        try:
            _Handler(request, client_address, self, number)
        finally:
            self.receiver.closed(number)
            request.close()

    def shutdown_request(self, request: Any) -> None:
        request.close()  # without the polite shutdown, which would come before an RST

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            self.receiver.errors.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, request: Any, client_address: Any, server: _Server, number: int) -> None:
        self._number = number
        self._receiver = server.receiver
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # the other end was killed in the middle of it
            self.close_connection = True
            return
        arrival = Arrival(
            self.path, self._number, self.headers.get("Content-Type", ""), body, time.monotonic()
        )  # fmt: skip
        if isinstance(self.connection, ssl.SSLSocket):
            arrival.caller = self.connection.getpeercert(binary_form=True)
        read(arrival)
        self._receiver.enter(arrival)
        self._do(arrival, arrival.act)

    def _do(self, arrival: Arrival, act: Act) -> None:
        gone = self._waits(_HANG if act.how == "hang" else act.delay)
        arrival.ended = True
        if gone or act.how in ("hang", "drop"):
            self.close_connection = True
        elif act.how == "reset":
            self.wfile.write(self._answer(200, _OUTPUT.format(kode=20, tekst=""))[:-60])
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif act.how == "garbage":
            self.wfile.write(self._answer(200, "<StandardRetur><StatusKode>20"))
        else:
            kode, tekst = (40, arrival.problem.replace("<", "(")) if arrival.problem else (act.kode, act.tekst)
            body = _OUTPUT.format(kode=kode, tekst=tekst) if act.http_status == 200 else "<html>Fejl</html>"
            self.wfile.write(self._answer(act.http_status, body))
            arrival.answered = True

    def _waits(self, seconds: float) -> bool:
        """Whether the other end hangs up within the time."""
        readable = select.select([self.connection], [], [], seconds)[0] if seconds else []
        return bool(readable)  # nothing is sent before the answer: what can be read is the end

    @staticmethod
    def _answer(status: int, body: str) -> bytes:
        content = body.encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/xml\r\nContent-Length: {len(content)}\r\n\r\n"
        return head.encode() + content

    def log_message(self, format: str, *args: Any) -> None:
        """The ledger says it all."""


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
