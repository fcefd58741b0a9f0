"""The handwriting that the other tests rest on is itself valid by KOMBIT's schema."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.reference import kombit_schema


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_random_envelopes_are_valid_by_kombits_schema(seed: int) -> None:
    """Whatever handwriting the test writer comes up with, KOMBIT's schema takes it."""
    root = etree.fromstring(Writer(seed).write().data)
    schema = kombit_schema()
    assert schema.validate(root), schema.error_log
