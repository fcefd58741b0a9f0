"""The witnesses' own envelope: written, read back, and held to KOMBIT's XSD."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from consumers.kuvert import Relation, build_kuvert, read_kuvert

XSD = Path(__file__).parents[4] / "shared" / "reference" / "kombit" / "xsd" / "Beskedkuvert.xsd"

uuids = st.uuids().map(str)
cvrs = st.integers(0, 99_999_999).map("{:08}".format)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)
relations = st.builds(Relation, uuids | cvrs.map("urn:oio:p-nr:{}".format), uuids, uuids)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    if not XSD.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"reference data is missing: {XSD}")
        pytest.skip(f"reference data is missing: {XSD}")
    return etree.XMLSchema(etree.parse(XSD))


@given(
    besked_id=uuids,
    beskedtype=uuids,
    aktoer=uuids,
    myndighed=cvrs,
    modtagere=st.lists(cvrs, max_size=3),
    relateret=st.lists(relations, max_size=3),
    proces=uuids,
    tekst=texts,
)
def test_what_is_written_is_read_back_and_valid(
    schema: etree.XMLSchema,
    besked_id: str,
    beskedtype: str,
    aktoer: str,
    myndighed: str,
    modtagere: list[str],
    relateret: list[Relation],
    proces: str,
    tekst: str,
) -> None:
    """Every envelope that the builder makes is valid by KOMBIT's XSD, and the reader finds in it what was put in."""
    data = etree.Element("{urn:syntetisk}x")
    data.text = tekst
    xml = build_kuvert(
        etree.tostring(data, encoding="unicode"),
        besked_id=besked_id,
        beskedtype=beskedtype,
        aktoer=aktoer,
        myndighed=myndighed,
        tilladt_modtager=modtagere,
        relateret=relateret,
        opgave_emne="27.18.02",
        proces=proces,
    )
    schema.assertValid(etree.fromstring(xml))
    kuvert = read_kuvert(xml)
    assert (kuvert.besked_id, kuvert.beskedtype, kuvert.aktoer) == (besked_id, beskedtype, aktoer)
    assert kuvert.myndighed == f"urn:oio:cvr-nr:{myndighed}"
    assert kuvert.tilladt_modtager == tuple(f"urn:oio:cvr-nr:{cvr}" for cvr in modtagere)
    assert kuvert.relateret == tuple(relateret)
    assert (kuvert.opgave_emne, kuvert.proces) == ("urn:oio:kle:27.18.02", proces)
    assert (etree.fromstring(kuvert.beskeddata).text or "") == tekst
    assert (kuvert.transaktions_id, kuvert.abonnement, kuvert.leveranceforsoeg) == ("", "", 0)


@pytest.mark.parametrize(
    "document", [b"", b"no xml", b"<a/>", b"<k:Haendelsesbesked xmlns:k='urn:oio:besked:kuvert:1.0'/>"]
)
def test_what_is_no_envelope_is_said_to_be_none(document: bytes) -> None:
    """A receiver that gets something else gets a ValueError, not a crash in the middle."""
    with pytest.raises(ValueError, match=r"XML|expected a Haendelsesbesked|Filtreringsdata"):
        read_kuvert(document)
