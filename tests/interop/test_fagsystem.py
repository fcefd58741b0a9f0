"""Parties over a real emulator: whole courses within seconds, each party with its own database."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from consumers.fagsystem import Kind, Myndighed, Outcome, Profile, PushEndpoint, Sagsgang, Tilbud
from consumers.standards.letters import Match
from consumers.standards.standard import Standard
from tests.interop.fagsystem_world import BIRKELY, HAVBLIK, NORDBY, World, citizen, emulating

ROUND = [Standard.ANMODNING, Standard.STATUSNOTAT, Standard.OPFOELGNING]
COURSE = [Standard.BESTILLING, Standard.SVAR_BESTILLING, *ROUND, *ROUND]
QUICK_PUSH = ("--push-first-delay", "0.05", "--push-longest-delay", "0.2")


def exact(*parties: Myndighed | Tilbud) -> None:
    """R4: each letter that a party knows has one entry in its journal, and no other letter has."""
    for party in parties:
        ids = sorted(entry.besked_id for entry in party.journal())
        assert ids == sorted(letter.besked_id for letter in party.letters())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.mark.parametrize("pushed", [False, True], ids=["fetched", "pushed"])
async def test_whole_course(tmp_path: Path, pushed: bool) -> None:
    """Match, order, two follow-ups and the end, by the sagsgang alone, with a tilbud that fetches or is pushed to."""
    port = free_port() if pushed else 0
    callbacks = {BIRKELY.dueslag: f"http://127.0.0.1:{port}/breve"} if pushed else None
    with emulating(tmp_path / "data", *QUICK_PUSH, callbacks=callbacks) as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed(sagsgang=Sagsgang(opfoelgninger=2))
        endpoint = PushEndpoint(emulator.endpoint(BIRKELY.navn), port, path="/breve") if pushed else None
        birkely, havblik = world.tilbud(BIRKELY, endpoint=endpoint), world.tilbud(HAVBLIK, "refusing")
        async with world.running():
            forloeb = nordby.match(citizen(), [BIRKELY, HAVBLIK])
            await world.until(lambda: nordby.alle_forloeb()[forloeb] == "AFSLUTTET")
            assert birkely.alle_forloeb()[forloeb] == "AFSLUTTET"
            standards = [letter.standard for letter in nordby.letters(forloeb)]
            assert standards == [Standard.MATCH, Standard.SVAR_MATCH, Standard.SVAR_MATCH, *COURSE]
            exact(nordby, birkely, havblik)


@pytest.mark.parametrize("pushed", [False, True], ids=["fetched", "pushed"])
async def test_flaky(tmp_path: Path, pushed: bool) -> None:
    """A tilbud that drops connections, requeues and fails in the middle ends right, and its journal is exact."""
    port = free_port() if pushed else 0
    callbacks = {BIRKELY.dueslag: f"http://127.0.0.1:{port}/"} if pushed else None
    with emulating(tmp_path / "data", *QUICK_PUSH, callbacks=callbacks) as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed()
        endpoint = PushEndpoint(emulator.endpoint(BIRKELY.navn), port) if pushed else None
        birkely = world.tilbud(BIRKELY, Profile("flaky", flaky=0.8), endpoint=endpoint, pladser=9)
        async with world.running():
            forloeb = [nordby.match(citizen(number), [BIRKELY]) for number in range(3)]
            await world.until(lambda: set(nordby.alle_forloeb().values()) == {"AFSLUTTET"})
            assert [birkely.alle_forloeb()[one] for one in forloeb] == ["AFSLUTTET"] * 3
            exact(nordby, birkely)
    again = [event for event in world.events if event.kind is Kind.AGAIN]
    assert again, "a connection cut after the commit brings letters again"


async def test_restart_in_the_middle(tmp_path: Path) -> None:
    """A tilbud that is ended and started in the middle of its courses goes on with them: nothing is lost or doubled."""
    with emulating(tmp_path / "data") as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed()
        world.tilbud(BIRKELY, "slow", pladser=9)
        async with world.running():
            forloeb = [nordby.match(citizen(number), [BIRKELY]) for number in range(3)]
            await world.quiet()
        world.parties.clear()
        nordby, birkely = world.myndighed(), world.tilbud(BIRKELY, "slow")
        async with world.running():
            await world.until(lambda: set(nordby.alle_forloeb().values()) == {"AFSLUTTET"})
            assert set(nordby.alle_forloeb()) == set(forloeb)
            exact(nordby, birkely)


async def test_emulator_away(tmp_path: Path) -> None:
    """R5 where it counts: what is decided while the Beskedfordeler is away is written when it is back."""
    with emulating(tmp_path / "data") as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed(sagsgang=Sagsgang(automatisk=False))
        world.tilbud(BIRKELY)
        somebody = citizen()
        emulator.kill()
        async with world.running():
            forloeb = nordby.match(somebody, [BIRKELY])
            await world.told(lambda event: event.kind is Kind.TROUBLE and event.part == NORDBY.navn)
            nordby.change_citizen(somebody.cpr, oensker=("Tæt på sin søster (syntetisk)",))
            emulator.start()
            await world.quiet()
            letter = nordby.letters(forloeb)[0]
            assert isinstance(letter, Match)
            assert letter.borgers_maal_og_oensker == ("Tæt på sin søster (syntetisk)",)
            assert [one.standard for one in nordby.letters()] == [Standard.MATCH, Standard.SVAR_MATCH]


async def test_refused_by_the_beskedfordeler(tmp_path: Path) -> None:
    """A letter that the Beskedfordeler refuses is in the journal with its reason, and is not sent again."""
    with emulating(tmp_path / "data", without=Standard.MATCH) as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed()
        async with world.running():
            forloeb = nordby.match(citizen(), [BIRKELY])
            await world.quiet()
            (entry,) = nordby.journal(forloeb)
            assert (entry.udfald, entry.text[:2]) == (Outcome.AFVIST, "40")
            assert nordby.alle_forloeb()[forloeb] == "AFGJORT"


async def test_ends_in_the_middle_of_sending(tmp_path: Path) -> None:
    """A party that is stopped while the Beskedfordeler is gone, with letters under way, ends at once and in order."""
    with emulating(tmp_path / "data") as emulator:
        world = World(emulator, tmp_path)
        nordby = world.myndighed()
        async with world.running():
            await world.quiet()
            nordby.match(citizen(1), [BIRKELY])
            await world.told(lambda event: event.kind is Kind.ANSWERED)
            os.kill(emulator.pid, signal.SIGSTOP)  # answers nothing, and does not hang up either
            nordby.match(citizen(2), [BIRKELY])
            await world.told(lambda event: event.kind is Kind.SENT and event.forloeb in list(nordby.alle_forloeb())[1:])
        os.kill(emulator.pid, signal.SIGCONT)
    store = world.store(NORDBY)
    assert store.all("SELECT state FROM outbox ORDER BY number") == [("answered",), ("fixed",)]
    store.close()
