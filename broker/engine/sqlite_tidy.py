"""Housekeeping in slices that hold up a commit by a few milliseconds at most."""

from __future__ import annotations

import json

from broker.engine.known import Seen
from broker.engine.limits import Limits
from broker.engine.sqlite_schema import GENERATION
from broker.engine.sqlite_thread import ThreadConnection

SLICE = 500
AT_ONCE = 0.0


class Tidy:
    """Fills ``seen`` from disk after opening, forgets old BeskedIds, deletes bodies past retention."""

    def __init__(self, limits: Limits, seen: Seen) -> None:
        self.loaded = False
        """``seen`` holds every BeskedId that is known."""
        self._limits = limits
        self._seen = seen
        self._load_before: int | None = None
        self._leftovers_after = -(1 << 62)

    def slice(self, connection: ThreadConnection, now: float) -> float | None:
        """Do a little; seconds until it makes sense to do more, None = not before something new comes."""
        if not self.loaded:
            self._load(connection)
            return AT_ONCE
        if self._prune(connection, now) or self._prune_leftovers(connection):
            return AT_ONCE
        return self._end_retention(connection, now)

    def _load(self, connection: ThreadConnection) -> None:
        before = self._load_before if self._load_before is not None else 1 << 62
        gen = connection.one("SELECT max(gen) FROM kendt_gen WHERE gen < ?", (before,))
        if gen is None:
            self.loaded = True
            return
        self._load_before = gen
        self._seen.add(json.loads(connection.one("SELECT json_group_array(h) FROM kendt WHERE gen = ?", (gen,))))

    def _prune(self, connection: ThreadConnection, now: float) -> bool:
        """Forget the oldest generation if it is past number or window."""
        row = connection.execute(
            "SELECT min(gen), max(gen), (SELECT first FROM kendt_gen ORDER BY gen LIMIT 1 OFFSET 1) FROM kendt_gen"
        ).fetchone()
        oldest, newest, next_first = row
        if oldest is None or oldest == newest:
            return False
        keep = -(-self._limits.idempotency_limit // GENERATION)
        if newest - oldest <= keep and not next_first <= now - self._limits.idempotency_window:
            return False
        with connection.transaction():
            self._forget(connection, oldest)
            connection.execute("DELETE FROM kendt_gen WHERE gen = ?", (oldest,))
        return True

    def _prune_leftovers(self, connection: ThreadConnection) -> bool:
        """Records outlive their generation while the message is kept, so that it can be found; once a run, look
        whether it still is."""
        gen = connection.one(
            "SELECT min(gen) FROM kendt WHERE gen > ? AND gen < (SELECT min(gen) FROM kendt_gen)",
            (self._leftovers_after,),
        )
        if gen is None:
            return False
        self._leftovers_after = gen
        self._forget(connection, gen)
        return True

    def _forget(self, connection: ThreadConnection, gen: int) -> None:
        connection.execute(
            "DELETE FROM kendt WHERE gen = ? AND NOT EXISTS (SELECT 1 FROM besked WHERE besked.seq = kendt.seq)", (gen,)
        )

    def _end_retention(self, connection: ThreadConnection, now: float) -> float | None:
        first, last = connection.execute("SELECT min(nr), max(nr) FROM afsluttet").fetchone()
        if first is None:
            return None
        before = now - self._limits.retention
        upto = min(first + SLICE, last + 1)
        excess = last - self._limits.retention_limit
        due = connection.execute(
            "SELECT max(nr) FROM afsluttet WHERE nr < ? AND (tid <= ? OR nr <= ?)", (upto, before, excess)
        ).fetchone()[0]
        if due is None:
            since: float = connection.one("SELECT tid FROM afsluttet WHERE nr = ?", (first,))
            return max(0.05, since - before)
        with connection.transaction():
            connection.execute("DELETE FROM besked WHERE seq IN (SELECT seq FROM afsluttet WHERE nr <= ?)", (due,))
            connection.execute("DELETE FROM afsluttet WHERE nr <= ?", (due,))
        return AT_ONCE
