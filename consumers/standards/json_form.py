"""Letters as JSON: ``{"standard": "bestilling", …}``, names in camelCase; what there is none of is left out."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from enum import Enum
from typing import Any

from consumers.standards.fields import Blok
from consumers.standards.findings import Finding, InvalidLetter, masked, shown
from consumers.standards.letters import Brev
from consumers.standards.paths import Loc, order
from consumers.standards.reading import BAD, MAX_BYTES, Found, names_of, nearest, refuse
from consumers.standards.shape import Leaf, Shape, letter_shapes, shape_of
from consumers.standards.standard import Standard

_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def write_json(brev: Brev, *, indent: int | None = None) -> bytes:
    """The letter in UTF-8; ``indent`` spaces for people."""
    document = {"standard": brev.standard.value, **_written(brev, shape_of(type(brev)))}
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(document, ensure_ascii=False, indent=indent, separators=separators).encode()


def _written(blok: Blok, shape: Shape) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for member in shape.members:
        value = getattr(blok, member.name)
        if value is None or (member.many and not value):
            continue
        block = member.block
        if block:
            data[member.json] = [_written(each, block) for each in value] if member.many else _written(value, block)
        else:
            data[member.json] = [_plain(each) for each in value] if member.many else _plain(value)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


class _Doubled(dict[str, Any]):
    """An object in which a name stands twice."""

    names: tuple[str, ...] = ()


def read_json_letter(document: bytes) -> Brev:
    """The letter that a JSON document holds.

    Names are those of the standard, none twice; null is not taken.  Raises InvalidLetter with all findings.
    """
    data = _parsed(document)
    if not isinstance(data, dict):
        raise refuse("json", "type", f"is {_spoken(data)}; expected an object with the fields of a letter")
    shape = _shape(data)
    found = Found(shape, "json")
    return found.build(_object(data, shape, (), found))


def _parsed(document: bytes) -> Any:
    if len(document) > MAX_BYTES:
        raise refuse("json", "size", f"the document has {len(document)} bytes; at most {MAX_BYTES} are taken")
    try:
        return json.loads(document.decode("utf-8-sig"), object_pairs_hook=_pairs, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        text = f"is not well-formed JSON: line {error.lineno}, column {error.colno}: {masked(error.msg)}"
    except UnicodeDecodeError as error:
        text = f"is not UTF-8: byte {error.start + 1} is 0x{document[error.start]:02X}"
    except RecursionError:
        text = "is nested deeper than any letter"
    except ValueError as error:
        text = f"is not well-formed JSON: {masked(str(error)).partition(';')[0]}"
    raise refuse("json", "syntax", text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) == len(pairs):
        return data
    doubled = _Doubled(data)
    doubled.names = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return doubled


def _shape(data: dict[str, Any]) -> Shape:
    known = ", ".join(Standard)
    given = data.get("standard")
    if not isinstance(given, str):
        is_there = "is required and is not there" if "standard" not in data else f"is {_spoken(given)}"
        raise _no_standard("required" if "standard" not in data else "type", f"{is_there}; expected one of: {known}")
    if given not in list(Standard):
        raise _no_standard(
            "root",
            f"unknown standard '{shown(given)}'; expected one of: {known}{nearest(given, Standard)}",
            shown(given),
        )
    return letter_shapes()[Standard(given)]


def _no_standard(rule: str, text: str, value: str = "") -> Exception:
    return InvalidLetter([Finding("standard", rule, text, value)])


def _spoken(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), _KINDS[dict])


def _object(given: dict[str, Any], shape: Shape, loc: Loc, found: Found) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if isinstance(given, _Doubled):
        for name in given.names:
            at = (*order(found.root, loc), 1_000_000, -1)
            found.stranger(loc, name, "syntax", f"the name '{shown(name)}' stands twice in one object", shown(name), at)
    for name, value in given.items():
        member = shape.by_json.get(name)
        if member is None:
            if loc or name != "standard":
                _stranger(name, shape, loc, found)
            continue
        place = (*loc, name)
        if member.many and type(value) is list:
            data[name] = [_value(each, member.block, member.leaf, (*place, i), found) for i, each in enumerate(value)]
        elif member.many:
            data[name] = _wrong(value, "a list [ … ]", place, found)
        else:
            data[name] = _value(value, member.block, member.leaf, place, found)
    return data


def _value(value: Any, block: Shape | None, leaf: Leaf | None, loc: Loc, found: Found) -> Any:
    if block:
        return _object(value, block, loc, found) if isinstance(value, dict) else _wrong(value, "an object", loc, found)
    assert leaf is not None
    if leaf.kind == "whole":
        if isinstance(value, float) and value.is_integer():
            return int(value)  # 5.0 is a whole number in JSON Schema
        return value if type(value) is int else _wrong(value, "a whole number", loc, found)
    if leaf.kind == "yes":
        return value if type(value) is bool else _wrong(value, "true or false", loc, found)
    return value if type(value) is str else _wrong(value, "a text in quotes", loc, found)


def _wrong(value: Any, expected: str, loc: Loc, found: Found) -> Any:
    if value is None:
        found.note(loc, "null", "is null; leave out what there is none of")
    else:
        seen = shown(str(value)) if isinstance(value, int | float | str) else ""
        found.note(loc, "type", f"is {_spoken(value)}{f' ({seen})' if seen else ''}; expected {expected}", seen)
    return BAD


def _stranger(name: str, shape: Shape, loc: Loc, found: Found) -> None:
    at = (*order(found.root, loc), 1_000_000, -1)
    what = f"{shape.navn} has no field '{shown(name)}'{nearest(name, names_of(shape.members, 'json'))}"
    found.stranger(loc, name, "unknown", what, shown(name), at)
