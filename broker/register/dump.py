"""A register as the text of a register file: the export.  Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields

from broker.core.model import Registrering, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.problem import SECTIONS
from broker.register.registrering import registrering_view
from broker.register.times import format_time

SCHEMA_HINT = "register.schema.json"
"""What an export names as its schema: a file beside it (`beskedfordeler register schema` writes one)."""

_PLAIN = re.compile(r"[A-Za-zÆØÅæøå][\w./()-]*(?: [\w./()-]+)*\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_TIMES = {"gyldig_fra", "gyldig_til"}
_REFERENCES = {"anvendersystem": "anvendersystemer", "dueslag": "dueslag"}
_ALWAYS = {"tilstand"}


def dump_file(content: RegisterContent, schema: str | None = SCHEMA_HINT) -> str:
    """The file that gives this content when it is loaded.  Passwords stand in it in clear.

    ``schema``: path or URL for editors that read the hint in the first line; None = no hint.
    """
    head = [f"# yaml-language-server: $schema={schema}"] if schema else []
    return "\n".join([*head, *_sections(content)]) + "\n"


def _sections(content: RegisterContent) -> Iterator[str]:
    for section in SECTIONS.values():
        items: list[Item] = list(getattr(content, section).values())
        yield f"{section}:" if items else f"{section}: []"
        for item in items:
            lead = "  - "
            for line in _item(item, content):
                yield lead + line
                lead = "    "


def _item(item: Item, content: RegisterContent) -> Iterator[str]:
    for field in fields(item):
        value = getattr(item, field.name)
        if value is None or (value == field.default and field.name not in _ALWAYS):
            continue
        if isinstance(value, tuple):
            yield f"{field.name}: {_inline(value)}"
        elif isinstance(value, Registrering):
            yield "registrering:"
            for name, text in registrering_view(value).items():
                yield f"  {name}: {scalar(text)}"
        elif field.name in _TIMES:
            yield f'{field.name}: "{format_time(value)}"'  # quoted: some YAML readers make dates of it
        elif isinstance(value, bool):
            yield f"{field.name}: {'true' if value else 'false'}"
        else:
            yield f"{field.name}: {scalar(str(value))}{_remark(field.name, value, content)}"
    if isinstance(item, Vaerdiliste):
        yield from _values(content.vaerdier.get(item.id, set()))


def _values(values: set[str]) -> Iterator[str]:
    if not values:
        yield "vaerdier: []"
        return
    yield "vaerdier:"
    for value in sorted(values):
        yield f"  - {scalar(value)}"


def _inline(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(scalar, values)) + "]"


def _remark(field: str, value: str, content: RegisterContent) -> str:
    """The name behind an id, as a comment for the reader."""
    section = _REFERENCES.get(field)
    other = getattr(content, section).get(value) if section else None
    navn = getattr(other, "navn", "")
    return f"  # {navn}" if navn and navn.isprintable() else ""


def scalar(text: str) -> str:
    """A text as a YAML scalar that every YAML reader takes for that text."""
    if _UUID.match(text) or (_PLAIN.match(text) and text.lower() not in _WORDS):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    if quoted.isprintable():
        return quoted
    return "".join(char if char.isprintable() else _escape(char) for char in quoted)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
