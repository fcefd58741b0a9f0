"""YAML text into plain data that remembers where each value stands, so that a fault can be told with its line.

Only the plain part of YAML is read: mappings, lists, texts, true, false and null, and numbers where they are asked
for.  Dates stay as they are written; tags, anchors, aliases and a key given twice are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and 0-based positions from the top, for example ("steps", 2, "match", "to")."""

_DEEPEST = 10
"""A scenario is seven levels deep; what is deeper is no file of ours."""
_ALONE = "anchors, aliases and tags are not read; expected the value itself"
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9](_?[0-9]){0,29})\Z")
"""A CVR number keeps its leading zeros."""
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text, 1-based."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in the text, where, and under which path."""

    mark: Mark
    path: Path
    text: str
    """What is wrong with the value at ``path``; expected what."""


@dataclass(slots=True)
class Source:
    """What was read: ``data`` as dict, list, str, bool, None and numbers; ``faults`` as far as reading could go on."""

    data: object = None
    faults: list[Fault] = field(default_factory=list)
    values: dict[Path, Mark] = field(default_factory=dict)
    """Where each value begins."""
    keys: dict[Path, Mark] = field(default_factory=dict)
    """Where the key of each value stands."""

    def at(self, path: Path) -> Mark:
        """Where the value stands, or the nearest one around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Mark())

    def key_at(self, path: Path) -> Mark:
        """Where the key of a value stands; of what is in a list, where the value does."""
        return self.keys.get(path) or self.at(path)


def dotted(path: Path) -> str:
    """As people read it, for example ``steps[2].match.to``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_source(text: str, *, numbers: bool = False) -> Source:
    """Read a YAML text; a syntax error is the last of ``faults`` and leaves ``data`` None.

    ``numbers``: whether what looks like one is one, rather than a text.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    source = Source()
    try:
        _Reader(source, iter(YAML(typ="safe", pure=True).parse(text)), _number if numbers else str).document()
    except YAMLError as error:
        source.faults.append(_syntax(error, text))
        source.data = None
    except _TooDeep as error:
        source.faults.append(error.fault)
        source.data = None
    return source


class _TooDeep(Exception):
    """Not worth reading on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class _Reader:
    """Builds data from the events of one document."""

    def __init__(self, source: Source, events: Iterator[Any], plain: Callable[[str], object]) -> None:
        self._source = source
        self._events = events
        self._plain = plain

    def document(self) -> None:
        next(self._events)  # the stream begins
        if _kind(next(self._events)) == "StreamEnd":
            return
        self._source.data = self._value(next(self._events), ())
        next(self._events)  # the document ends
        if _kind(following := next(self._events)) != "StreamEnd":
            self._fault(following, (), "a second document begins here; expected one")

    def _value(self, event: Any, path: Path) -> object:
        self._source.values[path] = _mark(event)
        if _kind(event) == "Alias":
            self._fault(event, path, f"refers to the anchor '{event.anchor}'; {_ALONE}")
            return None
        if event.anchor is not None:
            self._fault(event, path, f"has an anchor '&{event.anchor}'; {_ALONE}")
        if event.tag is not None:
            self._fault(event, path, f"has a tag '{event.tag}'; {_ALONE}")
        if _kind(event) == "Scalar":
            return self._scalar(event)
        if len(path) >= _DEEPEST:
            raise _TooDeep(Fault(_mark(event), path, f"is nested more than {_DEEPEST} levels deep"))
        return self._sequence(path) if _kind(event) == "SequenceStart" else self._mapping(path)

    def _scalar(self, event: Any) -> object:
        value = str(event.value)
        if event.style is not None:
            return value
        if value in _NULL:
            return None
        return _BOOL[value] if value in _BOOL else self._plain(value)

    def _sequence(self, path: Path) -> list[object]:
        values: list[object] = []
        while _kind(event := next(self._events)) != "SequenceEnd":
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        while _kind(event := next(self._events)) != "MappingEnd":
            if _kind(event) != "Scalar":
                self._fault(event, path, "a key is no plain word; expected the name of a field")
                if _kind(event) != "Alias":
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
            kind = _kind(next(self._events))
            depth += kind.endswith("Start") - kind.endswith("End")

    def _discard(self) -> None:
        """Pass over one whole value."""
        if _kind(next(self._events)) in ("SequenceStart", "MappingStart"):
            self._skip()

    def _fault(self, event: Any, path: Path, text: str) -> None:
        self._source.faults.append(Fault(_mark(event), path, text))


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _number(value: str) -> object:
    """A number where it is one, else the text."""
    if _INT.match(value):
        return int(value)
    return float(value) if _FLOAT.match(value) else value


def _syntax(error: Any, text: str) -> Fault:
    """What the YAML reader says, as one line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _unprintable(error, text)
    said = ", ".join(_flat(str(part)) for part in (error.context, error.problem) if part)
    hint = ""
    if "mapping values are not allowed" in said:
        hint = "; expected a text that holds ': ' to stand in quotes, or the indentation to be the same"
    elif "\\t" in said or "\t" in said:
        hint = "; expected spaces, not tabs"
    return Fault(Mark(mark.line + 1, mark.column + 1), (), f"cannot be read as YAML: {said}{hint}")


def _unprintable(error: Any, text: str) -> Fault:
    """A character that YAML does not allow; the reader tells which, not where."""
    character = getattr(error, "character", None)
    if character is None:
        return Fault(Mark(), (), f"cannot be read as YAML: {_flat(str(error))}")
    bad = chr(character) if isinstance(character, int) else str(character)
    before = text[: max(text.find(bad), 0)]
    place = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
    return Fault(place, (), f"the character U+{ord(bad[:1]):04X} may not stand in YAML; expected printable text")


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
