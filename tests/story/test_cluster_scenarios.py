"""All scenarios of the message standards that name their parties, on three RabbitMQ nodes and two fronts.

Only with BESKEDFORDELER_LONG=1; two of them are in test_cluster.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from adapters.cluster import Topology
from consumers.scenario import library
from consumers.scenario.load import load_file
from consumers.scenario.run import How
from consumers.scenario.steps import each
from tests.support.cluster import running
from tests.support.cluster_scenarios import verdict_of

LONG = os.environ.get("BESKEDFORDELER_LONG") == "1"
SCENARIOS = {name: load_file(library.path_of(name)) for name in library.names()}
NAMES = [name for name, scenario in SCENARIOS.items() if scenario.generate is None]
KILLS = {name: sum(1 for step in each(SCENARIOS[name].steps) if step.emulator == "kill") for name in NAMES}
TIMEOUT = 300.0

pytestmark = pytest.mark.skipif(not LONG, reason="three nodes, and fronts that are killed: BESKEDFORDELER_LONG=1")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Topology]:
    with running(nodes=3, arguments=("--push-first-delay", "0.05", "--push-longest-delay", "0.5")) as up:
        yield up


@pytest.mark.parametrize("name", NAMES)
async def test_the_scenario_holds_on_a_cluster(cluster: Topology, name: str) -> None:
    """By the balancer, parties on both fronts: nothing lost, nothing twice, journals and states as the file says.

    Where the file has the emulator killed, it is one of the fronts.
    """
    verdict = await verdict_of(name, cluster, How(timeout=TIMEOUT))
    assert verdict.figures.letters > 0
    assert verdict.figures.kills == KILLS[name]


async def test_a_scenario_holds_although_both_fronts_are_killed(cluster: Topology) -> None:
    """One after the other, in the middle of the whole course: the letters come again, and the end is the same."""
    verdict = await verdict_of("whole-course", cluster, How(seed=3, kills=2, timeout=TIMEOUT))
    assert verdict.figures.kills == 2
