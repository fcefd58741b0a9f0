"""What every register promises, held against each one that ships."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from broker.core.model import Abonnement, Myndighed, Tilstand
from broker.errors import NotFound
from broker.ports import RegisterContent
from broker.register import MemoryRegister, SqliteRegister
from broker.register.postgres import PostgresRegister
from broker.sharing import SharedRegister
from tests.unit.register.contents import (
    ABONNEMENT,
    DUESLAG,
    ITEMS,
    KOMMUNE,
    LISTE,
    OTHER,
    REGISTRERING,
    SYSTEM,
    contents,
    small,
)

Make = Callable[[Path, pytest.FixtureRequest], SharedRegister]
KINDS: dict[str, Make] = {
    "memory": lambda folder, request: MemoryRegister(),
    "sqlite": lambda folder, request: SqliteRegister(folder / "register.sqlite"),
    "postgres": lambda folder, request: PostgresRegister(request.getfixturevalue("postgres_url")),
}


@pytest.fixture(params=KINDS)
def register_there(request: pytest.FixtureRequest, tmp_path: Path) -> SharedRegister:
    made: SharedRegister = KINDS[request.param](tmp_path, request)
    return made


@pytest.fixture
async def register(register_there: SharedRegister) -> AsyncIterator[SharedRegister]:
    await register_there.open()
    yield register_there
    await register_there.close()


async def test_a_new_register_is_empty(register: SharedRegister) -> None:
    """A register that nothing was put into holds nothing."""
    assert await register.is_empty()
    assert await register.load() == RegisterContent()


async def test_what_is_put_is_loaded(register: SharedRegister) -> None:
    """Every kind of item comes back with every field as it was put."""
    await register.put(ITEMS)
    await register.add_values(LISTE.id, small().vaerdier[LISTE.id])
    assert not await register.is_empty()
    assert await register.load() == small()


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
async def test_one_item_of_any_kind_makes_it_not_empty(register: SharedRegister, item: Myndighed) -> None:
    """A register with one item is not replaced by the built-in one at the next start."""
    await register.put([item])
    assert not await register.is_empty()


async def test_it_survives_being_closed(register: SharedRegister) -> None:
    """What was changed at run time is there after a restart."""
    await register.replace(small())
    await register.close()
    await register.open()
    assert await register.load() == small()


async def test_closing_twice_does_no_harm(register: SharedRegister) -> None:
    """A shutdown that is asked for twice is one shutdown."""
    await register.close()
    await register.close()
    await register.open()
    assert await register.is_empty()


async def test_put_replaces_what_has_the_same_id_and_keeps_its_place(register: SharedRegister) -> None:
    """A changed system stays where it stood in the list."""
    await register.put(ITEMS)
    await register.put([replace(SYSTEM, navn="Nyt navn")])
    assert list((await register.load()).anvendersystemer.values()) == [replace(SYSTEM, navn="Nyt navn"), OTHER]


async def test_what_is_deleted_and_put_again_comes_last(register: SharedRegister) -> None:
    """A system that is removed and entered anew is new."""
    await register.put(ITEMS)
    await register.delete([SYSTEM])
    await register.put([SYSTEM])
    assert list((await register.load()).anvendersystemer) == [OTHER.id, SYSTEM.id]


async def test_the_last_of_two_with_one_id_holds(register: SharedRegister) -> None:
    """Within one change the later word counts."""
    await register.put([ABONNEMENT, replace(ABONNEMENT, tilstand=Tilstand.AKTIV)])
    assert (await register.load()).abonnementer == {ABONNEMENT.id: replace(ABONNEMENT, tilstand=Tilstand.AKTIV)}


async def test_delete_removes_only_what_is_named_and_passes_over_the_unknown(register: SharedRegister) -> None:
    """Removing one system leaves the other; removing it again is no error."""
    await register.put(ITEMS)
    await register.delete([SYSTEM, replace(DUESLAG, id="00000000-0000-4000-8000-000000000000")])
    await register.delete([SYSTEM])
    content = await register.load()
    assert (list(content.anvendersystemer), list(content.dueslag)) == ([OTHER.id], [DUESLAG.id])


async def test_a_vaerdiliste_goes_with_its_values(register: SharedRegister) -> None:
    """A list that is deleted and made again with the same id is empty."""
    await register.replace(small())
    await register.delete([LISTE])
    assert (await register.load()).vaerdier == {}
    await register.put([LISTE])
    assert (await register.load()).vaerdier == {LISTE.id: set()}


async def test_changing_the_head_of_a_vaerdiliste_keeps_its_values(register: SharedRegister) -> None:
    """A list that is renamed keeps its citizens."""
    await register.replace(small())
    await register.put([replace(LISTE, navn="Nyt navn")])
    assert (await register.load()).vaerdier == small().vaerdier


async def test_values_are_added_and_removed_as_in_a_set(register: SharedRegister) -> None:
    """Adding a value twice is adding it once; removing one that is not there is no error."""
    await register.put([LISTE])
    await register.add_values(LISTE.id, ["a", "b", "b"])
    await register.add_values(LISTE.id, iter(["b", "c"]))
    await register.remove_values(LISTE.id, iter(["a", "x"]))
    assert (await register.load()).vaerdier == {LISTE.id: {"b", "c"}}


async def test_a_list_is_put_and_its_values_changed_in_one(register: SharedRegister) -> None:
    """A value that is taken out and added is there in the end; a list that was not there is made."""
    await register.change_list(LISTE, iter(["a", "b"]), [])
    renamed = replace(LISTE, navn="Nyt navn", registrering=REGISTRERING)
    await register.change_list(renamed, iter(["c", "b"]), iter(["a", "b", "x"]))
    content = await register.load()
    assert content.vaerdilister == {LISTE.id: renamed}
    assert content.vaerdier == {LISTE.id: {"b", "c"}}


async def test_a_change_of_a_list_is_all_or_none(register: SharedRegister) -> None:
    """Where the values break off half way, neither the head nor any value is changed."""

    def breaking() -> Iterator[str]:
        yield from map(str, range(7_000))
        raise ConnectionError("the caller's source broke off")

    await register.replace(small())
    with pytest.raises(ConnectionError):
        await register.change_list(replace(LISTE, navn="Nyt"), breaking(), small().vaerdier[LISTE.id])
    assert await register.load() == small()


async def test_values_may_hold_any_character(register: SharedRegister) -> None:
    """What a value holds is the subscriber's affair: quotes, line breaks, emoji, zero bytes come back as they were."""
    odd = {"a\0b", "a", "'", '"', "\\", "a\nb", "\u2028", "😀", "æøå", "NULL", "1", "true", "[]"}
    await register.put([LISTE])
    await register.add_values(LISTE.id, odd)
    assert (await register.load()).vaerdier == {LISTE.id: odd}
    await register.remove_values(LISTE.id, odd - {"a"})
    assert (await register.load()).vaerdier == {LISTE.id: {"a"}}


async def test_a_password_may_hold_any_character(register: SharedRegister) -> None:
    """Passwords are held to no rule: zero bytes and backslashes come back as they were, as often as they are put."""
    for odd in ("a\0b", "\\", "\\0", "\\\0\\\\0", "æ😀"):
        for _ in range(2):
            await register.put([replace(OTHER, adgangskode=odd)])
            assert (await register.load()).anvendersystemer == {OTHER.id: replace(OTHER, adgangskode=odd)}


async def test_two_lists_do_not_share_values(register: SharedRegister) -> None:
    """The same citizen may be on two lists and be taken off one."""
    other = replace(LISTE, id="eeeeeeee-0000-4000-8000-000000000002", navn="Andre")
    await register.put([LISTE, other])
    await register.add_values(LISTE.id, ["a"])
    await register.add_values(other.id, ["a"])
    await register.remove_values(LISTE.id, ["a"])
    assert (await register.load()).vaerdier == {LISTE.id: set(), other.id: {"a"}}


async def test_values_of_an_unknown_list_are_refused(register: SharedRegister) -> None:
    """A værdiliste that is not there is 'not found' (44)."""
    with pytest.raises(NotFound, match=LISTE.id):
        await register.add_values(LISTE.id, ["a"])
    with pytest.raises(NotFound, match=LISTE.id):
        await register.remove_values(LISTE.id, ["a"])
    assert await register.is_empty()


async def test_replace_leaves_nothing_of_what_was(register: SharedRegister) -> None:
    """Everything anew: items and values that are not in the new content are gone."""
    await register.replace(small())
    content = RegisterContent(myndigheder={"22222222": Myndighed("22222222", "Prøvekøbing")})
    await register.replace(content)
    assert await register.load() == content


async def test_what_was_loaded_is_the_callers_own(register: SharedRegister) -> None:
    """Changing what was loaded, or what was given to replace, changes nothing in the register."""
    given_content = small()
    await register.replace(given_content)
    given_content.vaerdier[LISTE.id].clear()
    (await register.load()).anvendersystemer.clear()
    assert await register.load() == small()


async def test_put_is_all_or_none(register: SharedRegister) -> None:
    """When one item of a change cannot be taken, none of them is."""
    broken: list[Myndighed] = [replace(KOMMUNE, navn="Nyt"), "no item"]  # type: ignore[list-item]  # a caller's bug
    await register.put([KOMMUNE])
    with pytest.raises(KeyError):
        await register.put(broken)
    assert (await register.load()).myndigheder == {KOMMUNE.cvr: KOMMUNE}


async def test_adding_values_is_all_or_none(register: SharedRegister) -> None:
    """A list of values that breaks off half way leaves the værdiliste as it was."""

    def breaking() -> Iterator[str]:
        yield from map(str, range(7_000))
        raise ConnectionError("the caller's source broke off")

    await register.put([LISTE])
    with pytest.raises(ConnectionError):
        await register.add_values(LISTE.id, breaking())
    assert (await register.load()).vaerdier == {LISTE.id: set()}


async def test_changes_made_at_the_same_time_all_hold(register: SharedRegister) -> None:
    """Many subscribers may change their part at once without undoing each other."""
    await register.put([LISTE])
    abonnementer = [Abonnement(f"ffffffff-0000-4000-8000-{n:012}", f"nr {n}", DUESLAG.id) for n in range(50)]
    async with asyncio.TaskGroup() as tasks:
        for number, abonnement in enumerate(abonnementer):
            tasks.create_task(register.put([abonnement]))
            tasks.create_task(register.add_values(LISTE.id, [str(number)]))
            tasks.create_task(register.load())
    content = await register.load()
    assert content.abonnementer == {abonnement.id: abonnement for abonnement in abonnementer}
    assert content.vaerdier == {LISTE.id: set(map(str, range(50)))}


async def test_a_step_holds_when_it_is_left(register: SharedRegister) -> None:
    """What a step has done it sees itself, and everybody sees when it is over."""
    async with register.changing() as step:
        assert await step.is_empty()
        await step.replace(small())
        await step.delete([ABONNEMENT])
        await step.change_list(LISTE, ["a"], small().vaerdier[LISTE.id])
        await step.add_values(LISTE.id, ["b"])
        await step.remove_values(LISTE.id, ["a"])
        seen = await step.load()
        revision = step.revision
    assert seen.abonnementer == {}
    assert seen.vaerdier == {LISTE.id: {"b"}}
    loaded = await register.load()
    assert loaded == seen
    assert loaded.revision == seen.revision == revision


async def test_a_step_that_does_nothing_is_no_change(register: SharedRegister) -> None:
    """Looking, or being refused, makes no revision."""
    await register.put([KOMMUNE])
    before = (await register.load()).revision
    async with register.changing() as step:
        await step.put([])
        await step.delete([])
        await step.load()
        assert step.revision == before
    with pytest.raises(ConnectionError):
        async with register.changing():
            raise ConnectionError("the caller's own")
    assert (await register.load()).revision == before


async def test_what_one_knows_already_is_not_told(register: SharedRegister) -> None:
    """Whoever loaded the register, or made the last change, is not behind."""
    await register.replace(small())
    async with register.changing((await register.load()).revision) as step:
        assert list(step.behind) == []
        await step.put([replace(KOMMUNE, navn="Nyt")])
    async with register.changing(step.revision) as after:
        assert list(after.behind) == []


async def test_a_block_that_one_is_alone_in_may_be_entered_again(register: SharedRegister) -> None:
    """It ends when it is left, also by an error."""
    with pytest.raises(ConnectionError):
        async with register.alone("a"):
            raise ConnectionError("the caller's own")
    async with register.alone("a"), register.alone("b"):
        await register.put([KOMMUNE])
    async with register.alone("a"):
        pass


@pytest.mark.parametrize("kind", KINDS)
@given(content=contents())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_register_comes_back_as_it_was(
    kind: str, content: RegisterContent, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whatever names, filters, periods and values a register holds, it is the same after a restart."""
    register = KINDS[kind](tmp_path, request)
    await register.open()
    await register.replace(content)
    await register.close()
    await register.open()
    loaded = await register.load()
    await register.close()
    assert loaded == content
    assert [list(loaded.abonnementer), list(loaded.dueslag)] == [list(content.abonnementer), list(content.dueslag)]
