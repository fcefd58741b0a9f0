"""What trace and log say of pushing."""

from __future__ import annotations

import asyncio

import structlog
from structlog.testing import capture_logs

from tests.unit.push.receiver import Receiver, http, kode
from tests.unit.push.world import RECEIVER, dueslag, world


def lines(logs: list[structlog.typing.EventDict], level: str) -> list[str]:
    return [str(line["event"]) for line in logs if line["log_level"] == level]


async def test_what_is_taken_is_delivered_and_acked() -> None:
    """As of any consumer: the system is that of the dueslag."""
    async with Receiver() as receiver, world([receiver.url]) as here:
        await here.send(2)
        await here.drained()
        await asyncio.sleep(0.01)
        for what in ("delivered", "ack"):
            records = await here.trace(what)
            assert [(one.system, one.dueslag) for one in records] == [(RECEIVER.id, dueslag(1, None).id)] * 2
        meters = here.service.meters
        assert (meters.delivered, meters.settled["ack"], meters.pushed["taken"]) == (2, 2, 2)


async def test_a_failed_attempt_is_found_under_its_message_with_number_and_reason() -> None:
    """Then what came of it: delivered and acked, in that order."""
    async with (
        Receiver([http(500)]) as receiver,
        world([receiver.url], push_first_delay=0.2, push_longest_delay=0.2) as here,
    ):
        (besked_id,) = await here.send()
        await here.drained()
        await asyncio.sleep(0.01)
        (requeue,) = await here.trace("requeue")
        assert requeue.besked_id == besked_id
        assert requeue.detail["forsøg"] == 1
        assert "HTTP 500" in requeue.detail["grund"]
        assert requeue.detail["igen om"] == 0.2
        order = [
            record.what for record in here.service.trace._waiting if record.what in ("delivered", "ack", "requeue")
        ]
        assert order == ["delivered", "requeue", "delivered", "ack"]


async def test_a_receiver_that_stays_down_does_not_flood_trace_and_log() -> None:
    """The log: once when it goes down, once when it comes back; the trace: each new reason, and every tenth attempt."""
    steps = [http(503)] * 25 + [http(502)]
    with capture_logs() as logs:
        async with Receiver(steps) as receiver, world([receiver.url]) as here:
            await here.send(2)
            await receiver.got(28)
            await here.drained()
            assert [one.detail["forsøg"] for one in await here.trace("requeue")] == [1, 10, 20, 26]
            assert [one.detail for one in await here.trace("delivered")] == [1, 27, 1]
    assert lines(logs, "warning") == ["push fails, and is tried again"]
    assert lines(logs, "info") == ["push goes on"]
    assert len(lines(logs, "debug")) == 25
    back = next(line for line in logs if line["log_level"] == "info")
    assert (back["failed_attempts"], back["rejected"], back["dueslag"]) == (26, 0, "Post 1")


async def test_what_goes_to_the_fejlkoe_is_rejected_and_dead() -> None:
    """With the last answer as reason; the log says so once, however many follow."""
    with capture_logs() as logs:
        async with Receiver([kode(40, "nej")] * 6) as receiver, world([receiver.url]) as here:
            sent = await here.send(3)
            await receiver.got(7)
            await here.drained()
            assert len(await here.trace("reject")) == 2
            dead = await here.trace("dead")
            assert [one.besked_id for one in dead] == sent[:2]
            assert "last: StatusKode 40: nej" in dead[0].detail["grund"]
    assert lines(logs, "warning") == ["push fails, and is tried again", "a pushed message goes to the fejlkø"]


async def test_secrets_in_the_callback_are_nowhere() -> None:
    """The query of a URL may hold a key: not in log, trace or fejlkø."""
    with capture_logs() as logs:
        async with Receiver([kode(40)] * 3) as receiver, world([f"{receiver.url}?key=hemmelig"]) as here:
            await here.send(2)
            seen = await receiver.got(4)
            await here.drained()
            assert {one.path for one in seen} == {"/modtag?key=hemmelig"}
            told = (
                str(logs)
                + str(await here.trace("requeue"))
                + str(await here.dead())
                + repr([*here.push._turns.values()])
            )
    assert "/modtag?…" in told
    assert "hemmelig" not in told


async def test_a_bug_in_an_attempt_holds_nothing_up_for_good() -> None:
    """It is logged with its traceback, and the message is tried again."""
    async with Receiver() as receiver, world([receiver.url]) as here:
        whole = here.service.deliverer.render
        broken = iter([True])

        def render(leverance):  # type: ignore[no-untyped-def]
            if next(broken, False):
                raise RuntimeError("a bug")
            return whole(leverance)

        here.service.deliverer.render = render  # type: ignore[method-assign]
        with capture_logs() as logs:
            await here.send()
            await receiver.got(1)
        assert lines(logs, "error") == ["push failed by an error of its own"]
