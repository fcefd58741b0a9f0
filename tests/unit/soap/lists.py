"""A counter of VærdilisteRediger, and lists that were made there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support import soap
from tests.support.soap import Reply
from tests.unit.soap.counter import Counter, open_counter
from tests.unit.soap.kombit import vaerdiliste_schema

ANNA, BODIL = "urn:oio:cpr-nr:0101010000", "urn:oio:cpr-nr:0202020000"
UNKNOWN = "12341234-1234-4234-8234-123412341234"


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with open_counter() as opened:
        yield opened


async def made(counter: Counter, navn: str = "Borgere", *values: str, **more: str) -> str:
    """The UUID of a new list."""
    reply = await counter.call(soap.opret(navn, values, **more))
    assert reply.kode == 20, reply.content
    return reply.uuid


def valid(reply: Reply) -> Reply:
    """The answer, once KOMBIT's schema has accepted it."""
    schema = vaerdiliste_schema()
    assert schema.validate(reply.output), schema.error_log
    return reply
