"""The smaller parts: counts, kills, words, and what a failed party says."""

from __future__ import annotations

import asyncio
import http.server
import threading
from random import Random

import pytest

from consumers.admin import Admin
from consumers.scenario.cast import profile_of
from consumers.scenario.control import Elsewhere, EmulatorDown
from consumers.scenario.expectations import Sent
from consumers.scenario.killer import Killer
from consumers.scenario.model import Behaviour, GangSpec
from consumers.scenario.steps import Step
from consumers.scenario.trace import trace_of
from consumers.scenario.words import step_text


class Mortal:
    """An emulator that counts its deaths; a restart takes a moment."""

    own = True
    host, port = "127.0.0.1", 1
    admin = Admin("http://127.0.0.1:1")

    def __init__(self, comes_back: bool = True) -> None:
        self.deaths = self.births = 0
        self._comes_back = comes_back

    def kill(self) -> None:
        assert self.births == self.deaths, "it is down already"
        self.deaths += 1

    async def restart(self) -> None:
        await asyncio.sleep(0.01)
        if not self._comes_back:
            raise EmulatorDown("it stays down")
        self.births += 1


STEPS = [
    Step.model_validate({"note": "nothing is sent"}),
    Step.model_validate({"match": {"citizen": "anna", "to": "birkely"}}),
    Step.model_validate({"days": 3}),
]


@pytest.mark.parametrize("events", [0, 1, 5, 100])
@pytest.mark.parametrize("seed", range(5))
async def test_as_many_kills_as_were_asked_for_whatever_happens(events: int, seed: int) -> None:
    """Kills come between events; those for which too little happens come when their step ends."""
    emulator = Mortal()
    killer = Killer(emulator, STEPS, 5, Random(seed))
    for number in range(len(STEPS)):
        killer.begin(number)
        for _ in range(events):
            killer.event()
        await killer.back()
        await killer.end()
    assert killer.done == emulator.deaths == emulator.births == 5


async def test_kills_of_one_seed_are_at_the_same_moments() -> None:
    """The same seed kills after the same event; nobody is killed in a step that sends nothing."""

    async def moments(seed: int) -> list[tuple[int, int]]:
        emulator = Mortal()
        killer = Killer(emulator, STEPS, 2, Random(seed))
        found: list[tuple[int, int]] = []
        for number in range(len(STEPS)):
            killer.begin(number)
            for event in range(20):
                before = emulator.deaths
                killer.event()
                await killer.back()
                if emulator.deaths > before:
                    found.append((number, event))
        return found

    assert await moments(1) == await moments(1)
    several = [await moments(seed) for seed in range(8)]
    assert len(set(map(tuple, several))) > 1
    assert {number for found in several for number, _ in found} == {1, 2}


async def test_an_emulator_that_does_not_come_back_is_told() -> None:
    """The run ends with the reason; the tidying up after it does not hide it."""
    killer = Killer(Mortal(comes_back=False), STEPS, 0, Random(1))
    killer.kill()
    with pytest.raises(EmulatorDown, match="stays down"):
        await killer.back()
    await killer.close()


async def test_an_emulator_of_others_is_left_alone() -> None:
    """Neither killed nor restarted."""
    other = Elsewhere("127.0.0.1", 1, Admin("http://127.0.0.1:1"))
    with pytest.raises(EmulatorDown, match="not killed"):
        other.kill()
    with pytest.raises(EmulatorDown, match="not restarted"):
        await other.restart()


@pytest.mark.parametrize(
    ("given", "holds", "fails", "wanted"),
    [
        ({}, [1, 9], [0], "at least 1"),
        ({"count": 2}, [2], [0, 1, 3], "2"),
        ({"count": 0}, [0], [1], "0"),
        ({"at_least": 2}, [2, 3], [1], "at least 2"),
        ({"at_most": 2}, [0, 2], [3], "at most 2"),
        ({"at_least": 1, "at_most": 2}, [1, 2], [0, 3], "at least 1 and at most 2"),
    ],
)
def test_how_many_are_wanted(given: dict[str, int], holds: list[int], fails: list[int], wanted: str) -> None:
    """A count is exact, limits are limits, and nothing said means at least one."""
    expectation = Sent.model_validate({"by": "nordby", **given})
    assert all(expectation.holds(number) for number in holds)
    assert not any(expectation.holds(number) for number in fails)
    assert expectation.wanted == wanted


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ({"days": 3}, "3 days pass"),
        ({"match": {"citizen": "anna", "to": ["a", "b"]}}, "match anna, to a, b"),
        ({"opfoelg": {"citizen": "anna", "afslut": "true"}}, "opfoelg anna, afslut true"),
        ({"anmod": "anna"}, "anmod anna"),
        ({"emulator": "kill"}, "emulator kill"),
        (
            {"together": [{"anmod": "anna"}, {"anmod": "bent"}, {"emulator": "kill"}]},
            "together: 2 × anmod, 1 × emulator",
        ),
        ({"note": "hello"}, "note hello"),
    ],
)
def test_a_step_in_words(step: dict[str, object], text: str) -> None:
    """What stands in reports is what stands in the file, in a line."""
    assert step_text(Step.model_validate(step)) == text


def test_a_profile_is_the_one_named_with_what_is_different() -> None:
    """`slow` with other days is slow in all else; a sagsgang keeps what is left out."""
    slow = profile_of(Behaviour(navn="slow", answer_days=(1, 2), accepts=0.5))
    assert (slow.navn, slow.answer_days, slow.accepts, slow.full) == ("slow", (1, 2), 0.5, False)
    gang = GangSpec(opfoelgninger=7).sagsgang
    assert (gang.opfoelgninger, gang.svarfrist_dage) == (7, 14)


class _Half(http.server.BaseHTTPRequestHandler):
    """Dies in the middle of its answers."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b"[")

    def log_message(self, format: str, *args: object) -> None: ...


async def test_an_answer_that_breaks_off_is_a_lost_connection() -> None:
    """An emulator killed while it answers is a connection lost like any other; a trace says so, and goes on."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Half) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        admin = Admin(f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(ConnectionError, match="no whole answer"):
            await admin.depths()
        assert [line[:30] for line in await trace_of(admin, ["a", "a", "b"])] == [
            "a: no trace to be had: no whol",
            "b: no trace to be had: no whol",
        ]
        server.shutdown()
        thread.join()
