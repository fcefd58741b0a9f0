"""A RabbitMQ node of one's own for tests: `adapters.cluster.alone`, skipped where it is not installed.

One for a session; tests keep apart by the prefix of their queues.
"""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterable
from typing import Any

import pytest
from pamqp import commands

from adapters.cluster import programs
from adapters.cluster.alone import Alone
from adapters.cluster.rabbitmq import RabbitMQ
from benchmarks import rawclient

__all__ = ["Alone", "SharedNode", "delete_queues", "needed", "new_prefix", "rabbitmq_node"]

MISSING = "needs RabbitMQ: apt-get install rabbitmq-server (it is started by the tests, on ports of its own)"


def needed() -> None:
    """Skip where RabbitMQ is not installed; on the build machine that is a failure."""
    if programs.rabbitmq() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)


class SharedNode:
    """Started when it is first asked for, and killed when the process of the tests ends."""

    def __init__(self) -> None:
        self._alone: Alone | None = None

    def __call__(self) -> RabbitMQ:
        """The node.  Skips or fails where RabbitMQ is missing."""
        if self._alone is None:
            needed()
            self._alone = Alone().start()
            atexit.register(self._alone.close)
        return self._alone.node


SHARED = SharedNode()


@pytest.fixture(scope="session")
def rabbitmq_node() -> SharedNode:
    """One node for all tests that take it, started by the first."""
    return SHARED


def new_prefix() -> str:
    """For the queues of one test."""
    return f"t{secrets.token_hex(6)}"


def delete_queues(url: str, prefix: str, engines: Iterable[Any]) -> None:
    """All that the engines of a test have made, so that the node stays quick."""
    dueslag = {name for engine in engines for name in engine._hands.boxes}
    address = rawclient.Address(int(url.rpartition(":")[2].strip("/")))
    connection = rawclient.Connection(address)
    names = [f"{prefix}.{kind}.{one}" for one in dueslag for kind in ("dueslag", "pause", "fejlkoe")]
    for name in [*names, f"{prefix}.udloebet"]:
        connection.call(rawclient.CHANNEL, commands.Queue.Delete(0, name), commands.Queue.DeleteOk)
    connection.close()
