"""The BeskedId of a message, read and replaced."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.besked_id import besked_id_of, with_new_id
from broker.kuvert import Limits, parse
from broker.kuvert.build import haendelsesbesked

ID = "0f0f0f0f-0000-4000-8000-00000000000a"


@pytest.mark.parametrize("besked_id", [ID, "urn:uuid:" + ID])
def test_new_id_is_all_that_changes(besked_id: str) -> None:
    """The message with a new BeskedId is the same byte for byte but for the id, which is of the same kind."""
    xml = haendelsesbesked(besked_id=besked_id)
    new, changed = with_new_id(xml)
    assert besked_id_of(xml) == besked_id
    assert besked_id_of(changed) == new != besked_id
    assert changed.replace(new.encode(), besked_id.encode()) == xml
    assert new.startswith("urn:") == besked_id.startswith("urn:")
    assert parse(changed, Limits()).besked.besked_id == new


def test_comments_prefixes_and_line_breaks() -> None:
    """Written as KOMBIT's sample is: a prefix, line breaks, a comment between the elements."""
    xml = f"<n:H>\n <n:BeskedId >\n <!-- <UUIDIdentifikator>no</UUIDIdentifikator>\n --> <a:UUIDIdentifikator>\n {ID} <"
    assert besked_id_of(xml.encode()) == ID


def test_every_new_id_is_another() -> None:
    """Each call gives an id of its own."""
    xml = haendelsesbesked(besked_id=ID)
    assert len({with_new_id(xml)[0] for _ in range(50)}) == 50


@given(st.binary())
def test_what_is_no_message_is_left_alone(data: bytes) -> None:
    """Bytes without a BeskedId have none, and none can be put in."""
    if besked_id_of(data) is None:
        with pytest.raises(ValueError, match="no BeskedId"):
            with_new_id(data)


@given(st.uuids())
def test_any_uuid_is_found(besked_id: uuid.UUID) -> None:
    """Whatever the id is, it is found as it was written."""
    assert besked_id_of(haendelsesbesked(besked_id=str(besked_id))) == str(besked_id)
