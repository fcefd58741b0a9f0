"""What the journal holds and the tables do not: most messages come and go before those hear of them.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from broker.core.sent import Octets
from broker.engine.flat import Flat, Head, Slice
from broker.engine.sqlite_schema import GENERATION

SLICE = 250
"""Messages that are put into the tables at a time."""
SLICE_BYTES = 8 * 1024 * 1024


class _Kept:
    """A message: its body as long as somebody may want it."""

    __slots__ = ("body", "gone", "hash", "head", "pinned")

    def __init__(self, head: Head, body: Octets | None, hash: int, pinned: bool) -> None:
        self.head = head
        self.body = body
        """None = it is settled, or was for nobody: only that it was here is to be remembered."""
        self.hash = hash
        self.gone: set[int] | None = None
        """Of several deliveries those that are settled."""
        self.pinned = pinned
        """It goes to the tables with all that was said of it."""


class Gathered:
    """The batches of one generation taken together."""

    def __init__(self, retained: bool) -> None:
        """``retained``: messages are kept after their last delivery."""
        self._retained = retained
        self._kept: dict[int, _Kept] = {}
        """By seq, in order."""
        self._digests: dict[tuple[str, str], bytes] = {}
        self._touched: dict[int, tuple[str, int, int]] = {}
        self._dead: list[tuple[str, int, int, str, tuple[int, ...] | None, int, str, float]] = []
        self._gone: list[tuple[str, int, int, int]] = []
        self._handed: set[str] = set()
        self.gone: set[int] = set()
        """Ids of deliveries that the tables have, or will have before this is all there, and that are settled."""
        self._began: dict[int, float] = {}
        self._last: tuple[int, int, float] | None = None

    def __bool__(self) -> bool:
        return self._last is not None

    def __len__(self) -> int:
        """Messages."""
        return len(self._kept)

    def digest(self, afsender: str, besked_id: str) -> bytes | None:
        """Of a message that was accepted in this generation."""
        return self._digests.get((afsender, besked_id))

    @property
    def changed(self) -> bool:
        """Whether rows that the tables may have are to read otherwise, beside being gone."""
        return bool(self._touched or self._dead)

    def add(self, flat: Flat, bodies: Octets, hashes: Sequence[int], known: Set[int]) -> None:
        """Take in one batch; ``known``: positions of messages that are left out."""
        view, kept, digests, retained = memoryview(bodies), self._kept, self._digests, self._retained
        for position, head in enumerate(flat.heads):
            if position not in known:
                seq, offset, length, _, digest, afsender, besked_id, *_ = head
                body = view[offset : offset + length] if length >= 0 else None
                kept[seq] = _Kept(head, body, hashes[position], retained)
                digests[afsender, besked_id] = digest
        if flat.heads:
            for generation in range(flat.heads[0][0] // GENERATION, flat.heads[-1][0] // GENERATION + 1):
                self._began.setdefault(generation, flat.now)
        for dead in flat.dead:
            pinned = kept.get(dead[2])
            if pinned is not None:
                pinned.pinned = True
        self._dead += flat.dead
        for gone in flat.gone:
            its = kept.get(gone[3])
            if its is None or its.pinned:
                self._gone.append(gone)
                self.gone.add(gone[2])
            else:
                self._settle(its, gone[2])
        for touched in flat.touched:
            self._touched[touched[1]] = touched
        self._handed.update(flat.handed)
        self._last = (flat.last_id, flat.last_seq, flat.now)

    def _settle(self, kept: _Kept, id: int) -> None:
        """One of its deliveries is done with; where none is left, so is the body."""
        count = len(kept.head[12])
        if count > 1:
            if kept.gone is None:
                kept.gone = set()
            kept.gone.add(id)
            self.gone.add(id)
            if len(kept.gone) < count:
                return
            self.gone -= kept.gone
        kept.body = kept.gone = None

    def slices(self) -> Iterator[Slice]:
        """All of it as batches for the tables."""
        assert self._last is not None
        heads: list[Head] = []
        bodies: list[Octets] = []
        hashes: list[int] = []
        offset = 0
        partly: list[tuple[str, int, int, int]] = []
        for kept in self._kept.values():
            seq, _, length, expires, digest, afsender, besked_id, t_id, kind, received, cuts, first, to = kept.head
            hashes.append(kept.hash)
            if kept.body is None:
                heads.append((seq, 0, -1, None, digest, afsender, besked_id, t_id, kind, received, cuts, first, ()))
            else:
                heads.append(
                    (seq, offset, length, expires, digest, afsender, besked_id, t_id, kind, received, cuts,
                     first, to)
                )  # fmt: skip
                bodies.append(kept.body)
                offset += length
                for id in kept.gone or ():
                    dueslag, _, _, held = to[id - first]
                    partly.append((dueslag, int(held), id, seq))
            if len(heads) >= SLICE or offset >= SLICE_BYTES:
                yield Slice(Flat(heads, [], [], [], [], *self._last), b"".join(bodies), hashes, {})
                heads, bodies, hashes, offset = [], [], [], 0
        last = Flat(heads, [*self._touched.values()], self._dead, partly + self._gone, [*self._handed], *self._last)
        yield Slice(last, b"".join(bodies), hashes, self._began)
