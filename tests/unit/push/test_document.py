"""ModtagBeskedInput as KOMBIT's schema has it, and the message in it untouched."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.push.document import modtag_besked_input
from broker.kuvert import haendelsesbesked
from tests.unit.kuvert.reference import delivered_samples, reference, sample

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
INPUT = "{urn:oio:sts:1.0.0}ModtagBeskedInput"
HAENDELSESBESKED = "{urn:oio:besked:kuvert:1.0}Haendelsesbesked"


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    path = reference("xsd/AnvendersystemOperationer.xsd")
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def ours() -> bytes:
    return haendelsesbesked(beskedtype=TYPE, beskeddata=b"<t xmlns=''><u/></t>")


def bare() -> bytes:
    body = ours()
    return body[body.index(b"?>") + 2 :].lstrip() if body.startswith(b"<?xml") else body


PROLOGS = {
    "none": b"",
    "declaration": b'<?xml version="1.0" encoding="UTF-8"?>',
    "with line breaks": b"<?xml\n version='1.0'\r\n encoding='utf-8'\tstandalone='yes' ?>\n",
    "byte order mark": b"\xef\xbb\xbf",
    "both": b'\xef\xbb\xbf<?xml version="1.0"?>\n',
    "comment and instruction": b'<?xml version="1.0"?><!-- ?> <Haendelsesbesked/> --><?vis a?>\n',
    "instruction whose name begins as a declaration": b"<?xmlish a?>",
}


@pytest.mark.parametrize("prolog", PROLOGS)
def test_a_message_in_its_wrapper_is_valid_by_kombits_schema(prolog: str) -> None:
    """Whatever stands before the message, and with something behind it."""
    root = etree.fromstring(modtag_besked_input(PROLOGS[prolog] + bare() + b"\n<!-- slut -->\n"))
    assert root.tag == INPUT
    schema().assertValid(root)


@pytest.mark.parametrize("prolog", PROLOGS)
def test_the_message_stays_byte_for_byte(prolog: str) -> None:
    """Taking the wrapper off again gives what was put in."""
    besked = PROLOGS[prolog] + bare()
    document = modtag_besked_input(besked)
    assert document.replace(b'<sts:ModtagBeskedInput xmlns:sts="urn:oio:sts:1.0.0">', b"").replace(
        b"</sts:ModtagBeskedInput>", b""
    ) == (besked)


def test_the_declaration_stands_first() -> None:
    """Where XML wants it, with the encoding that the message has."""
    document = modtag_besked_input(b'<?xml version="1.0" encoding="utf-8"?>' + bare())
    assert document.startswith(b'<?xml version="1.0" encoding="utf-8"?><sts:ModtagBeskedInput ')


def test_elements_without_a_namespace_stay_without() -> None:
    """The wrapper brings no default namespace into Beskeddata."""
    root = etree.fromstring(modtag_besked_input(ours()))
    assert root.find(".//t/u") is not None


def test_the_samples_of_kombit_are_valid_in_the_wrapper() -> None:
    """The message of the sample client, and real delivered ones."""
    for besked in (sample(), *delivered_samples()):
        schema().assertValid(etree.fromstring(modtag_besked_input(besked)))


@given(st.binary(max_size=200), st.sampled_from(sorted(PROLOGS)))
def test_any_octets_are_wrapped(beskeddata: bytes, prolog: str) -> None:
    """It looks at nothing but the declaration, and loses nothing."""
    besked = PROLOGS[prolog] + b"<a>" + beskeddata + b"</a>"
    document = modtag_besked_input(besked)
    assert document.endswith(b"<a>" + beskeddata + b"</a></sts:ModtagBeskedInput>")
