"""CPR numbers do not show in logs or on screens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.kuvert import mask_cpr


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("2512484916", "251248-****"),
        ("251248-4916", "251248-****"),
        ("urn:oio:cpr-nr:2512484916", "urn:oio:cpr-nr:251248-****"),
        ("urn:oio:cpr-nr:1234567890", "urn:oio:cpr-nr:123456-****"),
        ("urn:oio:cpr:9999999999.", "urn:oio:cpr:999999-****."),
        ("CPR 0101010001, 3112991234 og 6101014321", "CPR 010101-****, 311299-**** og 610101-****"),
        ("<v>010101-0001</v>", "<v>010101-****</v>"),
        ("cpr0101010001x", "cpr010101-****x"),
        ("af 01157488-c45c-4fd2-b076-0101010001ff: 0101010001", "af 01157488-c45c-4fd2-b076-0101010001ff: 010101-****"),
        ("4fd2-b076-0101010001ff", "4fd2-b076-010101-****ff"),
    ],
)
def test_cpr_numbers_are_masked(text: str, masked: str) -> None:
    """With or without hyphen, in a URN or in running text: the last four digits are gone."""
    assert mask_cpr(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3213010001",
        "0013010001",
        "0100010001",
        "1700000000",
        "01010100012",
        "10101010001",
        "010101-00012",
        "010101 0001",
        "urn:oio:cvr:12345678",
        "01157488-c45c-4fd2-b076-1de12effbf66",
        "01157488-c45c-4fd2-b076-0101010001ff",
        "aa010101-0001-4fd2-b076-1de12effbf66 og 01157488-C45C-4FD2-B076-0101010001FF",
        "2026-11-21T08:00:00.000Z",
        "urn:oio:kle:27.03.01",
    ],
)
def test_other_numbers_are_left(text: str) -> None:
    """CVR numbers, UUIDs, times and longer numbers stay readable."""
    assert mask_cpr(text) == text


@given(st.text(), st.dates(), st.integers(0, 9999), st.booleans(), st.text())
def test_no_cpr_number_survives(before: str, born: object, serial: int, hyphen: bool, after: str) -> None:
    """Any date of birth with any serial number is masked wherever it stands on its own, and masking twice is once."""
    assert hasattr(born, "strftime")
    day = f"{born:%d%m%y}"
    before, after = before + " ", " " + after
    masked = mask_cpr(f"{before}{day}{'-' * hyphen}{serial:04d}{after}")
    assert masked == f"{mask_cpr(before)}{day}-****{mask_cpr(after)}"
    assert mask_cpr(masked) == masked
