"""Text of clients: what XML carries is taken as it is, all else refused by the name of its field."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from adapters.sts.refusals import Kind, TokenDenied
from adapters.sts.text import LONGEST, checked, not_xml


def _carried_by_xml(text: str) -> bool:
    """As lxml has it, character by character: it takes a lone surrogate or U+FFFE for something else."""
    return not any("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" or (c < " " and c not in "\t\n\r") for c in text)


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800")
@example("\udfff")
@example("\x00")
@example("\ufffe")
@example("\U0010ffff")
def test_any_text(text: str) -> None:
    """What is let through can be written into a token; what is not is told by its code point."""
    problem = not_xml(text)
    assert (problem is None) == _carried_by_xml(text)
    if problem is None:
        etree.Element("x").text = text
    else:
        assert problem.isascii()


@pytest.mark.parametrize(("text", "told"), [("a\x00b", r"U\+0000"), ("x" * (LONGEST + 1), "1001 characters")])
def test_refused_by_the_name_of_the_field(text: str, told: str) -> None:
    """A client reads which field it is, and what is wrong with it."""
    with pytest.raises(TokenDenied, match=rf"^Address .*{told}") as denied:
        checked("Address", text)
    assert denied.value.kind is Kind.BAD_REQUEST


def test_a_thousand_characters_are_taken() -> None:
    """The limit itself is within it."""
    assert checked("Address", "x" * LONGEST) == "x" * LONGEST
