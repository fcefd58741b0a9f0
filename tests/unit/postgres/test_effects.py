"""What a change of the register asks of the engine, on the front that made it and on the others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from broker.clock import SystemClock
from broker.core.model import Abonnement, Dueslag, Tilstand
from broker.engine import memory_engine
from broker.errors import NotAvailable
from broker.kuvert import claimed_besked_id, haendelsesbesked
from broker.ports import Login, Peer, Publication, Verdict
from tests.unit.postgres.fronts import ABONNEMENT, AFSENDER, DUESLAG, FAGSYSTEM, TYPE, Front, Fronts, front, until


async def send(to: Front) -> Verdict:
    """One message that every abonnement accepts, by way of one front; its answer."""
    besked = haendelsesbesked(beskedtype=TYPE.id)
    answered: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    login = Login(AFSENDER, Peer("127.0.0.1", 50000), "PLAIN")
    publication = Publication(besked, claimed_besked_id(besked), None)
    to.service.submit(login, publication, answered.set_result)
    return await answered


async def test_what_was_kept_back_flows_on_every_front_when_one_is_told(fronts: Fronts) -> None:
    """An abonnement on pause is resumed on one front; what the other one had kept back flows, too."""
    one, other = await fronts(2)
    await one.service.set_tilstand("Alt", Tilstand.PAUSE)
    await until(lambda: other.abonnement.tilstand is Tilstand.PAUSE)
    for each in (one, other):
        assert (await send(each)).status_kode == 20
        assert (each.engine.depth(DUESLAG.id).ready, each.engine.depth(DUESLAG.id).held) == (0, 1)
    await other.service.set_tilstand("Alt", Tilstand.AKTIV)
    await until(lambda: one.engine.depth(DUESLAG.id).ready == other.engine.depth(DUESLAG.id).ready == 1)


async def test_with_one_engine_each_message_kept_back_flows_once(postgres_url: str) -> None:
    """Fronts with the same dueslag behind them: a resumed abonnement hands out what was kept back once, in order."""
    engine = memory_engine(SystemClock())
    await engine.open()
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(front(postgres_url, engine)) for _ in range(2)]
        await one.service.set_tilstand("Alt", Tilstand.PAUSE)
        await until(lambda: other.abonnement.tilstand is Tilstand.PAUSE)
        for number in range(10):
            await send((one, other)[number % 2])
        await one.service.set_tilstand("Alt", Tilstand.AKTIV)
        await until(lambda: other.abonnement.tilstand is Tilstand.AKTIV)
        await other.service.registrar.settle()
        assert (engine.depth(DUESLAG.id).ready, engine.depth(DUESLAG.id).held) == (10, 0)
        taken = [await engine.get(DUESLAG.id) for _ in range(10)]
        assert [one.seq for one in taken if one is not None] == sorted(one.seq for one in taken if one is not None)
    await engine.close()


async def test_a_front_that_was_late_releases_what_it_kept_back_too_long(postgres_url: str) -> None:
    """A message that a front kept back because it had not heard of the resumption yet is not kept back for ever."""
    engine = memory_engine(SystemClock())
    await engine.open()
    async with AsyncExitStack() as stack:
        one, late = [await stack.enter_async_context(front(postgres_url, engine)) for _ in range(2)]
        await one.service.set_tilstand("Alt", Tilstand.PAUSE)
        await until(lambda: late.abonnement.tilstand is Tilstand.PAUSE)
        await late.following.close()
        await one.service.set_tilstand("Alt", Tilstand.AKTIV)
        await send(late)
        assert (engine.depth(DUESLAG.id).ready, engine.depth(DUESLAG.id).held) == (0, 1)
        late.following.start()
        await until(lambda: engine.depth(DUESLAG.id).ready == 1)
    await engine.close()


async def test_a_dueslag_that_is_removed_on_one_front_is_emptied_on_all(fronts: Fronts) -> None:
    """Its messages go with it, whichever front took them."""
    one, other = await fronts(2)
    await send(other)
    assert other.engine.depth(DUESLAG.id).ready == 1
    await one.service.delete([ABONNEMENT])
    await one.service.delete([DUESLAG])
    await until(lambda: other.engine.depth(DUESLAG.id).ready == 0)


async def test_a_dueslag_that_was_made_again_keeps_what_it_got_since(postgres_url: str) -> None:
    """A front that hears late that a dueslag was removed and made again does not empty the new one."""
    engine = memory_engine(SystemClock())
    await engine.open()
    dueslag = Dueslag("dddddddd-0000-4000-8000-000000000009", "Ny", FAGSYSTEM.id)
    abonnement = Abonnement("ffffffff-0000-4000-8000-000000000009", "Ny", dueslag.id)
    async with AsyncExitStack() as stack:
        one, late = [await stack.enter_async_context(front(postgres_url, engine)) for _ in range(2)]
        await one.service.put([dueslag, abonnement])
        await until(lambda: dueslag.id in late.content.dueslag)
        await late.following.close()
        await one.service.delete([dueslag, abonnement])
        await one.service.put([dueslag, abonnement])
        await send(one)
        assert engine.depth(dueslag.id).ready == 1
        late.following.start()
        await until(lambda: late.content.revision == one.content.revision)
        assert await late.service.registrar.settle() == {}
        assert engine.depth(dueslag.id).ready == 1
    await engine.close()


async def test_what_the_engine_could_not_do_stays_owed(fronts: Fronts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change holds, the caller hears that the messages do not flow yet, and the next occasion makes them flow."""
    (one,) = await fronts(1)
    await one.service.set_tilstand("Alt", Tilstand.PAUSE)
    await send(one)

    async def broken(dueslag: str, abonnement: str) -> int:
        raise NotAvailable("the engine is away")

    with monkeypatch.context() as patched:
        patched.setattr(one.engine, "release", broken)
        with pytest.raises(NotAvailable, match="the engine is away"):
            await one.service.set_tilstand("Alt", Tilstand.AKTIV)
        assert one.abonnement.tilstand is Tilstand.AKTIV
        await one.service.put([DUESLAG])  # another's change is not refused for that
    assert await one.service.registrar.settle() == {}
    assert one.engine.depth(DUESLAG.id).ready == 1


async def test_what_a_front_that_died_left_kept_back_flows_at_the_next_start(postgres_url: str) -> None:
    """The change held and the front died before its messages flowed: the next front to start sees to it."""
    engine = memory_engine(SystemClock())
    await engine.open()
    async with front(postgres_url, engine) as one:
        await one.service.set_tilstand("Alt", Tilstand.PAUSE)
        await send(one)
        await one.register.put([ABONNEMENT])  # as a front does that dies right after
    assert engine.depth(DUESLAG.id).held == 1
    async with front(postgres_url, engine):
        await until(lambda: engine.depth(DUESLAG.id).ready == 1)
    await engine.close()
