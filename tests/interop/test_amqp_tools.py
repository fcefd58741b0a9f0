"""The C tools of Debian's amqp-tools (librabbitmq): amqp-publish, amqp-get and amqp-consume."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.interop import samples
from tests.support.emulator import Emulator

NOTHING_THERE = 2
"""Exit code of amqp-get for an empty queue."""


@pytest.fixture(autouse=True)
def _installed() -> None:
    if shutil.which("amqp-publish") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("amqp-tools are not installed: apt-get install amqp-tools")
        pytest.skip("apt-get install amqp-tools")


def tool(
    emulator: Emulator, name: str, user: str, *arguments: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run one of the tools as ``user``."""
    url = f"--url=amqp://{quote(user)}:lokal@{emulator.host}:{emulator.port}/BF"
    return subprocess.run([name, url, *arguments], input=stdin, capture_output=True, timeout=20, check=False)


def publish(emulator: Emulator, sent: samples.Sample) -> None:
    """Until it is accepted: amqp-publish asks for no confirm, and ends before the message is on disk."""
    done = tool(
        emulator, "amqp-publish", samples.SENDER, "-e", "AFSEND_BESKED_EXCHANGE", "-r", "", "-p",
        "-C", "application/xml", stdin=sent.xml,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    deadline = time.monotonic() + 20
    while not emulator.admin.request("GET", f"/spor?besked_id={sent.besked_id}&what=accepted"):
        assert time.monotonic() < deadline, "not accepted"
        time.sleep(0.02)


@pytest.mark.parametrize("name", samples.NAMES)
def test_published_and_got(shared_emulator: Emulator, name: str) -> None:
    """amqp-publish with an empty routing key, then amqp-get: the message, then nothing."""
    sent = samples.sample(name)
    publish(shared_emulator, sent)
    got = tool(shared_emulator, "amqp-get", sent.receiver, "-q", sent.dueslag)
    assert got.returncode == 0, got.stderr
    samples.check_delivered(sent, got.stdout)
    assert tool(shared_emulator, "amqp-get", sent.receiver, "-q", sent.dueslag).returncode == NOTHING_THERE


def test_consumed_by_a_command_per_message(shared_emulator: Emulator, tmp_path: Path) -> None:
    """amqp-consume hands each message to a command and acks it when that succeeds."""
    batch = [samples.extern_test_besked() for _ in range(3)]
    for sent in batch:
        publish(shared_emulator, sent)
    script = tmp_path / "take"
    script.write_text(f'#!/bin/sh\ncat > "{tmp_path}/$(ls "{tmp_path}" | wc -l).xml"\n')
    script.chmod(0o755)
    done = tool(
        shared_emulator, "amqp-consume", samples.TEST_RECEIVER, "-q", samples.TEST_DUESLAG, "-c", "3", "-p", "1",
        "--", str(script),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for number, sent in enumerate(batch, 1):
        samples.check_delivered(sent, (tmp_path / f"{number}.xml").read_bytes())
    assert tool(shared_emulator, "amqp-get", samples.TEST_RECEIVER, "-q", samples.TEST_DUESLAG).returncode == 2


def test_errors_are_told(shared_emulator: Emulator) -> None:
    """The tools print the reply text of the close: 404, 403 and a refused login."""
    unknown = tool(shared_emulator, "amqp-get", samples.TEST_RECEIVER, "-q", "findes-ikke")
    assert unknown.returncode == 1
    assert b"NOT_FOUND - no queue 'findes-ikke' in vhost 'BF'" in unknown.stderr
    foreign = tool(shared_emulator, "amqp-get", samples.TEST_RECEIVER, "-q", samples.PKO_DUESLAG)
    assert foreign.returncode == 1
    assert b"ACCESS_REFUSED" in foreign.stderr
    refused = tool(shared_emulator, "amqp-get", "Ukendt", "-q", samples.TEST_DUESLAG)
    assert refused.returncode == 1
    assert b"403" in refused.stderr or b"ACCESS_REFUSED" in refused.stderr
