"""Large envelopes are checked as text: the same verdict as in the tree, and no further than the first breach."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.errors import Refused
from broker.kuvert import haendelsesbesked, parse
from broker.kuvert.schema import load_schema
from broker.kuvert.streaming import first_breach
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.mutations import mutate

SCHEMA = load_schema()
DATA = haendelsesbesked()
END = b"</ns2:Filtreringsdata>"


class Read(bytes):
    """A document that knows how far it was read."""

    furthest = 0

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            self.furthest = max(self.furthest, place.stop)
        return super().__getitem__(place)


def wrong_attributes(elements: int, each: int) -> bytes:
    """An envelope in which ``elements`` have ``each`` attributes that may not be there, and no other fault."""
    attributes = b"".join(b' a%d=""' % number for number in range(each))
    one = b"<ns2:TilladtModtager%b><URNIdentifikator>urn:a</URNIdentifikator></ns2:TilladtModtager>" % attributes
    return DATA.replace(END, one * elements + END)


def told(data: bytes) -> str:
    """What the sender is told."""
    with pytest.raises(Refused) as refused:
        parse(data)
    return str(refused.value)


@pytest.mark.parametrize(("elements", "each"), [(300, 40), (3_000, 4), (1, 12_000)])
def test_very_many_wrong_attributes_are_not_counted_through(elements: int, each: int) -> None:
    """Attributes are faults too: from 10,000 on the first is told at once, without counting the others."""
    assert told(wrong_attributes(elements, each)) == (
        "Haendelsesbesked: Element 'TilladtModtager', attribute 'a0': The attribute 'a0' is not allowed."
    )


def test_a_few_wrong_attributes_are_told_with_path_and_number() -> None:
    """Below that the sender is told where the first one is and how many more there are."""
    assert "TilladtModtager[1] (line 2): the attribute 'a0' is not allowed" in told(wrong_attributes(20, 40))
    assert "(799 more)" in told(wrong_attributes(20, 40))


@pytest.mark.parametrize("name", [b"<ns2:Beskeddata", b"<ns2:Haendelsesbesked"])
def test_wrong_attributes_outside_the_kuvert_are_counted_too(name: bytes) -> None:
    """On the root element and on Beskeddata the schema takes no attribute either."""
    attributes = b"".join(b' a%d=""' % number for number in range(12_000))
    assert told(haendelsesbesked(beskeddata=b"<a/>").replace(name, name + attributes)).endswith("is not allowed.")


def test_what_stands_in_beskeddata_is_not_counted() -> None:
    """The schema does not look into Beskeddata: a fault in a small envelope around much is told with its path."""
    much = b"<a>" + b"<b c='1'/>" * 20_000 + b"</a>"
    data = haendelsesbesked(beskeddata=much).replace(b"<ns2:Leveranceinformation>", b"<x/><ns2:Leveranceinformation>")
    assert "Haendelsesbesked/Beskedkuvert/x (line 2)" in told(data)


@pytest.mark.parametrize("bad", [b"<ns2:TilladtModtager/>", b"<ns2:TilladtModtager>x</ns2:TilladtModtager>"])
def test_reading_stops_at_the_first_breach(bad: bytes) -> None:
    """Half a million faults cost no more than the first of them: the rest of the document is not read."""
    document = Read(DATA.replace(END, bad * 500_000 + END))
    breach = first_breach(document, SCHEMA)
    assert breach is not None
    assert document.furthest < 200_000 < len(document)


@settings(max_examples=200, deadline=None)
@given(which=st.integers(0, 19), seed=st.integers(0, 2**32))
def test_the_same_verdict_as_in_the_tree(which: int, seed: int) -> None:
    """However a message is damaged, as text it is judged as in the tree, with the same first breach."""
    text = etree.tostring(mutate(etree.fromstring(Writer(which).write().data), seed), encoding="utf-8")
    breach = first_breach(text, SCHEMA)
    assert (breach is None) == SCHEMA.validate(etree.fromstring(text))
    if breach is not None:
        assert breach.message == cast(etree._ListErrorLog, SCHEMA.error_log)[0].message
