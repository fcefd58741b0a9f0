"""The JSON Schema that ships, and the files that it is for."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from broker.errors import RegisterError
from broker.ports import RegisterContent
from broker.register.defaults import DEFAULT_FILE
from broker.register.dump import dump_file
from broker.register.file import load_text
from broker.register.schema import SCHEMA_FILE, make_schema
from tests.unit.register.contents import contents


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _verdict(text: str) -> bool:
    return bool(_validator().is_valid(YAML(typ="safe", pure=True).load(text)))


def test_the_schema_that_ships_is_the_one_the_models_give() -> None:
    """An editor and the beskedfordeler agree on what a file may say (`python -m broker.register.schema`)."""
    assert SCHEMA_FILE.read_text("utf-8") == make_schema()


def test_the_built_in_register_obeys_the_schema() -> None:
    """The built-in register can be copied as a start: an editor finds nothing wrong with it."""
    assert _verdict(DEFAULT_FILE.read_text("utf-8"))


@given(contents())
@settings(max_examples=40, deadline=None)
def test_every_export_obeys_the_schema(content: RegisterContent) -> None:
    """What export writes, an editor with the schema accepts."""
    assert _verdict(dump_file(content))


@pytest.mark.parametrize(
    "text",
    [
        "myndigheder: [{cvr: 1234567, navn: x, by: y}]",
        "abonnement: []",
        "myndigheder: [{cvr: '1234567', navn: x}]",
        "anvendersystemer: [{id: nr-1, navn: x, cvr: 11111111}]",
        "anvendersystemer: [{navn: x}]",
        "dueslag: {navn: x}",
        "serviceaftaler: [{anvendersystem: x, service: hent}]",
        "serviceaftaler: [{anvendersystem: x, service: afsend, version: 3.0}]",
        "abonnementer: [{navn: x, dueslag: y, tilstand: startet}]",
        "abonnementer: [{navn: x, dueslag: y, gyldig_fra: i går}]",
        "vaerdilister: [{navn: x, anvendersystem: y, vaerdier: [], fil: z}]",
    ],
)
def test_what_the_schema_refuses_the_loader_refuses(text: str) -> None:
    """A file that an editor marks red does not start a beskedfordeler either."""
    assert not _verdict(text)
    with pytest.raises(RegisterError):
        load_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "myndigheder: [{cvr: 11111111, navn: x}]",
        "myndigheder: [{cvr: '01111111', navn: x}]\nanvendersystemer:\n",
        "myndigheder: [{cvr: 11111111, navn: x}]\nanvendersystemer: [{navn: x, cvr: 11111111}]\n"
        "serviceaftaler: [{anvendersystem: x, service: afsend, version: 2.0, tilladte_myndigheder: 11111111,"
        " beskedtyper: '*', forvaltningsomraader: 27.10, gyldig_fra: '2026-01-01'}]\n"
        "vaerdilister: [{navn: x, anvendersystem: x, vaerdier: [0101010000, abc]}]",
    ],
)
def test_short_ways_of_writing_are_taken_by_schema_and_loader(text: str) -> None:
    """CVR numbers without quotes, one value for a list of one, a version as a number, an empty section."""
    assert _verdict(text)
    load_text(text)
