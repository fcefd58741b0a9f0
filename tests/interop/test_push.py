"""Push against a receiver built from KOMBIT's XSD: everything once or flagged, in order, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from consumers.client import Afhent, Afsend
from tests.interop import samples
from tests.interop.push_world import ATTEMPTS, RECEIVER, World, world_in
from tests.support.emulator import Emulator, running
from tests.support.receipts import Act
from tests.support.receiver import LIMIT, receiving


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests of the module: each has lanes of its own."""
    with world_in(tmp_path_factory.mktemp("push")) as world:
        yield world


async def test_stream_arrives(world: World) -> None:
    """A hundred messages: valid by KOMBIT's XSD, in order, one at a time, over one connection that is kept."""
    lane = world.lane()
    sent = await world.send_new(lane, 100)
    receipts = await world.receiver.takes(lane.path, sent)
    assert len(receipts.arrivals) == 100
    assert {one.forsoeg for one in receipts.arrivals} == {1}
    assert len({one.connection for one in receipts.arrivals}) == 1
    assert {one.abonnement for one in receipts.arrivals} != {""}


async def test_streams_side_by_side(world: World) -> None:
    """Five dueslag at once, each in its own order."""
    lanes = [world.lane() for _ in range(5)]
    sent = await asyncio.gather(*(world.send_new(lane, 20) for lane in lanes))
    for lane, ids in zip(lanes, sent, strict=True):
        await world.receiver.takes(lane.path, ids)


@pytest.mark.parametrize("name", samples.NAMES)
async def test_public_messages_arrive_unchanged(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """KOMBIT's samples, sent as they are: Beskeddata comes byte for byte within a valid ModtagBeskedInput."""
    sent = samples.sample(name)
    with receiving() as receiver, running(tmp_path_factory.mktemp("samples") / "data") as emulator:
        await set_callback(emulator, sent.dueslag, receiver.url("/ind"))
        async with Afsend(emulator.endpoint(samples.SENDER)) as afsend:
            assert (await afsend.send(sent.xml)).ok
        receipts = await receiver.takes("/ind", [sent.besked_id])
    assert samples.beskeddata(receipts.arrivals[0].body) == samples.beskeddata(sent.xml)


async def set_callback(emulator: Emulator, dueslag: str, url: str) -> None:
    """In the built-in register."""
    found = await emulator.admin.call("GET", f"/register/dueslag/{dueslag}")
    words = {"navn": found["navn"], "anvendersystem": found["anvendersystem"], "callback": url}
    await emulator.admin.call("PUT", f"/register/dueslag/{dueslag}", words)


MISBEHAVIOUR: dict[str, list[Act]] = {
    **{f"StatusKode {kode}": [Act(kode, "ikke nu")] for kode in (40, 41, 51, 53, 55)},
    "StatusKode 20 with HTTP 500": [Act(http_status=500)],
    "HTTP 503": [Act(http_status=503)] * 5,
    "garbage": [Act(how="garbage")],
    "hang": [Act(how="hang")],
    "reset": [Act(how="reset")],
    "dropped": [Act(how="drop")] * 5,
    "slow, and in time": [Act(delay=0.3)],
    "too slow": [Act(delay=3)],
    "one after the other": [Act(40), Act(how="reset"), Act(http_status=500), Act(how="drop"), Act(how="garbage")],
}
"""Where more than ATTEMPTS come, no more than ATTEMPTS - 1 of them are answers."""


@pytest.mark.parametrize("name", MISBEHAVIOUR)
async def test_misbehaviour_costs_an_attempt_and_no_message(world: World, name: str) -> None:
    """The message comes again with a higher AntalLeveranceforsoeg, those behind it wait; then all goes on."""
    lane, acts = world.lane(), MISBEHAVIOUR[name]
    ids = world.ids(6)
    world.receiver.script_besked(ids[2], *acts)
    await world.send(lane, ids)
    receipts = await world.receiver.takes(lane.path, ids)
    tries = 1 if acts[0].takes and acts[0].delay < 1 else len(acts) + 1
    assert receipts.attempts(ids[2]) == list(range(1, tries + 1))
    assert receipts.flagged == tries - 1
    assert await world.depth(lane) | {"consumers": 0} == {"ready": 0, "out": 0, "held": 0, "dead": 0, "consumers": 0}


async def test_exhausted_goes_to_the_fejlkoe_and_back(world: World) -> None:
    """Refused too often: to the fejlkø with the receiver's own words; those behind go on; revived, it is taken."""
    lane = world.lane()
    ids = world.ids(4)
    world.receiver.script_besked(ids[1], *[Act(40, "ukendt sag 27")] * ATTEMPTS)
    await world.send(lane, ids)
    receipts = await world.receiver.until(lane.path, lambda found: found.taken == {ids[0], *ids[2:]})
    assert receipts.attempts(ids[1]) == list(range(1, ATTEMPTS + 1))
    assert receipts.runs == ids
    (dead,) = (await asyncio.to_thread(world.json, "dueslag", "fejlkoe", "list", lane.navn))["beskeder"]
    assert dead["besked"]["besked_id"] == ids[1]
    assert "40" in dead["reason"]
    assert "ukendt sag 27" in dead["reason"]
    await asyncio.to_thread(world.run, "dueslag", "fejlkoe", "revive", lane.navn, "--all")
    receipts = await world.receiver.until(lane.path, lambda found: found.taken == set(ids))
    assert receipts.unflagged == []
    assert (await world.depth(lane))["dead"] == 0


async def test_larger_than_the_receiver_takes(world: World) -> None:
    """A message over the receiver's 1 MiB is refused by it, ends in the fejlkø, and holds nobody up for good."""
    lane = world.lane()
    ids = world.ids(3)
    async with Afsend(world.sender) as afsend:
        for besked_id in ids:
            payload = f"<x>{'x' * LIMIT}</x>" if besked_id == ids[1] else "<x/>"
            assert (await afsend.send(lane.kuvert(besked_id, payload))).ok
    receipts = await world.receiver.until(lane.path, lambda found: found.taken == {ids[0], ids[2]})
    assert len([one for one in receipts.arrivals if one.problem]) == ATTEMPTS
    assert (await world.depth(lane))["dead"] == 1


async def test_receiver_that_is_down_holds_only_its_own(world: World) -> None:
    """Nothing is lost or given up while it is away, other dueslag do not notice, and back it gets all in order."""
    down, lives = world.lane(), world.lane()
    with receiving() as other:
        await world.set_callback(down, other.url(down.path))
        before = await world.send_new(down, 3)
        await other.takes(down.path, before)
        other.down()
        while_down = world.ids(20)
        meanwhile = world.ids(20)
        for held, passed in zip(while_down, meanwhile, strict=True):
            await world.send(down, [held])
            await world.send(lives, [passed])
        await world.receiver.takes(lives.path, meanwhile)
        await asyncio.sleep(1)  # several times the longest delay
        depth = await world.depth(down)
        assert depth["ready"] + depth["out"] == 20
        assert depth["dead"] == 0
        other.up()
        receipts = await other.takes(down.path, before + while_down)
    assert receipts.attempts(while_down[0])[0] > 1, "it was tried meanwhile, and says so"
    assert {one.forsoeg for one in receipts.arrivals if one.besked_id in while_down[1:]} == {1}


async def test_callback_changed_while_messages_wait(world: World) -> None:
    """The next attempt goes to the new address; what the old one took does not come again."""
    lane = world.lane()
    ids = world.ids(6)
    world.receiver.script_besked(ids[2], *[Act(http_status=503)] * 1000)
    await world.send(lane, ids)
    await world.receiver.until(lane.path, lambda found: ids[2] in found.order)
    with receiving() as other:
        await world.set_callback(lane, other.url("/ny"))
        receipts = await other.until("/ny", lambda found: found.taken == set(ids[2:]))
    assert receipts.order == ids[2:]
    assert receipts.attempts(ids[2])[0] > 1
    old = world.receiver.receipts(lane.path)
    assert (old.order, old.taken) == (ids[:3], set(ids[:2]))


async def test_callback_changed_while_the_old_one_hangs(world: World) -> None:
    """An attempt under way is broken off: the change counts at once, not when the timeout is over."""
    lane = world.lane()
    ids = world.ids(2)
    world.receiver.script_besked(ids[0], Act(how="hang"))
    await world.send(lane, ids)
    await world.receiver.until(lane.path, lambda found: found.order == ids[:1])
    with receiving() as other:
        await world.set_callback(lane, other.url("/ny"))
        receipts = await other.until("/ny", lambda found: found.taken == set(ids))
    assert receipts.order == ids
    assert receipts.attempts(ids[0]) == [2]


async def test_callback_taken_away(world: World) -> None:
    """What waits is then fetched over AMQP; given back, the rest is pushed."""
    lane = world.lane()
    ids = world.ids(4)
    world.receiver.script(lane.path, *[Act(http_status=503)] * 1000)
    await world.send(lane, ids)
    await world.receiver.until(lane.path, lambda found: bool(found.arrivals))
    await world.set_callback(lane, None)
    assert await world.fetch_all(lane) == ids
    with receiving() as other:
        more = await world.send_new(lane, 2)
        await world.set_callback(lane, other.url("/igen"))
        await other.takes("/igen", more)


async def test_push_and_amqp_consumer_share_a_dueslag(world: World) -> None:
    """Each message goes to exactly one of them."""
    lane = world.lane()
    ids = world.ids(200)
    fetched: list[str] = []

    async def fetch(afhent: Afhent) -> None:
        async for modtaget in afhent:
            fetched.append(modtaget.kuvert.besked_id)
            await modtaget.ack()

    async with (
        Afhent(world.emulator.endpoint(RECEIVER), lane.dueslag, prefetch=5) as afhent,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(fetch(afhent))
        await world.send(lane, ids)
        receipts = await world.receiver.until(lane.path, lambda found: len(found.taken) + len(fetched) >= len(ids))
        afhent.stop()
    assert sorted([*fetched, *receipts.order]) == ids
    assert receipts.order == sorted(receipts.order)
    assert len(receipts.arrivals) == len(receipts.taken)
    assert receipts.taken
    assert fetched


async def test_orderly_restart_while_a_message_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A message that is being retried when the emulator stops goes on with the next number, before those behind it."""
    with world_in(tmp_path_factory.mktemp("restart")) as world:
        lane = world.lane()
        ids = world.ids(4)
        world.receiver.script_besked(ids[1], *[Act(http_status=503)] * 1000)
        await world.send(lane, ids)
        await world.receiver.until(lane.path, lambda found: len(found.attempts(ids[1])) >= 2)
        await asyncio.to_thread(world.emulator.stop)
        world.receiver.script_clear(ids[1])
        await asyncio.to_thread(world.emulator.start)
        await world.receiver.takes(lane.path, ids)
