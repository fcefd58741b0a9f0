"""When the Beskedfordeler stops, or starts: nothing lost, no attempt beside another."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys

import pytest

from broker.errors import StoreError
from tests.unit.push.receiver import Receiver, after, hang, kode
from tests.unit.push.world import abonnement, attempts, besked_id, dueslag, world


async def test_an_attempt_under_way_is_let_end() -> None:
    """It is answered within the grace: taken, and not sent again."""
    async with Receiver([after(0.2, kode(20))]) as receiver, world([receiver.url]) as here:
        await here.send(2)
        await receiver.got(1)
        await here.push.close()
        assert here.depth(dueslag(1, None).id) == (1, 0)
        assert len(receiver.seen) == 1


async def test_one_that_hangs_is_broken_off_and_requeued() -> None:
    """In its place, flagged; closing does not take longer than the grace."""
    async with Receiver([hang]) as receiver, world([receiver.url], push_timeout=0.3) as here:
        sent = await here.send(2)
        await receiver.got(1)
        await asyncio.wait_for(here.push.close(), 5)
        leverance = await here.service.engine.get(dueslag(1, None).id)
        assert leverance is not None
        assert leverance.besked is not None
        assert (leverance.besked.besked_id, leverance.redelivered) == (sent[0], True)


async def test_after_closing_nothing_is_sent() -> None:
    """Not what comes later, and not by a callback set later."""
    async with Receiver() as receiver, world([receiver.url]) as here:
        await here.send()
        await here.drained()
        await here.push.close()
        await here.send()
        await here.callback(2, receiver.url)
        await asyncio.sleep(0.1)
        assert len(receiver.seen) == 1


async def test_a_wait_is_over_when_it_closes() -> None:
    """What waits for its next attempt is simply there at the next start."""
    async with world(["http://127.0.0.1:9/"], push_first_delay=60, push_longest_delay=60) as here:
        await here.send()
        ours = dueslag(1, None).id
        await here.until(lambda: (standing := here.push.standing(ours)) and standing.state == "waiting")
        await asyncio.wait_for(here.push.close(), 5)
        assert here.depth(ours) == (1, 0)


async def test_what_was_there_before_the_start_is_sent() -> None:
    """A backlog from an earlier run, in order."""
    async with Receiver() as receiver, world([receiver.url], start=False) as here:
        sent = await here.send(5)
        await here.push.start()
        assert [besked_id(one.body) for one in await receiver.got(5)] == sent


async def test_the_first_callback_may_come_while_it_runs() -> None:
    """Without callbacks nothing is loaded; with the first one, what is needed is."""
    async with Receiver() as receiver, world() as here:
        await here.callback(1, None)
        sent = await here.send(2)
        await here.callback(1, receiver.url)
        assert [besked_id(one.body) for one in await receiver.got(2)] == sent


async def test_attempts_of_an_earlier_run_count_up_to_half_of_the_limit() -> None:
    """A message that was refused before the restart does not start anew; one that waited out an outage is not lost."""
    async with Receiver(otherwise=kode(40)) as receiver, world([receiver.url], start=False, push_attempts=4) as here:
        await here.send()
        ours = dueslag(1, None).id
        for _ in range(30):
            leverance = await here.service.engine.get(ours)
            assert leverance is not None
            here.service.engine.requeue([leverance])
        await here.push.start()
        await here.until(lambda: here.service.engine.depth(ours).dead)
        assert [attempts(one.body) for one in receiver.seen] == [31, 32]


async def test_https_needs_keys_that_can_be_used() -> None:
    """At the start that is said at once; later the log says so, and what is pushed over http goes on."""

    def broken() -> ssl.SSLContext:
        raise StoreError("ca.pem: no such file; give another with --push-ca")

    with pytest.raises(StoreError, match="push-ca"):
        async with world(["https://localhost:9/"], broken):
            pass
    async with Receiver() as receiver, world([receiver.url], broken) as here:
        await here.callback(2, "https://localhost:9/")
        await here.send()
        await receiver.got(1)
        await here.callback(3, receiver.url)
        await here.send()
        await receiver.got(3)
    async with Receiver() as receiver, world([], broken) as here:
        one, two = dueslag(1, "https://localhost:9/"), dueslag(2, receiver.url)
        await here.service.put([one, two, abonnement(one), abonnement(two)])
        await here.send()
        await receiver.got(1)


def test_importing_push_does_not_load_the_http_client() -> None:
    """A start without callbacks pays nothing for it."""
    code = "import sys, adapters.push; print(sum(name.split('.')[0] in ('aiohttp', 'yarl') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "0"
