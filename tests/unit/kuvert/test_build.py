"""Messages built for tests and demos are what a vendor's system would send."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker.kuvert import ObjektRegistrering, RelateretObjekt, haendelsesbesked, parse
from tests.unit.kuvert.reference import kombit_schema

_IDENTIFIERS = st.uuids().map(str) | st.from_regex(r"urn:[a-z]+:[^\s]{1,20}", fullmatch=True)
_UUIDS = st.uuids().map(str)
_TIMES = st.none() | st.floats(0, 4e9)
_REGISTRATIONS = st.builds(
    ObjektRegistrering,
    st.none() | _IDENTIFIERS,
    st.none() | _UUIDS,
    _TIMES,
    *[st.none() | _IDENTIFIERS for _ in range(5)],
)


def test_a_message_of_defaults_is_valid_and_new_each_time() -> None:
    """Without arguments: a valid message with a fresh BeskedId."""
    first, second = parse(haendelsesbesked()).besked, parse(haendelsesbesked()).besked
    assert UUID(first.besked_id) != UUID(second.besked_id)
    assert kombit_schema().validate(etree.fromstring(haendelsesbesked()))


@given(
    besked_id=_IDENTIFIERS,
    beskedtype=_IDENTIFIERS,
    ansvarlig_aktoer=st.none() | _UUIDS,
    tilladt_modtager=st.lists(_IDENTIFIERS, max_size=3),
    relateret_objekt=st.lists(
        st.builds(RelateretObjekt, _IDENTIFIERS, _IDENTIFIERS, st.none() | _IDENTIFIERS), max_size=2
    ),
    objekt_registrering=st.lists(_REGISTRATIONS, max_size=2),
    tvaergaaende_proces=st.lists(_IDENTIFIERS, max_size=2),
    dannelsestidspunkt=_TIMES,
    sikkerhedsklassificering=st.none() | _IDENTIFIERS,
    gyldig_fra=_TIMES,
    beskeddata=st.sampled_from((b"<a/>", (), (b"<a/>", b"<b>x</b>"))),
)
def test_every_combination_is_valid_by_kombits_schema(**parts: object) -> None:
    """Whatever is put in, KOMBIT's schema takes the message and parse() reads it."""
    data = haendelsesbesked(**parts)  # type: ignore[arg-type]  # hypothesis draws them by name
    assert kombit_schema().validate(etree.fromstring(data)), kombit_schema().error_log
    besked = parse(data).besked
    tilladt_modtager = parts["tilladt_modtager"]
    assert isinstance(tilladt_modtager, list)
    assert len(besked.tilladt_modtager) == len(tilladt_modtager)
    assert (besked.sikkerhedsklassificering is None) == (parts["sikkerhedsklassificering"] is None)


def test_beskeddata_stands_as_given() -> None:
    """The payload is put in byte for byte."""
    body = b'<a  b="c" ><!-- d --></a>'
    assert b">" + body + b"</" in haendelsesbesked(beskeddata=body)
