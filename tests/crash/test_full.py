"""A store with no room left: senders are told and wait, fetching goes on, and kill -9 in the middle loses nothing."""

from __future__ import annotations

import asyncio
import re
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest

from consumers.client import Afsend, build_kuvert
from consumers.retur import read_retur
from tests.crash.test_kill import BESKEDTYPE, FETCHED, KEPT, REGISTER
from tests.story.test_cli import run
from tests.support.emulator import Emulator

REPLY_TO = "amq.rabbitmq.reply-to"
ROOM = 4_000_000
BESKED_ID = re.compile(rb"BeskedId>\s*<[^>]*>([^<]+)<")


def message(besked_id: str, size: int = 20_000) -> bytes:
    return build_kuvert(
        f"<x xmlns='urn:syntetisk'>{'y' * size}</x>",
        beskedtype=BESKEDTYPE,
        aktoer=BESKEDTYPE,
        myndighed="99000901",
        besked_id=besked_id,
    )


def connect(emulator: Emulator, user: str) -> pika.BlockingConnection:
    credentials = pika.PlainCredentials(user, "lokal")
    return pika.BlockingConnection(
        pika.ConnectionParameters(emulator.host, emulator.port, "BF", credentials, heartbeat=30)
    )


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for what must come true."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"not within 20 s: {what}"
        time.sleep(0.02)


class Publisher(threading.Thread):
    """A vendor's sender on pika: five messages under way at most, each answered by direct reply-to."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(daemon=True)
        self.sent: list[str] = []
        self.answered: set[str] = set()
        self.refused: list[str] = []
        self.blocked: list[str] = []
        self.unblocked = 0
        self.stopping = False
        self._connection = connect(emulator, "Afsender")
        self._connection.add_on_connection_blocked_callback(lambda _, frame: self.blocked.append(frame.method.reason))
        self._connection.add_on_connection_unblocked_callback(self._on_unblocked)
        self._channel = self._connection.channel()
        self._channel.basic_consume(REPLY_TO, self._on_answer, auto_ack=True)

    def _on_unblocked(self, *_: Any) -> None:
        self.unblocked += 1

    def _on_answer(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        retur = read_retur(body)
        if retur.ok:
            self.answered.add(properties.correlation_id)
        else:
            self.refused.append(retur.fejlbesked_tekst)

    def run(self) -> None:
        try:
            while not self.stopping:
                if len(self.sent) - len(self.answered) < 5:
                    self._publish(str(uuid.uuid4()))
                self._connection.process_data_events(0.005)
            self._connection.close()
        except pika.exceptions.AMQPError:
            pass  # the emulator was killed

    def _publish(self, besked_id: str) -> None:
        self.sent.append(besked_id)
        properties = pika.BasicProperties(message_id=besked_id, correlation_id=besked_id, reply_to=REPLY_TO)
        self._channel.basic_publish("AFSEND_BESKED_EXCHANGE", "", message(besked_id), properties, mandatory=True)


def fetch(emulator: Emulator, dueslag: str, most: int, *, ack: bool = True) -> list[tuple[str, bool]]:
    """Poll as the public client does: BeskedId and the redelivered flag of up to ``most`` messages."""
    connection = connect(emulator, "Modtager")
    got: list[tuple[str, bool]] = []
    channel = connection.channel()
    while len(got) < most:
        method, _properties, body = channel.basic_get(dueslag)
        if method is None or body is None:
            break
        found = BESKED_ID.search(body)
        assert found is not None
        got.append((found[1].decode(), bool(method.redelivered)))
        if ack:
            channel.basic_ack(method.delivery_tag)
    connection.close()
    return got


@pytest.fixture
def emulator(tmp_path: Path) -> Any:
    """One whose store may grow to a few MB."""
    register = tmp_path / "register.yaml"
    register.write_text(REGISTER)
    emulator = Emulator(tmp_path / "data", register, ("--max-store", str(ROOM)))
    emulator.start()
    yield emulator
    emulator.kill()


def test_senders_wait_and_fetching_goes_on_until_there_is_room_and_a_kill_loses_nothing(emulator: Emulator) -> None:
    """connection.blocked with a reason, then silence; get and ack work meanwhile; what they free is filled again, after
    connection.unblocked.  Then kill -9 in the blocked state: everything answered 20 is there, nothing twice unflagged.
    """
    sender = Publisher(emulator)
    sender.start()
    until(lambda: sender.blocked, "connection.blocked")
    assert "full" in sender.blocked[0]
    answered = len(sender.answered)
    assert answered > 5

    status = emulator.admin.request("GET", "/status")
    assert not status["ready"]
    first = fetch(emulator, FETCHED, 10, ack=False)
    assert len(first) == 10
    assert len(sender.answered) == answered, "a sender was answered while there was no room"

    gone = [besked_id for besked_id, _ in fetch(emulator, FETCHED, 10_000)]
    assert gone[:10] == [besked_id for besked_id, _ in first]
    kept = [besked_id for besked_id, _ in fetch(emulator, KEPT, answered // 2)]
    until(lambda: sender.unblocked, "connection.unblocked")
    until(lambda: len(sender.answered) > answered, "answers after room was made")

    until(lambda: len(sender.blocked) > sender.unblocked, "blocked again")
    fetch(emulator, KEPT, 5, ack=False)
    emulator.kill()
    sender.stopping = True
    sender.join(10)
    emulator.start()

    assert not sender.refused
    for dueslag, before in ((FETCHED, gone), (KEPT, kept)):
        after = fetch(emulator, dueslag, 10_000)
        names = {besked_id for besked_id, _ in after}
        assert not sender.answered - names - set(before), "answered 20, and lost"
        assert names <= set(sender.sent)
        assert not {name for name, redelivered in after if not redelivered} & set(before), "again and unflagged"
        assert len(names) == len(after)
    assert fetch(emulator, KEPT, 1) == []


async def test_an_unchanged_client_sends_through_a_full_store(emulator: Emulator, tmp_path: Path) -> None:
    """aio-pika's sender, which knows nothing of connection.blocked, gets its 20 when somebody has made room."""
    sender = Publisher(emulator)
    sender.start()
    await asyncio.to_thread(until, lambda: sender.blocked, "connection.blocked")
    async with Afsend(emulator.endpoint("Afsender"), timeout=30) as afsend:
        waiting = asyncio.create_task(afsend.send(message(str(uuid.uuid4()))))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        (file := tmp_path / "besked.xml").write_bytes(message(str(uuid.uuid4())))
        where = ("--system", "Afsender", "--timeout", "0.2", "--data", str(emulator.data))
        done = await asyncio.to_thread(run, "send", str(file), *where)
        assert done.returncode == 3
        assert b"the store is blocked" in done.stderr, "the operator is told why there is no answer"
        sender.stopping = True
        for dueslag in (FETCHED, KEPT):
            await emulator.admin.call("POST", f"/dueslag/{dueslag}/purge")
        assert (await waiting).ok
    await asyncio.to_thread(sender.join, 10)
