"""What the journal gathers comes to the tables as if every batch had gone there by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.engine.flat import Flat, flatten
from broker.engine.gathered import Gathered
from broker.engine.limits import Limits
from broker.engine.sqlite_rows import besked_hashes
from broker.engine.store import Batch, Dead, Entry, Pending, State
from broker.engine.store_sqlite import SqliteStore
from broker.ports import Outcome, Routing
from tests.conformance.engine.parts import A, D, E, besked, to

F = "55555555-aaaa-4bbb-8ccc-dddddddddddd"
ROUTES: tuple[list[Routing], ...] = (
    to(D),
    [],
    to(E, held=True),
    to(D, E),
    to(D, keep=(0, 2)) + to(E, held=True) + to(F),
    to(E, F),
)
KINDS = ("accept", "accept", "settle", "settle", "touch", "die", "resend", "hand")

Actions = list[tuple[str, int]]


def nobody(_: Outcome) -> None:
    """Waits for the outcome."""


class Book:
    """Makes batches as the engine does, and knows what is to be there once they are written."""

    def __init__(self) -> None:
        self.batch = Batch()
        self.last_id = self.last_seq = 0
        self.live: dict[int, tuple[Entry, State]] = {}
        """Deliveries, by id, that are not settled."""
        self.digests: dict[str, bytes] = {}
        """Of every BeskedId that was sent."""

    def accept(self, name: str, routing: list[Routing], data: bytes = b"<x/>") -> list[int]:
        """A new message, or one more with a BeskedId that is known; the ids of its deliveries."""
        self.last_seq += 1
        first, self.last_id = self.last_id + 1, self.last_id + len(routing)
        one = besked(name, data=data, digest=b"%d" % self.last_seq)
        one.seq = self.last_seq
        self.batch.beskeder.append(Pending(one, routing, nobody, first))
        if name in self.digests:
            return []
        self.digests[name] = one.digest
        for id, its in enumerate(routing, first):
            entry = Entry(id, its.dueslag, its.abonnement, its.keep, 0, False, one.seq, one)
            entry.besked_id, entry.expires, entry.size = name, None, len(data)
            self.live[id] = (entry, State.HELD if its.held else State.READY)
        return [*range(first, self.last_id + 1)]

    def settle(self, id: int) -> None:
        entry, state = self.live.pop(id)
        self.batch.gone.append((entry.dueslag, state, id, entry.seq))

    def touch(self, id: int) -> None:
        """It came back."""
        entry, _ = self.live[id]
        entry.attempts += 1
        entry.redelivered = True
        self.batch.touched[id] = entry

    def die(self, id: int) -> None:
        entry, state = self.live[id]
        self.batch.dead.append(Dead(entry, "no", 5.0, state))
        self.batch.gone.append((entry.dueslag, state, id, entry.seq))
        self.live[id] = (entry, State.DEAD)

    def do(self, kind: str, n: int) -> None:
        """One of `KINDS`; ``n`` says with what."""
        queued = [id for id, (_, state) in self.live.items() if state is not State.DEAD]
        ready = [id for id, (_, state) in self.live.items() if state is State.READY]
        taken = {id for _, _, id, _ in self.batch.gone}
        if kind == "accept":
            self.accept(f"m{self.last_seq}", ROUTES[n % len(ROUTES)], b"x" * (n % 7) + b"%d" % n)
        elif kind == "resend" and self.digests:
            written = {one.besked.besked_id for one in self.batch.beskeder}
            name = [*self.digests][n % len(self.digests)]
            if name not in written:  # the engine holds it back itself
                self.accept(name, ROUTES[n % len(ROUTES)])
        elif kind == "settle" and queued:
            self.settle(queued[n % len(queued)])
        elif kind == "touch" and ready:
            self.touch(ready[n % len(ready)])
        elif kind == "die" and queued and queued[n % len(queued)] not in taken:
            self.die(queued[n % len(queued)])
        elif kind == "hand":
            self.batch.handed.add((D, E, F)[n % 3])

    def seal(self) -> Batch:
        """What is to be written now."""
        batch, self.batch = self.batch, Batch()
        batch.last_id, batch.last_seq, batch.now = self.last_id, self.last_seq, 1_000.0 + self.last_seq
        return batch

    def ids(self, dueslag: str, state: State = State.READY) -> list[int]:
        """What is to be there, in order."""
        return sorted(id for id, (entry, its) in self.live.items() if entry.dueslag == dueslag and its is state)


def flat_of(book: Book, retained: bool = False) -> tuple[Flat, bytes]:
    """What was done since the last time, as one batch and its bodies."""
    flat, pieces = flatten(book.seal(), retained)
    return flat, b"".join(pieces)


ROWS = (
    "SELECT seq, data FROM besked ORDER BY seq",
    "SELECT d.tekst, l.state, l.id, l.seq, a.tekst, l.keep, l.attempts, l.redelivered, l.reason, l.died"
    " FROM leverance l JOIN navn d ON d.nr = l.dueslag JOIN navn a ON a.nr = l.abonnement ORDER BY l.id, l.state",
    "SELECT k.gen, k.h, n.tekst, k.seq, k.digest FROM kendt k JOIN navn n ON n.nr = k.afsender ORDER BY k.seq",
    "SELECT last_id, last_seq FROM stand",
    "SELECT n.tekst FROM udleveret u JOIN navn n ON n.nr = u.dueslag ORDER BY n.tekst",
    "SELECT seq FROM afsluttet ORDER BY seq",
)


def rows(path: Path) -> list[list[Any]]:
    connection = sqlite3.connect(path)
    try:
        return [connection.execute(question).fetchall() for question in ROWS]
    finally:
        connection.close()


async def _at_once() -> None:
    """No pause."""


async def _write_both(directory: Path, batches: list[tuple[Actions, bool]], retained: bool) -> Book:
    limits = Limits(retention=1_000.0 if retained else 0.0, min_free_disk=0)
    straight = SqliteStore(directory / "straight.sqlite", full=False, limits=limits)
    folded = SqliteStore(directory / "folded.sqlite", full=False, limits=limits)
    book = Book()
    try:
        await straight.open()
        await folded.open()
        gathered, generation = Gathered(retained), 1
        for actions, fold in [*batches, ([], True)]:
            for kind, n in actions:
                book.do(kind, n)
            flat, bodies = flat_of(book, retained)
            known = await straight.write(flat, bodies)
            gathered.add(flat, bodies, besked_hashes([head[4] for head in flat.heads]), known.keys())
            if fold:
                await folded.fold(gathered.slices(), generation, _at_once)
                gathered, generation = Gathered(retained), generation + 1
    finally:
        await straight.close(clean=False)
        await folded.close(clean=False)
    return book


@settings(deadline=None)
@given(
    batches=st.lists(
        st.tuples(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 999)), max_size=14), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    retained=st.booleans(),
)
@example(batches=[([("accept", 0)], False), ([("die", 0)], False)], retained=False)
@example(
    batches=[([("accept", 4)], False), ([("settle", 2), ("die", 0)], False), ([("settle", 0)], True)], retained=False
)
def test_the_same_rows_as_batch_for_batch(batches: list[tuple[Actions, bool]], retained: bool) -> None:
    """Whatever comes, is settled, comes back or dies, in whatever order: by way of the journal the database holds what
    it held without one: messages, deliveries, known BeskedIds, which dueslag handed out, and what is kept after."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("broker.engine.gathered.SLICE", 3)
        directory = Path(name)
        book = asyncio.run(_write_both(directory, batches, retained))
        straight = rows(directory / "straight.sqlite")
        assert rows(directory / "folded.sqlite") == straight
        assert [(id, state) for _, state, id, *_ in straight[1]] == [
            (id, state) for id, (_, state) in sorted(book.live.items())
        ]


def test_what_came_and_went_leaves_no_body() -> None:
    """A message that is fetched before the tables hear of it costs them no body and no delivery; of one that went to
    two dueslag both come as long as one waits."""
    book, gathered = Book(), Gathered(retained=False)
    (alone,) = book.accept("alone", to(D), b"a" * 50)
    first, second = book.accept("both", to(D, E), b"b" * 50)
    half, _ = book.accept("half", to(D, E), b"c" * 50)
    for id in (alone, first, second, half):
        book.settle(id)
    flat, bodies = flat_of(book)
    gathered.add(flat, bodies, [1, 2, 3], frozenset())
    (slice,) = gathered.slices()
    assert bytes(slice.bodies) == b"c" * 50
    assert [head[4] for head, *_ in slice.noted] == ["alone", "both", "half"]
    assert [flow[3] for _, flow, *_ in slice.kept] == [((D, A, None, False), (E, A, None, False))]
    assert slice.rest.gone == [(D, State.READY, half, 3)]
    assert gathered.gone == {half}


@pytest.mark.parametrize(("slice", "octets", "counts"), [(2, 1_000, [2, 2, 1]), (100, 100, [2, 2, 1])])
def test_it_goes_to_the_tables_in_slices(
    slice: int, octets: int, counts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a fold holds up nobody for long, it goes in slices of so many messages or octets; nothing is left out."""
    monkeypatch.setattr("broker.engine.gathered.SLICE", slice)
    monkeypatch.setattr("broker.engine.gathered.SLICE_BYTES", octets)
    book, gathered = Book(), Gathered(retained=False)
    for n in range(5):
        book.accept(f"m{n}", to(D), b"%d" % n * 50)
    flat, bodies = flat_of(book)
    gathered.add(flat, bodies, [*range(5)], frozenset())
    slices = [*gathered.slices()]
    assert [len(one.noted) for one in slices] == counts
    assert [len(one.bodies) for one in slices] == [50 * count for count in counts]
    assert b"".join([one.bodies for one in slices]) == b"".join([b"%d" % n * 50 for n in range(5)])
