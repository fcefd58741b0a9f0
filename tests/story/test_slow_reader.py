"""Consumers that ask for everything and read nothing: they cost their own deliveries, not the emulator's memory."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pika
import pytest

from consumers.client import Afhent, Afsend, build_kuvert
from tests.crash.test_kill import BESKEDTYPE, FETCHED, KEPT, REGISTER
from tests.support.emulator import Emulator, running

MIB = 1024 * 1024
COUNT, SIZE, READERS = 200, 250_000, 8


def resident(emulator: Emulator) -> int:
    """Bytes of memory that the emulator's process occupies."""
    status = Path(f"/proc/{emulator.pid}/status")
    if not status.exists():
        pytest.skip("there is no /proc here to read memory from")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


async def send_all(emulator: Emulator) -> None:
    async with Afsend(emulator.endpoint("Afsender")) as afsend:
        for _ in range(COUNT):
            xml = build_kuvert(
                f"<x>{'y' * SIZE}</x>",
                beskedtype=BESKEDTYPE,
                aktoer=BESKEDTYPE,
                myndighed="99000901",
                besked_id=str(uuid.uuid4()),
            )
            assert (await afsend.send(xml)).ok


def stuck(emulator: Emulator) -> pika.BlockingConnection:
    """A consumer without prefetch limit whose program never looks at its socket again."""
    connection = pika.BlockingConnection(
        pika.ConnectionParameters(
            emulator.host, emulator.port, "BF", pika.PlainCredentials("Modtager", "lokal"), heartbeat=0
        )
    )
    connection.channel().basic_consume(FETCHED, lambda *_: None)
    return connection


async def test_readers_that_do_not_read(tmp_path: Path) -> None:
    """50 MB wait for eight consumers that have stopped reading; memory stays bounded, and who reads is served."""
    register = tmp_path / "register.yaml"
    register.write_text(REGISTER)
    with running(tmp_path / "data", "--memory-limit", str(8 * MIB), register=register) as emulator:
        await send_all(emulator)
        before = resident(emulator)
        readers = [await asyncio.to_thread(stuck, emulator) for _ in range(READERS)]
        try:
            async with Afhent(emulator.endpoint("Modtager"), KEPT) as afhent:
                for _ in range(COUNT):
                    modtaget = await afhent.get()
                    assert modtaget is not None
                    await modtaget.ack()
            grown = resident(emulator) - before
            assert grown < 8 * MIB + READERS * 2 * MIB, f"{grown / MIB:.0f} MB more"
            depth = (await emulator.admin.depths())[FETCHED]
            assert depth["consumers"] == READERS
            assert 0 < depth["out"] < COUNT, "some went into sockets, most wait on disk"
            assert depth["ready"] + depth["out"] == COUNT
        finally:
            for reader in readers:
                await asyncio.to_thread(reader.close)
        async with Afhent(emulator.endpoint("Modtager"), FETCHED) as afhent:
            for _ in range(COUNT):
                modtaget = await afhent.get()
                assert modtaget is not None, "every one of them is there for who reads"
                await modtaget.ack()
