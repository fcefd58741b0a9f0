"""Scenarios on a cluster, which they take for one emulator."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.cluster import Topology
from consumers.admin import Admin, AdminError
from consumers.scenario import library
from consumers.scenario.load import load_file
from consumers.scenario.run import How, run_scenario
from consumers.scenario.verdict import Verdict


class AllFronts(Admin):
    """One admin API by the balancer, but for what dueslag hold: of a letter that is out, only the front knows that has
    it, and a scenario goes on when all letters have come."""

    def __init__(self, cluster: Topology) -> None:
        super().__init__(cluster.admin_url)
        self._cluster = cluster

    async def call(self, method: str, path: str, body: object = None) -> Any:
        if method != "GET" or not path.startswith("/dueslag?"):
            return await super().call(method, path, body)
        alive = [Admin(front.admin_url) for front in self._cluster.fronts if front.process.alive]
        pages = await asyncio.gather(*[front.call(method, path) for front in alive])
        merged: dict[str, dict[str, Any]] = {}
        for one in [one for page in pages for one in page["dueslag"]]:
            depth, before = one["depth"], merged.setdefault(one["id"], one)["depth"]
            before |= {state: max(depth[state], before[state]) for state in depth}
        return {"dueslag": [*merged.values()], "total": len(merged)}


class Fronts:
    """By the balancer.  A kill is one of a front, another one each time."""

    own = True

    def __init__(self, cluster: Topology) -> None:
        self._cluster = cluster
        self._killed = 0
        self.host, self.port = cluster.amqp
        self.admin = AllFronts(cluster)

    def kill(self) -> None:
        self._killed += 1
        self._cluster.kill_front(self._number)

    async def restart(self) -> None:
        await asyncio.to_thread(self._cluster.restart_front, self._number)

    @property
    def _number(self) -> int:
        return 1 + self._killed % len(self._cluster.fronts)


async def verdict_of(name: str, cluster: Topology, how: How) -> Verdict:
    """It holds, or the test fails with what does not."""
    with _quiet():
        verdict = await run_scenario(load_file(library.path_of(name)), Fronts(cluster), how)
    told = "\n".join(f"{one.name}: {one.seen}\n  " + "\n  ".join(one.trace) for one in verdict.failed)
    assert verdict.ok, f"{name}, seed {verdict.seed}:\n{told}\n{await _standing(cluster)}"
    return verdict


async def _standing(cluster: Topology) -> str:
    """What each front holds and has said, for who reads of a failure afterwards."""
    lines = []
    for front in cluster.fronts:
        try:
            page = await Admin(front.admin_url).call("GET", "/dueslag")
            held = [f"{one['navn']}: {one['depth']}" for one in page["dueslag"] if any(one["depth"].values())]
        except (AdminError, OSError) as error:
            held = [str(error)]
        lines += [f"{front.process.name} holds:", *held, "and said:", front.log[-4000:]]
    return "\n".join(lines)


@contextmanager
def _quiet() -> Iterator[None]:
    """aiormq says more than needs be of a front that is killed, and aio-pika leaves coroutines behind."""
    loggers = [logging.getLogger(name) for name in ("aiormq", "aio_pika")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine 'Connection.close' was never awaited", RuntimeWarning)
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
        gc.collect()  # here, and not in a test of others
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
