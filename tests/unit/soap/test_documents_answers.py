"""Answers say what they should, and KOMBIT's schema takes them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.soap.documents.answers import answer, refusal
from adapters.soap.documents.operation import Operation
from adapters.soap.documents.requests import (
    FjernVaerdier,
    FlytTilFejlkoe,
    Import,
    Laes,
    List,
    Opret,
    Passiver,
    Request,
    Ret,
    Slet,
    Soeg,
    Tidsfiltre,
    TilfoejVaerdier,
)
from adapters.soap.documents.schema import FEJLKOE_FILE, VAERDILISTE_FILE
from broker.core.model import Livscyklus, Registrering, Vaerdiliste
from broker.kuvert import read_standard_retur
from broker.kuvert.schema import load_schema
from tests.unit.soap.kombit import fejlkoe_schema, vaerdiliste_schema
from tests.unit.soap.shown import answers, lists, texts

UUID = "01157488-c45c-4fd2-b076-1de12effbf66"
SYSTEM = "19dc3a1d-c629-4853-b566-7fe49cf674ce"
OURS = load_schema(VAERDILISTE_FILE)
OURS_FEJLKOE = load_schema(FEJLKOE_FILE)
NS = {"v": "urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0", "s": "urn:oio:sagdok:3.0.0"}
REGISTRERING = Registrering(
    tidspunkt=1_700_000_000.5,
    livscyklus=Livscyklus.RETTET,
    bruger=SYSTEM,
    note="skjult",
    noegle="nøgle",
    virkning_fra=1_600_000_000.0,
    virkning_til=253_402_300_799.0,
    aktoer="urn:oio:cvr:12345678",
    aktoer_type="Organisation",
    virkning_note="<&>",
)
LISTE = Vaerdiliste(UUID, "borgere & <flere>", SYSTEM, REGISTRERING)
OF_YAML = Vaerdiliste(UUID, "borgere", SYSTEM)
REQUESTS: tuple[Request, ...] = (
    Opret("", ()),
    Import("", UUID, ()),
    Ret(UUID, "", None),
    Laes(UUID, Tidsfiltre()),
    Slet(UUID, ""),
    Passiver(UUID, ""),
    List((UUID, UUID), Tidsfiltre()),
    Soeg(),
    TilfoejVaerdier(UUID, ()),
    FjernVaerdier(UUID, ()),
    FlytTilFejlkoe(b"", UUID),
)


def read(document: bytes) -> etree._Element:
    """The answer, valid by KOMBIT's schema and ours."""
    root = etree.fromstring(document)
    fejlkoe = root.tag == Operation.FLYT_TIL_FEJLKOE.output
    for schema in (fejlkoe_schema(), OURS_FEJLKOE) if fejlkoe else (vaerdiliste_schema(), OURS):
        assert schema.validate(root), schema.error_log
    return root


def values_of(root: etree._Element, path: str) -> list[str]:
    """The texts at a path."""
    return [element.text or "" for element in cast("list[etree._Element]", root.xpath(path, namespaces=NS))]


@settings(max_examples=200, deadline=None)
@given(document=answers())
def test_every_answer_is_valid(document: bytes) -> None:
    """Whatever a list is called and holds, KOMBIT's schema takes the answer."""
    read(document)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.operation.value)
@pytest.mark.parametrize("kode", [40, 41, 44, 51, 53, 55])
def test_a_refusal_is_standard_retur_alone(request_: Request, kode: int) -> None:
    """A code other than 20 comes with its sentence, and with nothing of the list."""
    document = answer(
        request_,
        kode,
        "Navn: <intet> & \x00",
        uuid=UUID,
        registrering=(LISTE, ["a"]),
        resultater=[(LISTE, ["a"])],
        idliste=[UUID],
    )
    root = read(document)
    assert root.tag == request_.operation.output
    assert [etree.QName(child).localname for child in root] == ["StandardRetur"]
    assert read_standard_retur(document) == (kode, "Navn: <intet> & \ufffd")
    assert document == refusal(request_.operation, kode, "Navn: <intet> & \x00")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.operation.value)
def test_a_success_has_no_sentence(request_: Request) -> None:
    """With 20 FejlbeskedTekst is there, and empty; the root is the operation's own."""
    document = answer(request_, 20, "overhøres")
    assert read(document).tag == request_.operation.output
    assert read_standard_retur(document) == (20, "")


@pytest.mark.parametrize("request_", REQUESTS[:3] + REQUESTS[4:6], ids=lambda request: request.operation.value)
def test_a_change_shows_the_registration(request_: Request) -> None:
    """opret, import, ret, slet and passiver answer with what is registered now; opret with the new UUID too."""
    root = read(answer(request_, registrering=(LISTE, ["1", "2"])))
    inside = root[1] if request_.operation is not Operation.OPRET else root[1][1]
    assert etree.QName(inside).localname == "Registrering"
    assert values_of(root, "v:Vaerdiliste/s:UUIDIdentifikator") == [UUID] * (request_.operation is Operation.OPRET)
    said = {
        "s:FraTidspunkt/s:TidsstempelDatoTid": "2023-11-14T22:13:20.500Z",
        "s:LivscyklusKode": "Rettet",
        "s:BrugerRef/s:UUIDIdentifikator": SYSTEM,
        ".//s:BrugervendtNoegleTekst": "nøgle",
        ".//v:Navn": "borgere & <flere>",
        ".//s:Virkning/s:FraTidspunkt/s:TidsstempelDatoTid": "2020-09-13T12:26:40.000Z",
        ".//s:Virkning/s:TilTidspunkt/s:TidsstempelDatoTid": "9999-12-31T23:59:59.000Z",
        ".//s:AktoerRef/s:URNIdentifikator": "urn:oio:cvr:12345678",
        ".//s:AktoerTypeKode": "Organisation",
        ".//s:Virkning/s:NoteTekst": "<&>",
    }
    assert {path: values_of(inside, path) for path in said} == {path: [value] for path, value in said.items()}
    assert values_of(inside, ".//v:Vaerdi") == ["1", "2"]


def test_another_uuid_for_opret() -> None:
    """The UUID given stands in OpretOutput, whatever the list's own is."""
    root = read(answer(Opret("", ()), uuid=SYSTEM, registrering=(LISTE, [])))
    assert values_of(root, "v:Vaerdiliste/s:UUIDIdentifikator") == [SYSTEM]


def test_a_list_that_was_not_made_by_soap() -> None:
    """A list of the register file reads as imported since always, or since the time given, by the system it is of."""
    root = read(answer(Laes(UUID, Tidsfiltre()), resultater=[(OF_YAML, ["x"])]))
    assert values_of(root, "v:LaesResultat/v:Registrering/s:LivscyklusKode") == ["Importeret"]
    assert values_of(root, ".//v:Registrering/s:FraTidspunkt/s:GraenseIndikator") == ["true"]
    assert values_of(root, ".//s:BrugerRef") == []
    assert values_of(root, ".//s:AktoerRef/s:UUIDIdentifikator") == [SYSTEM]
    assert values_of(root, ".//s:AktoerTypeKode") == ["ItSystem"]
    since = read(answer(Laes(UUID, Tidsfiltre()), resultater=[(OF_YAML, ["x"])], siden=0.0))
    assert values_of(since, ".//v:Registrering/s:FraTidspunkt/s:TidsstempelDatoTid") == ["1970-01-01T00:00:00.000Z"]


@pytest.mark.parametrize("kind", [Laes, List])
def test_a_filter_on_virkning_asks_for_a_snapshot(kind: type[Laes] | type[List]) -> None:
    """With VirkningFraFilter or VirkningTilFilter the answer is a FiltreretOejebliksbillede, which names its list."""
    for snapshot in (False, True):
        filtre = Tidsfiltre(registrering_til=5.0, oejebliksbillede=snapshot)
        request = Laes(UUID, filtre) if kind is Laes else List((UUID,), filtre)
        root = read(answer(request, resultater=[(LISTE, ["a"])]))
        assert bool(values_of(root, "v:LaesResultat/v:FiltreretOejebliksbillede")) is snapshot
        assert values_of(root, "v:LaesResultat/v:FiltreretOejebliksbillede/s:UUIDIdentifikator") == [UUID] * snapshot
        assert values_of(root, ".//v:Vaerdi") == ["a"]


def test_results_keep_the_order_of_the_request() -> None:
    """A Registrering names no list: the n-th result is the n-th list asked for."""
    results = [(Vaerdiliste(UUID, navn, SYSTEM), [navn]) for navn in ("c", "a", "b")]
    root = read(answer(List((UUID,) * 3, Tidsfiltre()), resultater=results))
    assert values_of(root, "v:LaesResultat//v:Navn") == ["c", "a", "b"]


def test_hits_of_a_search() -> None:
    """SoegOutput has an IdListe, also where nothing was found."""
    assert values_of(read(answer(Soeg(), idliste=[UUID, SYSTEM])), "s:IdListe/s:UUIDIdentifikator") == [UUID, SYSTEM]
    assert len(values_of(read(answer(Soeg())), "s:IdListe")) == 1


@settings(max_examples=200, deadline=None)
@given(liste=lists, values=st.lists(st.text(), max_size=6))
def test_values_come_out_as_they_went_in(liste: tuple[Vaerdiliste, Sequence[str]], values: list[str]) -> None:
    """Each value is its own element; only what XML cannot hold is replaced."""
    root = read(answer(Laes(UUID, Tidsfiltre()), resultater=[(liste[0], values)]))
    assert values_of(root, ".//v:Vaerdi") == [_carried(value) for value in values]
    assert values_of(root, ".//v:Navn") == [_carried(liste[0].navn)]


def _carried(value: str) -> str:
    return "".join(
        character
        if character in "\t\n\r"
        or (character >= " " and not "\ud800" <= character <= "\udfff" and character < "\ufffe")
        or character >= "\U00010000"
        else "\ufffd"
        for character in value
    )


@given(tid=st.floats(allow_nan=False), text=texts)
def test_a_time_beyond_the_calendar_is_its_end(tid: float, text: str) -> None:
    """No time makes an answer fail: years before 1 and after 9999 become the first and the last there is."""
    registrering = Registrering(tid, Livscyklus.OPSTAAET, virkning_fra=tid, aktoer="urn:x:y", aktoer_type=text)
    read(answer(Slet(UUID, ""), registrering=(Vaerdiliste(UUID, "x", SYSTEM, registrering), [])))


def test_half_a_million_values() -> None:
    """A list of 500,000 values is answered whole, in one document."""
    values = [f"urn:oio:cpr-nr:{number:010d}" for number in range(500_000)]
    document = answer(Laes(UUID, Tidsfiltre()), resultater=[(LISTE, values)])
    assert document.count(b"<Vaerdi>") == 500_000
    assert document.endswith(b"</LaesOutput>")
    assert b"<Vaerdi>urn:oio:cpr-nr:0000499999</Vaerdi></Vaerdiliste>" in document


@pytest.mark.parametrize(
    ("filtre", "meets"),
    [
        (Tidsfiltre(), True),
        (Tidsfiltre(virkning_fra=30.0), False),
        (Tidsfiltre(virkning_fra=29.0), True),
        (Tidsfiltre(virkning_til=10.0), False),
        (Tidsfiltre(virkning_til=10.1), True),
        (Tidsfiltre(registrering_til=100.0), False),
        (Tidsfiltre(registrering_til=100.1), True),
        (Tidsfiltre(registrering_fra=500.0), True),
    ],
)
def test_periods_that_meet(filtre: Tidsfiltre, meets: bool) -> None:
    """A filter is a period: it meets a Virkning [10, 30) registered at 100 where both have a moment in common."""
    assert filtre.meets(Registrering(100.0, Livscyklus.OPSTAAET, virkning_fra=10.0, virkning_til=30.0)) is meets
    assert filtre.meets(None)
