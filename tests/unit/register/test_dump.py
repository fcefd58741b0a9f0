"""The export: what is written can be read again."""

from __future__ import annotations

import io

from hypothesis import given, settings
from ruamel.yaml import YAML

from broker.ports import RegisterContent
from broker.register.dump import dump_file, scalar
from broker.register.file import load_text
from tests.unit.register.contents import contents, small


@given(contents())
@settings(max_examples=150, deadline=None)
def test_what_is_exported_loads_as_the_same_register(content: RegisterContent) -> None:
    """Export and load are each other's inverse, whatever names, values, times and passwords a register holds."""
    assert load_text(dump_file(content)) == content


@given(contents())
@settings(max_examples=40, deadline=None)
def test_an_export_means_the_same_to_an_ordinary_yaml_reader(content: RegisterContent) -> None:
    """Other tools that read YAML see the same names and values in an export as the beskedfordeler."""
    read = YAML(typ="safe", pure=True).load(io.StringIO(dump_file(content)))
    assert [system["navn"] for system in read["anvendersystemer"]] == [
        system.navn for system in content.anvendersystemer.values()
    ]
    for liste in read["vaerdilister"]:
        assert set(liste["vaerdier"]) == content.vaerdier[liste["id"]]


def test_items_keep_their_order() -> None:
    """An export lists things in the order in which they were entered, so that two exports can be compared."""
    content = small()
    content.anvendersystemer = dict(reversed(content.anvendersystemer.items()))
    assert list(load_text(dump_file(content)).anvendersystemer) == list(content.anvendersystemer)


def test_an_export_begins_with_the_schema_for_editors() -> None:
    """An editor that knows yaml-language-server checks the file against the schema; the hint can be left out."""
    assert dump_file(small()).splitlines()[0] == "# yaml-language-server: $schema=register.schema.json"
    assert dump_file(small(), "/x/y.json").splitlines()[0] == "# yaml-language-server: $schema=/x/y.json"
    assert dump_file(small(), None).splitlines()[0] == "myndigheder:"


def test_the_name_behind_an_id_stands_beside_it() -> None:
    """References are written as ids, which stay when things are renamed, with the name as a comment."""
    assert "    dueslag: dddddddd-0000-4000-8000-000000000001  # Indbakke\n" in dump_file(small())


def test_an_empty_register_can_be_exported_and_loaded() -> None:
    """A register with nothing in it is a file with empty sections."""
    assert load_text(dump_file(RegisterContent())) == RegisterContent()


def test_words_that_yaml_takes_for_something_else_are_quoted() -> None:
    """A system called 'no' or 'Null' stays a name."""
    assert [scalar(word) for word in ("no", "Null", "1.0", "a b", "*")] == ['"no"', '"Null"', '"1.0"', "a b", '"*"']
