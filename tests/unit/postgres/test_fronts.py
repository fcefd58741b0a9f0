"""Several fronts with one register: what one changes holds on all, and nothing changes under a check."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from broker.core.model import Abonnement, Dueslag, Tilstand
from broker.errors import RegisterError
from broker.service import Beskedfordeler
from tests.unit.postgres.fronts import ABONNEMENT, DUESLAG, FAGSYSTEM, LISTE, Fronts, until


async def test_start_and_stop_of_an_abonnement_hold_on_every_front(fronts: Fronts) -> None:
    """A vendor stops and starts a subscription on one front, and soon all go by it, whichever was told."""
    one, other = await fronts(2)
    for teller, hearer in ((one, other), (other, one)) * 10:
        for tilstand in (Tilstand.STOPPET, Tilstand.AKTIV):
            await teller.service.set_tilstand("Alt", tilstand)
            assert teller.abonnement.tilstand is tilstand
            await until(lambda: hearer.abonnement.tilstand is tilstand)  # noqa: B023 - awaited at once


async def test_a_change_is_checked_against_what_other_fronts_did_a_moment_ago(fronts: Fronts) -> None:
    """Two vendors take the same name at the same time on two fronts: one of them is refused."""
    one, other = await fronts(2)
    wanted = [Dueslag(f"dddddddd-0000-4000-8000-00000000010{n}", "Samme navn", FAGSYSTEM.id) for n in range(2)]
    answers = await asyncio.gather(one.service.put([wanted[0]]), other.service.put([wanted[1]]), return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], RegisterError)
    assert "the name is taken" in str(refused[0])


async def test_what_is_referred_to_on_one_front_cannot_be_removed_on_another(fronts: Fronts) -> None:
    """A dueslag goes on one front while an abonnement is put on it on another: never an abonnement on nothing."""
    one, other = await fronts(2)
    for number in range(10):
        dueslag = Dueslag(f"dddddddd-0000-4000-8000-0000000002{number:02}", f"D{number}", FAGSYSTEM.id)
        abonnement = Abonnement(f"ffffffff-0000-4000-8000-0000000002{number:02}", "x", dueslag.id)
        await one.service.put([dueslag])
        await asyncio.gather(one.service.delete([dueslag]), other.service.put([abonnement]), return_exceptions=True)
        stands = await one.register.load()
        assert (dueslag.id in stands.dueslag) == (abonnement.id in stands.abonnementer)


async def test_many_changes_on_two_fronts_end_in_the_same_register(fronts: Fronts) -> None:
    """However changes fall, both fronts and the database come to hold the same."""
    one, other = await fronts(2)

    async def churn(service: Beskedfordeler, offset: int) -> None:
        for number in range(offset, offset + 20):
            abonnement = Abonnement(f"ffffffff-0000-4000-8000-{number:012}", f"nr {number}", DUESLAG.id)
            await service.put([abonnement])
            await service.set_tilstand(abonnement.id, Tilstand.STOPPET)
            await service.change_list("Borgere", add=[str(number), "fælles"], remove=[str(number - 1)])
            if number % 3 == 0:
                await service.delete([abonnement])

    await asyncio.gather(churn(one.service, 1000), churn(other.service, 2000))
    stands = await one.register.load()
    await until(lambda: one.content.revision == other.content.revision == stands.revision)
    assert one.content == other.content == stands
    assert stands.vaerdier[LISTE.id] == {"1019", "2019", "fælles"}


async def test_a_change_of_a_head_moves_the_filters_of_other_fronts(fronts: Fronts) -> None:
    """A list that is renamed is another list to a filter on every front."""
    one, other = await fronts(2)
    felt = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    await one.service.set_filter("Alt", f"{felt} IN VAERDILISTE 'Borgere'")
    await one.service.put([replace(LISTE, navn="Andre"), replace(ABONNEMENT, filter=f"{felt} IN VAERDILISTE 'Andre'")])
    await until(lambda: other.content.vaerdilister[LISTE.id].navn == "Andre")
    await one.service.add_values("Andre", ["urn:oio:cpr-nr:0101010000"])
    await until(lambda: other.content.vaerdier[LISTE.id] == {"urn:oio:cpr-nr:0101010000"})
    lists = other.service.catalogue.lists(FAGSYSTEM.id, ["Andre"])
    assert lists["Andre"] == {"urn:oio:cpr-nr:0101010000"}


async def test_a_refused_change_changes_nothing_anywhere(fronts: Fronts) -> None:
    """All or none, on all fronts."""
    one, other = await fronts(2)
    before = one.content.revision
    with pytest.raises(RegisterError):
        await one.service.put([replace(ABONNEMENT, tilstand=Tilstand.STOPPET), replace(DUESLAG, navn="")])
    assert (await one.register.load()).revision == before
    assert one.abonnement == other.abonnement == ABONNEMENT


async def test_callers_who_give_up_leave_no_front_behind(fronts: Fronts) -> None:
    """Changes that are broken off at any moment hold whole or not at all, and every front knows which."""
    one, other = await fronts(2)
    dice = random.Random(6)
    for number in range(60):
        abonnement = Abonnement(f"ffffffff-0000-4000-8000-{number:012}", f"nr {number}", DUESLAG.id)
        task = asyncio.create_task((one, other)[number % 2].service.put([abonnement]))
        await asyncio.sleep(dice.random() * 0.006)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.gather(*(front.service.put([ABONNEMENT]) for front in (one, other)))
    stands = await one.register.load()
    await until(lambda: one.content.revision == other.content.revision == stands.revision)
    assert one.content == other.content == stands
