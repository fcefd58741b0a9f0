"""Værdilister as filters see them: changed whole, made passive, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from broker.catalogue import Catalogue
from broker.clock import FakeClock
from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Livscyklus,
    Myndighed,
    Registrering,
    Service,
    Serviceaftale,
    Vaerdiliste,
)
from broker.engine import memory_engine
from broker.errors import NotFound, RegisterError
from broker.kuvert import Limits, RelateretObjekt, haendelsesbesked
from broker.ports import Item, Peer, Publication, RegisterContent, Verdict
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.trace import Trace
from broker.vaerdilister import difference

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
PERSON = "ce7fcf97-a8a2-447a-8690-d38aa0f6e23c"
SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Fagsystem", "11111111")
OTHER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Andet", "11111111")
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Post", SYSTEM.id)
LISTE = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000001", "Borgere", SYSTEM.id)
THEIRS = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000002", "Borgere", OTHER.id)
FELT = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
FOLLOWED = Abonnement("bbbbbbbb-0000-4000-8000-000000000001", "Fulgte", DUESLAG.id, f"{FELT} IN VAERDILISTE 'Borgere'")
OTHERS = Abonnement("bbbbbbbb-0000-4000-8000-000000000002", "Andre", DUESLAG.id, f"NOT ({FOLLOWED.filter})")
CITIZEN = "urn:oio:cpr-nr:0101010000"


def registered(livscyklus: Livscyklus, liste: Vaerdiliste = LISTE) -> Vaerdiliste:
    """The list with a registration of this kind."""
    return replace(liste, registrering=Registrering(1_700_000_000.0, livscyklus))


@pytest.fixture
async def service() -> AsyncIterator[Beskedfordeler]:
    content = RegisterContent(
        myndigheder={"11111111": Myndighed("11111111", "Eksempelby Kommune")},
        anvendersystemer={SYSTEM.id: SYSTEM, OTHER.id: OTHER},
        beskedtyper={TYPE: Beskedtype(TYPE, "Testbesked")},
        serviceaftaler={
            key: Serviceaftale(key, SYSTEM.id, kind)
            for key, kind in (
                ("ffffffff-0000-4000-8000-000000000001", Service.AFSEND),
                ("ffffffff-0000-4000-8000-000000000002", Service.MODTAG),
            )
        },
        dueslag={DUESLAG.id: DUESLAG},
        abonnementer={FOLLOWED.id: FOLLOWED},
        vaerdilister={LISTE.id: LISTE, THEIRS.id: THEIRS},
        vaerdier={LISTE.id: {CITIZEN}, THEIRS.id: set()},
    )
    clock = FakeClock()
    trace = Trace(None)
    register = MemoryRegister(content)
    made = Beskedfordeler(register, content, memory_engine(clock), trace, clock, Limits())
    await trace.open()
    await made.engine.open()
    yield made
    await made.engine.close()
    await trace.close()


async def arrives(service: Beskedfordeler) -> bool:
    """Whether a message about the citizen that is sent now goes into the dueslag."""
    before = service.engine.depth(DUESLAG.id).ready
    body = haendelsesbesked(beskedtype=TYPE, relateret_objekt=[RelateretObjekt(CITIZEN, PERSON)])
    verdicts: list[Verdict] = []
    login = service.login("PLAIN", SYSTEM.navn, b"", Peer("127.0.0.1", 1))
    service.submit(login, Publication(body, None, None), verdicts.append)
    await service.engine.flushed()
    assert [verdict.status_kode for verdict in verdicts] == [20]
    return service.engine.depth(DUESLAG.id).ready > before


@pytest.mark.parametrize("livscyklus", [Livscyklus.PASSIVERET, Livscyklus.SLETTET])
async def test_a_passive_list_is_empty_until_it_is_corrected(service: Beskedfordeler, livscyklus: Livscyklus) -> None:
    """From the next message on a filter sees nothing in a list that is passive; rettet, it has its values again."""
    assert await arrives(service)
    await service.put([registered(livscyklus)])
    assert not await arrives(service)
    await service.put([registered(Livscyklus.RETTET)])
    assert await arrives(service)


@pytest.mark.parametrize("livscyklus", [Livscyklus.OPSTAAET, Livscyklus.IMPORTERET, Livscyklus.RETTET])
async def test_a_registered_list_that_is_not_passive_counts(service: Beskedfordeler, livscyklus: Livscyklus) -> None:
    """What VærdilisteRediger made or changed is seen by filters as any list."""
    await service.put([registered(livscyklus)])
    assert await arrives(service)


async def test_values_changed_while_passive_are_there_afterwards(service: Beskedfordeler) -> None:
    """A passive list may be corrected in peace: nothing of it is seen before it is active."""
    await service.change_list("eeeeeeee-0000-4000-8000-000000000001", anew=[])
    await service.put([registered(Livscyklus.PASSIVERET)])
    await service.add_values(LISTE.id, [CITIZEN])
    assert not await arrives(service)
    await service.put([registered(Livscyklus.RETTET)])
    assert await arrives(service)


async def test_a_list_that_is_passive_at_the_start_is_empty(service: Beskedfordeler) -> None:
    """A restart does not make a passive list active."""
    await service.put([registered(Livscyklus.PASSIVERET)])
    again = Catalogue(await service.register.load())
    assert again.lists(SYSTEM.id, ["Borgere"]) == {"Borgere": frozenset()}


async def test_an_abonnement_made_while_the_list_is_passive_sees_it_as_it_becomes(service: Beskedfordeler) -> None:
    """Also a filter with NOT: with an empty list everybody is an other."""
    await service.put([registered(Livscyklus.PASSIVERET)])
    await service.delete([FOLLOWED])
    await service.put([OTHERS])
    assert await arrives(service)
    await service.put([registered(Livscyklus.RETTET)])
    assert not await arrives(service)


async def test_a_passive_list_of_another_system_with_the_same_name_changes_nothing(service: Beskedfordeler) -> None:
    """Lists are told apart by who owns them."""
    await service.put([registered(Livscyklus.PASSIVERET, THEIRS)])
    assert await arrives(service)


async def test_explain_says_that_the_list_is_passive(service: Beskedfordeler) -> None:
    """An operator sees why nothing comes: not that the list is empty, but that it is passive."""
    await service.put([registered(Livscyklus.PASSIVERET)])
    body = haendelsesbesked(beskedtype=TYPE, relateret_objekt=[RelateretObjekt(CITIZEN, PERSON)])
    explanation = service.judge(FOLLOWED, body).explanation
    assert not explanation.holds
    assert explanation.passive
    assert "[passive]" in explanation.text()
    await service.put([LISTE])
    explanation = service.judge(FOLLOWED, body).explanation
    assert (explanation.holds, explanation.passive) == (True, False)
    assert "[1 values]" in explanation.text()


async def test_values_are_replaced_in_force_for_the_next_message(service: Beskedfordeler) -> None:
    """These values and no others, canonical, each once, blank ones left out; on disk what is in memory."""
    assert (await service.change_list(LISTE.id, anew=["a", " a ", "", "  ", "URN:OIO:cvr-nr:11111111"])).held == 2
    assert not await arrives(service)
    assert (await service.register.load()).vaerdier[LISTE.id] == {"a", "urn:oio:cvr:11111111"}
    assert service.content.vaerdier[LISTE.id] == {"a", "urn:oio:cvr:11111111"}
    assert (await service.change_list(LISTE.id, anew=iter([CITIZEN]))).held == 1
    assert await arrives(service)


async def test_a_change_says_what_it_came_to(service: Beskedfordeler) -> None:
    """How many were added and removed in fact, and how many the list holds."""
    assert await service.change_list(LISTE.id, add=["a", CITIZEN], remove=["x"]) == (1, 0, 2)
    assert await service.change_list(LISTE.id, anew=["b", CITIZEN]) == (1, 1, 2)
    assert await service.change_list(LISTE.id, remove=[CITIZEN, "b"], add=["b"]) == (0, 1, 1)


async def test_head_and_values_change_in_one(service: Beskedfordeler) -> None:
    """A correction of VærdilisteRediger: the registration and the values, both or neither; watchers hear of it."""
    heard: list[int] = []
    service.watch(lambda: heard.append(1))
    rettet = registered(Livscyklus.RETTET)
    assert await service.change_list(rettet, anew=["a", "b", "c"]) == (3, 1, 3)
    loaded = await service.register.load()
    assert (loaded.vaerdilister[LISTE.id], loaded.vaerdier[LISTE.id]) == (rettet, {"a", "b", "c"})
    assert service.content == loaded
    assert heard == [1]
    await service.change_list(rettet, add=[CITIZEN])
    assert heard == [1]
    assert await arrives(service)


async def test_a_list_is_made_with_its_values_in_one(service: Beskedfordeler) -> None:
    """A new list has its values at once: there is no moment when it is there without."""
    new = replace(registered(Livscyklus.OPSTAAET), id="eeeeeeee-0000-4000-8000-000000000003", navn="Ny")
    assert await service.change_list(new, add=["a"]) == (1, 0, 1)
    assert await service.register.load() == service.content
    assert service.find_vaerdiliste("Ny") == new


async def test_a_head_that_breaks_a_rule_changes_nothing(service: Beskedfordeler) -> None:
    """A name that is taken, a text that XML cannot carry: refused with a sentence, values as they were."""
    before = await service.register.load()
    for wrong, word in (
        (replace(THEIRS, anvendersystem=SYSTEM.id), "the name is taken"),
        (replace(LISTE, registrering=Registrering(0.0, Livscyklus.RETTET, note="a\0b")), "U+0000"),
        (replace(LISTE, navn=""), "empty"),
    ):
        with pytest.raises(RegisterError, match=word.replace("+", r"\+")):
            await service.change_list(wrong, anew=["x"])
    with pytest.raises(NotFound):
        await service.change_list("nope", anew=["x"])
    assert await service.register.load() == before == service.content


async def test_values_that_break_off_change_nothing(service: Beskedfordeler) -> None:
    """A source that fails half way leaves the list as it was."""

    def breaking() -> Iterator[str]:
        yield from map(str, range(30_000))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await service.change_list(LISTE.id, anew=breaking())
    assert service.content.vaerdier[LISTE.id] == {CITIZEN}


async def test_a_renamed_list_and_its_abonnement_in_one_change(service: Beskedfordeler) -> None:
    """Whatever the order: the filter that names the new name sees the values."""
    renamed = replace(LISTE, navn="Fulgte")
    await service.put([replace(FOLLOWED, filter=FOLLOWED.filter.replace("Borgere", "Fulgte")), renamed])
    assert await arrives(service)
    await service.change_list("Fulgte", anew=[])
    assert not await arrives(service)


@pytest.mark.parametrize("order", [1, -1])
async def test_a_list_goes_with_the_dueslag_whose_filters_name_it(service: Beskedfordeler, order: int) -> None:
    """Dueslag, abonnement and list removed in one step, in either order."""
    items: list[Item] = [DUESLAG, LISTE, FOLLOWED]
    await service.delete(items[::order])
    assert LISTE.id not in service.content.vaerdilister
    assert (await service.register.load()).vaerdier == {THEIRS.id: set()}


def test_what_is_both_removed_and_added_stays() -> None:
    """Adding comes last, whatever the list held."""
    assert difference({"a"}, {"a", "b"}, {"a", "b", "c"}, None) == ({"b"}, set())
    assert difference({"a"}, {"b"}, set(), {"c"}) == ({"b", "c"}, {"a"})
