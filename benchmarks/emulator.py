"""An emulator of one's own: `beskedfordeler serve` on free ports with a data folder that goes away with it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ports import HOST
from benchmarks.rawclient import Address

_ROOT = Path(__file__).resolve().parents[1]
# What the installed command does, without depending on where it was installed.
_COMMAND = (sys.executable, "-c", "from adapters.cli.main import main; main()")
_POLL = 0.005


class EmulatorError(RuntimeError):
    """The emulator did not start; the text ends with what it said."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator.  ``ready_s`` = seconds from the command to the first 200 of health/ready."""

    pid: int
    amqp_port: int
    admin_port: int
    ready_s: float

    def login(self, user: str, password: str = "bench") -> Address:
        """The address for a client that logs in as an anvendersystem."""
        return Address(self.amqp_port, "BF", user, password)

    def get(self, path: str) -> Any:
        """A GET to the admin API, its JSON answer.  Raises EmulatorError for anything but 200."""
        status, body = _get(self.admin_port, path)
        if status != 200:
            raise EmulatorError(f"GET {path}: HTTP {status}")
        return json.loads(body)


@contextmanager
def running(
    data: Path, *, register: Path | None = None, options: Sequence[str] = (), ready_timeout: float = 120.0
) -> Iterator[Emulator]:
    """Start an emulator on ``data``, yield it when it is ready, stop it.

    ``register`` None = the built-in one.  Raises EmulatorError where it does not get ready in ``ready_timeout``
    seconds.
    """
    data.mkdir(parents=True, exist_ok=True)
    arguments = ["--data", str(data / "data"), "--amqp-port", "0", "--admin-port", "0", "--json", *options]
    if register is not None:
        arguments += ["--register-file", str(register)]
    with (data / "serve.out").open("wb") as out, (data / "serve.err").open("wb") as err:
        begun = time.monotonic()
        process = subprocess.Popen(
            [*_COMMAND, "serve", *arguments],
            cwd=_ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("BESKEDFORDELER_")},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    try:
        yield _wait_until_ready(process, data, begun, begun + ready_timeout)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, begun: float, deadline: float) -> Emulator:
    ports: tuple[int, int] | None = None
    while time.monotonic() < deadline and process.poll() is None:
        ports = ports or _ports((data / "serve.out").read_text())
        if ports is not None and _is_ready(ports[1]):
            return Emulator(process.pid, ports[0], ports[1], time.monotonic() - begun)
        time.sleep(_POLL)
    said = (data / "serve.out").read_text() + (data / "serve.err").read_text()
    raise EmulatorError(f"the emulator did not get ready (exit code {process.poll()}):\n{said[-2000:]}")


def _ports(output: str) -> tuple[int, int] | None:
    """The AMQP and the admin port off the line of JSON that `serve --json` prints, once it is whole."""
    if "\n" not in output:
        return None
    values = json.loads(output.splitlines()[0])
    return values["amqp"]["port"], values["admin"]["port"]


def _is_ready(port: int) -> bool:
    try:
        return _get(port, "/health/ready")[0] == 200
    except OSError:
        return False


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=10.0)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
