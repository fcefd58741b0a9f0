"""Finding elements in bytes: the quick way agrees with stepping through tag by tag."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.kuvert import parse
from broker.kuvert.markup import OPEN, end_tag, find_start, scan_start
from broker.kuvert.outline import read_outline
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.reference import sample


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_quick_search_and_stepping_agree(seed: int) -> None:
    """Wherever look-alikes hide, both ways find the same tag, and it is the real one."""
    written = Writer(seed).write()
    parsed = parse(written.data)
    names = [b"Leveranceinformation"] + ([b"TilladtModtager"] if written.tilladt_modtager else [])
    for name in names:
        found = find_start(written.data, name, parsed.root)
        assert found == scan_start(written.data, name, parsed.root)
        assert found >= written.before
    first = find_start(written.data, names[-1], parsed.root)
    assert written.data[written.before : first].strip() == b""


def test_kombits_sample_is_found_the_quick_way() -> None:
    """The comments in KOMBIT's sample do not force the slow way: its tags are found where they stand."""
    data = sample()
    assert data[find_start(data, b"Leveranceinformation", 0) :].startswith(b"<ns2:Leveranceinformation>")
    assert data[find_start(data, b"TilladtModtager", 0) :].startswith(b"<ns2:TilladtModtager>")


@pytest.mark.parametrize(
    "hidden",
    [
        b"<!-- <a> -->",
        b"<!-- <a>",
        b"<![CDATA[ <!-- <a> ]]>",
        b"<![CDATA[ <a> ]]>",
        b"<?pi <a> ?>",
        b"text a <b x='&lt;!-'/>",
        b"<a.b/><b.a/><x:a.b/>",
        b"<ab/></a>",
        b"<b a='a' x:a='>'/>",
        b"-->",
        b"]]>",
        b"?>",
        b"[",
    ],
)
def test_look_alikes_are_passed_over(hidden: bytes) -> None:
    """Only a start tag with just that name counts."""
    end = b" -->" if hidden == b"<!-- <a>" else b""
    data = hidden + end + b" <p:a x='1'>"
    assert find_start(data, b"a", 0) == scan_start(data, b"a", 0) == data.rindex(b"<p:a")


def test_the_end_tag_is_the_one_that_closes() -> None:
    """Nested elements of the same name, quoted '>' and hidden end tags do not end an element early."""
    data = b"<a><a x='></a>'/><a y=\"/>\"><!-- </a> --></a ><![CDATA[</a>]]><?x </a>?></a\n>tail"
    start = OPEN.match(data)
    assert start is not None
    assert end_tag(data, start.end()) == (data.rindex(b"</a\n>"), data.rindex(b"tail"))


def test_a_document_without_the_element_is_an_error() -> None:
    """Asked for what is not there, the search says so instead of pointing anywhere."""
    with pytest.raises(ValueError, match="no element Leveranceinformation"):
        find_start(b"<a>Leveranceinformation</a>", b"Leveranceinformation", 0)
    with pytest.raises(ValueError, match="does not end"):
        end_tag(b"<a><b></b>", 3)
    with pytest.raises(ValueError, match="fewer TilladtModtager"):
        read_outline(b"<a><TilladtModtager><x/></TilladtModtager></a>", 0, 2)
