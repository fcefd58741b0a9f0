"""What `Engine.condemn` asks of dueslag.sqlite.  All run in its thread.

A message that is stored for the fejlkø alone is not known: its record in ``kendt``, by which it is found, is in a
generation below 0, where no sender is looked up.
"""

from __future__ import annotations

import orjson

from broker.core.stored import StoredBesked
from broker.engine import sqlite_rows as rows
from broker.engine.sqlite_names import Names
from broker.engine.sqlite_read import seqs_of
from broker.engine.sqlite_schema import GENERATION
from broker.engine.sqlite_thread import ThreadConnection
from broker.engine.store import Dead, Located, State

_LOCATE = """
SELECT json_group_array(json_array(l.id, b.seq, l.abonnement, l.keep, l.attempts, l.redelivered, b.expires,
                                   length(b.data), b.head ->> 8, b.head ->> 7, l.state))
FROM json_each(?) w JOIN besked b ON b.seq = w.value LEFT JOIN leverance l ON l.seq = b.seq AND l.dueslag = ?
"""


def locate(
    connection: ThreadConnection, names: Names, dueslag: str, flagged: int, afsender: str, besked_id: str
) -> Located:
    seqs = rows.json_text(seqs_of(connection, besked_id))
    located = Located()
    for row in sorted(orjson.loads(connection.one(_LOCATE, (seqs, names.get(dueslag)))), key=lambda row: row[0] or 0):
        its_sender, state = row[9:]
        if row[8] != besked_id or (afsender and its_sender != afsender):
            continue
        located.seq = max(located.seq or 0, row[1])
        if row[0] is not None:
            entry = rows.entry(row[:9], dueslag, names.text(row[2]), flagged, None)
            located.deliveries.append((State(state), entry))
    return located


def add_dead(
    connection: ThreadConnection, names: Names, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int
) -> None:
    entry = dead.entry
    row = (names[entry.dueslag], State.DEAD, entry.id, entry.seq, names[entry.abonnement], rows.keep_text(entry.keep),
           entry.attempts, entry.redelivered, dead.reason, dead.died)  # fmt: skip
    with connection.transaction():
        if besked is None:
            connection.execute("DELETE FROM afsluttet WHERE seq = ?", (entry.seq,))  # it has a delivery again
        else:
            _add_besked(connection, names, besked)
        connection.execute("INSERT INTO leverance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.executemany("INSERT INTO navn VALUES (?, ?)", names.new)
        connection.execute("UPDATE stand SET last_id = ?, last_seq = ?", (last_id, last_seq))
    names.keep_new()  # where it failed they are written with what comes next


def _add_besked(connection: ThreadConnection, names: Names, besked: StoredBesked) -> None:
    hash, sender = rows.besked_hash(besked.besked_id), names[besked.afsender]
    noted = (
        (besked.seq, len(besked.data), besked.expires, b"", besked.besked_id, besked.transaktions_id, besked.received,
         0, 0),
        (besked.afsender, besked.beskedtype, besked.cuts, ()),
        besked.digest,
        hash,
    )  # fmt: skip
    head = rows.json_text(rows.head_row(noted, 0, sender))
    connection.execute("INSERT INTO besked VALUES (?, ?, ?, ?)", (besked.seq, besked.expires, head, besked.data))
    connection.execute(
        "INSERT OR REPLACE INTO kendt VALUES (?, ?, ?, ?, ?)",
        (-1 - besked.seq // GENERATION, hash, sender, besked.seq, besked.digest.hex()),
    )
