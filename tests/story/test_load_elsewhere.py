"""The load generator and an emulator whose AMQP is reached by another address than it says: behind a balancer."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from adapters.cli.main import run as main
from tests.support.emulator import Emulator, shared_emulator
from tests.support.proxy import proxied

__all__ = ["shared_emulator"]

_WORKLOAD = """
name: by another address
phases:
  - {phase: hold, seconds: 0.5, rate: 100}
  - {phase: drain, seconds: 60}
types: [{name: a, size: 2000}]
senders: [{name: s, count: 2}]
receivers: [{name: r}]
"""


async def test_amqp_by_a_balancer(tmp_path: Path, shared_emulator: Emulator) -> None:
    """--admin makes the dueslag, --amqp says where AMQP is: every connection goes there, and the ledger adds up."""
    file, out = tmp_path / "workload.yaml", tmp_path / "out.json"
    file.write_text(_WORKLOAD)
    command = (sys.executable, "-c", "from adapters.cli.main import main; main()", "load", str(file))
    async with proxied("127.0.0.1", shared_emulator.port) as proxy:
        where = ("--admin", shared_emulator.admin_url, "--amqp", f"127.0.0.1:{proxy.port}", "--json", str(out))
        load = await asyncio.create_subprocess_exec(*command, *where, stdout=asyncio.subprocess.DEVNULL)
        assert await load.wait() == 0
        assert proxy.connections == 3
    ledger = json.loads(out.read_text())["results"][0]["ledger"]
    assert ledger["balanced"]
    assert ledger["accepted"] == 50


@pytest.mark.parametrize(
    "arguments",
    [
        ["--admin", "http://127.0.0.1:1", "--amqp", "nowhere"],
        ["--vs", "admin=http://127.0.0.1:1,nowhere"],
    ],
)
def test_another_address_that_is_none(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Said before anything is started."""
    assert main(["load", "smoke", *arguments]) == 2
    assert "expected HOST:PORT" in capsys.readouterr().err
