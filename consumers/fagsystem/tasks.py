"""What a party has to do on a day to come.  Tasks are in the database: a restart forgets none and does none twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consumers.fagsystem.store import Store


@dataclass(frozen=True, slots=True)
class Task:
    """``kind`` says what; ``key`` which: a second task with the same key takes the place of the first."""

    key: str
    due: datetime
    kind: str
    forloeb: str
    data: Mapping[str, str] = field(default_factory=dict)


def put(store: Store, task: Task) -> None:
    store.run(
        "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?)",
        task.key,
        task.due.isoformat(timespec="microseconds"),
        task.kind,
        task.forloeb,
        json.dumps(dict(task.data), ensure_ascii=False),
    )


def done(store: Store, key: str) -> None:
    """It is done, or not to be done any more."""
    store.run("DELETE FROM tasks WHERE key = ?", key)


def first(store: Store) -> Task | None:
    """The one that is due before all others."""
    row = store.one("SELECT key, due, kind, forloeb, data FROM tasks ORDER BY due, key LIMIT 1")
    if row is None:
        return None
    key, due, kind, forloeb, data = row
    return Task(key, datetime.fromisoformat(due), kind, forloeb, json.loads(data))
