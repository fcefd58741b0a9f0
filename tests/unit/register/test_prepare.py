"""What holds at the start, when there is a file, a register on disk, or both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker.core.model import Anvendersystem, Livscyklus, Registrering, Tilstand
from broker.errors import RegisterError
from broker.register import MemoryRegister, Mode, prepare
from broker.register.defaults import default_content
from tests.unit.register.contents import ABONNEMENT, DUESLAG, FIELD, LISTE, OTHER, REGISTRERING, SYSTEM, small

PASSIVE = replace(REGISTRERING, livscyklus=Livscyklus.PASSIVERET)
NEW = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000003", "Nyt system", "11111111")


async def test_without_a_file_an_empty_register_gets_the_built_in_one() -> None:
    """The first `serve` has a register to play with, and it is kept."""
    register = MemoryRegister()
    prepared = await prepare(register, None)
    assert prepared.content == default_content() == await register.load()


async def test_without_a_file_a_register_stays_as_it_is() -> None:
    """A restart without --register goes on with what is on disk."""
    register = MemoryRegister(small())
    assert (await prepare(register, None)).content == small()
    assert await register.load() == small()


@pytest.mark.parametrize("mode", Mode)
async def test_a_file_fills_an_empty_register(mode: Mode) -> None:
    """The first `serve --register FILE` takes the file as it is."""
    register = MemoryRegister()
    prepared = await prepare(register, small(), mode)
    assert prepared.content == small() == await register.load()
    assert prepared.notes == ()


@pytest.mark.parametrize("mode", Mode)
async def test_the_file_replaces_what_it_names_and_leaves_the_rest(mode: Mode) -> None:
    """An item edited in the file is changed; one that was added at run time stays."""
    register = MemoryRegister(small())
    await register.put([NEW])
    file = small()
    file.anvendersystemer[SYSTEM.id] = replace(SYSTEM, navn="Omdøbt")
    prepared = await prepare(register, file, mode)
    expected = {SYSTEM.id: replace(SYSTEM, navn="Omdøbt"), OTHER.id: OTHER, NEW.id: NEW}
    assert prepared.content.anvendersystemer == expected
    assert await register.load() == prepared.content


async def test_a_subscription_stays_as_it_was_left() -> None:
    """A subscription stopped at run time is not started by a restart; the difference from the file is noted."""
    register = MemoryRegister(small())
    await register.put([replace(ABONNEMENT, tilstand=Tilstand.STOPPET)])
    file = small()
    file.abonnementer[ABONNEMENT.id] = replace(ABONNEMENT, navn="Omdøbt")
    prepared = await prepare(register, file)
    expected = replace(ABONNEMENT, navn="Omdøbt", tilstand=Tilstand.STOPPET)
    assert prepared.content.abonnementer == {ABONNEMENT.id: expected} == (await register.load()).abonnementer
    (note,) = prepared.notes
    assert "stays stoppet, as it was left; the file says pause" in note


async def test_reset_lets_the_file_win() -> None:
    """With --register-reset a subscription in the file is in the state that the file says."""
    register = MemoryRegister(small())
    await register.put([replace(ABONNEMENT, tilstand=Tilstand.STOPPET)])
    prepared = await prepare(register, small(), Mode.RESET)
    assert prepared.content == small() == await register.load()
    assert prepared.notes == ()


@pytest.mark.parametrize(("mode", "kept"), [(Mode.MERGE, {"a", "b", "c"}), (Mode.RESET, {"b", "c"})])
async def test_values_of_the_file_come_on_top_of_those_added_at_run_time(mode: Mode, kept: set[str]) -> None:
    """Citizens added at run time stay on the list, unless the file is to win."""
    register, file = MemoryRegister(small()), small()
    await register.remove_values(LISTE.id, small().vaerdier[LISTE.id])
    await register.add_values(LISTE.id, ["a", "b"])
    file.vaerdier[LISTE.id] = {"b", "c"}
    prepared = await prepare(register, file, mode)
    assert prepared.content.vaerdier == {LISTE.id: kept} == (await register.load()).vaerdier


URL, OTHER_URL = "http://127.0.0.1:8081/besked", "https://kommune.example/besked"


@pytest.mark.parametrize(
    ("mode", "set_to", "said", "holds", "noted"),
    [
        (Mode.MERGE, URL, None, URL, True),
        (Mode.MERGE, URL, OTHER_URL, OTHER_URL, False),
        (Mode.MERGE, None, URL, URL, False),
        (Mode.MERGE, URL, URL, URL, False),
        (Mode.RESET, URL, None, None, False),
        (Mode.RESET, URL, OTHER_URL, OTHER_URL, False),
    ],
)
async def test_a_callback_set_at_run_time_stays_where_the_file_has_none(
    mode: Mode, set_to: str | None, said: str | None, holds: str | None, noted: bool
) -> None:
    """A restart does not end a push in silence; a callback that the file gives is taken."""
    register, file = MemoryRegister(small()), small()
    await register.put([replace(DUESLAG, callback=set_to)])
    file.dueslag[DUESLAG.id] = replace(DUESLAG, navn="Omdøbt", callback=said)
    prepared = await prepare(register, file, mode)
    assert await register.load() == prepared.content
    assert prepared.content.dueslag == {DUESLAG.id: replace(DUESLAG, navn="Omdøbt", callback=holds)}
    note = f"is pushed to {URL}, as was set at run time; the file says no callback, which --register-reset would take"
    assert [note in one for one in prepared.notes] == ([True] if noted else [])


@pytest.mark.parametrize(
    ("mode", "made", "said", "holds", "noted"),
    [
        (Mode.MERGE, PASSIVE, None, PASSIVE, False),
        (Mode.MERGE, PASSIVE, REGISTRERING, PASSIVE, True),
        (Mode.MERGE, PASSIVE, PASSIVE, PASSIVE, False),
        (Mode.MERGE, None, REGISTRERING, REGISTRERING, False),
        (Mode.RESET, PASSIVE, None, None, False),
        (Mode.RESET, PASSIVE, REGISTRERING, REGISTRERING, False),
    ],
)
async def test_what_vaerdilisterediger_registered_stays(
    mode: Mode, made: Registrering | None, said: Registrering | None, holds: Registrering | None, noted: bool
) -> None:
    """A list that was made passive at run time is not active again after a restart with the same file."""
    register, file = MemoryRegister(small()), small()
    await register.put([replace(LISTE, registrering=made)])
    file.vaerdilister[LISTE.id] = replace(LISTE, registrering=said)
    prepared = await prepare(register, file, mode)
    assert await register.load() == prepared.content
    assert prepared.content.vaerdilister == {LISTE.id: replace(LISTE, registrering=holds)}
    assert len(prepared.notes) == noted


async def test_a_file_that_contradicts_run_time_changes_is_refused_whole() -> None:
    """A dueslag moved in the file, from under a subscription made at run time: told, and nothing is changed."""
    register = MemoryRegister(small())
    late = replace(ABONNEMENT, id="ffffffff-0000-4000-8000-000000000002", navn="Sen")
    await register.put([late])
    file = small()
    file.abonnementer[ABONNEMENT.id] = replace(ABONNEMENT, filter=f"{FIELD} = 'x'")
    file.dueslag[DUESLAG.id] = replace(DUESLAG, anvendersystem=OTHER.id)
    with pytest.raises(RegisterError, match=r"contradicts .*\nabonnement 'Sen' .*værdiliste 'Borgere'"):
        await prepare(register, file)
    assert (await register.load()).dueslag == small().dueslag


async def test_a_second_start_with_the_same_file_changes_nothing() -> None:
    """Starting again is no change: nothing is written that is there already."""

    class Counting(MemoryRegister):
        written = 0

        async def put(self, items: object) -> None:
            self.written += len(items)  # type: ignore[arg-type]  # a sequence, by the port

    register = Counting(small())
    assert (await prepare(register, small())).content == small()
    assert register.written == 0
