"""KOMBIT's public messages as test data, each time with a BeskedId of its own; read where they lie, never copied."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "kombit"
KUVERT = "{urn:oio:besked:kuvert:1.0}"

SENDER = "Afsendersystem"
"""In the built-in register: may send everything."""
TEST_RECEIVER, TEST_DUESLAG = "Testkommune Fagsystem", "99999999-9999-9999-9999-999999999999"
PKO_RECEIVER, PKO_DUESLAG = "Eksempelby Fagsystem", "11111111-1111-1111-1111-111111111111"

_BESKED_ID = re.compile(rb"(<[^<>]*BeskedId>.*?<[^<>]*UUIDIdentifikator>)[0-9a-fA-F-]{36}(<)", re.DOTALL)
_FIRST_DATA = re.compile(rb"<(?:\w+:)?Beskeddata(?: [^<>]*)?>")
_LAST_DATA = re.compile(rb".*(</(?:\w+:)?Beskeddata\s*>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sample:
    """One message to send, and where the built-in register sends it."""

    name: str
    besked_id: str
    xml: bytes
    receiver: str
    dueslag: str


def _reference(path: str) -> Path:
    found = REFERENCE / path
    if not found.exists():
        text = f"reference data is missing: {found}"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


def extern_test_besked() -> Sample:
    """KOMBIT's sample for senders, as it is but for the BeskedId."""
    xml, besked_id = _new_id(_reference("messages/externTestBesked.xml").read_bytes())
    return Sample("externTestBesked", besked_id, xml, TEST_RECEIVER, TEST_DUESLAG)


def poststatus(kind: str) -> Sample:
    """A PKO_PostStatus as it was delivered ("success" or "error"), out of its ModtagBeskedInput."""
    whole = etree.parse(_reference(f"messages/pko_poststatus_{kind}.xml")).getroot()
    besked = whole.find(f"{KUVERT}Haendelsesbesked")
    assert besked is not None
    besked.tail = None
    document = b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(besked, encoding="UTF-8")
    xml, besked_id = _new_id(document)
    return Sample(f"pko_poststatus_{kind}", besked_id, xml, PKO_RECEIVER, PKO_DUESLAG)


def sample(name: str) -> Sample:
    """By name, for parametrized tests; a new BeskedId each time."""
    if name == "externTestBesked":
        return extern_test_besked()
    return poststatus(name.removeprefix("pko_poststatus_"))


NAMES = ("externTestBesked", "pko_poststatus_success", "pko_poststatus_error")


def beskeddata(xml: bytes) -> bytes:
    """The bytes within Beskeddata, as they stand."""
    first, last = _FIRST_DATA.search(xml), _LAST_DATA.match(xml)
    assert first is not None
    assert last is not None
    return xml[first.end() : last.start(1)]


def check_delivered(sent: Sample, body: bytes) -> etree._Element:
    """What every delivery must be: valid by KOMBIT's XSD, the same message, Beskeddata untouched byte for byte."""
    root = etree.fromstring(body)
    _schema().assertValid(root)
    assert root.tag == f"{KUVERT}Haendelsesbesked"
    assert root.findtext(f"{KUVERT}BeskedId/{{*}}UUIDIdentifikator") == sent.besked_id
    assert beskeddata(body) == beskeddata(sent.xml)
    rute = root.find(f".//{KUVERT}Leverancerute[last()]")
    assert rute is not None, "a delivery says by which abonnement it came"
    assert rute.findtext(f"{KUVERT}ErLeveretIHenholdTil/{{*}}UUIDIdentifikator")
    return root


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_reference("xsd/Beskedkuvert.xsd")))


def _new_id(xml: bytes) -> tuple[bytes, str]:
    besked_id = str(uuid.uuid4())
    changed, count = _BESKED_ID.subn(rb"\g<1>" + besked_id.encode() + rb"\g<2>", xml, count=1)
    assert count == 1
    return changed, besked_id
