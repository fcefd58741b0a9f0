"""A scenario file, read whole: every problem in it is told, each with line, column and path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from consumers.scenario.model import Scenario
from consumers.scenario.names import misnamed
from consumers.scenario.problem import Problem, ScenarioError, wording
from consumers.yaml_source import Mark, Path, Source, read_source


def load_file(path: FilePath) -> Scenario:
    """Raises ScenarioError, OSError."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = Mark(content[: error.start].count(b"\n") + 1, 1)
        what = f"byte 0x{content[error.start]:02x} is not UTF-8; expected text in UTF-8"
        raise ScenarioError([Problem(str(path), mark, (), what)]) from None
    return load_text(text, str(path))


def load_text(text: str, name: str = "scenario") -> Scenario:
    """``name`` stands in the problems.  Raises ScenarioError."""
    source = read_source(text)
    problems = [Problem(name, fault.mark, fault.path, fault.text) for fault in source.faults]
    if source.data is None:
        problems = problems or [Problem(name, Mark(), (), "is empty; expected a scenario (see docs/scenarios.md)")]
        raise ScenarioError(problems)
    try:
        scenario = Scenario.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError([*problems, *_shape(error, source, name)]) from None
    problems += [Problem(name, _mark(path, source), path, said) for path, said in misnamed(scenario)]
    if problems:
        raise ScenarioError(problems)
    return scenario


def _shape(error: ValidationError, source: Source, name: str) -> Iterator[Problem]:
    for one in error.errors():
        path = _path(one["loc"], source)
        unknown = one["type"] == "extra_forbidden"
        keys = _keys(path[:-1]) if unknown else ()
        mark = source.key_at(path) if unknown or one["loc"][-1:] == ("[key]",) else source.at(path)
        yield Problem(name, mark, path[:-1] if one["type"] == "missing" else path, wording(one, keys))


def _mark(path: Path, source: Source) -> Mark:
    """Of a section as a whole its key, else the value."""
    return source.key_at(path) if len(path) == 1 else source.at(path)


def _path(loc: tuple[str | int, ...], source: Source) -> Path:
    """Where a finding is: pydantic's place without the marks of its own for keys."""
    path = tuple(part for part in loc if part != "[key]")
    while len(path) > 1 and path not in source.values and path[:-1] not in source.values:
        path = path[:-1]
    return path


def _keys(path: Path) -> list[str]:
    """What a mapping at this place may hold."""
    annotation: Any = Scenario
    for part in path:
        if isinstance(part, str) and not _is_mapping(annotation):
            fields = {info.alias or name: info for name, info in _inner(annotation).model_fields.items()}
            annotation = fields[part].annotation
        else:  # a place in a list, or a name in a mapping of names
            annotation = _inner(annotation)
    return [info.alias or name for name, info in _inner(annotation).model_fields.items()]


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict


def _inner(annotation: Any) -> Any:
    """The model within lists, mappings and options."""
    if get_origin(annotation) is None:
        return annotation
    inner = [_inner(one) for one in get_args(annotation)]
    models = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
    return models[0] if models else str
