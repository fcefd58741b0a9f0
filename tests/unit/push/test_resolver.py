"""Names to addresses, in threads of our own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from adapters.push.resolver import THREADS, Resolver


async def test_a_name_gives_its_addresses() -> None:
    """localhost, with the port asked for."""
    found = await Resolver().resolve("localhost", 8443, socket.AF_UNSPEC)
    assert {(one["host"], one["port"]) for one in found} <= {("127.0.0.1", 8443), ("::1", 8443)}
    assert found


@pytest.mark.parametrize("name", ["findes-ikke.invalid", "a" * 300, "b..c"])
async def test_a_name_that_cannot_be_is_an_oserror(name: str) -> None:
    """Unknown, or none at all."""
    with pytest.raises(OSError):
        await Resolver().resolve(name, 80)


async def test_names_that_hang_leave_the_loops_own_threads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one of ours hangs: the loop's threads are free, and who gave up waiting costs nothing."""
    release = threading.Event()

    def hanging(*arguments: Any, **named: Any) -> list[Any]:
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    resolver = Resolver()
    waiting = [asyncio.create_task(resolver.resolve("x.example")) for _ in range(THREADS + 4)]
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: 7), 2) == 7
    for task in waiting[:2]:
        task.cancel()
    release.set()
    done = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert [isinstance(one, asyncio.CancelledError) for one in done] == [True] * 2 + [False] * (len(waiting) - 2)
