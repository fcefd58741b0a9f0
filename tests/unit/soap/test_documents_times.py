"""The times of a request, as seconds since the epoch."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.soap.documents.answers import answer
from adapters.soap.documents.leaves import EARLIEST, LATEST
from adapters.soap.documents.reading import read_request
from adapters.soap.documents.requests import Laes, Opret, Slet, Virkning
from broker.core.model import Livscyklus, Registrering, Vaerdiliste
from broker.errors import Refused

UUID = "01157488-c45c-4fd2-b076-1de12effbf66"
NS = {"s": "urn:oio:sagdok:3.0.0"}


def tid(leaf: str) -> float | None:
    """What a VirkningFraFilter with this inside is read as."""
    document = (
        '<LaesInput xmlns="urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0" xmlns:s="urn:oio:sagdok:3.0.0">'
        f"<s:UUIDIdentifikator>{UUID}</s:UUIDIdentifikator><s:VirkningFraFilter>{leaf}</s:VirkningFraFilter></LaesInput>"
    )
    read = read_request(etree.fromstring(document))
    assert isinstance(read, Laes)
    assert read.filtre.oejebliksbillede
    return read.filtre.virkning_fra


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:00", 0.0),
        ("2020-08-19T19:27:14+02:00\n", 1597858034.0),
        ("2020-08-19T24:00:00Z", 1597881600.0),
        ("2026-11-21T08:00:00.123456789Z", 1795248000.123456),
        ("9999-12-31T23:59:59Z", 253402300799.0),
        ("9999-12-31T23:59:59-14:00", None),
        ("12022-02-13T08:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", EARLIEST),
        ("-0044-03-15T12:00:00", EARLIEST),
        ("2020-08<!-- maj? -->-19T19:27:14<?x?>+02:00", 1597858034.0),
    ],
)
def test_a_date_and_time(text: str, seconds: float | None) -> None:
    """Every dateTime that the schema takes is a moment; after the year 9999 it means no limit, before 1 the first."""
    assert tid(f"<s:TidsstempelDatoTid>{text}</s:TidsstempelDatoTid>") == seconds


@pytest.mark.parametrize("text", ["true", "false", "1", " 0 "])
def test_a_limit(text: str) -> None:
    """A GraenseIndikator is no moment: there is no limit on that side."""
    assert tid(f"<!-- x --><s:GraenseIndikator>{text}</s:GraenseIndikator>") is None


@pytest.mark.parametrize("year", [1, 44, 999, 1000, 9999])
def test_a_year_has_four_digits(year: int) -> None:
    """Years before 1000 are written with zeros before them, as a dateTime must be."""
    moment = tid(f"<s:TidsstempelDatoTid>{year:04d}-06-01T00:00:00Z</s:TidsstempelDatoTid>")
    assert moment is not None
    liste = Vaerdiliste(UUID, "x", UUID, Registrering(moment, Livscyklus.SLETTET))
    root = etree.fromstring(answer(Slet(UUID, ""), registrering=(liste, [])))
    assert root.findtext(".//s:FraTidspunkt/s:TidsstempelDatoTid", namespaces=NS) == f"{year:04d}-06-01T00:00:00.000Z"


def stated(side: str, text: str) -> Virkning:
    """The Virkning of a new list with this time on one side."""
    document = (
        '<OpretInput xmlns="urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0" xmlns:s="urn:oio:sagdok:3.0.0">'
        "<AttributListe><Egenskab><Vaerdiliste><Navn>n</Navn></Vaerdiliste><s:Virkning>"
        f"<s:{side}><s:TidsstempelDatoTid>{text}</s:TidsstempelDatoTid></s:{side}>"
        f"<s:AktoerRef><s:UUIDIdentifikator>{UUID}</s:UUIDIdentifikator></s:AktoerRef>"
        "<s:AktoerTypeKode>ItSystem</s:AktoerTypeKode></s:Virkning></Egenskab></AttributListe>"
        "<TilstandListe/><RelationListe/></OpretInput>"
    )
    read = read_request(etree.fromstring(document))
    assert isinstance(read, Opret)
    return read.egenskaber[0].virkning


@pytest.mark.parametrize("side", ["FraTidspunkt", "TilTidspunkt"])
@pytest.mark.parametrize(
    "text",
    [
        "10000-01-01T00:00:00Z",
        "123456-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "-0001-01-01T00:00:00Z",
        "-12022-02-13T08:00:00Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_virkning_that_cannot_be_kept_is_refused(side: str, text: str) -> None:
    """A period is never answered 20 and then kept as another: 40, with the element, the value and what to write."""
    with pytest.raises(Refused) as caught:
        stated(side, text)
    assert caught.value.status_kode == 40
    assert str(caught.value) == (
        f"OpretInput/AttributListe/Egenskab/Virkning/{side}/TidsstempelDatoTid (line 1): '{text}' is outside the years "
        "0001 to 9999 (UTC); expected a time within them, or GraenseIndikator for no limit"
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0001-01-01T00:00:00Z", EARLIEST),
        ("9999-12-31T23:59:59.9999999Z", LATEST),
        ("9999-12-31T23:59:59+01:00", 253402297199.0),
    ],
)
def test_the_first_and_the_last_that_a_virkning_can_say(text: str, seconds: float) -> None:
    """The times that programs write for "always" and "for ever" are kept, to the millisecond."""
    assert stated("FraTidspunkt", text).fra == seconds
