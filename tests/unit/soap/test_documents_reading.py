"""What a request says is read, whoever wrote it down."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.soap.documents.operation import Operation, UnknownOperation, operation_of
from adapters.soap.documents.reading import read_request
from adapters.soap.documents.requests import FlytTilFejlkoe, Import, List, Opret, RegistreringIn, Request, Slet
from adapters.soap.documents.requests import TilfoejVaerdier as Tilfoej
from broker.core.model import Livscyklus
from broker.errors import Refused
from broker.kuvert import parse
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.reference import reference
from tests.unit.soap.strategies import requests
from tests.unit.soap.written import write

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FEJLKOE = "urn:oio:sts:beskedfordeler:1.0.0"


def in_envelope(document: bytes) -> etree._Element:
    """The request as a SOAP server meets it: deep in a larger tree."""
    whole = b'<soap:Envelope xmlns:soap="%b"><soap:Header/><soap:Body>%b</soap:Body></soap:Envelope>'
    return etree.fromstring(whole % (SOAP.encode(), document))[1][0]


def flyt(besked: bytes) -> bytes:
    """A request to move ``besked`` (without XML declaration) to the fejlkø."""
    return b'<b:FlytBeskedTilFejlkoeInput xmlns:b="%b">%b</b:FlytBeskedTilFejlkoeInput>' % (FEJLKOE.encode(), besked)


def without_prolog(document: bytes) -> bytes:
    """The root element alone, as it can stand inside another."""
    return etree.tostring(etree.fromstring(document), encoding="utf-8")


@settings(max_examples=300, deadline=None)
@given(request=requests, seed=st.integers(0, 2**32))
def test_what_is_written_is_read(request: Request, seed: int) -> None:
    """Prefixes, layout, comments, processing instructions, CDATA, time zones: the request read is the one meant."""
    assert read_request(in_envelope(write(request, seed))) == request


@settings(max_examples=50, deadline=None)
@given(request=requests, seed=st.integers(0, 2**32))
def test_reading_leaves_the_tree_alone(request: Request, seed: int) -> None:
    """A signature over the Body can still be verified after the request was read."""
    element = in_envelope(write(request, seed))
    before = etree.tostring(element.getroottree())
    read_request(element)
    assert etree.tostring(element.getroottree()) == before


def test_kombits_samples_are_read() -> None:
    """The four requests that KOMBIT publishes are understood, comments between the values and all."""
    read = {
        name: read_request(etree.parse(reference(f"messages/vaerdiliste_{name}.xml")).getroot())
        for name in ("opret", "slet", "list", "tilfoejvaerdier")
    }
    opret, slet, liste, tilfoej = read["opret"], read["slet"], read["list"], read["tilfoejvaerdier"]
    assert isinstance(opret, Opret)
    assert opret.egenskab.navn == "List 4003"
    assert len(opret.egenskab.vaerdier) == 13
    assert opret.egenskab.virkning.aktoer_type == "OrganisationFunktion"
    assert isinstance(slet, Slet)
    assert slet.note == "delete vaerdiliste note text"
    assert isinstance(liste, List)
    assert len(liste.uuids) == 6
    assert not liste.filtre.oejebliksbillede
    assert isinstance(tilfoej, Tilfoej)
    assert tilfoej.vaerdier == ("00000000-3333-4444-0000-000000000010", "00000000-5555-0000-0000-000000000010")


def test_many_values_are_read() -> None:
    """20,000 values in one call arrive, in order."""
    request = Tilfoej("01157488-c45c-4fd2-b076-1de12effbf66", tuple(f"værdi {i}" for i in range(20_000)))
    assert read_request(in_envelope(write(request, 1))) == request


@pytest.mark.parametrize("seed", range(30))
def test_the_message_for_the_fejlkoe_comes_whole(seed: int) -> None:
    """The Haendelsesbesked is handed on as a document of its own that says what the sender's said."""
    original = Writer(seed).write().data
    read = read_request(in_envelope(flyt(without_prolog(original))))
    assert isinstance(read, FlytTilFejlkoe)
    assert parse(read.besked).besked == parse(original).besked
    assert read.besked_id == parse(original).besked.besked_id


def test_namespaces_of_the_envelope_come_along() -> None:
    """A prefix that only the SOAP Envelope declares is still bound in the message that is handed on."""
    besked = without_prolog(Writer(3).write().data)
    document = flyt(besked).decode().replace("<b:", "<b:", 1)
    whole = f'<e:Envelope xmlns:e="{SOAP}" xmlns:q="urn:kun-her"><e:Body>{document}</e:Body></e:Envelope>'
    read = read_request(etree.fromstring(whole)[0][0])
    assert isinstance(read, FlytTilFejlkoe)
    assert etree.fromstring(read.besked).nsmap["q"] == "urn:kun-her"


def test_the_newest_registration_of_an_import() -> None:
    """Of several registrations the latest counts, the last of those alike; one without a time is the earliest."""
    egenskaber = ()
    times = (None, 5.0, 9.0, 9.0, 7.0)
    registreringer = tuple(
        RegistreringIn(tid, Livscyklus.RETTET, f"urn:oio:nr:{number}", egenskaber) for number, tid in enumerate(times)
    )
    assert Import("", "01157488-c45c-4fd2-b076-1de12effbf66", registreringer).newest is registreringer[3]
    assert Import("", "01157488-c45c-4fd2-b076-1de12effbf66", registreringer[:1]).newest is registreringer[0]


@pytest.mark.parametrize("operation", Operation)
def test_an_operation_is_known_by_the_name_of_its_request(operation: Operation) -> None:
    """The element in the Body says which operation is meant."""
    assert operation_of(etree.Element(operation.input)) is operation


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("{urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0}OpretOutput", "OpretInput, ImportInput"),
        ("{urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0}FlytBeskedTilFejlkoeInput", f"it in namespace {FEJLKOE}"),
        ("{urn:fremmed}SletInput", "it in namespace urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0"),
        ("OpretInput", "in no namespace"),
        ("x" * 5000, "x" * 100 + " in no namespace"),
    ],
)
def test_an_unknown_operation_is_named(tag: str, expected: str) -> None:
    """Whatever else the Body holds is refused with what could stand there."""
    with pytest.raises(UnknownOperation) as caught:
        read_request(etree.Element(tag))
    assert expected in str(caught.value)
    assert caught.value.status_kode == 40
    assert len(str(caught.value)) < 600


def test_a_comment_is_no_request() -> None:
    """A Body whose first node is a comment is refused, not crashed on, if it is handed in."""
    with pytest.raises(UnknownOperation, match="holds no element"):
        read_request(etree.Comment("x"))


def test_actions_are_kombits() -> None:
    """Each SOAPAction is the one of KOMBIT's WSDL."""
    text = reference("Beskedfordeler.wsdl").read_text()
    operations = {operation.value: operation.action for operation in Operation}
    wsdl = etree.fromstring(text.encode())
    spaces = {"w": "http://schemas.xmlsoap.org/wsdl/", "s": "http://schemas.xmlsoap.org/wsdl/soap/"}
    found = {
        str(one.get("name")): str(one.xpath("string(s:operation/@soapAction)", namespaces=spaces))
        for one in wsdl.iterfind("w:binding/w:operation", spaces)
    }
    assert operations == found


def test_a_refusal_is_a_refusal() -> None:
    """UnknownOperation is answered like any other refusal where nobody treats it apart."""
    assert issubclass(UnknownOperation, Refused)
