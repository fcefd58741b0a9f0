"""VærdilisteRediger: calls a second that change a list durably, and what a list of 500,000 values costs others.

Raw sockets, connections kept alive, one value added in each call; a call counts when it is answered 20, which is after
the commit.  While a large list comes and goes, another connection asks for health over and over: its longest wait is
what messages would have waited.  Run by itself it prints ``name value`` lines.
"""

from __future__ import annotations

import argparse
import base64
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from adapters.cluster.ports import HOST, free_port
from benchmarks.emulator import running
from benchmarks.figures import Goal
from benchmarks.process import on_disk
from benchmarks.wire import Invalid

GOALS = {"soap_calls_per_s": Goal(300, True), "soap_calls_per_s_8_connections": Goal(300, True)}
VALUES = 500_000
CONNECTIONS = 8
_SYSTEM = "Testkommune Fagsystem"
"""In the built-in register."""
_PATH = "/sts-bf-soap/StsbeskedfordelerImpl"
_NAMES = 'xmlns="urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0" xmlns:s="urn:oio:sagdok:3.0.0"'
_ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>%s</e:Body></e:Envelope>'
_VIRKNING = (
    "<s:Virkning><s:AktoerRef><s:UUIDIdentifikator>00000000-0000-4000-8000-00000000ac70</s:UUIDIdentifikator>"
    "</s:AktoerRef><s:AktoerTypeKode>ItSystem</s:AktoerTypeKode></s:Virkning>"
)
_UUID = re.compile(rb"UUIDIdentifikator>([0-9a-f-]{36})<")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TIMEOUT = 120.0
_BREATH = 0.002
"""Seconds between two questions about health."""


class Line:
    """One kept-alive HTTP connection.  Raises OSError, Invalid."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.create_connection((HOST, port), timeout=_TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, content: str) -> bytes:
        """A call by password; the answer, which must be 20."""
        body = (_ENVELOPE % content).encode()
        user = base64.b64encode(f"{_SYSTEM}:bench".encode()).decode()
        head = (
            f"POST {_PATH} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: Basic {user}\r\n"
            f"Content-Type: text/xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        answer = self._ask(head.encode() + body)
        if b"StatusKode>20<" not in answer[:2000]:
            raise Invalid(f"SOAP: {answer[:500].decode(errors='replace')}")
        return answer

    def get(self, path: str) -> bytes:
        return self._ask(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\n\r\n".encode())

    def close(self) -> None:
        self._socket.close()

    def _ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        head, pieces, size = self._head()
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        while size < length:
            piece = self._more()
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _head(self) -> tuple[bytes, list[bytes], int]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        return head, [rest], len(rest)

    def _more(self) -> bytes:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise Invalid("the emulator closed the connection")
        return piece


@dataclass(slots=True)
class Stalls:
    """The longest that anyone else waited, seen over a connection of its own."""

    port: int
    longest: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def during(self, work: Callable[[], object]) -> float:
        """Do it, and give the seconds it took."""
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        begun = time.perf_counter()
        work()
        took = time.perf_counter() - begun
        self._over.set()
        watcher.join(_TIMEOUT)
        return took

    def _watch(self) -> None:
        line = Line(self.port)
        while not self._over.is_set():
            begun = time.perf_counter()
            line.get("/health/live")
            self.longest = max(self.longest, time.perf_counter() - begun)
            time.sleep(_BREATH)
        line.close()


def opret(values: str = "") -> str:
    """A list with a name of its own."""
    egenskab = f"<Egenskab><Vaerdiliste><Navn>{uuid4()}</Navn>{values}</Vaerdiliste>{_VIRKNING}</Egenskab>"
    return (
        f"<OpretInput {_NAMES}><AttributListe>{egenskab}</AttributListe><TilstandListe/><RelationListe/></OpretInput>"
    )


def tilfoej(uuid: str, *values: str) -> str:
    inside = "".join([f"<Vaerdier>{value}</Vaerdier>" for value in values])
    return (
        f"<TilfoejVaerdierInput {_NAMES}><s:UUIDIdentifikator>{uuid}</s:UUIDIdentifikator>{inside}"
        "</TilfoejVaerdierInput>"
    )


def calls_per_second(port: int, connections: int, calls: int) -> float:
    """tilfoejvaerdier of one value, over so many connections at a time, ``calls`` in all."""
    line = Line(port)
    uuid = _uuid(line.call(opret()))
    line.close()
    failures: list[Exception] = []

    def run(number: int) -> None:
        try:
            own = Line(port)
            for each in range(calls // connections):
                own.call(tilfoej(uuid, f"urn:oio:cpr-nr:{number:02d}{each:08d}"))
            own.close()
        except (OSError, Invalid) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Invalid(str(failures[0]))
    return calls // connections * connections / (time.perf_counter() - begun)


def large(port: int, admin_port: int, count: int) -> dict[str, float]:
    """A list of so many values: seconds to make, read, add 10,000 to and remove it; the longest that others waited."""
    numbers = [f"urn:oio:cpr-nr:{number:010d}" for number in range(count)]
    content = opret("".join([f"<Vaerdi>{value}</Vaerdi>" for value in numbers]))
    line, found = Line(port), dict[str, float]()
    answers: list[bytes] = []

    def measured(name: str, write: str) -> None:
        stalls = Stalls(admin_port)
        found[f"soap_{name}_s"] = stalls.during(lambda: answers.append(line.call(write)))
        found[f"soap_{name}_stall_ms"] = stalls.longest * 1e3

    measured("opret_500k", content)
    uuid = _uuid(answers[-1])
    name = f"<s:UUIDIdentifikator>{uuid}</s:UUIDIdentifikator>"
    measured("laes_500k", f"<LaesInput {_NAMES}>{name}</LaesInput>")
    measured("tilfoej_10k", tilfoej(uuid, *[f"urn:oio:cpr-nr:9{number:09d}" for number in range(10_000)]))
    measured("slet_500k", f"<SletInput {_NAMES}>{name}</SletInput>")
    line.close()
    return found


def measure(folder: Path, calls: int, values: int, rounds: int) -> dict[str, float]:
    """All figures; the median of so many rounds for calls a second."""
    port = free_port()
    with running(folder / "soap", options=("--http-port", str(port))) as emulator:
        alone = [calls_per_second(port, 1, calls) for _ in range(rounds)]
        several = [calls_per_second(port, CONNECTIONS, calls) for _ in range(rounds)]
        return {
            "soap_calls_per_s": statistics.median(alone),
            f"soap_calls_per_s_{CONNECTIONS}_connections": statistics.median(several),
            **large(port, emulator.admin_port, values),
        }


def _uuid(answer: bytes) -> str:
    found = _UUID.search(answer)
    if found is None:
        raise Invalid("opret is answered without a UUID")
    return found[1].decode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soap", description=__doc__)
    parser.add_argument("--calls", type=int, default=2_000, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--values", type=int, default=VALUES, help="of the large list")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=on_disk()) as folder:
        found = measure(Path(folder), options.calls, options.values, options.rounds)
    for name, value in found.items():
        print(name, f"{value:.6g}")


if __name__ == "__main__":
    main()
