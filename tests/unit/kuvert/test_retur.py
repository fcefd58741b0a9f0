"""StandardRetur, as the sample clients read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker.errors import Refused
from broker.kuvert import read_standard_retur, standard_retur
from tests.unit.kuvert.envelopes import SAGDOK
from tests.unit.kuvert.reference import reference


def test_20_has_an_empty_text() -> None:
    """A message that was taken is answered 20 with an empty FejlbeskedTekst, both directly under the root."""
    root = etree.fromstring(standard_retur(20, "ignored"))
    assert root.tag == f"{{{SAGDOK}}}StandardRetur"
    assert [(child.tag, child.text) for child in root] == [
        (f"{{{SAGDOK}}}StatusKode", "20"),
        (f"{{{SAGDOK}}}FejlbeskedTekst", None),
    ]


@given(st.sampled_from((40, 41, 44, 51, 53, 55)), st.text())
def test_any_reason_arrives(kode: int, text: str) -> None:
    """Whatever stands in a reason (markup, control characters) the answer is XML and says it."""
    read_kode, read_text = read_standard_retur(standard_retur(kode, text))
    assert read_kode == kode
    assert len(read_text) == len(text)
    differs = [(sent, got) for sent, got in zip(text, read_text, strict=True) if sent != got]
    assert all(got == "\ufffd" and not sent.isprintable() for sent, got in differs)


def test_the_answer_is_valid_by_kombits_schema() -> None:
    """KOMBIT's own schema of StandardRetur takes the answer."""
    schema = etree.XMLSchema(etree.parse(reference("xsd/1.1/SagDokObjekt.xsd")))
    assert schema.validate(etree.fromstring(standard_retur(40, "Beskedtype: <ukendt> \x00"))), schema.error_log


@pytest.mark.parametrize(
    "document",
    [
        f'<x:Svar xmlns:x="urn:x" xmlns="{SAGDOK}"><StatusKode> 40 </StatusKode>'
        "<FejlbeskedTekst>nej</FejlbeskedTekst></x:Svar>",
        f'<o:ModtagBeskedOutput xmlns:o="urn:oio:sts:1.0.0" xmlns="{SAGDOK}"><StandardRetur><StatusKode>40</StatusKode>'
        "<FejlbeskedTekst>nej</FejlbeskedTekst></StandardRetur></o:ModtagBeskedOutput>",
    ],
)
def test_the_root_may_have_any_name(document: str) -> None:
    """Answers of other brokers and of push receivers are read too."""
    assert read_standard_retur(document.encode()) == (40, "nej")


def test_a_text_may_be_missing() -> None:
    """FejlbeskedTekst is optional: without it the text is empty."""
    assert read_standard_retur(f'<a xmlns="{SAGDOK}"><StatusKode>20</StatusKode></a>'.encode()) == (20, "")


@pytest.mark.parametrize(
    "document",
    [b"", b"<a/>", b"no", f'<a xmlns="{SAGDOK}"><StatusKode>ok</StatusKode></a>'.encode(), b"<!DOCTYPE a><a/>"],
)
def test_what_is_no_answer_is_refused(document: bytes) -> None:
    """A document without a StatusKode that is a number is no StandardRetur."""
    with pytest.raises(Refused):
        read_standard_retur(document)
