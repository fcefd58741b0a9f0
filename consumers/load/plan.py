"""What is to happen when: the tasks of the processes, the changes to abonnementer, and marks in the plots.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.load.cast import Cast
from consumers.load.news import Task
from consumers.load.result import MEASURED
from consumers.load.workload import Churn, Workload


def tasks_of(cast: Cast, workload: Workload, board: str, patience: float) -> tuple[Task, ...]:
    """Streams and destinations dealt out to the processes."""
    tasks = []
    send, receive, most = workload.processes.send, workload.processes.receive, workload.max_unanswered
    for number in range(send):
        mine = tuple(range(number, len(cast.streams), send))
        tasks.append(Task(cast, board, streams=mine, patience=patience, max_unanswered=most))
    for number in range(receive):
        mine = tuple(range(number, len(cast.destinations), receive))
        tasks.append(Task(cast, board, destinations=mine, patience=patience))
    return tuple(tasks)


def changes_of(churn: Sequence[Churn], seconds: float) -> list[tuple[float, Churn]]:
    """Every change with its moment, in order; none after the last phase."""
    found = []
    for one in churn:
        at, until = one.at, seconds if one.until is None else min(one.until, seconds)
        while at <= until:
            found.append((at, one))
            if one.every is None:
                break
            at += one.every
    return sorted(found, key=lambda item: item[0])


def marks_of(workload: Workload, cast: Cast) -> list[tuple[float, str]]:
    """Where phases begin and consumers stand still."""
    at, marks = 0.0, []
    for label, (seconds, _, _) in zip(cast.labels, cast.phases, strict=True):
        marks.append((at, label))
        at += seconds
    marks.append((at, "drain"))
    for receiver in workload.receivers:
        for stall in receiver.stall:
            marks += [(stall.at, f"{receiver.name} stalls"), (stall.at + stall.seconds, f"{receiver.name} goes on")]
    return marks


def windows_of(cast: Cast) -> dict[str, tuple[float, float]]:
    """From when to when each phase lasts, and all that are measured: warm-up comes first or is part of them."""
    at, found, measured = 0.0, {}, []
    for number, (label, (seconds, _, _)) in enumerate(zip(cast.labels, cast.phases, strict=True)):
        found[label] = (at, at + seconds)
        if number not in cast.warm:
            measured.append(found[label])
        at += seconds
    if measured:
        found[MEASURED] = (measured[0][0], measured[-1][1])
    return found
