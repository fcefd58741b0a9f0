"""LIKE patterns."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.filter.pattern import like


def plainly(pattern: str, value: str) -> bool:
    """Whether a value is like a pattern of %, _ and letters, by trying every run."""
    if not pattern:
        return not value
    if pattern[0] == "%":
        return any(plainly(pattern[1:], value[start:]) for start in range(len(value) + 1))
    return bool(value) and pattern[0] in ("_", value[0]) and plainly(pattern[1:], value[1:])


@settings(max_examples=500, deadline=None)
@given(st.text("g%_h", max_size=7), st.text("gh", max_size=8))
def test_percent_is_any_run_and_underscore_any_character(pattern: str, value: str) -> None:
    """% stands for any run of characters, _ for exactly one, in any combination."""
    assert like(pattern).matches(value) is plainly(pattern, value)


def test_every_short_pattern_is_exact_or_pure_when_it_says_so() -> None:
    """What the index takes a pattern for, an equality or a prefix, is what the pattern means."""
    for pattern in map("".join, product("g%_", repeat=3)):
        compiled = like(pattern)
        assert compiled.exact is not ("%" in pattern or "_" in pattern)
        assert compiled.pure is (pattern.endswith("%") and pattern.rstrip("%") == compiled.prefix)


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        (r"100\%", "100%", True),
        (r"100\%", "1000", False),
        (r"a\_b%", "a_bc", True),
        (r"a\_b%", "axbc", False),
        (r"a\\%", "a\\b", True),
        ("a\\", "a\\", True),
        ("a.c%", "abc", False),
        ("a%z", "a\nz", True),
        ("urn:oio:kle:27.%", "urn:oio:kle:27.18.04", True),
        ("urn:oio:kle:27.%", "urn:oio:kle:28.18.04", False),
        ("URN:OIO:kle:27.%", "urn:oio:kle:27.18.04", True),
        ("urn:oio:KLE:27.%", "urn:oio:kle:27.18.04", False),
        ("urn:oio:cvr-nr:12%", "urn:oio:cvr:12345678", True),
        ("urn:oio:cvr-nr%", "urn:oio:cvr:12345678", True),
        ("7654895C-A3F3%", "7654895c-a3f3-4c77-8afd-4c77330f963c", True),
        ("%C", "7654895c-a3f3-4c77-8afd-4c77330f963c", True),
        (" a% ", "ab", True),
    ],
)
def test_a_pattern_is_held_against_canonical_values(pattern: str, value: str, fits: bool) -> None:
    """LIKE minds case and the form of a CVR number as = does; a backslash takes a wildcard for itself."""
    assert like(pattern).matches(value) is fits


def test_on_a_uuid_case_never_counts() -> None:
    """A pattern for an UUIDIdentifikator is read without case, whatever else it holds."""
    assert like("ABC%XYZ", uuid=True).matches("abcxyz")
    assert not like("ABC%XYZ").matches("abcxyz")


def test_a_pattern_of_many_runs_does_not_explode() -> None:
    """A pattern made to be slow is not: its cost grows with the value, not with the combinations."""
    # Were the combinations tried, this test would never end.
    assert not like("%g" * 40 + "h").matches("g" * 4000)
