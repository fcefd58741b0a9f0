"""Parties over a real emulator: whole courses within seconds, each party with its own database."""

from __future__ import annotations

from pathlib import Path

from consumers.fagsystem import Sagsgang
from tests.interop.fagsystem_world import BIRKELY, HAVBLIK, World, citizen, emulating


async def test_whole_course(tmp_path: Path) -> None:
    """Match, order, two follow-ups and the end, by the sagsgang alone; both sides end in the same state."""
    with emulating(tmp_path / "data") as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed(sagsgang=Sagsgang(opfoelgninger=2))
        birkely = world.tilbud(BIRKELY)
        world.tilbud(HAVBLIK, "refusing")
        async with world.running():
            forloeb = nordby.match(citizen(), [BIRKELY, HAVBLIK])
            await world.until(lambda: nordby.alle_forloeb()[forloeb] == "AFSLUTTET")
            await world.quiet()
            assert birkely.alle_forloeb()[forloeb] == "AFSLUTTET"
            standards = [letter.standard.value for letter in nordby.letters(forloeb)]
        assert standards == ["match", "svar-match", "svar-match", "bestilling", "svar-bestilling"] + 2 * [
            "anmodning",
            "statusnotat",
            "opfoelgning",
        ]
