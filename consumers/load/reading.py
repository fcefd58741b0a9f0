"""A workload file read and checked: every fault at once, each with its line, its path, and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from consumers.load.workload import Besked, Churn, Phase, Receiver, Sender, Workload
from consumers.yaml_source import Fault, Mark, Source, dotted, read_source
from consumers.yaml_source import Path as Where

_ONE_OR_MANY = (
    ("types", ("to", "tilladt_modtager", "size")),
    ("senders", ("types",)),
    ("receivers", ("stall",)),
    ("churn", ("types",)),
)
"""Fields whose list may be left away where it has one member."""
_MOST_MESSAGES = 200_000_000
_LONGEST = 172_800
"""Seconds: a BeskedId holds the time at which it is due, up to three days."""


class WorkloadError(Exception):
    """``str`` has one line for each fault: FILE:LINE:COLUMN  path: what is wrong; expected what."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(_line(name, fault) for fault in faults))
        self.faults = tuple(faults)


def shipped() -> tuple[str, ...]:
    """Names of the workloads that come with the generator."""
    folder = resources.files("consumers.load") / "workloads"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def read_workload(name: str) -> tuple[Workload, str]:
    """A file, or one of `shipped` by its name; the workload and its text.  Raises WorkloadError, OSError."""
    if name in shipped():
        text = (resources.files("consumers.load") / "workloads" / f"{name}.yaml").read_text("utf-8")
    else:
        text = Path(name).read_bytes().decode("utf-8", "replace")
    return parse_workload(text, name), text


def parse_workload(text: str, name: str = "workload") -> Workload:
    """Raises WorkloadError."""
    source = read_source(text, numbers=True)
    if source.faults:
        raise WorkloadError(name, [_unread(fault) for fault in source.faults])
    if not isinstance(source.data, dict):
        fault = Fault(Mark(), (), "is no mapping; expected name, phases, types, senders and receivers")
        raise WorkloadError(name, [fault])
    try:
        workload = Workload.model_validate(_as_lists(source.data))
    except ValidationError as error:
        raise WorkloadError(name, _faults(error, source)) from None
    check = _Check(source)
    check.all(workload)
    if check.faults:
        raise WorkloadError(name, sorted(check.faults, key=lambda fault: fault.mark))
    return workload


def _line(name: str, fault: Fault) -> str:
    """As editors and terminals know it: FILE:LINE:COLUMN  path: text."""
    where = f"{dotted(fault.path)}: " if fault.path else ""
    return f"{name}:{fault.mark.line}:{fault.mark.column}  {where}{fault.text}"


def _unread(fault: Fault) -> Fault:
    """What is no YAML of ours; the path already says which key."""
    hint = "" if "expected" in fault.text else "; expected a workload (docs/load.md)"
    return replace(fault, text=fault.text.removeprefix("the key ") + hint)


def _as_lists(data: dict[str, Any]) -> dict[str, Any]:
    made = dict(data)
    for section, fields in _ONE_OR_MANY:
        items = made.get(section)
        if isinstance(items, list):
            made[section] = [_item(item, fields) if isinstance(item, dict) else item for item in items]
    return made


def _item(item: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    alone = {
        name: [item[name]]
        for name in fields
        if name in item and item[name] is not None and not isinstance(item[name], list) and name != "size"
    }
    return item | alone


def _faults(error: ValidationError, source: Source) -> list[Fault]:
    found: dict[Where, Fault] = {}
    for one in error.errors():
        path = _path(one["loc"], source)
        if path not in found:
            found[path] = _fault(one, path, source)
    # what is said of a whole because of its part would only repeat it
    whole = {path[:depth] for path in found for depth in range(len(path))}
    return sorted((fault for path, fault in found.items() if path not in whole), key=lambda fault: fault.mark)


def _path(loc: tuple[int | str, ...], source: Source) -> Where:
    """Without what pydantic puts in for the branches of a union, and the list that was left away."""
    path: Where = ()
    for number, part in enumerate(loc):
        if (*path, part) in source.values or (*path, part) in source.keys or number == len(loc) - 1:
            path = (*path, part)
    while path and path not in source.values and isinstance(path[-1], int):
        path = path[:-1]
    return path if not str(path[-1]).startswith(("constrained", "tuple", "int", "function")) else path[:-1]


def _fault(one: Any, path: Where, source: Source) -> Fault:
    kind, given = one["type"], one.get("input")
    if kind == "missing":
        return Fault(source.at(path[:-1]), path, "is missing; expected it here")
    if kind == "extra_forbidden":
        names = _fields(path)
        near = difflib.get_close_matches(str(path[-1]), names, 1)
        hint = f" (nearest: '{near[0]}')" if near else ""
        return Fault(source.key_at(path), path, f"unknown field; expected one of {', '.join(names)}{hint}")
    shown = f"'{given}'" if isinstance(given, str | int | float | bool) else "this"
    said = _flat(str(one["msg"]))
    return Fault(source.at(path), path, f"{shown} will not do; expected: {said}")


def _fields(path: Where) -> list[str]:
    models: dict[str, Any] = {
        "phases": Phase,
        "types": Besked,
        "senders": Sender,
        "receivers": Receiver,
        "churn": Churn,
    }
    model: Any = Workload if len(path) == 1 else models.get(str(path[0]))
    for name in path[:-1]:
        if name == "processes":
            return ["send", "receive"]
        if name == "stall":
            return ["at", "seconds"]
        if name == "size":
            return ["bytes", "weight"]
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _flat(message: str) -> str:
    text = message[0].lower() + message[1:]
    for before in ("input should be ", "value error, ", "tuple should have "):
        text = text.removeprefix(before)
    return text.partition(" after validation")[0]


def bounds(phases: Sequence[Phase]) -> list[str]:
    """What is wrong with all phases together; to be asked again where rates or times were multiplied."""
    messages = sum(
        phase.seconds * ((phase.rate or 0) * 2 + (phase.start or 0) + (phase.end or 0)) / 2 for phase in phases
    )
    seconds = sum(phase.seconds for phase in phases)
    faults = []
    if messages < 1:
        faults.append("together they send no message; expected a rate above 0")
    if messages > _MOST_MESSAGES:
        faults.append(f"together they send {messages:,.0f} messages; expected at most {_MOST_MESSAGES:,}")
    if seconds > _LONGEST:
        faults.append(f"together they take {seconds:,.0f} s; expected at most {_LONGEST:,}")
    return faults


@dataclass(slots=True)
class _Check:
    """What a single field does not show."""

    source: Source
    faults: list[Fault] = field(default_factory=list)

    def all(self, workload: Workload) -> None:
        self._phases(workload.phases)
        types = self._names("types", [one.name for one in workload.types])
        self._names("senders", [one.name for one in workload.senders])
        receivers = self._names("receivers", [one.name for one in workload.receivers])
        for number, one in enumerate(workload.types):
            self._known(("types", number, "to"), one.to or (), receivers, "a receiver")
        for number, sender in enumerate(workload.senders):
            self._known(("senders", number, "types"), sender.types or (), types, "a type")
        for number, churn in enumerate(workload.churn):
            self._churn(number, churn, receivers, types)
        self._processes(workload)

    def _say(self, path: Where, text: str, at: Callable[[Where], Mark] | None = None) -> None:
        self.faults.append(Fault((at or self.source.at)(path), path, text))

    def _phases(self, phases: Sequence[Phase]) -> None:
        for number, phase in enumerate(phases):
            here: Where = ("phases", number)
            rates = (phase.rate, phase.start, phase.end)
            if phase.phase == "drain":
                if any(rate is not None for rate in rates):
                    self._say(here, "drain sends nothing; expected no rate, from or to")
                if number != len(phases) - 1:
                    self._say(here, "drain is not the last phase; expected it at the end, once")
            elif (phase.rate is None) == (phase.start is None or phase.end is None):
                self._say(here, "has no single way to tell its rate; expected rate, or from and to")
            elif phase.rate is not None and (phase.start is not None or phase.end is not None):
                self._say(here, "has rate beside from or to; expected rate, or from and to")
        for fault in bounds(phases):
            self._say(("phases",), fault)

    def _names(self, section: str, names: Sequence[str]) -> Sequence[str]:
        for number, name in enumerate(names):
            if name in names[:number]:
                self._say((section, number, "name"), f"'{name}' is there twice; expected each name once")
        return names

    def _known(self, path: Where, named: Iterable[str], there: Sequence[str], what: str) -> None:
        for number, name in enumerate(named):
            if name not in there:
                near = difflib.get_close_matches(name, there, 1)
                hint = f" (nearest: '{near[0]}')" if near else ""
                where = (*path, number) if (*path, number) in self.source.values else path
                self._say(where, f"'{name}' is not in this file; expected {what}: {', '.join(there)}{hint}")

    def _churn(self, number: int, churn: Churn, receivers: Sequence[str], types: Sequence[str]) -> None:
        here: Where = ("churn", number)
        self._known((*here, "receiver"), (churn.receiver,), receivers, "a receiver")
        self._known((*here, "types"), churn.types or (), types, "a type")
        if churn.do == "filter" and not churn.types:
            self._say(here, "filter without types; expected the types that still come, as types: [a]")
        if churn.do != "filter" and churn.types:
            self._say((*here, "types"), f"types go with filter, not with {churn.do}; expected none")
        if churn.until is not None and churn.every is None:
            self._say((*here, "until"), "until without every; expected every: SECONDS beside it")

    def _processes(self, workload: Workload) -> None:
        streams = sum(sender.count * sender.connections for sender in workload.senders)
        destinations = sum(receiver.count for receiver in workload.receivers)
        if streams > 4_096:
            self._say(("senders",), f"{streams} connections in all; expected at most 4096")
        for name, have, there in (
            ("send", workload.processes.send, streams),
            ("receive", workload.processes.receive, destinations),
        ):
            if have > there:
                what = "connections of senders" if name == "send" else "receivers"
                self._say(
                    ("processes", name),
                    f"{have} processes for {there} {what}; expected at most {there}, or more {what}",
                )
