"""kill -9 of the whole emulator, at random moments under load, over and over: nothing answered 20 is ever lost.

kill -9 takes the process, not the machine: what the kernel has, it keeps.  That the file is synced before the answer
is another test's to show.
"""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from consumers.client import Afhent, Afsend, build_kuvert
from tests.crash.ledger import Arrivals, Ledger
from tests.support.emulator import Emulator

KILLS = int(os.environ.get("BESKEDFORDELER_KILLS", "4"))
SENDERS = 10
BESKEDTYPE = "00000000-cafe-4000-8000-000000000001"
FETCHED, KEPT = "00000000-cafe-4000-8000-0000000000d1", "00000000-cafe-4000-8000-0000000000d2"
REGISTER = f"""
myndigheder: [{{cvr: 99000901, navn: Crashby Kommune (syntetisk)}}]
anvendersystemer:
  - {{navn: Afsender, cvr: 99000901}}
  - {{navn: Modtager, cvr: 99000901}}
beskedtyper: [{{id: {BESKEDTYPE}, navn: Crash (syntetisk)}}]
serviceaftaler:
  - {{anvendersystem: Afsender, service: afsend}}
  - {{anvendersystem: Modtager, service: modtag}}
dueslag:
  - {{id: {FETCHED}, navn: Hentes, anvendersystem: Modtager}}
  - {{id: {KEPT}, navn: Gemmes, anvendersystem: Modtager}}
abonnementer:
  - {{navn: Alt til hentes, dueslag: Hentes}}
  - {{navn: Alt til gemmes, dueslag: Gemmes}}
"""


async def send_until(stopped: asyncio.Event, afsend: Afsend, ledger: Ledger, pause: Callable[[], float]) -> None:
    """One sender: a message, its answer (sent again until there is one), a breath, the next message."""
    while not stopped.is_set():
        besked_id = str(uuid.uuid4())
        xml = build_kuvert(
            f"<x xmlns='urn:syntetisk'>{'æ' * 700}</x>",
            beskedtype=BESKEDTYPE,
            aktoer=BESKEDTYPE,
            myndighed="99000901",
            besked_id=besked_id,
        )
        ledger.attempted.add(besked_id)
        retur = await afsend.send(xml)
        if retur.ok:
            ledger.acknowledged.add(besked_id)
        else:
            ledger.refused[besked_id] = f"{retur.status_kode} {retur.fejlbesked_tekst}"
        await asyncio.sleep(pause())


async def fetch(afhent: Afhent, arrivals: Arrivals) -> None:
    """A receiver that acks each message when it has entered it."""
    async for modtaget in afhent:
        arrivals.take(modtaget.kuvert.besked_id, modtaget.redelivered)
        await modtaget.ack()


async def kill_and_restart(emulator: Emulator, ledger: Ledger, dice: random.Random) -> None:
    """SIGKILL, now and then again while it starts, and a start that gets ready."""
    await asyncio.to_thread(emulator.kill)
    ledger.kills += 1
    while ledger.kills < KILLS and dice.random() < 0.2:
        await asyncio.to_thread(emulator.start_and_kill, dice.uniform(0.05, 0.9))
        ledger.kills += 1
        ledger.kills_in_start += 1
    await asyncio.to_thread(emulator.start)


async def drained(emulator: Emulator, dueslag: str, longest: float) -> None:
    """Wait until a dueslag holds nothing more."""
    async with asyncio.timeout(longest):
        while True:
            depth = (await emulator.admin.depths())[dueslag]
            if not depth["ready"] and not depth["out"]:
                return
            await asyncio.sleep(0.1)


async def test_nothing_is_lost_over_many_kills(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """What was answered 20 is delivered in spite of kill -9 at any moment; twice only if flagged redelivered.

    Two dueslag get every message: one is fetched from all the while, the other first at the end.  4 kills;
    BESKEDFORDELER_KILLS asks for more.
    """
    seed = int(os.environ.get("BESKEDFORDELER_SEED", random.randrange(10**6)))
    dice = random.Random(seed)
    register = tmp_path / "register.yaml"
    register.write_text(REGISTER)
    emulator = Emulator(tmp_path / "data", register)
    await asyncio.to_thread(emulator.start)
    ledger, fetched, kept, stopped = Ledger(), Arrivals(), Arrivals(), asyncio.Event()
    try:
        async with asyncio.timeout(60 + 6 * KILLS):
            sender, receiver = emulator.endpoint("Afsender"), emulator.endpoint("Modtager")
            async with (
                Afsend(sender, attempts=10_000) as afsend,
                Afhent(receiver, FETCHED, attempts=10_000) as afhent,
                asyncio.TaskGroup() as receiving,
            ):
                receiving.create_task(fetch(afhent, fetched))
                async with asyncio.TaskGroup() as sending:
                    for _ in range(SENDERS):
                        sending.create_task(send_until(stopped, afsend, ledger, lambda: dice.uniform(0.0, 0.02)))
                    while ledger.kills < KILLS:
                        await asyncio.sleep(dice.uniform(0.05, 1.2))
                        await kill_and_restart(emulator, ledger, dice)
                    stopped.set()
                ledger.resent = afsend.resent
                await drained(emulator, FETCHED, 30)
                afhent.stop()
            async with Afhent(receiver, KEPT, prefetch=500) as afhent, asyncio.TaskGroup() as receiving:
                receiving.create_task(fetch(afhent, kept))
                await drained(emulator, KEPT, 60)
                afhent.stop()
        depths = await emulator.admin.depths()
    finally:
        emulator.kill()
    lines = [f"seed {seed}", ledger.line("fetched all the while", fetched), ledger.line("fetched at the end", kept)]
    print("\n".join(lines))
    record_property("ledger", lines)
    assert ledger.kills >= KILLS
    assert not ledger.refused, lines
    assert ledger.attempted == ledger.acknowledged, lines
    for arrivals in (fetched, kept):
        assert not ledger.lost(arrivals), lines
        assert not ledger.unexpected(arrivals), lines
        assert not arrivals.duplicated_unflagged, lines
    assert kept.recovered == 0, "what was never handed out came twice"
    assert all(not depth[state] for depth in depths.values() for state in ("ready", "out", "held", "dead")), depths


@pytest.mark.parametrize("kill", ["SIGKILL", "SIGTERM"])
async def test_unacked_message_is_flagged_after_a_restart(tmp_path: Path, kill: str) -> None:
    """A message that a receiver had in hand when the emulator went comes again flagged, however it went."""
    register = tmp_path / "register.yaml"
    register.write_text(REGISTER)
    emulator = Emulator(tmp_path / "data", register)
    await asyncio.to_thread(emulator.start)
    try:
        async with Afsend(emulator.endpoint("Afsender")) as afsend:
            for _ in range(2):
                xml = build_kuvert("<x/>", beskedtype=BESKEDTYPE, aktoer=BESKEDTYPE, myndighed="99000901")
                assert (await afsend.send(xml)).ok
        async with Afhent(emulator.endpoint("Modtager"), FETCHED, prefetch=1) as afhent:
            in_hand = await afhent.get()
            assert in_hand is not None
            await asyncio.to_thread(emulator.kill if kill == "SIGKILL" else emulator.stop)
        await asyncio.to_thread(emulator.start)
        async with Afhent(emulator.endpoint("Modtager"), FETCHED) as afhent:
            first, second = await afhent.get(), await afhent.get()
            assert first is not None
            assert second is not None
            assert first.kuvert.besked_id == in_hand.kuvert.besked_id
            assert first.redelivered
            if kill == "SIGTERM":
                assert not second.redelivered, "an orderly stop knows what was in hand"
            assert await afhent.get() is None
    finally:
        emulator.kill()
