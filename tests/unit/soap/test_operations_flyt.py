"""flytbeskedtilfejlkoe: what a receiver cannot handle goes to the fejlkø of the dueslag that it came by."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from broker.core.model import Abonnement
from broker.ports import Login, Peer
from tests.support import soap
from tests.support.soap import Reply
from tests.unit.soap.counter import DUESLAG, OTHER, SPARE, SYSTEM, Counter, open_counter
from tests.unit.soap.kombit import fejlkoe_schema

BORGER = "urn:oio:cpr-nr:0101010000"
ID = "0e0e0e0e-0000-4000-8000-000000000001"


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with open_counter() as opened:
        await opened.subscribe("")
        yield opened


def valid(reply: Reply) -> Reply:
    """The answer, once KOMBIT's schema has accepted it."""
    schema = fejlkoe_schema()
    assert schema.validate(reply.output), schema.error_log
    return reply


async def dead(counter: Counter, dueslag: str = DUESLAG.id) -> list[tuple[str, str | None]]:
    """BeskedId and reason of what is in the fejlkø."""
    return [(one.besked.besked_id, one.reason) for one in await counter.service.engine.peek(dueslag, state="dead")]


def acked(counter: Counter, leverance: object) -> None:
    counter.service.engine.ack([leverance])  # type: ignore[list-item]


async def test_a_message_in_hand_goes_to_the_fejlkoe(counter: Counter) -> None:
    """A receiver that has fetched a message and sends it back finds it in the fejlkø; a later ack is no matter."""
    await counter.send(BORGER, ID)
    leverance, body = await counter.fetch()
    reply = valid(await counter.call(soap.flyt(body)))
    assert (reply.status, reply.kode, reply.tekst) == (200, 20, "")
    ((besked_id, reason),) = await dead(counter)
    assert (besked_id, "flytbeskedtilfejlkoe" in (reason or "")) == (ID, True)
    acked(counter, leverance)
    await counter.service.engine.flushed()
    assert len(await dead(counter)) == 1


async def test_a_message_that_was_acked_is_put_there_anew(counter: Counter) -> None:
    """A message that was acked before is put into the fejlkø from what is sent; moved back, it is delivered again."""
    await counter.send(BORGER, ID)
    leverance, body = await counter.fetch()
    acked(counter, leverance)
    await counter.service.engine.flushed()
    assert valid(await counter.call(soap.flyt(body))).kode == 20
    assert [one for one, _ in await dead(counter)] == [ID]
    assert await counter.service.revive(DUESLAG.id) == 1
    again, rendered = await counter.fetch()
    assert again.redelivered
    assert rendered.count(b"ErLeveretIHenholdTil>") >= 4, "its first Leverancerute is kept, the second added"


async def test_twice_is_once(counter: Counter) -> None:
    """The same call again is answered 20, and the message is there once."""
    await counter.send(BORGER, ID)
    _, body = await counter.fetch()
    for _ in range(2):
        assert (await counter.call(soap.flyt(body))).kode == 20
    assert len(await dead(counter)) == 1


async def test_by_the_abonnement_among_several_dueslag(counter: Counter) -> None:
    """A message that two dueslag got goes to the fejlkø of the one its Leverancerute names; the other keeps it."""
    await counter.service.put([Abonnement("abababab-0000-4000-8000-000000000002", "Også", SPARE.id)])
    await counter.send(BORGER, ID)
    _, body = await counter.fetch(SPARE)
    assert (await counter.call(soap.flyt(body))).kode == 20
    assert [one for one, _ in await dead(counter, SPARE.id)] == [ID]
    assert await dead(counter) == []
    assert counter.ready() == 1


async def test_without_leverancerute_it_is_found_where_it_is_held(counter: Counter) -> None:
    """The message as its sender wrote it, without a Leverancerute, is found in the caller's dueslag by its BeskedId."""
    await counter.send(BORGER, ID)
    (stored,) = await counter.service.engine.find(ID)
    assert b"Leverancerute>" not in stored.data
    reply = valid(await counter.call(soap.flyt(stored.data)))
    assert reply.kode == 20, reply.tekst
    assert [one for one, _ in await dead(counter)] == [ID]
    assert counter.ready() == 0


async def test_a_message_of_nobodys_here_is_44(counter: Counter) -> None:
    """A message that no dueslag of the caller's holds, and that names no abonnement of its, is answered 44."""
    await counter.send(BORGER, ID)
    (stored,) = await counter.service.engine.find(ID)
    _, body = await counter.fetch()
    for what in (stored.data, body):
        reply = valid(await counter.call(soap.flyt(what), user=OTHER.navn))
        assert reply.kode == 44
        assert ID in reply.tekst
    assert await dead(counter) == []


async def test_what_is_no_message_is_refused(counter: Counter) -> None:
    """A Haendelsesbesked that breaks the schema is refused with 40 and the element; of another version with 55."""
    await counter.send(BORGER, ID)
    _, body = await counter.fetch()
    broken = valid(await counter.call(soap.flyt(body.replace(b"Beskedtype>", b"Beskedslags>"))))
    assert broken.kode == 40
    assert "Beskedtype" in broken.tekst
    version = valid(await counter.call(soap.flyt(body.replace(b">1.0<", b">2.0<"))))
    assert version.kode == 55
    assert await dead(counter) == []


async def test_who_moved_what_is_in_the_trace(counter: Counter) -> None:
    """The trace says who had which message moved, and that it was."""
    await counter.send(BORGER, ID)
    _, body = await counter.fetch()
    await counter.call(soap.flyt(body))
    (detail,) = await counter.noted("condemn")
    assert (detail["beskedId"], detail["udfald"], detail["via"]) == (ID, "moved", "soap, adgangskode")


async def test_an_amqp_receiver_may_still_ack(counter: Counter) -> None:
    """A receiver over AMQP that has the message in hand meanwhile acks it without harm."""
    await counter.send(BORGER, ID)
    leverance, body = await counter.fetch()
    await counter.call(soap.flyt(body))
    login = Login(SYSTEM, Peer("127.0.0.1", 1), "PLAIN")
    counter.service.settled([leverance], "ack", login)
    acked(counter, leverance)
    depth = counter.service.engine.depth(DUESLAG.id)
    assert (depth.ready, depth.out, depth.dead) == (0, 0, 1)
