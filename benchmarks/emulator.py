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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.cluster.ports import HOST
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
    data: Path
    """Its data directory."""
    amqps_port: int = 0
    https_port: int = 0
    """The STS; 0 = no such listener."""
    ca: str = ""
    """File of the CAs that its server certificate is checked against."""

    def login(self, user: str, password: str = "bench") -> Address:
        """The address for a client that logs in as an anvendersystem."""
        return Address(self.amqp_port, "BF", user, password)

    def login_by_token(self, token: str, *, tls: bool = False) -> Address:
        """The address for a client that logs in with a token."""
        if tls:
            return Address(self.amqps_port, "BF", token=token, ca=self.ca)
        return Address(self.amqp_port, "BF", token=token)

    def get(self, path: str) -> Any:
        """A GET to the admin API, its JSON answer.  Raises EmulatorError for anything but 200."""
        status, body = _get(self.admin_port, path)
        if status != 200:
            raise EmulatorError(f"GET {path}: HTTP {status}")
        return json.loads(body)


@contextmanager
def running(
    data: Path,
    *,
    register: Path | None = None,
    options: Sequence[str] = (),
    ready_timeout: float = 120.0,
    tree: Path = _ROOT,
) -> Iterator[Emulator]:
    """Start an emulator on ``data``, yield it when it is ready, stop it.

    ``register`` None = the built-in one; ``tree``: the checkout whose code it runs.  Raises EmulatorError where it does
    not get ready in ``ready_timeout`` seconds.
    """
    data.mkdir(parents=True, exist_ok=True)
    arguments = ["--data", str(data / "data"), "--amqp-port", "0", "--admin-port", "0", "--json", *options]
    if register is not None:
        arguments += ["--register-file", str(register)]
    with (data / "serve.out").open("wb") as out, (data / "serve.err").open("wb") as err:
        begun = time.monotonic()
        process = subprocess.Popen(
            [*_COMMAND, "serve", *arguments],
            cwd=tree,
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
    where: Emulator | None = None
    while time.monotonic() < deadline and process.poll() is None:
        where = where or _where((data / "serve.out").read_text(), process.pid, data / "data")
        if where is not None and _is_ready(where.admin_port):
            return replace(where, ready_s=time.monotonic() - begun)
        time.sleep(_POLL)
    said = (data / "serve.out").read_text() + (data / "serve.err").read_text()
    raise EmulatorError(f"the emulator did not get ready (exit code {process.poll()}):\n{said[-2000:]}")


def _where(output: str, pid: int, data: Path) -> Emulator | None:
    """What the line of JSON says that `serve --json` prints, once it is whole."""
    if "\n" not in output:
        return None
    values = json.loads(output.splitlines()[0])
    amqps, https = values.get("amqps"), values.get("https")
    return Emulator(
        pid,
        values["amqp"]["port"],
        values["admin"]["port"],
        0.0,
        data,
        amqps["port"] if amqps else 0,
        https["port"] if https else 0,
        values.get("ca") or "",
    )


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
