"""The BeskedId under which the trace keeps a refusal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.kuvert import claimed_besked_id, haendelsesbesked, parse

BESKED_ID = "01157488-c45c-4fd2-b076-1de12effbf66"
VALID = haendelsesbesked(besked_id=BESKED_ID, beskedtype="7654895c-a3f3-4c77-8afd-4c77330f963c")


def test_it_is_the_one_that_a_valid_message_is_read_to_have() -> None:
    """Sender, operator and trace speak of the same message."""
    assert claimed_besked_id(VALID) == parse(VALID).besked.besked_id == BESKED_ID


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b">1.0<", b">9.9<"),
        lambda data: data.upper().replace(b"BESKEDID", b"BeskedId").replace(b"UUIDIDENTIFIKATOR", b"UUIDIdentifikator"),
        lambda data: re.sub(rb"<(/?)(?=[A-Z])", rb"<\1ns1:", data),
        lambda data: b"\xff" + data,
        lambda data: data.replace(b"BeskedId>", b"BeskedId>\n <!-- Afsenders - id --> <!---->\n", 1),
    ],
    ids=["cut off", "wrong version", "upper case", "prefixed", "no UTF-8", "with comments"],
)
def test_it_is_found_in_what_is_refused(damage: object) -> None:
    """A message that cannot be parsed is found in the trace all the same, as long as its BeskedId can be read."""
    assert callable(damage)
    assert claimed_besked_id(damage(VALID)) == BESKED_ID


@pytest.mark.parametrize(
    "data", [b"", b"<a/>", b"<BeskedId>x</BeskedId>", b"<BeskedId><UUIDIdentifikator> </", b"<BeskedId><!--" * 9]
)
def test_none_where_there_is_none(data: bytes) -> None:
    """A refusal without a BeskedId is kept without one."""
    assert claimed_besked_id(data) is None


@given(
    st.lists(
        st.sampled_from([b"<BeskedId", b"<URNIdentifikator", b" ", b">", b"a", b"<", b"\xff", b"x:", b"<!--", b"-->"])
    )
)
def test_it_takes_any_bytes(pieces: list[bytes]) -> None:
    """Whatever is sent: a text or None."""
    found = claimed_besked_id(b"".join(pieces))
    assert found is None or found.strip() == found != ""
