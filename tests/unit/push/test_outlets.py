"""Push against a receiver that does as it is told: everything once or flagged, in order, nothing lost."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.push.receiver import Receiver, Step, after, hang, http, kode, output, raw, reset
from tests.unit.push.world import abonnement, attempts, besked_id, dueslag, renamed, world


async def test_messages_come_one_by_one_in_order_on_one_connection() -> None:
    """A receiver gets each message once, as ModtagBeskedInput by POST, and its connection is kept."""
    async with Receiver() as receiver, world([receiver.url]) as here:
        sent = await here.send(20)
        seen = await receiver.got(20)
        await here.drained()
        assert [besked_id(one.body) for one in seen] == sent
        assert {one.connection for one in seen} == {1}
        assert {(one.path, one.headers["content-type"]) for one in seen} == {("/modtag", "application/xml")}
        assert {attempts(one.body) for one in seen} == {1}
        assert receiver.most == 1
        assert b"<sts:ModtagBeskedInput" in seen[0].body


NOT_TAKEN = {
    "40": (kode(40, "Beskeddata kan ikke læses"), "StatusKode 40: Beskeddata kan ikke læses"),
    "41": (kode(41), "StatusKode 41 without FejlbeskedTekst"),
    "55": (kode(55), "StatusKode 55"),
    "500": (http(500, b"<html>"), "HTTP 500"),
    "500 with 20": (http(500, output(20)), "HTTP 500"),
    "404": (http(404), "HTTP 404"),
    "204": (http(204), "HTTP 204"),
    "redirect": (http(302, Location="http://127.0.0.1/andet?hemmelig=1"), "redirects are not followed"),
    "no body": (http(200), "the body is empty"),
    "not XML": (http(200, b"OK"), "the body is no XML"),
    "10 MB": (http(200, b"x" * 10_000_000), "longer than 65536 octets"),
    "no namespace": (http(200, b"<a><StatusKode>20</StatusKode></a>"), "StatusKode is in no namespace"),
}


@pytest.mark.parametrize("case", NOT_TAKEN)
async def test_an_answer_that_is_not_20_is_tried_again_and_then_goes_to_the_fejlkoe(case: str) -> None:
    """The same message, counted in the envelope, up to the limit; then it is in the fejlkø, and the next comes."""
    step, reason = NOT_TAKEN[case]
    async with Receiver([step, step, step]) as receiver, world([receiver.url]) as here:
        sent = await here.send(2)
        seen = await receiver.got(4)
        await here.drained()
        assert [besked_id(one.body) for one in seen] == [sent[0]] * 3 + [sent[1]]
        assert [attempts(one.body) for one in seen] == [1, 2, 3, 1]
        ((dead, why),) = await here.dead()
        assert dead == sent[0]
        assert why is not None
        assert reason in why
        assert f"push to {receiver.url}: 3 answers other than StatusKode 20 (--push-attempts)" in why
        assert "hemmelig" not in why


NOT_REACHED: dict[str, Step] = {
    "hang": hang,
    "502": http(502),
    "503": http(503),
    "504": http(504),
    "429": http(429),
    "reset": reset(),
    "reset in the middle of the answer": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>"),
    "closed in the middle of the answer": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>", close=True),
    "closed in the middle of the header": raw(b"HTTP/1.1 200 O", close=True),
    "closed": raw(b"", close=True),
    "garbage": raw(b"\x00\x01garbage\r\n\r\n", close=True),
    "SSH": raw(b"SSH-2.0-OpenSSH_9.2\r\n", close=True),
}


@pytest.mark.parametrize("case", NOT_REACHED)
async def test_a_receiver_that_is_not_reached_is_tried_for_ever(case: str) -> None:
    """More often than the limit of refusals; nothing goes to the fejlkø, and then all comes in order."""
    step = NOT_REACHED[case]
    async with Receiver([step] * 5) as receiver, world([receiver.url], push_timeout=0.1) as here:
        sent = await here.send(3)
        seen = await receiver.got(8)
        await here.drained()
        assert [besked_id(one.body) for one in seen] == [sent[0]] * 6 + sent[1:]
        assert [attempts(one.body) for one in seen] == [1, 2, 3, 4, 5, 6, 1, 1]
        assert await here.dead() == []
        assert receiver.most == 1


async def test_a_receiver_that_was_away_gets_everything_in_order_when_it_is_back() -> None:
    """Nobody listens; then somebody does."""
    receiver = Receiver()
    async with receiver:
        pass
    async with world([receiver.url]) as here:
        sent = await here.send(10)
        await asyncio.sleep(0.2)
        standing = here.push.standing(dueslag(1, None).id)
        assert standing is not None
        assert standing.failures > 3
        assert "cannot connect to localhost" in standing.reason
        async with receiver:
            seen = await receiver.got(10)
            await here.drained()
            assert [besked_id(one.body) for one in seen] == sent
            assert attempts(seen[0].body) > 3


async def test_a_connection_closed_between_two_messages_is_no_failure() -> None:
    """The receiver closes a kept connection just as the next message is on its way: it comes again at once, flagged."""
    closes = raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(output(20)) + output(20))
    script = [closes, raw(b"", close=True), kode(20)]
    async with Receiver(script) as receiver, world([receiver.url], push_first_delay=60, push_longest_delay=60) as here:
        sent = await here.send(2)
        seen = await receiver.got(3)
        await here.drained()
        assert [besked_id(one.body) for one in seen] == [sent[0], sent[1], sent[1]]
        assert [attempts(one.body) for one in seen] == [1, 1, 2]
        assert [one.connection for one in seen] == [1, 1, 2]


async def test_a_connection_that_the_receiver_has_closed_in_time_is_not_used() -> None:
    """Connection: close, or closed while idle: the next message goes on a new one, and is no second attempt."""
    closing = raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(output(20)) + output(20))
    async with Receiver(otherwise=closing) as receiver, world([receiver.url]) as here:
        await here.send(3)
        seen = await receiver.got(3)
        assert [attempts(one.body) for one in seen] == [1, 1, 1]
        assert [one.connection for one in seen] == [1, 2, 3]


async def test_retry_after_is_kept() -> None:
    """A receiver that says when it wants to be asked again is asked then."""
    script = [http(503, Retry_After="1")]
    async with Receiver(script) as receiver, world([receiver.url], push_longest_delay=0.3) as here:
        await here.send()
        seen = await receiver.got(2)
        assert seen[1].time - seen[0].time > 0.28


async def test_another_callback_counts_at_once() -> None:
    """What the old receiver has not answered goes to the new one, before all that is behind it."""
    async with Receiver(otherwise=hang) as old, Receiver() as new, world([old.url], push_timeout=60) as here:
        sent = await here.send(3)
        await old.got(1)
        await here.callback(1, new.url)
        seen = await new.got(3)
        await here.drained()
        assert [besked_id(one.body) for one in seen] == sent
        assert [attempts(one.body) for one in seen] == [2, 1, 1]
        assert len(old.seen) == 1


async def test_another_callback_ends_the_wait() -> None:
    """A corrected URL is tried at once, however long the delay was."""
    async with Receiver() as new, world(["http://127.0.0.1:9/"], push_first_delay=60, push_longest_delay=60) as here:
        sent = await here.send(2)
        ours = dueslag(1, None).id
        await here.until(lambda: (standing := here.push.standing(ours)) and standing.state == "waiting")
        await here.callback(1, new.url)
        assert [besked_id(one.body) for one in await new.got(2)] == sent


async def test_without_a_callback_it_is_fetched_again() -> None:
    """Taken away while a message is under way: it is there to be fetched, flagged; given again, it is pushed."""
    async with Receiver([hang]) as receiver, world([receiver.url], push_timeout=60) as here:
        sent = await here.send(2)
        await receiver.got(1)
        one = await here.callback(1, None)
        assert here.push.standing(one.id) is None
        leverance = await here.service.engine.get(one.id)
        assert leverance is not None
        assert leverance.redelivered
        assert leverance.besked is not None
        assert leverance.besked.besked_id == sent[0]
        here.service.engine.requeue([leverance])
        await here.callback(1, receiver.url)
        seen = await receiver.got(3)
        assert [besked_id(each.body) for each in seen] == [sent[0], *sent]


async def test_a_dueslag_removed_while_a_message_is_under_way_takes_it_along() -> None:
    """And nothing more is sent; one made anew under the same id is pushed again."""
    async with Receiver([after(0.1, kode(20))]) as receiver, world([receiver.url]) as here:
        await here.send(3)
        await receiver.got(1)
        one = dueslag(1, receiver.url)
        await here.service.delete([abonnement(one), one])
        await asyncio.sleep(0.2)
        assert len(receiver.seen) == 1
        await here.callback(1, receiver.url)
        sent = await here.send(2)
        seen = await receiver.got(3)
        assert [besked_id(each.body) for each in seen[1:]] == sent


async def test_a_new_name_changes_nothing_on_the_way() -> None:
    """The register is changed beside the callback: what is under way goes on."""
    async with Receiver([after(0.1, kode(20))]) as receiver, world([receiver.url]) as here:
        await here.send()
        await receiver.got(1)
        await here.service.put([renamed(dueslag(1, receiver.url), "Andet navn")])
        await here.drained()
        assert len(receiver.seen) == 1


async def test_two_hundred_dueslag_at_once() -> None:
    """One message at a time for each, all at the same time; each in order."""
    together = asyncio.Event()

    async def when_all_are_here(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if receiver.now == 200:
            together.set()
        await asyncio.wait_for(together.wait(), 20)
        await kode(20)(reader, writer)

    receiver = Receiver(otherwise=when_all_are_here)
    async with receiver, world([f"{receiver.url}/{number}" for number in range(200)], push_timeout=30) as here:
        sent = await here.send(3)
        seen = await receiver.got(600, 30)
        for number in range(200):
            assert [besked_id(one.body) for one in seen if one.path == f"/modtag/{number}"] == sent
        assert receiver.crowded == set()


async def test_one_that_is_down_holds_up_nobody_else() -> None:
    """Refused, hanging and healthy side by side."""
    async with (
        Receiver(otherwise=hang) as hanging,
        Receiver() as receiver,
        world([hanging.url, "http://127.0.0.1:9/", receiver.url], push_timeout=0.1) as here,
    ):
        sent = await here.send(50)
        seen = await receiver.got(50)
        assert [besked_id(one.body) for one in seen] == sent
        assert sum(here.depth(dueslag(2, None).id)) == 50


async def test_a_large_message_arrives_whole_and_a_refusal_in_the_middle_of_it_is_understood() -> None:
    """Five megabytes; and a receiver that answers 413 without reading them."""
    payload = b"<t xmlns='urn:t'>" + b"x" * 5_000_000 + b"</t>"
    async with Receiver() as receiver, world([receiver.url], push_timeout=10) as here:
        await here.send(beskeddata=payload)
        seen = await receiver.got(1)
        assert payload in seen[0].body
        await here.drained()
    async with (
        Receiver(otherwise=http(413), reads_body=False) as receiver,
        world([receiver.url], push_timeout=10, push_attempts=1) as here,
    ):
        await here.send(beskeddata=payload)
        await here.until(lambda: here.service.engine.depth(dueslag(1, None).id).dead)
        ((_, why),) = await here.dead()
        assert "HTTP 413" in str(why)


async def test_no_limit_of_refusals_means_none() -> None:
    """push_attempts 0: tried for ever."""
    async with Receiver([kode(40)] * 8) as receiver, world([receiver.url], push_attempts=0) as here:
        sent = await here.send()
        seen = await receiver.got(9)
        assert {besked_id(one.body) for one in seen} == {*sent}
        await here.drained()
        assert await here.dead() == []


async def test_the_limit_of_redeliveries_is_not_for_what_is_pushed() -> None:
    """It is about consumers that give messages back: a receiver that is away is waited for."""
    async with Receiver([http(503)] * 5) as receiver, world([receiver.url], redelivery_limit=1) as here:
        await here.send()
        await receiver.got(6)
        await here.drained()
        assert await here.dead() == []


async def test_a_consumer_beside_the_push_gets_its_share() -> None:
    """Push and pull of one dueslag: each message goes to one of them."""
    async with Receiver(otherwise=after(0.01, kode(20))) as receiver, world([receiver.url]) as here:
        ours, taken = dueslag(1, None).id, []
        sent = await here.send(10)
        while leverance := await here.service.engine.get(ours):
            assert leverance.besked is not None
            taken.append(leverance.besked.besked_id)
            here.service.engine.ack([leverance])
        await here.drained()
        assert sorted(taken + [besked_id(one.body) for one in receiver.seen]) == sorted(sent)
