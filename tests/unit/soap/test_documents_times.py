"""The times of a request, as seconds since the epoch."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.soap.documents.answers import answer
from adapters.soap.documents.leaves import EARLIEST
from adapters.soap.documents.reading import read_request
from adapters.soap.documents.requests import Laes, Slet
from broker.core.model import Livscyklus, Registrering, Vaerdiliste

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
