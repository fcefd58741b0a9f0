"""The operations that change lists: what each does, answers and refuses; a change holds from the next message on."""

from __future__ import annotations

import asyncio

import pytest

from broker.core.identifiers import is_uuid
from broker.core.model import Livscyklus
from tests.support import soap
from tests.support.soap import Reply
from tests.unit.soap.counter import OTHER, SYSTEM, Counter
from tests.unit.soap.lists import ANNA, BODIL, UNKNOWN, counter, made, valid

__all__ = ["counter"]


async def test_opret_makes_a_list_of_the_callers(counter: Counter) -> None:
    """opret answers with a new UUID and the list as it is registered: Opstaaet, now, by the calling system."""
    reply = valid(await counter.call(soap.opret("Borgere", [ANNA, BODIL, ANNA], note="til test", noegle="K1")))
    assert (reply.status, reply.kode, reply.tekst) == (200, 20, "")
    assert is_uuid(reply.uuid)
    assert (reply.navne, reply.values, reply.livscyklus) == (["Borgere"], [ANNA, BODIL], ["Opstaaet"])
    liste = counter.service.content.vaerdilister[reply.uuid]
    assert (liste.navn, liste.anvendersystem) == ("Borgere", SYSTEM.id)
    said = liste.registrering
    assert said is not None
    assert (said.tidspunkt, said.bruger, said.note, said.noegle) == (counter.clock.now(), SYSTEM.id, "til test", "K1")
    assert said.aktoer == soap.AKTOER


async def test_a_name_is_one_lists_only(counter: Counter) -> None:
    """A second list of a name is refused with the UUID of the first; another system may have one of that name."""
    first = await made(counter)
    before = counter.state()
    reply = valid(await counter.call(soap.opret("Borgere")))
    assert reply.kode == 40
    assert first in reply.tekst
    assert counter.state() == before
    assert (await counter.call(soap.opret("Borgere"), user=OTHER.navn)).kode == 20


async def test_import_takes_the_uuid_given_and_replaces(counter: Counter) -> None:
    """import makes a list with the caller's own UUID; a second import replaces name and values, all at once."""
    uuid = soap.new_uuid()
    reply = valid(await counter.call(soap.importer(uuid.upper(), "Borgere", [ANNA])))
    assert (reply.kode, reply.livscyklus) == (20, ["Importeret"])
    assert (await counter.call(soap.laes(uuid))).values == [ANNA]
    again = valid(await counter.call(soap.importer(uuid, "Andre", [BODIL])))
    assert (again.kode, again.navne, again.values) == (20, ["Andre"], [BODIL])
    assert (await counter.call(soap.laes(uuid))).values == [BODIL]


async def test_ret_replaces_what_is_sent_and_keeps_the_rest(counter: Counter) -> None:
    """ret with a note only changes the note; with an attribute it gives the list that name and those values."""
    uuid = await made(counter, "Borgere", ANNA, noegle="K1", note="første")
    counter.clock.advance(60)
    only_note = valid(await counter.call(soap.ret(uuid, note="anden")))
    assert (only_note.kode, only_note.livscyklus, only_note.values) == (20, ["Rettet"], [ANNA])
    said = counter.service.content.vaerdilister[uuid].registrering
    assert said is not None
    assert (said.note, said.noegle, said.tidspunkt) == ("anden", "K1", counter.clock.now())
    renamed = valid(await counter.call(soap.ret(uuid, soap.egenskab("Nye borgere", [BODIL]))))
    assert (renamed.kode, renamed.navne, renamed.values) == (20, ["Nye borgere"], [BODIL])
    said = counter.service.content.vaerdilister[uuid].registrering
    assert said is not None
    assert (said.note, said.noegle) == ("anden", "")


async def test_ret_does_not_take_the_name_from_a_filter(counter: Counter) -> None:
    """A list that a filter names keeps its name: 40 says which abonnement would be broken, and nothing is changed."""
    uuid = await made(counter, "Borgere", ANNA)
    abonnement = await counter.subscribe()
    before = counter.state()
    reply = valid(await counter.call(soap.ret(uuid, soap.egenskab("Omdøbt", [BODIL]))))
    assert reply.kode == 40
    assert abonnement.navn in reply.tekst
    assert counter.state() == before


async def test_a_passive_list_counts_no_more_until_it_is_corrected(counter: Counter) -> None:
    """After passiver a filter sees the list empty; laes still shows it; ret brings it back, with its values."""
    uuid = await made(counter, "Borgere", ANNA)
    await counter.subscribe()
    reply = valid(await counter.call(soap.passiver(uuid, "ikke mere")))
    assert (reply.kode, reply.livscyklus, reply.values) == (20, ["Passiveret"], [ANNA])
    await counter.send(ANNA)
    assert counter.ready() == 0
    assert (await counter.call(soap.tilfoej(uuid, [BODIL]))).kode == 20
    await counter.send(BODIL)
    assert counter.ready() == 0, "adding values does not bring a passive list back"
    shown = await counter.call(soap.laes(uuid))
    assert (shown.livscyklus, shown.values) == (["Passiveret"], [ANNA, BODIL])
    assert (await counter.call(soap.ret(uuid, note="igen"))).livscyklus == ["Rettet"]
    await counter.send(ANNA)
    assert counter.ready() == 1


async def test_slet_removes_the_list(counter: Counter) -> None:
    """slet answers with the list as it was, Slettet; then it is not found."""
    uuid = await made(counter, "Borgere", ANNA)
    reply = valid(await counter.call(soap.slet(uuid)))
    assert (reply.kode, reply.livscyklus, reply.values) == (20, ["Slettet"], [ANNA])
    assert counter.service.content.vaerdilister == {}
    assert valid(await counter.call(soap.slet(uuid))).kode == 44


async def test_slet_leaves_a_list_that_a_filter_uses(counter: Counter) -> None:
    """A list in use is not removed: 40 names the abonnement that uses it."""
    uuid = await made(counter, "Borgere", ANNA)
    abonnement = await counter.subscribe()
    reply = valid(await counter.call(soap.slet(uuid)))
    assert reply.kode == 40
    assert abonnement.navn in reply.tekst
    assert uuid in counter.service.content.vaerdilister


@pytest.mark.parametrize(
    ("operation", "matches"),
    [("tilfoej", True), ("fjern", False)],
)
async def test_a_change_holds_from_the_next_message_on(counter: Counter, operation: str, matches: bool) -> None:
    """Once tilfoejvaerdier or fjernvaerdier is answered 20, the next message is matched against the changed list."""
    uuid = await made(counter, "Borgere", *([] if matches else [ANNA]))
    await counter.subscribe()
    await counter.send(ANNA)
    assert counter.ready() == (0 if matches else 1)
    change = soap.tilfoej if matches else soap.fjern
    reply = valid(await counter.call(change(uuid, [ANNA, "en anden"])))
    assert (reply.kode, reply.tekst) == (20, "")
    await counter.send(ANNA)
    assert counter.ready() == 1


async def test_values_are_compared_in_their_canonical_form(counter: Counter) -> None:
    """A UUID in capitals and a CVR number as senders write it are the same as in the list: removed when asked for."""
    uuid = await made(counter, "Blandet", "ABCDABCD-0000-4000-8000-000000000001", "urn:oio:cvr-nr:12345678", " x ")
    assert set((await counter.call(soap.laes(uuid))).values) == {
        "abcdabcd-0000-4000-8000-000000000001",
        "urn:oio:cvr:12345678",
        "x",
    }
    gone = ["abcdabcd-0000-4000-8000-000000000001", "urn:oio:cvr:12345678", "x"]
    assert (await counter.call(soap.fjern(uuid, gone))).kode == 20
    assert (await counter.call(soap.laes(uuid))).values == []


async def test_ten_thousand_values_in_one_call(counter: Counter) -> None:
    """tilfoejvaerdier and fjernvaerdier take 10,000 values in one call; adding some again changes nothing."""
    uuid = await made(counter)
    values = [f"urn:oio:cpr-nr:{number:010d}" for number in range(10_000)]
    for _ in range(2):
        assert (await counter.call(soap.tilfoej(uuid, values))).kode == 20
        assert counter.service.content.vaerdier[uuid] == set(values)
    assert (await counter.call(soap.fjern(uuid, values[1:]))).kode == 20
    assert (await counter.call(soap.laes(uuid))).values == values[:1]


async def test_a_change_of_values_is_a_new_registration(counter: Counter) -> None:
    """After tilfoejvaerdier the list is Rettet, from that moment."""
    uuid = await made(counter)
    counter.clock.advance(10)
    await counter.call(soap.tilfoej(uuid, ["1"]))
    said = counter.service.content.vaerdilister[uuid].registrering
    assert said is not None
    assert (said.livscyklus, said.tidspunkt) == (Livscyklus.RETTET, counter.clock.now())


@pytest.mark.parametrize(
    "write",
    [
        lambda uuid: soap.importer(uuid, "Taget"),
        lambda uuid: soap.ret(uuid, soap.egenskab("Taget", ["x"])),
        soap.laes,
        soap.slet,
        soap.passiver,
        soap.liste,
        lambda uuid: soap.tilfoej(uuid, ["x"]),
        lambda uuid: soap.fjern(uuid, ["hemmelig"]),
    ],
)
async def test_a_list_of_another_system_is_out_of_reach(counter: Counter, write: object) -> None:
    """Another system's list is refused with 40 whatever is asked: neither name nor values are told, nothing changes."""
    assert callable(write)
    uuid = (await counter.call(soap.opret("Fortroligt", ["hemmelig"]), user=OTHER.navn)).uuid
    before = counter.state()
    reply = valid(await counter.call(write(uuid)))
    assert (reply.kode, reply.tekst) == (40, f"værdiliste {uuid} belongs to another anvendersystem")
    assert b"ortroligt" not in reply.content
    assert b"hemmelig" not in reply.content
    assert counter.state() == before


@pytest.mark.parametrize(
    "write",
    [
        lambda uuid: soap.ret(uuid, soap.egenskab("Ny", ["x"])),
        soap.laes,
        soap.slet,
        soap.passiver,
        soap.liste,
        lambda uuid: soap.tilfoej(uuid, ["x"]),
        lambda uuid: soap.fjern(uuid, ["x"]),
    ],
)
async def test_a_list_that_is_not_there_is_44(counter: Counter, write: object) -> None:
    """A UUID that is no list's is answered 44 with the UUID, and makes none."""
    assert callable(write)
    reply = valid(await counter.call(write(UNKNOWN)))
    assert (reply.kode, reply.tekst) == (44, f"no værdiliste {UNKNOWN}")
    assert counter.state() == {"lists": {}, "values": {}}


async def test_changes_are_in_the_trace_without_values(counter: Counter) -> None:
    """The trace says who changed which list, how and by how many values; no value is in it."""
    uuid = await made(counter, "Borgere", ANNA)
    await counter.call(soap.tilfoej(uuid, [ANNA, BODIL]))
    await counter.call(soap.slet(uuid))
    details = [detail for detail in await counter.noted("register") if detail.get("via") == "soap, adgangskode"]
    told = [(one["handling"], one["værdiliste"], one.get("tilføjet"), one.get("fjernet")) for one in details]
    assert told == [
        ("opretvaerdiliste", "Borgere", 1, 0),
        ("tilfoejvaerdier", "Borgere", 1, 0),
        ("sletvaerdiliste", "Borgere", None, None),
    ]
    assert ANNA not in str(await counter.noted("register"))


async def test_a_large_list_comes_and_goes_while_others_are_served(counter: Counter) -> None:
    """A list of 100,000 values is made, read, replaced and removed by single calls; others are served meanwhile."""
    values = [f"urn:oio:cpr-nr:{number:010d}" for number in range(100_000)]
    turns: list[int] = []
    over = asyncio.Event()

    async def others() -> None:
        while not over.is_set():
            turns[-1] += 1
            await asyncio.sleep(0.001)

    async def timed(content: str) -> Reply:
        turns.append(0)
        return await counter.call(content)

    turns.append(0)
    task = asyncio.create_task(others())
    made = await timed(soap.opret("Borgere", values))
    assert (made.kode, len(made.values)) == (20, len(values))
    assert set((await timed(soap.laes(made.uuid))).values) == set(values)
    half = values[: len(values) // 2]
    assert (await timed(soap.importer(made.uuid, "Borgere", half))).kode == 20
    assert counter.service.content.vaerdier[made.uuid] == set(half)
    assert len((await timed(soap.slet(made.uuid))).values) == len(half)
    over.set()
    await task
    assert turns[1] > 20, "a call that blocked the loop would let others run once or twice"
    assert counter.state() == {"lists": {}, "values": {}}


async def test_calls_at_the_same_time_do_not_undo_each_other(counter: Counter) -> None:
    """Of many calls at once about one list each is done on what the others left: no value, note or name is lost."""
    uuid = await made(counter, "Borgere", "x")
    calls = [counter.call(soap.tilfoej(uuid, [f"{number}"])) for number in range(30)]
    calls += [
        counter.call(soap.ret(uuid, note="rettet")),
        counter.call(soap.passiver(uuid)),
        counter.call(soap.fjern(uuid, ["x"])),
    ]
    assert {reply.kode for reply in await asyncio.gather(*calls)} == {20}
    assert counter.service.content.vaerdier[uuid] == {f"{number}" for number in range(30)}
    liste = counter.service.content.vaerdilister[uuid]
    assert liste.registrering is not None
    assert (liste.navn, liste.registrering.note) == ("Borgere", "rettet")
    assert liste.registrering.livscyklus is Livscyklus.PASSIVERET
    stored = await counter.service.register.load()
    assert (stored.vaerdilister[uuid], stored.vaerdier[uuid]) == (liste, counter.service.content.vaerdier[uuid])


async def test_a_change_does_not_bring_a_removed_list_back(counter: Counter) -> None:
    """Of slet and tilfoejvaerdier at once one comes first; either way the list is gone in the end."""
    uuid = await made(counter, "Borgere", "x")
    gone, added = await asyncio.gather(counter.call(soap.slet(uuid)), counter.call(soap.tilfoej(uuid, ["y"])))
    assert gone.kode == 20
    assert added.kode in (20, 44)
    assert counter.state() == {"lists": {}, "values": {}}
    assert (await counter.service.register.load()).vaerdilister == {}
