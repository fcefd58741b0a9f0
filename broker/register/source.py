"""YAML text into plain data that remembers where each value stands.

Only the plain part of YAML 1.2 is read: mappings, lists, texts, true, false and null.  Numbers stay as they are
written (a CVR number keeps its leading zeros); tags, anchors, aliases and a key given twice are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and 0-based positions from the top, for example ("abonnementer", 2, "filter")."""

MAX_DEPTH = 8
"""A register file is four levels deep; what is deeper is no register file."""

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text, 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in the text, where, and under which path."""

    mark: Mark
    path: Path
    text: str


@dataclass(slots=True)
class Source:
    """What was read: ``data`` as dict, list, str, bool and None; ``faults`` as far as reading could go on."""

    lines: list[str] = field(default_factory=list)
    data: object = None
    faults: list[Fault] = field(default_factory=list)
    marks: dict[Path, tuple[Mark, str | None]] = field(default_factory=dict)
    """Where each value begins, and how a text is quoted (as YAML names it: ``'``, ``"``, ``|``, ``>`` or None)."""
    keys: dict[Path, Mark] = field(default_factory=dict)
    spoiled: set[Path] = field(default_factory=set)
    """Values that could not be read: what is said about them later would only mislead."""

    def at(self, path: Path) -> Mark:
        """Where the value stands, or the nearest one around it."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks[path][0] if path in self.marks else Mark(1, 1)

    def key_at(self, path: Path) -> Mark:
        """Where the key of a value stands."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, text: str, offset: int) -> Mark:
        """Where character ``offset`` of a text value stands; its beginning, where escapes or folds blur that."""
        start, style = self.marks.get(path, (self.at(path), None))
        line, column = start.line, start.column
        if style == "|":
            above = text.count("\n", 0, offset)
            part = text.split("\n")[above]
            line += 1 + above
            indent = self._line(line).find(part)
            return Mark(line, indent + 1 + offset - (text.rfind("\n", 0, offset) + 1)) if indent >= 0 else start
        if style == "'":
            column += 1 + text.count("'", 0, offset)
        elif style == '"':
            column += 1
        whole = text.replace("'", "''") if style == "'" else text
        begin = start.column - 1 + (style is not None)
        return Mark(line, column + offset) if self._line(line)[begin:].startswith(whole) else start

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if number <= len(self.lines) else ""


def read_source(text: str) -> Source:
    """Read a YAML text; a syntax error is the last of ``faults`` and leaves ``data`` None."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    source = Source(lines=text.splitlines())
    try:
        events = iter(YAML(typ="safe", pure=True).parse(text))
        _Reader(source, events).document()
    except YAMLError as error:
        source.faults.append(_syntax(error, text))
        source.spoiled.add(())
    except _TooDeep as error:
        source.faults.append(error.fault)
        source.spoiled.add(())
    return source


class _TooDeep(Exception):
    """Not worth reading on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class _Reader:
    """Builds data from the events of one document."""

    def __init__(self, source: Source, events: Iterator[Any]) -> None:
        self._source = source
        self._events = events

    def document(self) -> None:
        next(self._events)  # the stream begins
        if type(next(self._events)).__name__ == "StreamEndEvent":
            return
        self._source.data = self._value(next(self._events), ())
        next(self._events)  # the document ends
        following = next(self._events)
        if type(following).__name__ != "StreamEndEvent":
            self._fault(following, (), "a second document begins here; expected one")

    def _value(self, event: Any, path: Path) -> object:
        self._source.marks[path] = (_mark(event), getattr(event, "style", None))
        kind = type(event).__name__
        if kind == "AliasEvent":
            self._spoil(event, path, f"refers to the anchor '{event.anchor}'; expected the value itself (no aliases)")
            return None
        if event.anchor is not None:
            self._fault(event, path, f"has an anchor '&{event.anchor}'; expected the value alone")
        if event.tag is not None:
            self._fault(event, path, f"has a tag '{_tag(event)}'; expected the value alone")
        if kind == "ScalarEvent":
            return _scalar(event)
        if len(path) >= MAX_DEPTH:
            raise _TooDeep(Fault(_mark(event), path, f"is nested more than {MAX_DEPTH} levels deep"))
        return self._sequence(path) if kind == "SequenceStartEvent" else self._mapping(path)

    def _sequence(self, path: Path) -> list[object]:
        values: list[object] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent":
                self._fault(event, path, "a key is not a plain word; expected the name of a field")
                if type(event).__name__ != "AliasEvent":
                    self._skip()
                self._discard()
                continue
            key, here = str(event.value), (*path, str(event.value))
            if key in values:
                first = self._source.keys[here].line
                self._fault(event, here, f"the key is there twice, first on line {first}; expected it once")
                self._discard()
                continue
            self._source.keys[here] = _mark(event)
            values[key] = self._value(next(self._events), here)
        return values

    def _skip(self) -> None:
        """Pass over the rest of a collection that has just begun."""
        depth = 1
        while depth:
            name = type(next(self._events)).__name__
            depth += name.endswith("StartEvent") - name.endswith("EndEvent")

    def _discard(self) -> None:
        """Pass over one whole value."""
        if type(next(self._events)).__name__ in ("SequenceStartEvent", "MappingStartEvent"):
            self._skip()

    def _spoil(self, event: Any, path: Path, text: str) -> None:
        self._source.spoiled.add(path)
        self._fault(event, path, text)

    def _fault(self, event: Any, path: Path, text: str) -> None:
        self._source.faults.append(Fault(_mark(event), path, text))


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _tag(event: Any) -> str:
    handle = getattr(event.tag, "handle", None)
    suffix = getattr(event.tag, "suffix", None)
    return f"{handle or ''}{suffix}" if suffix is not None else str(event.tag)


def _scalar(event: Any) -> object:
    value = str(event.value)
    if event.style is not None:
        return value
    return None if value in _NULL else _BOOL.get(value, value)


def _syntax(error: Any, text: str) -> Fault:
    """What the YAML reader says, as one line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        character = getattr(error, "character", None)
        if character is None:
            return Fault(Mark(1, 1), (), f"cannot be read as YAML: {_flat(str(error))}")
        bad = chr(character) if isinstance(character, int) else str(character)
        before = text[: max(text.find(bad), 0)]
        place = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return Fault(place, (), f"the character U+{ord(bad[:1]):04X} may not stand in YAML; expected printable text")
    said = ", ".join(_flat(str(part)) for part in (error.context, error.problem) if part)
    hint = ""
    if "alias" in said:
        hint = '; expected "*" in quotes where it stands for any'
    elif "mapping values are not allowed" in said:
        hint = "; expected a text that holds ': ' to stand in quotes, or the indentation to be the same"
    elif "'\\t'" in said or "\t" in said:
        hint = "; expected spaces, not tabs"
    return Fault(Mark(mark.line + 1, mark.column + 1), (), f"cannot be read as YAML: {said}{hint}")


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
