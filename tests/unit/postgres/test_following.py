"""Fronts that were away: they catch up, by the log of changes or by loading anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
import structlog

from broker.core.model import Abonnement, Dueslag, Tilstand
from broker.errors import NotAvailable
from broker.ports import RegisterContent
from broker.register.postgres import PostgresRegister, log
from broker.sharing import Change, Deleted, Put, Values
from tests.support.postgres import Cluster
from tests.unit.postgres.fronts import ABONNEMENT, DUESLAG, FAGSYSTEM, KOMMUNE, LISTE, Front, Fronts, content, until
from tests.unit.register.contents import AFTALE, OTHER, REGISTRERING


async def change_all_sorts(front: Front) -> None:
    """Puts, deletions, values, names that change hands."""
    service = front.service
    other = replace(FAGSYSTEM, id="aaaaaaaa-0000-4000-8000-000000000009", navn="Andet")
    await service.put([other, Dueslag("dddddddd-0000-4000-8000-000000000009", "Ny", other.id)])
    await service.put([replace(other, navn=FAGSYSTEM.navn), replace(FAGSYSTEM, navn=other.navn)])
    await service.change_list("Borgere", add=map(str, range(12_000)))
    await service.change_list("Borgere", remove=map(str, range(100)))
    for number in range(20):
        await service.put([Abonnement(f"ffffffff-0000-4000-8000-{number:012}", f"nr {number}", DUESLAG.id)])
    await service.delete([ABONNEMENT])


async def patiently(change: Callable[[], Awaitable[object]]) -> None:
    """As a client does that is told to try again."""
    for _ in range(1_000):
        with suppress(NotAvailable):
            await change()
            return
        await asyncio.sleep(0.01)
    raise AssertionError("refused a thousand times")


def same(one: Front, other: Front) -> bool:
    return one.content.revision == other.content.revision and one.content == other.content


@pytest.mark.parametrize("kept", [10_000, 3])
async def test_a_front_that_was_away_catches_up(fronts: Fronts, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """By the log where it reaches back far enough, and by loading anew where it does not."""
    monkeypatch.setattr(log, "KEPT_CHANGES", kept)
    monkeypatch.setattr(log, "_PRUNE_EVERY", 1)
    one, away = await fronts(2)
    await away.following.close()
    await change_all_sorts(one)
    away.following.start()
    await until(lambda: same(one, away))
    for front in (one, away):
        systems = [front.service.catalogue.system(navn) for navn in ("Fagsystem", "Andet")]
        assert [system and system.id[-1] for system in systems] == ["9", "2"]
        assert ABONNEMENT.id not in front.service.catalogue.matcher


async def test_a_front_that_was_away_takes_in_what_others_did_before_it_changes_anything(fronts: Fronts) -> None:
    """Its own next change does not wait for an announcement."""
    one, away = await fronts(2)
    await away.following.close()
    await change_all_sorts(one)
    await away.service.put([ABONNEMENT])
    assert away.content == await away.register.load()


async def test_the_log_of_changes_is_bounded_by_what_it_holds(
    fronts: Fronts, postgres_cluster: Cluster, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes of long værdilister do not fill the database."""
    monkeypatch.setattr(log, "KEPT_CHARACTERS", 200_000)
    monkeypatch.setattr(log, "_PRUNE_EVERY", 1)
    (one,) = await fronts(1)
    for number in range(5):
        await one.service.change_list("Borgere", anew=[f"{number}-{value}" for value in range(8_000)])
    database = postgres_url.rpartition("/")[2]
    held = int(postgres_cluster.sql("SELECT sum(length(data)) FROM beskedfordeler.aendring", database))
    assert 0 < held < 600_000


async def test_a_register_that_was_replaced_under_a_front_is_taken_over(fronts: Fronts, postgres_url: str) -> None:
    """Everything anew, by whomever: what is no more there goes, what is new comes."""
    one, other = await fronts(2)
    stranger = PostgresRegister(postgres_url)
    await stranger.open()
    await stranger.replace(RegisterContent(myndigheder={KOMMUNE.cvr: KOMMUNE}))
    await stranger.close()
    await until(lambda: same(one, other) and not one.content.dueslag)
    assert one.content == await one.register.load()


async def test_a_lost_connection_is_made_anew_and_nothing_is_missed(
    fronts: Fronts, postgres_cluster: Cluster, postgres_url: str
) -> None:
    """An administrator ends all connections while changes go on: a line in the log, and the fronts catch up."""
    database = postgres_url.rpartition("/")[2]
    cut = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' "
    cut += "AND pid <> pg_backend_pid()"
    one, other = await fronts(2)
    with structlog.testing.capture_logs() as logs:
        for number in range(5):
            postgres_cluster.sql(cut, database)
            await patiently(partial(one.service.add_values, "Borgere", [str(number)]))
        await until(lambda: same(one, other))
        await until(lambda: sum(line["event"] == "register found again" for line in logs) >= 2)
        await patiently(lambda: one.service.set_tilstand("Alt", Tilstand.STOPPET))
        await until(lambda: other.abonnement.tilstand is Tilstand.STOPPET)
    assert other.content.vaerdier[LISTE.id] == set("01234")


async def test_watchers_hear_of_items_and_not_of_values(fronts: Fronts) -> None:
    """What depends on the register is told on every front; a value of a list is no reason."""
    one, other = await fronts(2)
    heard: list[int] = []
    other.service.watch(lambda: heard.append(other.content.revision))
    await one.service.add_values("Borgere", ["a"])
    await one.service.put([replace(DUESLAG, callback="http://127.0.0.1:9/besked")])
    await until(lambda: other.content.revision == one.content.revision)
    assert heard == [one.content.revision]


async def test_what_was_told_in_several_parts_is_taken_in_at_once(
    fronts: Fronts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items that refer to each other come and go together, however many there are of them."""
    monkeypatch.setattr(log, "_ITEMS", 2)
    one, other = await fronts(2)
    liste = replace(LISTE, id="eeeeeeee-0000-4000-8000-000000000009", navn="Ny liste")
    dueslag = Dueslag("dddddddd-0000-4000-8000-000000000009", "Nyt", FAGSYSTEM.id)
    text = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator IN VAERDILISTE 'Ny liste'"
    ids = [f"ffffffff-0000-4000-8000-{number:012}" for number in range(7)]
    abonnementer = [Abonnement(key, "x", dueslag.id, text) for key in ids]
    await one.service.put([*abonnementer, dueslag, liste])
    await until(lambda: same(one, other))
    await one.service.delete([liste, dueslag, *abonnementer])
    await until(lambda: same(one, other))
    assert dueslag.id not in other.content.dueslag


async def test_steps_and_blocks_of_fronts_exclude_each_other(postgres_url: str) -> None:
    """While one front changes the register no other does; while one is alone in a block no other is in the same."""
    one, other = PostgresRegister(postgres_url), PostgresRegister(postgres_url)
    await one.open()
    await other.open()
    inside: list[str] = []

    async def step(register: PostgresRegister) -> None:
        async with register.changing():
            inside.append("in")
            await asyncio.sleep(0.02)
            inside.append("out")

    async def block(register: PostgresRegister) -> None:
        async with register.alone("the same"):
            inside.append("in")
            await asyncio.sleep(0.02)
            inside.append("out")

    for each in (step, block):
        inside.clear()
        await asyncio.gather(*(each(register) for register in (one, other) * 2))
        assert inside == ["in", "out"] * 4
    async with one.alone("one"), other.alone("another"):
        await one.put([KOMMUNE])
    await one.close()
    await other.close()


async def test_a_step_tells_what_others_did(postgres_url: str) -> None:
    """Item by item as it was put, value by value as it was added and removed."""
    one, other = PostgresRegister(postgres_url), PostgresRegister(postgres_url)
    await one.open()
    await other.open()
    await one.replace(content())
    known = (await other.load()).revision
    head = replace(LISTE, navn="Andre", registrering=REGISTRERING)
    odd = replace(OTHER, adgangskode="a\0\\0")
    await one.put([replace(KOMMUNE, navn="Nyt"), AFTALE, odd])
    await one.change_list(head, ["a", "b\0\ud7ff"], ["c"])
    await one.delete([ABONNEMENT, replace(DUESLAG, id="unknown")])
    async with other.changing(known) as step:
        told = list(step.behind)
    assert told == [
        Change(known + 1, (Put((replace(KOMMUNE, navn="Nyt"), AFTALE, odd)),)),
        Change(known + 2, (Put((head,)), Values(LISTE.id, removed=("c",)), Values(LISTE.id, added=("a", "b\0\ud7ff")))),
        Change(known + 3, (Deleted((("abonnementer", ABONNEMENT.id), ("dueslag", "unknown"))),)),
    ]
    assert told == await other.changes(known)
    await one.close()
    await other.close()
