"""CPR numbers do not show in logs or on screens."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broker.kuvert import mask_cpr
from consumers.standards.findings import masked


@pytest.mark.parametrize(
    ("text", "shown"),
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
        ("010101 0001", "010101-****"),
        ("01.01.01-0001, 01 01 01 0001", "010101-****, 010101-****"),
        ("010101–0001 010101 – 0001 010101_0001", "010101-**** 010101-**** 010101-****"),
        ("urn:oio:cpr-nr:999999 9999", "urn:oio:cpr-nr:999999-****"),
    ],
)
def test_cpr_numbers_are_masked(text: str, shown: str) -> None:
    """However people write one, in a URN or in running text: the last four digits are gone."""
    assert mask_cpr(text) == shown


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
        "01.02.2026 0800",
        "010101    0001",
        "12 34 56 78",
        "tlf. 32 12 34 56",
        "10.10.10.10:5672",
        "urn:oio:cvr:12345678",
        "01157488-c45c-4fd2-b076-1de12effbf66",
        "01157488-c45c-4fd2-b076-0101010001ff",
        "aa010101-0001-4fd2-b076-1de12effbf66 og 01157488-C45C-4FD2-B076-0101010001FF",
        "2026-11-21T08:00:00.000Z",
        "2026-01-28T09:03:22+01:00",
        "urn:oio:kle:27.03.01",
    ],
)
def test_other_numbers_are_left(text: str) -> None:
    """CVR numbers, UUIDs, times and longer numbers stay readable."""
    assert mask_cpr(text) == text


@given(
    st.text(),
    st.dates(),
    st.sampled_from(["", "-", " ", ".", " - ", "–", "_", "/", "\u00a0", "\n"]),
    st.integers(0, 9999),
    st.text(),
)
def test_no_cpr_number_survives(before: str, born: date, between: str, serial: int, after: str) -> None:
    """Any date of birth with any serial number is masked wherever it stands on its own, and masking twice is once."""
    before, after = before + "; ", "; " + after
    shown = mask_cpr(f"{before}{born:%d%m%y}{between}{serial:04d}{after}")
    assert shown == f"{mask_cpr(before)}{born:%d%m%y}-****{mask_cpr(after)}"
    assert mask_cpr(shown) == shown


@given(
    st.lists(
        st.one_of(
            st.dates().map(lambda day: f"{day:%d%m%y}"),
            st.dates().map(lambda day: f"{day:%d.%m %y}"),
            st.uuids().map(str),
            st.sampled_from(["cpr-nr:", "urn:oio:cpr:", "-", " ", ".", "–", "/", "x", "\t"]),
            st.from_regex("[0-9a-f]{1,10}", fullmatch=True),
        ),
        max_size=8,
    ).map("".join)
)
@example("af 01.01.90-1234, 9b3fd322-a75a-4ed8-9b74-010190123425")
def test_findings_of_letters_mask_the_same(text: str) -> None:
    """What a fagsystem says of a letter and what the Beskedfordeler logs hide the same numbers, in the same form."""
    assert masked(text) == mask_cpr(text)
