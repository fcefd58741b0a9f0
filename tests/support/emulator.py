"""The real `beskedfordeler serve`, as a process of its own on free ports: started, killed, started again.

A test that speaks to it is a client like any other.  Fixtures: `emulator` (one per test, memory of its own on
disk) and `shared_emulator` (one per run, for tests that keep to their own messages).
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from consumers.admin import Admin
from consumers.client import Endpoint

READY_TIMEOUT = 20.0
"""Seconds that a start may take on a loaded machine; it takes under one on an idle one."""


def command() -> list[str]:
    """The installed console command, beside the interpreter that runs the tests."""
    installed = Path(sys.executable).with_name("beskedfordeler")
    if installed.exists():
        return [str(installed)]
    return [sys.executable, "-c", "from adapters.cli.main import main; main()"]


class EmulatorError(RuntimeError):
    """`serve` did not get ready; the text ends with what it wrote on stderr."""


@dataclass(slots=True)
class Emulator:
    """One data directory and the process that serves it now.

    Ports are the same after every `start` of the same Emulator, so that clients find it again.
    """

    data: Path
    register: Path | None = None
    arguments: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 0
    admin_port: int = 0
    amqps_port: int = 0
    https_port: int = 0
    """With TLS where ``arguments`` ask for it, 0 where not; like all ports kept for the next start."""
    ca: Path | None = None
    """Bundle of the development CA, where the emulator made or was given one."""
    starts: int = 0
    ready_seconds: float = 0.0
    """How long the last start took, from the command to the ready line."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def admin_url(self) -> str:
        return f"http://{self.host}:{self.admin_port}"

    @property
    def admin(self) -> Admin:
        return Admin(self.admin_url)

    @property
    def log(self) -> str:
        """What it has written on stderr in all its starts."""
        path = self._log
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def _log(self) -> Path:
        return self.data.with_name(self.data.name + ".log")

    def endpoint(self, user: str, password: str = "lokal") -> Endpoint:
        return Endpoint(self.host, self.port, user, password)

    def start(self) -> None:
        """Start and wait until it is ready.  Raises EmulatorError."""
        began = time.monotonic()
        self._launch()
        ready = self._ready_line(began + READY_TIMEOUT)
        self.ready_seconds = time.monotonic() - began
        self.starts += 1
        self.port = ready["amqp"]["port"]
        self.admin_port = int(ready["admin"]["url"].rstrip("/").rpartition(":")[2])
        self.amqps_port = _port(ready.get("amqps"))
        self.https_port = _port(ready.get("https"))
        self.ca = Path(ready["ca"]) if ready.get("ca") else None

    def start_and_kill(self, after: float) -> None:
        """Start, and SIGKILL ``after`` seconds later, ready or not."""
        self._launch()
        time.sleep(after)
        self.kill()

    def kill(self) -> None:
        """SIGKILL: the process has no chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def stop(self, timeout: float = 10.0) -> int:
        """SIGTERM, and SIGKILL where that does not do; the exit code."""
        assert self._process is not None
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._reap()

    def _reap(self) -> int:
        assert self._process is not None
        code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
        return code

    def _launch(self) -> None:
        assert not self.running, "it is running"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment
            )

    def _arguments(self) -> list[str]:
        register = [] if self.register is None else ["--register", str(self.register)]
        ports = ["--amqp-port", str(self.port), "--admin-port", str(self.admin_port)]
        given = [*command(), "serve", "--data", str(self.data), *register, *ports, "--json", *self.arguments]
        tls = {"--amqps-port": self.amqps_port, "--https-port": self.https_port}
        return given + [part for option, port in tls.items() if port for part in (option, str(port))]

    def _ready_line(self, deadline: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    break
                chunk = os.read(self._process.stdout.fileno(), 65536)
                if not chunk:
                    break
                line += chunk
        if not line.endswith(b"\n"):
            self.kill()
            raise EmulatorError(f"serve is not ready after {READY_TIMEOUT:.0f} s, or ended:\n{self.log[-4000:]}")
        ready: dict[str, Any] = json.loads(line.splitlines()[0])
        return ready


def _port(listener: dict[str, Any] | None) -> int:
    return int(listener["port"]) if listener else 0


@contextmanager
def running(data: Path, *arguments: str, register: Path | None = None) -> Iterator[Emulator]:
    """An emulator on free ports over ``data``, stopped at the end.  ``arguments`` go to `serve` as they are."""
    emulator = Emulator(data, register, arguments)
    emulator.start()
    try:
        yield emulator
    finally:
        if emulator.running:
            emulator.stop()


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """One with the built-in register, for this test alone."""
    with running(tmp_path / "data") as started:
        yield started


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One with the built-in register, for all tests that take it: each leaves the dueslag as it found them."""
    with running(tmp_path_factory.mktemp("emulator") / "data") as started:
        yield started
