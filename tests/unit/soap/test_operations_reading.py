"""laes, list and soeg: what each finds of the lists, and what it says where there is nothing."""

from __future__ import annotations

import pytest

from broker.core.model import Livscyklus, Vaerdiliste
from tests.support import soap
from tests.support.soap import SAGDOK
from tests.unit.soap.counter import OTHER, SYSTEM, Counter
from tests.unit.soap.lists import ANNA, BODIL, UNKNOWN, counter, made, valid

__all__ = ["counter"]


async def test_laes_filters_on_time(counter: Counter) -> None:
    """laes answers 44 where the registration is not yet known at the time asked for, or its Virkning is another time's;
    with a filter on Virkning the answer is a FiltreretOejebliksbillede with the list's UUID."""
    uuid = await made(counter, "Borgere", ANNA, fra="2020-01-01T00:00:00Z", til="2021-01-01T00:00:00Z")

    def at(name: str, tid: str) -> str:
        return f"<s:{name}><s:TidsstempelDatoTid>{tid}</s:TidsstempelDatoTid></s:{name}>"

    during = valid(await counter.call(soap.laes(uuid, at("VirkningFraFilter", "2020-06-01T00:00:00Z"))))
    assert (during.kode, during.values) == (20, [ANNA])
    assert during.output.findtext(f".//{{{soap.LISTE}}}FiltreretOejebliksbillede/{{{SAGDOK}}}UUIDIdentifikator") == uuid
    for filters in (
        at("VirkningFraFilter", "2021-01-01T00:00:00Z"),
        at("RegistreringTilFilter", "2023-11-14T22:13:20Z"),
    ):
        reply = valid(await counter.call(soap.laes(uuid, filters)))
        assert (reply.kode, reply.values) == (44, [])
        assert uuid in reply.tekst
    assert (
        valid(await counter.call(soap.liste(uuid, filters=at("VirkningFraFilter", "2021-01-01T00:00:00Z")))).kode == 44
    )


async def test_list_gives_what_is_found_in_the_order_asked_for(counter: Counter) -> None:
    """list leaves out unknown lists and those of others; with none left it answers 44, or 40 where they are others'."""
    first, second = await made(counter, "Ø", "1"), await made(counter, "A", "2", "3")
    foreign = (await counter.call(soap.opret("X", ["hemmelig"]), user=OTHER.navn)).uuid
    reply = valid(await counter.call(soap.liste(second, UNKNOWN, foreign, first, second)))
    assert (reply.kode, reply.navne, reply.values) == (20, ["A", "Ø"], ["2", "3", "1"])
    none = valid(await counter.call(soap.liste(UNKNOWN)))
    assert (none.kode, none.tekst) == (44, f"no værdiliste {UNKNOWN}")
    others = valid(await counter.call(soap.liste(UNKNOWN, foreign)))
    assert (others.kode, others.tekst) == (40, f"værdiliste {foreign} belongs to another anvendersystem")


async def test_a_list_of_the_register_file_is_there_too(counter: Counter) -> None:
    """A list that was made without VærdilisteRediger is read, searched and changed like any other."""
    liste = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000001", "Fra fil", SYSTEM.id)
    await counter.service.put([liste])
    assert (await counter.call(soap.tilfoej(liste.id, [ANNA]))).kode == 20
    assert counter.service.content.vaerdilister[liste.id].registrering is None
    shown = valid(await counter.call(soap.laes(liste.id)))
    assert (shown.kode, shown.values, shown.livscyklus) == (20, [ANNA], ["Importeret"])
    assert (await counter.call(soap.soeg())).uuids == [liste.id]
    assert valid(await counter.call(soap.ret(liste.id, note="nu herfra"))).livscyklus == ["Rettet"]
    said = counter.service.content.vaerdilister[liste.id].registrering
    assert said is not None
    assert (said.livscyklus, said.bruger, said.note) == (Livscyklus.RETTET, SYSTEM.id, "nu herfra")


async def test_search_by_what_is_known(counter: Counter) -> None:
    """soeg finds the caller's lists by name, key, a value they hold, LivscyklusKode and who registered them."""
    first = await made(counter, "A", ANNA, noegle="K1")
    second = await made(counter, "B", ANNA, BODIL, fra="2020-01-01T00:00:00Z", til="2021-01-01T00:00:00Z")
    await counter.call(soap.opret("C", [ANNA], noegle="K1"), user=OTHER.navn)
    await counter.call(soap.passiver(second))

    def egenskab(inside: str) -> str:
        return f"<SoegAttributListe><SoegEgenskab>{inside}</SoegEgenskab></SoegAttributListe>"

    def registrering(inside: str) -> str:
        return f"<s:SoegRegistrering>{inside}</s:SoegRegistrering>"

    def bruger(system: str) -> str:
        return registrering(f"<s:BrugerRef><s:UUIDIdentifikator>{system}</s:UUIDIdentifikator></s:BrugerRef>")

    in_2022 = "<s:FraTidspunkt><s:TidsstempelDatoTid>2022-01-01T00:00:00Z</s:TidsstempelDatoTid></s:FraTidspunkt>"
    cases = {
        "": [first, second],
        f"<s:UUIDIdentifikator>{second}</s:UUIDIdentifikator>": [second],
        egenskab("<Vaerdiliste><Navn>B</Navn></Vaerdiliste>"): [second],
        egenskab("<Vaerdiliste><Navn>b</Navn></Vaerdiliste>"): [],
        egenskab("<s:BrugervendtNoegleTekst>K1</s:BrugervendtNoegleTekst>"): [first],
        egenskab(f"<Vaerdiliste><Navn/><Vaerdi>{ANNA}</Vaerdi></Vaerdiliste>"): [first, second],
        egenskab(f"<Vaerdiliste><Navn/><Vaerdi>{ANNA}</Vaerdi><Vaerdi>{BODIL}</Vaerdi></Vaerdiliste>"): [second],
        egenskab(f"<s:SoegVirkning>{in_2022}</s:SoegVirkning>"): [first],
        registrering("<s:LivscyklusKode>Passiveret</s:LivscyklusKode>"): [second],
        registrering(in_2022): [first, second],
        registrering(in_2022.replace("2022", "2030")): [],
        bruger(SYSTEM.id): [first, second],
        bruger(OTHER.id): [],
        f"<s:SoegVirkning>{in_2022}</s:SoegVirkning>": [first],
    }
    for objekt, expected in cases.items():
        reply = valid(await counter.call(soap.soeg(objekt)))
        assert (reply.kode, reply.uuids) == (20, expected), objekt


async def test_search_in_pages(counter: Counter) -> None:
    """FoersteResultatReference and MaksimalAntalKvantitet give the hits page by page, by name, each once."""
    uuids = [await made(counter, f"Liste {number}") for number in range(5)]
    assert (await counter.call(soap.soeg(maksimalt=2))).uuids == uuids[:2]
    assert (await counter.call(soap.soeg(foerste=2, maksimalt=2))).uuids == uuids[2:4]
    assert (await counter.call(soap.soeg(foerste=4, maksimalt=2))).uuids == uuids[4:]
    assert (await counter.call(soap.soeg(maksimalt=0))).uuids == []


async def test_an_answer_has_its_limit(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """list of more values than one answer may hold is refused with 40 and the number."""
    uuids = [await made(counter, f"Liste {number}", "1", "2") for number in range(3)]
    monkeypatch.setattr("adapters.soap.operations.MOST_VALUES", 5)
    reply = valid(await counter.call(soap.liste(*uuids)))
    assert (reply.kode, reply.values) == (40, [])
    assert "6 values; expected at most 5" in reply.tekst
    assert (await counter.call(soap.liste(*uuids[:2]))).kode == 20
