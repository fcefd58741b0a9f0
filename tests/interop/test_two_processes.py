"""Two client processes, one that sends and one that fetches, while the subscription between them changes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from tests.interop import samples
from tests.support.emulator import Emulator

ROOT = Path(__file__).parents[2]
ABONNEMENT = "/abonnementer/Testbeskeder"


class Client:
    """One client process and the lines that it writes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def ask(self) -> dict[str, Any]:
        """Write a line, and wait for the one that comes back."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self.line()

    def line(self, longest: float = 10.0) -> dict[str, Any]:
        return self._lines.get(timeout=longest)

    def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for a while."""
        try:
            self._lines.get(timeout=seconds)
        except Empty:
            return True
        return False


@contextmanager
def client(module: str, *arguments: str) -> Iterator[Client]:
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.interop.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Client(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def clients(emulator: Emulator) -> Iterator[tuple[Client, Client]]:
    """A sender (aio-pika) and a receiver of the test dueslag (pika), connected."""
    address = (emulator.host, str(emulator.port))
    samples.extern_test_besked()  # skips here where the reference data is missing
    with (
        client("process_sender", *address, samples.SENDER) as sender,
        client("process_receiver", *address, samples.TEST_RECEIVER, samples.TEST_DUESLAG) as receiver,
    ):
        assert receiver.line() == {"ready": True}
        yield sender, receiver


def send(sender: Client) -> str:
    answer = sender.ask()
    assert answer["kode"] == 20
    return str(answer["besked_id"])


def test_stopped_and_started_between_two_processes(emulator: Emulator, clients: tuple[Client, Client]) -> None:
    """Active: it comes. Stopped: the sender still gets 20, nothing comes. Started: new ones come, the missed do not."""
    sender, receiver = clients
    first = send(sender)
    assert receiver.line() == {"besked_id": first, "redelivered": False}
    emulator.admin.request("POST", ABONNEMENT + "/stop")
    missed = send(sender)
    assert receiver.silent()
    emulator.admin.request("POST", ABONNEMENT + "/start")
    second = send(sender)
    assert receiver.line() == {"besked_id": second, "redelivered": False}
    assert receiver.silent()
    records = emulator.admin.request("GET", f"/spor?besked_id={missed}")
    accepted = next(record for record in records if record["what"] == "accepted")
    assert "stoppet" in [reason for _abonnement, reason in accepted["detail"]["ikke"]]


def test_paused_and_resumed_between_two_processes(emulator: Emulator, clients: tuple[Client, Client]) -> None:
    """Paused: kept back, and counted as held; resumed: they flow, in the order in which they were accepted."""
    sender, receiver = clients
    emulator.admin.request("POST", ABONNEMENT + "/pause")
    held = [send(sender) for _ in range(3)]
    assert receiver.silent()
    depth = emulator.admin.request("GET", f"/dueslag/{samples.TEST_DUESLAG}")["depth"]
    assert depth["held"] == 3
    emulator.admin.request("POST", ABONNEMENT + "/resume")
    assert [receiver.line() for _ in held] == [{"besked_id": one, "redelivered": False} for one in held]
    last = send(sender)
    assert receiver.line()["besked_id"] == last


def test_filter_changed_between_two_processes(emulator: Emulator, clients: tuple[Client, Client]) -> None:
    """A filter changed at run time is in force for the next message, and one that cannot be read is refused whole."""
    from consumers.admin import AdminError

    sender, receiver = clients
    path = "Beskedkuvert.Filtreringsdata.ObjektRegistrering.OpgaveEmne.URNIdentifikator"
    with pytest.raises(AdminError) as refused:
        emulator.admin.request("PUT", ABONNEMENT + "/filter", {"filter": f"{path} LIKE"})
    assert refused.value.status == 422
    send_one = send(sender)
    assert receiver.line()["besked_id"] == send_one
    emulator.admin.request("PUT", ABONNEMENT + "/filter", {"filter": f"{path} LIKE 'urn:oio:kle:27.%'"})
    send(sender)
    assert receiver.silent()
    emulator.admin.request("PUT", ABONNEMENT + "/filter", {"filter": f"{path} LIKE 'urn:oio:kle:32.%'"})
    again = send(sender)
    assert receiver.line()["besked_id"] == again
