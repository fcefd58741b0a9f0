"""What the journal holds and the tables do not: most messages come and go before those hear of them.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from broker.core.sent import Octets
from broker.engine.flat import Flat, Noted, Slice, note
from broker.engine.sqlite_schema import GENERATION

SLICE = 250
"""Messages that are put into the tables at a time."""
SLICE_BYTES = 8 * 1024 * 1024


class Gathered:
    """The batches of one generation taken together."""

    def __init__(self, retained: bool) -> None:
        """``retained``: messages are kept after their last delivery."""
        self._retained = retained
        self._noted: dict[int, Noted] = {}
        """By seq, in order."""
        self._bodies: dict[int, Octets] = {}
        """By seq, as long as somebody may want them: of a message that is settled, or was for nobody, it is only to be
        remembered that it was here."""
        self._pinned: set[int] = set()
        """Seqs of messages that go to the tables with all that was said of them."""
        self._partly: dict[int, set[int]] = {}
        """By seq, of several deliveries those that are settled."""
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
        return len(self._noted)

    def digest(self, afsender: str, besked_id: str) -> bytes | None:
        """Of a message that was accepted in this generation."""
        return self._digests.get((afsender, besked_id))

    @property
    def changed(self) -> bool:
        """Whether rows that the tables may have are to read otherwise, beside being gone."""
        return bool(self._touched or self._dead)

    def add(self, flat: Flat, bodies: Octets, hashes: Sequence[int], known: Set[int]) -> None:
        """Take in one batch; ``known``: positions of messages that are left out."""
        for position, (noted, body) in enumerate(note(flat, bodies, hashes)):
            if position not in known:
                head, flow, digest, _ = noted
                self._noted[head[0]] = noted
                self._digests[flow[0], head[4]] = digest
                if body is not None:
                    self._bodies[head[0]] = body
        if flat.heads:
            for generation in range(flat.heads[0][0] // GENERATION, flat.heads[-1][0] // GENERATION + 1):
                self._began.setdefault(generation, flat.now)
        self._pinned.update(dead[2] for dead in flat.dead if dead[2] in self._noted)
        self._dead += flat.dead
        for gone in flat.gone:
            _, _, id, seq = gone
            if seq not in self._noted or self._retained or seq in self._pinned:
                self._gone.append(gone)
                self.gone.add(id)
            else:
                self._settle(seq, id)
        for touched in flat.touched:
            self._touched[touched[1]] = touched
        self._handed.update(flat.handed)
        self._last = (flat.last_id, flat.last_seq, flat.now)

    def _settle(self, seq: int, id: int) -> None:
        """One of its deliveries is done with; where none is left, so is the body."""
        count = len(self._noted[seq][1][3])
        if count > 1:
            settled = self._partly.setdefault(seq, set())
            settled.add(id)
            self.gone.add(id)
            if len(settled) < count:
                return
            self.gone -= self._partly.pop(seq)
        self._bodies.pop(seq, None)

    def slices(self) -> Iterator[Slice]:
        """All of it as batches for the tables."""
        assert self._last is not None
        nothing = Flat([], [], [], [], [], [], *self._last)
        noted: list[Noted] = []
        kept: list[Noted] = []
        bodies: list[Octets] = []
        size = 0
        partly: list[tuple[str, int, int, int]] = []
        for seq, one in self._noted.items():
            noted.append(one)
            body = self._bodies.get(seq)
            if body is not None:
                kept.append(one)
                bodies.append(body)
                size += len(body)
                head, (_, _, _, routing), _, _ = one
                for id in self._partly.get(seq, ()):
                    dueslag, _, _, held = routing[id - head[7]]
                    partly.append((dueslag, int(held), id, seq))
            if len(noted) >= SLICE or size >= SLICE_BYTES:
                yield Slice(noted, kept, b"".join(bodies), nothing, {})
                noted, kept, bodies, size = [], [], [], 0
        rest = Flat([], [], [*self._touched.values()], self._dead, partly + self._gone, [*self._handed], *self._last)
        yield Slice(noted, kept, b"".join(bodies), rest, self._began)
