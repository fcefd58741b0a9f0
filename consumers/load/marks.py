"""YAML text into plain data that remembers where each value stands, so that a fault can be told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and 0-based positions from the top, for example ("phases", 2, "rate")."""
Mark = tuple[int, int]
"""Line and column, 1-based."""

_DEEPEST = 8
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "false": False, "False": False}
_INT = re.compile(r"[-+]?[0-9][0-9_]*\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and under which path."""

    mark: Mark
    path: Path
    text: str

    def line(self, name: str) -> str:
        """As editors and terminals know it: FILE:LINE:COLUMN  path: text."""
        where = dotted(self.path)
        return f"{name}:{self.mark[0]}:{self.mark[1]}  {where + ': ' if where else ''}{self.text}"


@dataclass(slots=True)
class Marked:
    """What was read: ``data``, and where each value of it begins."""

    data: object = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def at(self, path: Path) -> Mark:
        """Where the value stands, or the nearest one around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))

    def key_at(self, path: Path) -> Mark:
        """Where the key of a value stands."""
        return self.keys.get(path) or self.at(path)


def dotted(path: Path) -> str:
    """A path as people read it: phases[2].rate."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_marked(text: str) -> Marked:
    """Read YAML; the syntax error that ends the reading is the only one of ``faults``."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    marked = Marked()
    try:
        _Reader(marked, iter(YAML(typ="safe", pure=True).parse(text))).document()
    except YAMLError as error:
        marked.data = None
        marked.faults[:] = [_syntax(error)]
    except _Stop as stop:
        marked.data = None
        marked.faults[:] = [stop.fault]
    return marked


class _Stop(Exception):
    """Not worth reading on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class _Reader:
    """Builds data from the events of one document."""

    def __init__(self, marked: Marked, events: Iterator[Any]) -> None:
        self._marked = marked
        self._events = events

    def document(self) -> None:
        next(self._events)  # the stream begins
        if type(next(self._events)).__name__ == "StreamEndEvent":
            return
        self._marked.data = self._value(next(self._events), ())
        next(self._events)  # the document ends
        following = next(self._events)
        if type(following).__name__ != "StreamEndEvent":
            raise _Stop(Fault(_mark(following), (), "a second document begins here; expected one"))

    def _value(self, event: Any, path: Path) -> object:
        self._marked.marks[path] = _mark(event)
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None or event.tag is not None:
            raise _Stop(Fault(_mark(event), path, "anchors, aliases and tags are not read; expected the value itself"))
        if kind == "ScalarEvent":
            return _scalar(str(event.value), event.style)
        if len(path) >= _DEEPEST:
            raise _Stop(Fault(_mark(event), path, f"is nested more than {_DEEPEST} levels deep"))
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
                raise _Stop(Fault(_mark(event), path, "a key is not a plain word; expected the name of a field"))
            key = str(event.value)
            here: Path = (*path, key)
            if here in self._marked.keys:
                first = self._marked.keys[here][0]
                raise _Stop(Fault(_mark(event), here, f"is there twice, first on line {first}; expected it once"))
            self._marked.keys[here] = _mark(event)
            values[key] = self._value(next(self._events), here)
        return values


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(value: str, style: str | None) -> object:
    if style is not None:
        return value
    if value in _NULL:
        return None
    if value in _BOOL:
        return _BOOL[value]
    if _INT.match(value) and not (value.startswith("0") and len(value) > 1):  # a CVR number keeps its leading zeros
        return int(value)
    return float(value) if _FLOAT.match(value) and not value.isdigit() else value


def _syntax(error: Any) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = ", ".join(
        re.sub(r"\s+", " ", str(part)).strip()
        for part in (getattr(error, "context", None), getattr(error, "problem", None))
        if part
    )
    place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    return Fault(place, (), f"cannot be read as YAML: {said or error}; expected a workload (docs/load.md)")
