"""The page on VærdilisteRediger says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.soap.app import BODY_TIMEOUT
from adapters.soap.documents.egenskaber import LONGEST_NAME
from adapters.soap.documents.operation import Operation
from adapters.soap.documents.vaerdier import LONGEST_VALUE, MOST_VALUES
from adapters.soap.envelope import LIMITS, MIB
from adapters.soap.operations import MOST_VALUES as MOST_ANSWERED
from tests.support.soap import basic
from tests.unit.soap.counter import SYSTEM, open_counter

PAGE = (Path(__file__).parents[3] / "docs/vaerdilister.md").read_text("utf-8")


async def test_the_example_does_what_it_says() -> None:
    """The request that the page has curl send makes the list."""
    (example,) = re.findall(r"<<'XML'\n(.*?)\nXML\n", PAGE, re.DOTALL)
    async with open_counter() as counter:
        reply = await counter.post(example.encode(), basic(SYSTEM.navn))
        assert (reply.kode, reply.navne) == (20, ["Mine borgere"])


def test_the_limits_are_those_of_the_page() -> None:
    """Every limit that the page names is the one in the code, and every operation is in its table."""
    assert f"{LIMITS.max_bytes // MIB} MiB, {MOST_VALUES:,} values of {LONGEST_VALUE:,} characters" in PAGE
    assert f"a name of {LONGEST_NAME}; {BODY_TIMEOUT / 60:g} minutes to arrive" in PAGE
    assert f"at most {MOST_ANSWERED:,} values (ours)" in PAGE
    named = re.findall(r"^\| ([a-z, ]+?) \|", PAGE, re.MULTILINE)
    told = {word for cell in named for word in cell.split(", ")}
    assert {operation.value for operation in Operation} <= told
