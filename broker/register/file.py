"""A register file, read whole: every problem in it is told, each with line and path."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from broker.core.filter import parse_filter
from broker.ports import RegisterContent
from broker.register import source as yaml
from broker.register.check import check
from broker.register.problem import Problem, RegisterProblems
from broker.register.resolve import Resolver
from broker.register.rules import FilterCheck
from broker.register.shape import Shape
from broker.register.source import Mark, Source

_SECTION_REFERRED_TO = {
    "anvendersystem": "anvendersystemer",
    "dueslag": "dueslag",
    "modtagende_dueslag": "dueslag",
    "beskedtyper": "beskedtyper",
    "cvr": "myndigheder",
    "afsendende_myndigheder": "myndigheder",
    "tilladte_myndigheder": "myndigheder",
    "filter": "vaerdilister",
}


def load_file(path: Path | str, check_filter: FilterCheck = parse_filter) -> RegisterContent:
    """The register that a YAML file describes.

    ``check_filter`` reads filter expressions (default: `broker.core.filter.parse_filter`).  Raises RegisterError
    whose text has one line for each problem: ``file.yaml:LINE:COLUMN  path: what is wrong; what was expected``.
    """
    path = Path(path)
    return load_text(_read(path, str(path)), str(path), path.parent, check_filter)


def load_text(
    text: str, name: str = "register", folder: Path | None = None, check_filter: FilterCheck = parse_filter
) -> RegisterContent:
    """As `load_file`, from text: ``name`` stands in the problems, a ``fil`` is looked for in ``folder``.

    Without a folder a ``fil`` is refused: a text that came over a wire must not name files of this machine.
    """
    reading = _Reading(yaml.read_source(text), name)
    content = reading.content(folder, check_filter)
    if reading.lines:
        raise RegisterProblems(line for _, line in sorted(reading.lines, key=lambda pair: pair[0]))
    return content


class _Reading:
    """Collects what is wrong in one file on the way from text to content."""

    def __init__(self, source: Source, name: str) -> None:
        self.lines: list[tuple[tuple[int, int], str]] = []
        self._source = source
        self._name = name
        for fault in source.faults:
            self._note(fault.mark, fault.path, fault.text)

    def content(self, folder: Path | None, check_filter: FilterCheck) -> RegisterContent:
        source = self._source
        if () in source.spoiled:
            return RegisterContent()
        shape = Shape().read(source.data)
        for path, text, key in shape.faults:
            self._say(path, text, source.key_at(path) if key else source.at(path))
        resolver = Resolver(lambda fil: _values(folder, fil))
        resolver.resolve(shape.posts)
        for path, text in resolver.faults:
            self._say(path, text, source.at(path))
        for problem in check(resolver.content, check_filter):
            if not self._is_follow_up(problem, shape):
                self._problem(problem, resolver.place(problem.item))
        return resolver.content

    def _problem(self, problem: Problem, path: yaml.Path) -> None:
        if problem.field:
            path = (*path, *problem.field.split("."))
        if problem.index is not None:
            path = (*path, problem.index)
        mark = self._source.at(path)
        if problem.offset is not None and path in self._source.marks:
            mark = self._source.inside(path, _text(self._source.data, path), problem.offset)
        self._say(path, problem.text, mark)

    def _is_follow_up(self, problem: Problem, shape: Shape) -> bool:
        """Whether a reference leads nowhere only because what it means is itself broken, which has been said."""
        section = _SECTION_REFERRED_TO.get(problem.field)
        if problem.reference is None or section is None:
            return False
        broken = {name.lower() for name in shape.broken.get(section, ())}
        return problem.reference.lower() in broken or section in shape.lost or (section,) in self._source.spoiled

    def _say(self, path: yaml.Path, text: str, mark: Mark) -> None:
        if not any(path[: len(spoiled)] == spoiled for spoiled in self._source.spoiled):
            self._note(mark, path, text)

    def _note(self, mark: Mark, path: yaml.Path, text: str) -> None:
        where = f"{dotted(path)}: " if path else ""
        line = f"{self._name}:{mark.line}:{mark.column}  {where}{' '.join(text.split())}"
        self.lines.append(((mark.line, mark.column), line))


def dotted(path: yaml.Path) -> str:
    """A path as a problem shows it, for example ``abonnementer[2].filter``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _text(data: object, path: yaml.Path) -> str:
    for part in path:
        data = data[part]  # type: ignore[index]  # the path was found in this data
    return str(data)


def _values(folder: Path | None, fil: str) -> Iterable[str]:
    if folder is None:
        raise ValueError("files are not read from here; expected vaerdier")
    try:
        return [line for raw in _read(folder / fil, "").split("\n") if (line := raw.strip())]
    except RegisterProblems as error:
        raise ValueError(str(error).strip()) from None


def _read(path: Path, name: str) -> str:
    """The text of a file; RegisterProblems in one line where it cannot be had."""
    prefix = f"{name}:1:1  " if name else ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = bytes(error.object)[: error.start].count(b"\n") + 1
        prefix = f"{name}:{line}:1  " if name else f"line {line} of '{path}': "
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8; expected text in UTF-8"
        raise RegisterProblems([prefix + what]) from None
    except OSError as error:
        what = f"'{path}' cannot be read: {error.strerror}; expected a file in UTF-8"
        raise RegisterProblems([prefix + what]) from None
