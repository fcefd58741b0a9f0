"""What is read from dueslag.sqlite.  All run in its thread.

Rows come as one JSON array where there may be many: a row fetched is a GIL lost and won (`sqlite_thread`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from broker.core.stored import StoredBesked
from broker.engine import sqlite_rows as rows
from broker.engine.sqlite_names import Names
from broker.engine.sqlite_thread import ThreadConnection
from broker.engine.store import OVERHEAD, Due, Entry, Moved, Opened, Page, Selection, State
from broker.ports import Glimpse

PEEK_BYTES = 8 * 1024 * 1024

_NEXT = """
SELECT json_group_array(json_array(id, seq, abonnement, keep, attempts, redelivered, expires, size, besked_id)) FROM (
    SELECT l.id, l.seq, l.abonnement, l.keep, l.attempts, l.redelivered, b.expires, length(b.data) AS size,
           b.head ->> 8 AS besked_id
    FROM leverance l LEFT JOIN besked b ON b.seq = l.seq
    WHERE l.dueslag = ? AND l.state = 0 AND l.id > ? ORDER BY l.id LIMIT ?
)
"""
_PEEK = """
SELECT json_group_array(json_array(id, seq, abonnement, keep, attempts, redelivered, reason, died, size)) FROM (
    SELECT l.id, l.seq, l.abonnement, l.keep, l.attempts, l.redelivered, l.reason, l.died, length(b.data) AS size
    FROM leverance l JOIN besked b ON b.seq = l.seq
    WHERE l.dueslag = ? AND l.state = ? AND l.id > ? ORDER BY l.id LIMIT ?
)
"""
_PEEK_HEADS = """
SELECT json_group_array(json_array(id, seq, abonnement, keep, attempts, redelivered, reason, died, size, json(head)))
FROM (
    SELECT l.id, l.seq, l.abonnement, l.keep, l.attempts, l.redelivered, l.reason, l.died, length(b.data) AS size,
           b.head
    FROM leverance l JOIN besked b ON b.seq = l.seq
    WHERE l.dueslag = ? AND l.state = ? AND l.id > ? ORDER BY l.id LIMIT ?
)
"""
LARGE = 64 * 1024
"""Bytes of a body from which it is read by itself: as hexadecimal text in JSON 100 MB would be copied many times."""
_BESKEDER = f"""
SELECT json_group_array(json_array(head, CASE WHEN length(data) < {LARGE} THEN hex(data) END))
FROM besked WHERE seq IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - a constant
_BODY = "SELECT data FROM besked WHERE seq = ?"
_KNOWN = """
SELECT json_group_array(json_array(w.value ->> 0, k.digest))
FROM json_each(?) w CROSS JOIN kendt_gen g CROSS JOIN kendt k
WHERE k.gen = g.gen AND k.h = w.value ->> 1 AND k.afsender = w.value ->> 2
"""
_FIND = """
WITH RECURSIVE g (gen) AS (
    SELECT min(gen) FROM kendt UNION ALL
    SELECT (SELECT min(gen) FROM kendt WHERE gen > g.gen) FROM g WHERE g.gen IS NOT NULL
)
SELECT json_group_array(k.seq) FROM g CROSS JOIN kendt k WHERE k.gen = g.gen AND k.h = ?
"""
_SELECTED = """
SELECT json_group_array(json_array(id, seq, abonnement)) FROM (
    SELECT id, seq, abonnement FROM leverance
    WHERE dueslag = ? AND state = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?
)
"""
_EXPIRED = """
SELECT json_group_array(json_array(e.expires, e.seq, e.besked_id, l.dueslag, l.state, l.id)) FROM (
    SELECT expires, seq, head ->> 8 AS besked_id FROM besked
    WHERE expires IS NOT NULL AND expires <= ? AND expires >= ? AND (expires, seq) > (?, ?)
    ORDER BY expires, seq LIMIT ?
) e LEFT JOIN leverance l ON l.seq = e.seq AND l.state IN (0, 1)
"""


def names(connection: ThreadConnection) -> Names:
    return Names(connection.execute("SELECT nr, tekst FROM navn").fetchall())


def opened(connection: ThreadConnection, names: Names) -> tuple[Opened, dict[str, int]]:
    """What the file holds.  What a killed run may have handed out is flagged for good."""
    with connection.transaction():
        connection.execute("INSERT OR REPLACE INTO gensendt SELECT dueslag, (SELECT last_id FROM stand) FROM udleveret")
        connection.execute("DELETE FROM udleveret")
        connection.execute(
            "DELETE FROM gensendt WHERE NOT EXISTS"
            " (SELECT 1 FROM leverance l WHERE l.dueslag = gensendt.dueslag AND l.id <= gensendt.upto)"
        )
    last_id, last_seq = connection.execute("SELECT last_id, last_seq FROM stand").fetchone()
    found = Opened(last_id=last_id, last_seq=last_seq, next_expiry=next_expiry(connection, float("-inf")))
    for dueslag, state, count in connection.execute(
        "SELECT dueslag, state, count(*) FROM leverance GROUP BY dueslag, state"
    ):
        found.counts.setdefault(names.text(dueslag), [0, 0, 0])[state] = count
    flagged = {names.text(dueslag): upto for dueslag, upto in connection.execute("SELECT dueslag, upto FROM gensendt")}
    return found, flagged


def clear(connection: ThreadConnection) -> None:
    with connection.transaction():
        for table in ("besked", "leverance", "kendt", "kendt_gen", "udleveret", "gensendt", "afsluttet"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant


def known(connection: ThreadConnection, maybe: Mapping[int, tuple[int, int]]) -> dict[int, bytes]:
    """Of position → (hash, sender): position → digest of those that are known."""
    asked = rows.json_text([(position, *key) for position, key in maybe.items()])
    return {position: bytes.fromhex(digest) for position, digest in orjson.loads(connection.one(_KNOWN, (asked,)))}


def beskeder(connection: ThreadConnection, seqs: Sequence[int]) -> dict[int, StoredBesked]:
    found: dict[int, StoredBesked] = {}
    for head, data in orjson.loads(connection.one(_BESKEDER, (rows.json_text(seqs),))):
        besked = rows.besked(orjson.loads(head), data or "")
        if data is None:
            besked.data = connection.one(_BODY, (besked.seq,))
        found[besked.seq] = besked
    return found


def page(
    connection: ThreadConnection, names: Names, dueslag: str, flagged: int, after: int, limit: int, size: int
) -> Page:
    found = orjson.loads(connection.one(_NEXT, (names.get(dueslag), after, limit)))
    taken = _within(found, 7, size)
    bodies = beskeder(connection, [row[1] for row in taken])
    entries: list[Entry] = [
        rows.entry(row, dueslag, names.text(row[2]), flagged, bodies.get(row[1])) for row in taken
    ]  # fmt: skip
    return Page(entries, complete=len(found) < limit and len(taken) == len(found))


def glimpses(
    connection: ThreadConnection,
    names: Names,
    dueslag: str,
    flagged: int,
    states: Sequence[State],
    after: int,
    limit: int,
    body: bool,
) -> list[Glimpse]:
    question = _PEEK if body else _PEEK_HEADS
    found = [
        (row, state)
        for state in states
        for row in orjson.loads(connection.one(question, (names.get(dueslag), state, after, limit)))
    ]
    found.sort(key=lambda one: one[0][0])
    if not body:
        return [
            rows.glimpse(row, dueslag, names.text(row[2]), state, flagged, rows.besked(row[9], ""))
            for row, state in found[:limit]
        ]
    of_state = {row[0]: state for row, state in found}
    taken = _within([row for row, _ in found[:limit]], 8, PEEK_BYTES)
    bodies = beskeder(connection, [row[1] for row in taken])
    return [
        rows.glimpse(row, dueslag, names.text(row[2]), of_state[row[0]], flagged, bodies[row[1]])
        for row in taken
        if row[1] in bodies
    ]


def _within(found: list[rows.Json], column: int, size: int) -> list[rows.Json]:
    """The first rows whose bodies together take ``size`` bytes at most; one at least."""
    for count, row in enumerate(found):
        size -= (row[column] or 0) + OVERHEAD
        if size < 0 and count:
            return found[:count]
    return found


def seqs_of(connection: ThreadConnection, besked_id: str) -> list[int]:
    """Where messages with this BeskedId may be."""
    seqs: list[int] = orjson.loads(connection.one(_FIND, (rows.besked_hash(besked_id),)))
    return seqs


def find(connection: ThreadConnection, besked_id: str) -> list[StoredBesked]:
    found = beskeder(connection, seqs_of(connection, besked_id))
    return [found[seq] for seq in sorted(found) if found[seq].besked_id == besked_id]


def selected(
    connection: ThreadConnection, names: Names, selection: Selection, after: int, limit: int
) -> tuple[Moved, list[tuple[int, int]]]:
    """The next slice of a selection, as (id, seq)."""
    key = (names.get(selection.dueslag), selection.state, after, selection.upto, limit)
    found = orjson.loads(connection.one(_SELECTED, key))
    abonnement = None if selection.abonnement is None else names.get(selection.abonnement)
    chosen = [
        (id, seq)
        for id, seq, its in found
        if id not in selection.spared
        and (abonnement is None or its == abonnement)
        and (selection.ids is None or id in selection.ids)
    ]
    return Moved(len(chosen), found[-1][0] if len(found) == limit else None), chosen


def expired(
    connection: ThreadConnection, names: Names, now: float, after: tuple[float, int], limit: int
) -> tuple[list[Due], tuple[float, int]]:
    found = orjson.loads(connection.one(_EXPIRED, (now, after[0], *after, limit)))
    due = [
        Due(names.text(dueslag), State(state), id, seq, besked_id)
        for _, seq, besked_id, dueslag, state, id in found
        if id is not None
    ]
    reached = max(((row[0], row[1]) for row in found), default=after)
    return due, reached


def next_expiry(connection: ThreadConnection, after: float) -> float | None:
    earliest: float | None = connection.one(
        "SELECT min(expires) FROM besked WHERE expires IS NOT NULL AND expires > ?", (after,)
    )
    return earliest
