"""What senders hear while RabbitMQ, or what remembers BeskedIds, is away: they wait, and then they are told to send
again, which is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from broker.clock import SystemClock
from broker.engine.rabbitmq import Claim, Claimed, MemoryKnown, RabbitmqEngine
from broker.engine.rabbitmq.known import Released
from broker.engine.rabbitmq.letter import Letter
from broker.errors import StoreError
from broker.meters import Meters
from broker.ports import Died, Outcome
from broker.settings import Settings
from broker.storage import make_engine
from tests.conformance.engine.parts import Answers, D, besked, names, send, take, to, until
from tests.unit.engine.rabbitmq.conftest import NewFront

SHORT = 0.3


class Away(MemoryKnown):
    """A memory that can be away, like a database."""

    __slots__ = ("claims_nothing", "notes_nothing")

    def __init__(self) -> None:
        super().__init__()
        self.claims_nothing = self.notes_nothing = False

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        await self.ping()
        return await super().claim(claims)

    async def release(self, claims: Sequence[Released]) -> None:
        await self.ping()
        await super().release(claims)

    async def ping(self) -> None:
        if self.claims_nothing:
            raise StoreError("the database is away")

    async def done(self, claims: Sequence[Claim]) -> None:
        if self.notes_nothing:
            raise StoreError("the database is away")
        await super().done(claims)


def lose_rabbitmq(engine: RabbitmqEngine) -> object:
    """Nothing gets to RabbitMQ any more; gives what `find_rabbitmq` is to have."""
    address, link = engine._sending._address, engine._sending.link
    assert link is not None
    engine._sending._address = replace(address, nodes=(("127.0.0.1", 1),))
    link.abort("cut by the test")
    return address


def find_rabbitmq(engine: RabbitmqEngine, address: object) -> None:
    engine._sending._address = address  # type: ignore[assignment]


async def accepted(engine: RabbitmqEngine, name: str, *, data: bytes = b"<x/>") -> Outcome:
    """The answer to one message."""
    answers = Answers()
    engine.accept(besked(name, data=data), to(D), answers)
    await until(lambda: bool(answers.outcomes))
    return answers.outcomes[0]


async def test_told_to_send_again_when_rabbitmq_stays_away(fronts: NewFront) -> None:
    """Senders wait for a bounded time and are then refused, those that come later at once; sent again when RabbitMQ is
    back, the message is taken as new, also where it was changed, as nothing of it was ever stored."""
    told: list[str | None] = []
    one = await fronts(on_blocked=told.append, patience=SHORT)
    address = lose_rabbitmq(one)
    answers = Answers()
    one.accept(besked("a"), to(D), answers)
    one.accept(besked("a"), to(D), answers)
    assert not answers.outcomes
    await until(lambda: len(answers.outcomes) == 2)
    assert answers.outcomes == [Outcome.UNAVAILABLE] * 2
    await until(lambda: told == ["cut by the test", None])
    assert one.blocked == "cut by the test"
    assert await accepted(one, "b") is Outcome.UNAVAILABLE
    find_rabbitmq(one, address)
    await until(lambda: one.blocked is None)
    assert await accepted(one, "a", data=b"<corrected/>") is Outcome.ACCEPTED
    assert await accepted(one, "b") is Outcome.ACCEPTED
    assert [(each.besked.data, each.redelivered) for each in await take(one, D, 2) if each.besked] == [
        (b"<corrected/>", False),
        (b"<x/>", False),
    ]
    assert await one.get(D) is None
    assert told == ["cut by the test", None]


async def test_what_rabbitmq_may_have_is_flagged_when_it_is_sent_again(fronts: NewFront) -> None:
    """RabbitMQ had stored the message, and its confirm did not come: refused with "send again", sent again by way of
    another front it is delivered a second time, flagged; other content under the same BeskedId is refused."""
    one, other = await fronts(patience=SHORT), await fronts()
    await send(one, ["first"], to(D))
    channel = one._publisher._channel
    assert channel is not None
    channel.on_confirm = None
    assert await accepted(one, "a") is Outcome.UNAVAILABLE
    assert one._publisher.pending() == 0
    assert await accepted(other, "a", data=b"<changed/>") is Outcome.CONFLICT
    assert await accepted(other, "a") is Outcome.ACCEPTED
    got = await take(other, D, 3)
    assert names(got) == ["first", "a", "a"]
    assert [each.redelivered for each in got] == [False, False, True]


async def test_told_to_send_again_when_the_database_stays_away(fronts: NewFront) -> None:
    """Without the memory of BeskedIds nothing is taken; that it is back is found without a message to ask for."""
    known = Away()
    one = await fronts(known=known, patience=SHORT)
    known.claims_nothing = True
    assert await accepted(one, "a") is Outcome.UNAVAILABLE
    await until(lambda: one._trouble.refusing)
    assert one.blocked == "the database is away"
    known.claims_nothing = False
    await until(lambda: one.blocked is None)
    assert await accepted(one, "a", data=b"<corrected/>") is Outcome.ACCEPTED
    assert names(await take(one, D, 1)) == ["a"]
    assert await one.get(D) is None


async def test_taken_where_only_the_note_of_it_is_missing(fronts: NewFront) -> None:
    """RabbitMQ has all of a message and the database goes away: the sender hears that it is taken, and a resend that
    it is known."""
    known = Away()
    one = await fronts(known=known, patience=SHORT)
    known.notes_nothing = True
    assert await accepted(one, "a") is Outcome.ACCEPTED
    assert await accepted(one, "a") is Outcome.KNOWN
    assert await accepted(one, "a", data=b"<changed/>") is Outcome.CONFLICT
    known.notes_nothing = False
    await until(lambda: one.blocked is None)
    same = Claim(besked("a").afsender, "a", besked("a", data=b"<x/>").digest, 1_700_000_000.25, (D,))
    assert await known.claim([same]) == [Claimed.KNOWN]
    assert names(await take(one, D, 1)) == ["a"]
    assert await one.get(D) is None


async def test_how_long_is_a_setting() -> None:
    """`serve --rabbitmq-patience` says how long senders wait until they are told to send again."""
    away = {"rabbitmq": "amqp://127.0.0.1:1/", "database": "postgresql://127.0.0.1:1/none"}
    for given, expected in (({}, 30), ({"rabbitmq_patience": 2.5}, 2.5)):
        settings = Settings.model_validate(away | given)
        engine = make_engine(settings, SystemClock(), Meters(), cast(Died, nobody), nobody, nobody)
        assert isinstance(engine, RabbitmqEngine)
        assert engine._patience == expected


async def test_one_queue_that_confirms_nothing_holds_up_no_other(fronts: NewFront) -> None:
    """A dueslag whose queue has lost its majority costs only its own senders their answer."""
    one = await fronts(patience=SHORT)
    await send(one, ["a"], to(D))
    publisher = one._publisher
    job = publisher.publish(Letter(1, D, "", None, besked("silent")), _never)
    channel = publisher._channel
    assert channel is not None
    confirm = channel.on_confirm
    assert confirm is not None
    silent = next(tag for tag, each in publisher._unconfirmed.items() if each is job)
    channel.on_confirm = lambda tag, multiple, good: None if tag == silent else confirm(tag, False, good)
    for number in range(5):
        assert await accepted(one, f"m{number}") is Outcome.ACCEPTED
    publisher.confirmed_at += 10
    one._judge()
    assert one.blocked is None
    publisher.withdraw({job})
    assert publisher.pending() == 0


def nobody(*_said: Any) -> None:
    """Hears what an engine says."""


def _never() -> None:
    raise AssertionError("it is never confirmed")
