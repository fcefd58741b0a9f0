"""Any mix of what clients and caretakers do, done to an engine and to the model."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker.clock import FakeClock
from broker.engine import EmbeddedEngine, memory_engine, sqlite_engine
from broker.ports import Condemned, Leverance, Outcome, Routing
from tests.conformance.engine.model import Expected, Model
from tests.conformance.engine.parts import A, Answers, B, ConformingEngine, D, E, Notebook, besked
from tests.conformance.engine.parts import settle as say

LIMIT = 3
"""Times that a delivery may come back."""
PATIENCE = 60.0
"""Seconds that a step may take; only a failure takes as long."""
DUESLAG = st.sampled_from([D, E])
SOME = st.integers(min_value=0, max_value=2**8 - 1)
"""Chooses among what is out: bit n stands for number n."""


class EngineMachine(RuleBasedStateMachine):
    """The engine with a memory limit of a few deliveries, so that nearly everything is paged."""

    durable = False

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.TemporaryDirectory()
        self.model = Model()
        self.consumers: dict[str, Notebook] = {}
        self.out: dict[str, list[Leverance]] = {D: [], E: []}
        self.late: dict[str, list[Leverance]] = {D: [], E: []}
        """Condemned while they were out."""
        self.engine: ConformingEngine

    def run(self, work: Any) -> Any:
        async def limited() -> Any:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await work
            except TimeoutError:
                raise AssertionError(f"nothing happens; blocked: {self.engine.blocked}") from None

        return self.runner.run(limited())

    @initialize()
    def start(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        self.engine = self._make()
        await self.engine.open()

    def _make(self) -> ConformingEngine:
        if not self.durable:
            return memory_engine(FakeClock(), memory_limit=1_300, redelivery_limit=LIMIT)
        file = Path(self.directory.name) / "dueslag.sqlite"
        return sqlite_engine(file, FakeClock(), memory_limit=1_300, redelivery_limit=LIMIT)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.run(self.engine.close())
        self.runner.close()
        self.directory.cleanup()

    # the way in
    @rule(
        count=st.integers(1, 12),
        routing=st.lists(st.tuples(DUESLAG, st.sampled_from([A, B]), st.booleans()), max_size=3),
        size=st.integers(0, 800),
    )
    def accept(self, count: int, routing: list[tuple[str, str, bool]], size: int) -> None:
        answers = Answers()
        asked = [Routing(dueslag, abonnement, None, held) for dueslag, abonnement, held in routing]

        async def work() -> None:
            for _ in range(count):
                name = f"m{len(self.model.names)}"
                self.model.names.append(name)
                self.engine.accept(besked(name, data=b"x" * size, digest=b"d"), asked, answers)
                for one in asked:
                    self.model.put(name, one.dueslag, one.abonnement, "held" if one.held else "ready")
            await self.engine.flushed()

        self.run(work())
        assert answers.outcomes == [Outcome.ACCEPTED] * count
        self._flow()

    @rule(number=st.integers(0, 10_000), same=st.booleans())
    def resend(self, number: int, same: bool) -> None:
        if not self.model.names:
            return
        answers = Answers()
        name = self.model.names[number % len(self.model.names)]

        async def work() -> None:
            self.engine.accept(besked(name, digest=b"d" if same else b"e"), [Routing(D, A)], answers)
            await self.engine.flushed()

        self.run(work())
        assert answers.outcomes == [Outcome.KNOWN if same else Outcome.CONFLICT]

    # the way out
    @rule(dueslag=DUESLAG, count=st.integers(1, 5))
    def get(self, dueslag: str, count: int) -> None:
        for _ in range(count):
            leverance = self.run(self.engine.get(dueslag))
            ready = self.model.of(dueslag, "ready")
            if not ready:
                assert leverance is None
                return
            assert leverance is not None
            self._handed(ready[0], leverance)

    @rule(dueslag=DUESLAG, room=st.integers(0, 6))
    def attach(self, dueslag: str, room: int) -> None:
        if dueslag in self.consumers:
            return
        consumer = self.consumers[dueslag] = Notebook(room)
        self.run(self._attach(dueslag, consumer))
        self._flow()

    async def _attach(self, dueslag: str, consumer: Notebook) -> None:
        self.engine.attach(dueslag, consumer)

    @rule(dueslag=DUESLAG)
    def detach(self, dueslag: str) -> None:
        consumer = self.consumers.pop(dueslag, None)
        if consumer is not None:
            self.run(self._detach(dueslag, consumer))

    async def _detach(self, dueslag: str, consumer: Notebook) -> None:
        self.engine.detach(dueslag, consumer)

    @rule(dueslag=DUESLAG, room=st.integers(1, 6))
    def more_room(self, dueslag: str, room: int) -> None:
        if dueslag in self.consumers:
            self.consumers[dueslag].room += room
            self.run(self._kick(dueslag))
            self._flow()

    async def _kick(self, dueslag: str) -> None:
        self.engine.kick(dueslag)

    @rule(dueslag=DUESLAG, which=SOME, how=st.sampled_from(["ack", "requeue", "push", "reject"]), forget=st.booleans())
    def settle(self, dueslag: str, which: int, how: str, forget: bool) -> None:
        out = self.out[dueslag]
        chosen = [one for position, one in enumerate(out) if which >> (position % 8) & 1]
        self.out[dueslag] = [one for one in out if one not in chosen]
        expected = [self._expected(one) for one in chosen]
        for one in chosen:
            if forget:
                one.besked = None

        async def work() -> None:
            if how == "push":
                self.engine.requeue(chosen, counted=False)
            else:
                say(self.engine, how, chosen)

        for it in expected:
            it.state = {"ack": "gone", "requeue": "ready", "push": "ready", "reject": "dead"}[how]
            if how == "requeue" and it.attempts >= LIMIT:
                it.state = "dead"
            if how != "ack":
                it.attempts += 1
                it.redelivered = True
        self.model.settle([it for it in expected if it.state == "gone"])
        self.run(work())
        self._flow()

    @rule(dueslag=DUESLAG, which=SOME)
    def late_word(self, dueslag: str, which: int) -> None:
        """What a consumer says of deliveries that were taken from it changes nothing."""
        late = self.late[dueslag]
        chosen = [one for position, one in enumerate(late) if which >> (position % 8) & 1]
        self.late[dueslag] = [one for one in late if one not in chosen]

        async def work() -> None:
            for position, one in enumerate(chosen):
                say(self.engine, ("ack", "requeue", "reject")[position % 3], [one])

        self.run(work())

    # the caretaker
    @rule(dueslag=DUESLAG, number=st.integers(0, 10_000), abonnement=st.sampled_from([A, B, ""]), new=st.booleans())
    def condemn(self, dueslag: str, number: int, abonnement: str, new: bool) -> None:
        known = self.model.names
        name = f"never sent {number}" if new or not known else known[-1 - number % min(len(known), 12)]
        present = [one for one in self.model.deliveries if one.dueslag == dueslag and one.name == name]
        meant = [one for one in present if one.abonnement == abonnement] or present
        alive = [one for one in meant if one.state != "dead"]
        expected = Condemned.MOVED if alive else Condemned.KNOWN if meant else Condemned.ADDED
        given = besked(name, data=b"condemned", digest=b"of what was received")
        for one in alive:
            if one.state == "out":
                assert one.leverance is not None
                self.out[dueslag].remove(one.leverance)
                self.late[dueslag].append(one.leverance)
                one.attempts += 1
            one.state, one.redelivered, one.leverance = "dead", True, None
        if not meant:
            self.model.put(name, dueslag, abonnement, "dead")
            self.model.deliveries[-1].redelivered = True
        assert self.run(self.engine.condemn(dueslag, abonnement, given, "no")) is expected

    @rule(dueslag=DUESLAG)
    def purge(self, dueslag: str) -> None:
        gone = self.model.of(dueslag, "ready", "held")
        assert self.run(self.engine.purge(dueslag)) == len(gone)
        self.model.settle(gone)

    @rule(dueslag=DUESLAG, abonnement=st.sampled_from([A, B]))
    def release(self, dueslag: str, abonnement: str) -> None:
        held = [one for one in self.model.of(dueslag, "held") if one.abonnement == abonnement]
        assert self.run(self.engine.release(dueslag, abonnement)) == len(held)
        for one in held:
            one.state = "ready"
        self._flow()

    @rule(dueslag=DUESLAG)
    def revive(self, dueslag: str) -> None:
        dead = self.model.of(dueslag, "dead")
        assert self.run(self.engine.revive(dueslag)) == len(dead)
        for one in dead:
            one.state = "ready"
        self._flow()

    @rule(dueslag=DUESLAG)
    def bury(self, dueslag: str) -> None:
        dead = self.model.of(dueslag, "dead")
        assert self.run(self.engine.bury(dueslag)) == len(dead)
        self.model.settle(dead)

    @rule(clean=st.booleans())
    def restart(self, clean: bool) -> None:
        """Clean: what was out is ready and flagged.  Killed: everything of its dueslag may be flagged."""
        if not self.durable:
            return
        self.run(self._stop(clean))
        handed = {one.dueslag for one in self.model.deliveries if one.state == "out"}
        for one in self.model.deliveries:
            if one.state == "out":
                one.state = "ready"
                one.attempts += clean
                one.redelivered = True
        if not clean:
            for one in self.model.deliveries:
                one.redelivered = one.redelivered or one.dueslag in handed
        self.consumers.clear()
        self.out = {D: [], E: []}
        self.late = {D: [], E: []}
        self.run(self._open())

    async def _stop(self, clean: bool) -> None:
        await self.engine.flushed()
        if not clean:
            assert isinstance(self.engine, EmbeddedEngine)
            for box in self.engine._handout.boxes.values():
                box.out = None
            self.engine._commits.batch.handed.clear()
            store = self.engine._store
            close = store.close
            store.close = lambda clean: close(False)  # type: ignore[method-assign]
        await self.engine.close()

    # what holds at all times
    @invariant()
    def depths_agree(self) -> None:
        if not hasattr(self, "engine"):
            return
        for dueslag in (D, E):
            depth = self.engine.depth(dueslag)
            counted = [len(self.model.of(dueslag, state)) for state in ("ready", "out", "held", "dead")]
            assert [depth.ready, depth.out, depth.held, depth.dead] == counted

    @rule(dueslag=DUESLAG, state=st.sampled_from([None, "ready", "out", "held", "dead"]))
    def peek(self, dueslag: str, state: str | None) -> None:
        seen = self.run(self.engine.peek(dueslag, state=state, limit=1_000))
        states = (state,) if state else ("ready", "out", "held")
        expected = [(one.name, one.state, one.attempts) for one in self.model.of(dueslag, *states)]
        assert [(one.besked.besked_id, one.state, one.attempts) for one in seen] == expected

    # inside
    def _expected(self, leverance: Leverance) -> Expected:
        return next(one for one in self.model.deliveries if one.leverance is leverance)

    def _handed(self, expected: Expected, leverance: Leverance) -> None:
        assert leverance.besked is not None
        got = (leverance.besked.besked_id, leverance.abonnement, leverance.attempts)
        assert got == (expected.name, expected.abonnement, expected.attempts)
        assert leverance.redelivered or not expected.redelivered, "handed out twice without saying so"
        expected.state = "out"
        expected.leverance = leverance
        self.out[expected.dueslag].append(leverance)

    def _flow(self) -> None:
        """Wait until every consumer has what it should have by now, and check that it is that."""
        for dueslag, consumer in self.consumers.items():
            ready = self.model.of(dueslag, "ready")
            due = ready[: consumer.room + len(consumer.got)]
            self.run(self._until(lambda consumer=consumer, due=due: len(consumer.got) >= len(due)))
            got, consumer.got = consumer.got, []
            assert len(got) == len(due)
            for expected, leverance in zip(due, got, strict=True):
                self._handed(expected, leverance)

    async def _until(self, condition: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - any condition
                await asyncio.sleep(0.0005)
