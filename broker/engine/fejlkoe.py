"""The way into the fejlkø: what was rejected or came back too often, and what somebody outside condemns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.commit import Committer
from broker.engine.handout import Handout
from broker.engine.store import Dead, Entry, Located, State, Store
from broker.errors import NotFound
from broker.ports import Condemned, Died


@dataclass(slots=True, eq=False)
class _Sentence:
    """One `Fejlkoe.condemn` under way."""

    dueslag: str
    abonnement: str
    besked: StoredBesked
    reason: str
    void: bool = False
    """Its dueslag was removed meanwhile."""

    def check(self) -> None:
        if self.void:
            raise NotFound(f"dueslag {self.dueslag} was removed meanwhile")


class Fejlkoe:
    """Moves deliveries into the fejlkø of their dueslag.  Whoever has one out learns nothing of it: what it says of it
    afterwards is about nothing."""

    def __init__(self, store: Store, clock: Clock, commits: Committer, handout: Handout, died: Died) -> None:
        self._store = store
        self._clock = clock
        self._commits = commits
        self._handout = handout
        self._died = died
        self._under_way: set[_Sentence] = set()

    def take(self, entry: Entry, reason: str) -> None:
        """It was out, and is not to be handed out again."""
        entry.attempts += 1
        self._put(entry, State.READY, reason)

    def dropped(self, dueslag: str) -> None:
        """The dueslag is being removed: what is condemned there now is not."""
        for sentence in self._under_way:
            if sentence.dueslag == dueslag:
                sentence.void = True

    async def condemn(self, dueslag: str, abonnement: str, besked: StoredBesked, reason: str) -> Condemned:
        """As `broker.ports.Engine.condemn`."""
        sentence = _Sentence(dueslag, abonnement, besked, reason)
        self._under_way.add(sentence)
        try:
            done = await self._commits.do(partial(self._condemn, sentence))
            sentence.check()
            return done
        finally:
            self._under_way.discard(sentence)

    async def _condemn(self, sentence: _Sentence) -> Condemned:
        """In line: only acks, requeues and deliveries happen while the store looks, and those the loop knows of."""
        besked = sentence.besked
        while True:
            located = await self._store.locate(sentence.dueslag, besked.afsender, besked.besked_id)
            sentence.check()
            alive, dead = self._meant(located, sentence.abonnement)
            if alive or dead or not located.deliveries:
                break
            await self._commits.write()  # that it left: or a kill would bring it back beside what is added
        if not alive and not dead:
            await self._add(sentence, located.seq)
            return Condemned.ADDED
        self._move(sentence, alive)
        await self._commits.write()
        return Condemned.MOVED if alive else Condemned.KNOWN

    def _meant(self, located: Located, abonnement: str) -> tuple[list[tuple[State, Entry]], bool]:
        """Which deliveries are to move, and whether one is in the fejlkø: those by the abonnement, where there are
        such, else all.  What was settled but is not written yet is gone, or dead."""
        dying = {one.entry.id for one in self._commits.batch.dead}
        present = [
            (State.DEAD if entry.id in dying else state, entry)
            for state, entry in located.deliveries
            if entry.id in dying or entry.id not in self._handout.leaving
        ]
        meant = [one for one in present if one[1].abonnement == abonnement] or present
        alive = [one for one in meant if one[0] is not State.DEAD]
        return alive, len(alive) < len(meant)

    def _move(self, sentence: _Sentence, alive: list[tuple[State, Entry]]) -> None:
        box = self._handout.box(sentence.dueslag)
        waiting: set[int] = set()
        for state, entry in alive:
            out = box.out.pop(entry.id, None) if box.out else None
            if out is not None:
                self.take(out, sentence.reason)
                continue
            if state is State.READY:
                waiting.add(entry.id)
                box.ready -= 1
            else:
                box.held -= 1
            came_back = self._commits.batch.touched.get(entry.id)
            self._put(came_back or entry, state, sentence.reason)
        if waiting:
            self._handout.remove(box, waiting)

    def _put(self, entry: Entry, state: State, reason: str) -> None:
        batch = self._commits.batch
        batch.dead.append(Dead(entry, reason, self._clock.now(), state))
        batch.gone.append((entry.dueslag, state, entry.id, entry.seq))
        self._handout.leaving.add(entry.id)
        self._handout.boxes[entry.dueslag].dead += 1
        self._died("dead", entry.id, entry.dueslag, entry.besked_id, reason)

    async def _add(self, sentence: _Sentence, kept: int | None) -> None:
        """A delivery that was never handed out, of the message as it is kept or as it was given."""
        commits = self._commits
        besked = None
        commits.last_id += 1
        if kept is None:
            commits.last_seq += 1
            kept = commits.last_seq
            besked = replace(sentence.besked, seq=kept)
        entry = Entry(commits.last_id, sentence.dueslag, sentence.abonnement, None, 0, True, kept)
        entry.besked_id = sentence.besked.besked_id
        dead = Dead(entry, sentence.reason, self._clock.now())
        await self._store.add_dead(dead, besked, commits.last_id, commits.last_seq)
        self._handout.box(sentence.dueslag).dead += 1
        self._died("dead", entry.id, entry.dueslag, entry.besked_id, sentence.reason)
