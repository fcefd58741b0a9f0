"""Deliveries as the memory store keeps them: by dueslag and state, in order of id."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from broker.core.stored import StoredBesked
from broker.engine.store import STATE_NAMES, Entry, Selection, State
from broker.ports import Glimpse


@dataclass(slots=True)
class Row:
    id: int
    dueslag: str
    besked: StoredBesked
    abonnement: str
    keep: tuple[int, ...] | None
    attempts: int = 0
    redelivered: bool = False
    reason: str | None = None
    died: float | None = None


class Shelf:
    """The deliveries of one dueslag, by state, in order of id."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[State, OrderedDict[int, Row]] = {state: OrderedDict() for state in State}

    def put(self, state: State, row: Row) -> None:
        rows = self.rows[state]
        sort = bool(rows) and next(reversed(rows)) > row.id
        rows[row.id] = row
        if sort:
            self.rows[state] = OrderedDict(sorted(rows.items()))

    def put_all(self, state: State, rows: Iterable[Row]) -> None:
        merged = {**self.rows[state], **{row.id: row for row in rows}}
        self.rows[state] = OrderedDict(sorted(merged.items()))


def after(rows: OrderedDict[int, Row], after: int) -> Iterator[Row]:
    return (row for id, row in rows.items() if id > after)


def first(rows: Iterator[Row], limit: int) -> list[Row]:
    return [row for row, _ in zip(rows, range(limit), strict=False)]


def chosen(selection: Selection, row: Row) -> bool:
    return (
        row.id not in selection.spared
        and (selection.abonnement is None or row.abonnement == selection.abonnement)
        and (selection.ids is None or row.id in selection.ids)
    )


def entry(row: Row) -> Entry:
    besked = row.besked
    entry = Entry(row.id, row.dueslag, row.abonnement, row.keep, row.attempts, row.redelivered, besked.seq, besked)
    entry.besked_id, entry.expires, entry.size = besked.besked_id, besked.expires, len(besked.data)
    return entry


def glimpse(row: Row, state: State, body: bool) -> Glimpse:
    besked = row.besked if body else replace(row.besked, data=b"")
    return Glimpse(
        row.id, row.dueslag, row.abonnement, STATE_NAMES[state], row.attempts, row.redelivered, row.keep, besked,
        row.reason, row.died, len(row.besked.data),
    )  # fmt: skip
