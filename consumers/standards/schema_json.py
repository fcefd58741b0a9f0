"""JSON Schema (draft 2020-12) of the JSON form, made of the models.

A pattern is written so that validators agree that do not: ``$`` is before a last line feed, too, for some, so a line
feed is excluded by itself; what is white space is spelled out.
"""

from __future__ import annotations

import json
from typing import Any

from consumers.standards.schema_xsd import blocks, leaves, narrow
from consumers.standards.shape import BLANK_CLASS, NS, Leaf, Member, Shape, letter_shapes

_ILLEGAL = r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]"


def json_schema() -> bytes:
    letters = letter_shapes()
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": NS,
        "title": "The letters of the nine beskedstandarder in JSON",
        "description": "Made of the models; do not edit.",
        "type": "object",
        "required": ["standard"],
        "properties": {
            "standard": {"enum": [standard.value for standard in letters], "description": "Which letter it is"}
        },
        "allOf": [
            {
                "if": {"required": ["standard"], "properties": {"standard": {"const": standard.value}}},
                "then": {"$ref": f"#/$defs/{shape.navn}"},
            }
            for standard, shape in letters.items()
        ],
        "$defs": {
            **{shape.navn: _block(shape) for shape in blocks()},
            **{leaf.navn: _leaf(leaf) for leaf in leaves()},
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n"


def _block(shape: Shape) -> dict[str, Any]:
    standard = {each.navn: each_standard for each_standard, each in letter_shapes().items()}.get(shape.navn)
    head: dict[str, Any] = {"title": standard.navn} if standard else {}
    if shape.doc:
        head["description"] = shape.doc
    properties = {"standard": {"const": standard.value}} if standard else {}
    return {
        **head,
        "type": "object",
        "required": [member.json for member in shape.members if member.required],
        "properties": properties | {member.json: _member(member) for member in shape.members},
        "additionalProperties": False,
    }


def _member(member: Member) -> dict[str, Any]:
    said = {"description": f"{member.doc} [{member.kilde}]"}
    if not member.many:
        return {**_kind(member), **said}
    limits = {"minItems": member.low} if member.low else {}
    return {"type": "array", **limits, "maxItems": member.high, "items": _kind(member), **said}


def _kind(member: Member) -> dict[str, Any]:
    if member.block:
        return {"$ref": f"#/$defs/{member.block.navn}"}
    assert member.leaf
    if member.leaf.navn and not narrow(member.leaf):
        return {"$ref": f"#/$defs/{member.leaf.navn}"}
    return _leaf(member.leaf)


def _leaf(leaf: Leaf) -> dict[str, Any]:
    match leaf.kind:
        case "whole":
            return {"type": "integer", "minimum": leaf.low, "maximum": leaf.high}
        case "yes":
            return {"type": "boolean"}
        case "code" if any(navn for _, navn in leaf.values):
            return {"oneOf": [{"const": value, "title": navn} for value, navn in leaf.values]}
        case "code":
            return {"enum": [value for value, _ in leaf.values]}
        case "form":
            assert leaf.form
            limit = {"maxLength": leaf.limit} if leaf.limit else {}
            return {
                "type": "string",
                **limit,
                "pattern": f"^({leaf.form.pattern})$",
                "not": {"pattern": r"\n"},
                "description": leaf.form.expected,
            }
        case "text":
            return {
                "type": "string",
                "maxLength": leaf.limit,
                "pattern": f"[^{BLANK_CLASS}]",
                "not": {"pattern": _ILLEGAL},
            }
