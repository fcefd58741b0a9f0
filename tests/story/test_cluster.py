"""Two fronts behind a balancer: a vendor's system notices nothing of there being two, nor of one of them dying.

A short version with one RabbitMQ node; with BESKEDFORDELER_LONG=1 three nodes, one of which is killed.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.cluster import Topology
from consumers.admin import Admin
from consumers.client import Afhent, Afsend, ClientError, Endpoint
from consumers.scenario.run import How
from tests.interop.push_world import QUICK, RECEIVER, SENDER, Lane, register
from tests.support.cluster import running
from tests.support.cluster_scenarios import verdict_of
from tests.support.receipts import Act
from tests.support.receiver import Receiver, receiving

LONG = os.environ.get("BESKEDFORDELER_LONG") == "1"
LANES = 6
PATIENCE = 90.0
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as up:
        yield up


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Topology]:
    file: Path = tmp_path_factory.mktemp("cluster") / "register.yaml"
    file.write_text(register(receiver, callbacks=False, lanes=LANES))
    with running(nodes=3 if LONG else 1, arguments=("--register", str(file), *QUICK)) as up:
        yield up


def ids(count: int) -> list[str]:
    """BeskedIds in order."""
    return [f"00000000-5cf0-4000-8000-{next(_numbers):012d}" for _ in range(count)]


def by_balancer(cluster: Topology, user: str) -> Endpoint:
    """All that a vendor is told."""
    return Endpoint(*cluster.amqp, user, "lokal")


def at_front(cluster: Topology, number: int, user: str) -> Endpoint:
    return Endpoint("127.0.0.1", cluster.fronts[number - 1].ports["amqp"], user, "lokal")


def admin(cluster: Topology, number: int) -> Admin:
    return Admin(cluster.fronts[number - 1].admin_url)


async def send(endpoint: Endpoint, lane: Lane, beskeder: list[str], halfway: asyncio.Event | None = None) -> None:
    """In order, each until it is answered 20; connecting again where that is needed."""
    left = [lane.kuvert(one) for one in reversed(beskeder)]  # sent again it is the same, byte for byte
    async with asyncio.timeout(PATIENCE):
        while left:
            try:
                async with Afsend(endpoint) as afsend:
                    while left:
                        retur = await asyncio.wait_for(afsend.send(left[-1]), 20)
                        assert retur.ok, retur
                        left.pop()
                        if halfway is not None and len(left) <= len(beskeder) // 2:
                            halfway.set()
            except (ClientError, OSError, TimeoutError):
                await asyncio.sleep(0.1)


async def fetch(endpoint: Endpoint, lane: Lane, count: int) -> list[tuple[str, bool]]:
    """So many different messages, as they come: BeskedId, and whether it is flagged redelivered."""
    found: list[tuple[str, bool]] = []
    async with asyncio.timeout(PATIENCE):
        while len(dict(found)) < count:
            try:
                async with Afhent(endpoint, lane.dueslag) as afhent:
                    async for modtaget in afhent:
                        found.append((modtaget.kuvert.besked_id, modtaget.redelivered))
                        await modtaget.ack()
                        if len(dict(found)) >= count:
                            return found
            except (ClientError, OSError):
                await asyncio.sleep(0.1)
    return found


async def state_of(cluster: Topology, number: int, abonnement: str) -> str:
    """As one front knows it."""
    found: dict[str, Any] = await admin(cluster, number).call("GET", f"/abonnementer/{quote(abonnement)}")
    return str(found["tilstand"])


async def all_up(cluster: Topology) -> None:
    """Fronts that a test before has killed."""
    for number, front in enumerate(cluster.fronts, 1):
        if not front.process.alive:
            await asyncio.to_thread(cluster.restart_front, number)


async def test_sent_by_the_balancer_it_is_fetched_from_either_front(cluster: Topology) -> None:
    """A vendor's client connects to one address; what it sends is there, in order, wherever it is fetched from."""
    lane, beskeder = Lane(1), ids(10)
    await send(by_balancer(cluster, SENDER), lane, beskeder)
    first = await fetch(at_front(cluster, 1, RECEIVER), lane, 1)
    assert [one for one, _ in first] == beskeder[:1]
    rest = await fetch(at_front(cluster, 2, RECEIVER), lane, 9)
    assert [one for one, _ in rest] == beskeder[1:]


async def test_an_abonnement_stopped_on_one_front_is_stopped_on_the_other(cluster: Topology) -> None:
    """Stopped by the admin API of one front, it delivers nothing that is sent to the other from then on."""
    lane = Lane(2)
    await admin(cluster, 1).set_state("Til 2", "stop")

    async with asyncio.timeout(PATIENCE):
        while await state_of(cluster, 2, "Til 2") == "aktiv":  # noqa: ASYNC110 - it is asked for over HTTP
            await asyncio.sleep(0.02)
    await send(at_front(cluster, 2, SENDER), lane, ids(1))
    depth = (await admin(cluster, 2).call("GET", f"/dueslag/{lane.dueslag}"))["depth"]
    assert depth["ready"] == 0


@pytest.mark.parametrize("name", ["match-five", "whole-course"])
async def test_a_scenario_of_the_message_standards_holds(cluster: Topology, name: str) -> None:
    """Its parties know one address, and are on both fronts: nothing lost, nothing twice, journals as the file says."""
    verdict = await verdict_of(name, cluster, How(timeout=PATIENCE))
    assert verdict.figures.letters > 0


async def test_a_front_is_killed_and_nothing_is_lost(cluster: Topology) -> None:
    """In the midst of sending: the client connects again, by the same address, and goes on; all it sent is there."""
    lane, beskeder, halfway = Lane(3), ids(60), asyncio.Event()
    sending = [
        asyncio.create_task(send(by_balancer(cluster, SENDER), lane, beskeder[start::4], halfway)) for start in range(4)
    ]
    await halfway.wait()
    await asyncio.to_thread(cluster.kill_front, 1)
    await asyncio.gather(*sending)
    found = await fetch(by_balancer(cluster, RECEIVER), lane, len(beskeder))
    assert set(dict(found)) == set(beskeder)
    again = [one for number, one in enumerate(found) if one[0] in dict(found[:number])]
    assert all(flagged for _, flagged in again)


async def test_pushing_is_taken_over_from_a_front_that_is_killed(cluster: Topology, receiver: Receiver) -> None:
    """The other goes on where it was, in order; what had not been answered comes with a higher number."""
    lane, beskeder = Lane(4), ids(24)
    receiver.conduct = lambda _: Act(delay=0.05)
    await asyncio.to_thread(cluster.kill_front, 1)
    words = {"navn": lane.navn, "anvendersystem": RECEIVER, "callback": receiver.url(lane.path)}
    await admin(cluster, 2).call("PUT", f"/register/dueslag/{lane.dueslag}", words)
    await send(at_front(cluster, 2, SENDER), lane, beskeder[:1])
    await receiver.takes(lane.path, beskeder[:1], PATIENCE)
    await asyncio.to_thread(cluster.restart_front, 1)
    await send(at_front(cluster, 1, SENDER), lane, beskeder[1:])
    await receiver.until(lane.path, lambda found: len(found.taken) >= 6, PATIENCE)
    await asyncio.to_thread(cluster.kill_front, 2)
    await receiver.takes(lane.path, beskeder, PATIENCE)


@pytest.mark.skipif(not LONG, reason="three nodes take long to start: BESKEDFORDELER_LONG=1")
async def test_the_leader_of_a_dueslag_is_killed_and_nothing_is_lost(cluster: Topology) -> None:
    """In the midst of sending and fetching; and once more when the node is back."""
    lane = Lane(5)
    await all_up(cluster)
    for _ in range(2):
        await send(by_balancer(cluster, SENDER), lane, warm := ids(1))
        await fetch(by_balancer(cluster, RECEIVER), lane, len(warm))
        leader = await asyncio.to_thread(cluster.leader_of, lane.dueslag)
        assert leader is not None
        beskeder, halfway = ids(200), asyncio.Event()
        sending = [
            asyncio.create_task(send(by_balancer(cluster, SENDER), lane, beskeder[start::4], halfway))
            for start in range(4)
        ]
        fetching = asyncio.create_task(fetch(by_balancer(cluster, RECEIVER), lane, len(beskeder)))
        await halfway.wait()
        await asyncio.to_thread(cluster.kill_rabbitmq, leader)
        await asyncio.gather(*sending)
        found = await fetching
        assert set(dict(found)) == set(beskeder)
        again = [one for number, one in enumerate(found) if one[0] in dict(found[:number])]
        assert all(flagged for _, flagged in again)
        await asyncio.to_thread(cluster.restart_rabbitmq, leader)
