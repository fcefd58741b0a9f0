"""Size and start: ready after how long, how much memory and CPU when nothing happens, and with a long backlog."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import emulator, register
from benchmarks.payload import Payload
from benchmarks.process import allow_many_files, cpu_seconds, peak_mb, resident_mb
from benchmarks.rawclient import Address, Connection
from benchmarks.receiver import Received, ReceivePlan
from benchmarks.rounds import EXCHANGE
from benchmarks.sender import Sent, plan_for
from benchmarks.wire import Client, Flow

_DUESLAG = 10_000
_CONNECTIONS = 1_000
_IDLE = 5.0
_SETTLE = 2.0
_BACKLOG_RUN = 4


def ready(folder: Path) -> dict[str, float | None]:
    """Seconds from the command to the first 200 of health/ready: built-in register, empty data folder."""
    with _home(folder) as home, emulator.running(home) as running:
        return {"ready_s": running.ready_s, "idle_mb": resident_mb(running.pid)}


def idle(folder: Path, payload: Payload) -> dict[str, float | None]:
    """Memory and CPU of an emulator with 10,000 dueslag and as many abonnementer that nobody uses.

    The register is taken over from the file first; what is measured is the start after that, as in daily use.
    """
    with _home(folder) as home:
        file = register.write(home / "register.yaml", payload, dueslag=_DUESLAG, abonnementer=_DUESLAG)
        with emulator.running(home, register=file) as running:
            first_s, first_mb = running.ready_s, resident_mb(running.pid)
        with emulator.running(home) as running:
            time.sleep(_SETTLE)
            return {
                "idle_mb_10k_dueslag": resident_mb(running.pid),
                "ready_10k_first_s": first_s,
                "ready_10k_s": running.ready_s,
                "first_mb_10k_dueslag": first_mb,
                **_idle_cpu(running),
                "idle_mb_1k_connections": _connections_mb(running),
            }


def _idle_cpu(running: emulator.Emulator) -> dict[str, float | None]:
    before = cpu_seconds(running.pid)
    time.sleep(_IDLE)
    after = cpu_seconds(running.pid)
    return {"idle_cpu_s_in_5_s": None if before is None or after is None else after - before}


def _connections_mb(running: emulator.Emulator) -> float:
    """How much memory 1,000 open connections with a channel each take."""
    allow_many_files()
    before = resident_mb(running.pid)
    address = running.login(register.RECEIVER)
    connections: list[Connection] = []
    try:
        connections.extend(Connection(address) for _ in range(_CONNECTIONS))
        time.sleep(_SETTLE)
        return resident_mb(running.pid) - before
    finally:
        for connection in connections:
            connection.socket.close()


def backlog(folder: Path, payload: Payload, messages: int) -> dict[str, float | None]:
    """Queue so many messages that nobody fetches, then fetch them all; the most memory taken meanwhile."""
    with _home(folder) as home:
        file = register.write(home / "register.yaml", payload, dueslag=1, abonnementer=1)
        with emulator.running(home, register=file) as running:
            before = resident_mb(running.pid)
            sent = _queue(running.login(register.SENDER), payload, messages)
            queued = resident_mb(running.pid)
            got, cpu = _fetch(running.login(register.RECEIVER), sent)
            Flow(sent, got, 0.0, cpu).require_sound()
            return {
                "backlog_messages": sent.sent,
                "backlog_mb_before": before,
                "backlog_mb_queued": queued,
                "backlog_peak_mb": peak_mb(running.pid),
                "backlog_queued_per_s": sent.sent / ((sent.confirmed_ns - sent.first_ns) / 1e9),
                "backlog_fetched_per_s": got.received / ((got.last_ns - got.first_ns) / 1e9),
            }


def _queue(address: Address, payload: Payload, messages: int) -> Sent:
    plan = plan_for(address, EXCHANGE, "", payload, _BACKLOG_RUN, count=messages, seconds=messages / 1000 + 60)
    values = Client("send", plan).result(plan.seconds + 60)
    del values["cpu_s"]
    return Sent(**values)


def _fetch(address: Address, sent: Sent) -> tuple[Received, float]:
    plan = ReceivePlan(address, register.TARGET, _BACKLOG_RUN, sent.sent / 1000 + 60)
    receiver = Client("receive", plan)
    try:
        receiver.wait_ready()
        values = receiver.result(plan.limit_s + 60, sent.sent)
    finally:
        receiver.kill()
    cpu = values.pop("cpu_s")
    return Received(**values), cpu


@contextmanager
def _home(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-emulator-", dir=folder) as home:
        yield Path(home)
