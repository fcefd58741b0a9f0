"""kill -9 of a party's process, and of the emulator, in the middle of courses: no letter lost, none handled twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from consumers.fagsystem import JournalEntry, Outcome, Retning, Store, journal
from consumers.fagsystem.records import letters
from consumers.part import Part
from consumers.standards.standard import Standard
from tests.crash.party_process import PACE
from tests.interop.fagsystem_world import BIRKELY, NORDBY, START, emulating
from tests.support.emulator import Emulator

KILLS = int(os.environ.get("BESKEDFORDELER_KILLS", "3"))
COURSES = 6
PATIENCE = 120.0
"""Seconds in which all courses end, on a loaded machine too."""


@dataclass
class Process:
    """A party, its database and the process that runs it now."""

    part: Part
    emulator: Emulator
    folder: Path
    began: float = field(default_factory=time.monotonic)
    process: subprocess.Popen[bytes] | None = None

    @property
    def db(self) -> Path:
        return self.folder / f"{self.part.aktoer}.db"

    @property
    def done(self) -> Path:
        return self.db.with_suffix(".done")

    def start(self) -> None:
        now = START + timedelta(days=(time.monotonic() - self.began) / PACE)
        given = {
            "myndighed": self.part is NORDBY,
            "port": self.emulator.port,
            "db": str(self.db),
            "done": str(self.done),
            "now": now.isoformat(),
            "courses": COURSES,
        }
        command = [sys.executable, "-m", "tests.crash.party_process", json.dumps(given)]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parents[2])

    def kill(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, "a party ends by being killed only"
        self.process.kill()
        self.process.wait()
        self.done.unlink(missing_ok=True)

    def books(self) -> tuple[list[JournalEntry], Counter[Standard], set[str]]:
        """Its journal, how many letters of each standard it knows, and what is left in its outbox."""
        store = Store(self.db, self.part.aktoer)
        known = Counter(letter.standard for letter in letters(store))
        left = {row[0] for row in store.all("SELECT state FROM outbox")}
        entries = journal.entries(store)
        store.close()
        return entries, known, left


async def test_kill(tmp_path: Path) -> None:
    """Municipality, tilbud and emulator are killed in turn at random moments; every course ends as without kills."""
    dice = random.Random(20260302)
    with emulating(tmp_path / "data") as emulator:
        parties = [Process(part, emulator, tmp_path) for part in (NORDBY, BIRKELY)]
        for party in parties:
            party.start()
        try:
            for number in range(KILLS):
                await asyncio.sleep(dice.uniform(0.3, 1.2))
                victims: list[Process | Emulator] = [*parties, emulator]
                victims[number % 3].kill()
                victims[number % 3].start()
            await ended(emulator, parties)
        finally:
            for party in parties:
                party.kill()
    check(*parties)


async def ended(emulator: Emulator, parties: list[Process]) -> None:
    """Wait until both say that all is closed, and nothing is on its way."""
    async with asyncio.timeout(PATIENCE):
        while True:
            depths = await emulator.admin.depths()
            if all(party.done.exists() for party in parties) and not any(
                depth["ready"] or depth["out"] for depth in depths.values()
            ):
                return
            await asyncio.sleep(0.05)


def check(nordby: Process, birkely: Process) -> None:
    """The ledger: what one side sent is what the other has in its journal, each once, and all was answered."""
    of_nordby, of_birkely = nordby.books(), birkely.books()
    assert of_nordby[1] == of_birkely[1] == expected()
    for (ours, _known, left), (theirs, _, _) in ((of_nordby, of_birkely), (of_birkely, of_nordby)):
        sent = Counter(entry.besked_id for entry in ours if entry.retning is Retning.UD)
        received = Counter(entry.besked_id for entry in theirs if entry.retning is Retning.IND)
        assert sent == received
        assert set(sent.values()) == {1}
        assert {entry.udfald for entry in ours} == {Outcome.SENDT, Outcome.MODTAGET}
        assert left == {"answered"}


def expected() -> Counter[Standard]:
    """Of every course one match, one order, two rounds of follow-up."""
    once = (Standard.MATCH, Standard.SVAR_MATCH, Standard.BESTILLING, Standard.SVAR_BESTILLING)
    twice = (Standard.ANMODNING, Standard.STATUSNOTAT, Standard.OPFOELGNING)
    return Counter(dict.fromkeys(once, COURSES) | dict.fromkeys(twice, 2 * COURSES))
