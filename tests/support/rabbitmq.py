"""A RabbitMQ node of one's own for tests: Debian's rabbitmq-server as processes on free ports of 127.0.0.1, in a folder
that goes away with it.  One for a session; tests keep apart by the prefix of their queues."""

from __future__ import annotations

import atexit
import os
import secrets
import signal
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pamqp import commands

from benchmarks import rabbitmq, rawclient
from benchmarks.rabbitmq import RabbitMQ

__all__ = ["Node", "RabbitMQ", "SharedNode", "delete_queues", "needed", "new_prefix", "rabbitmq_node"]

MISSING = "needs RabbitMQ: apt-get install rabbitmq-server (it is started by the tests, on ports of its own)"


def needed() -> None:
    """Skip where RabbitMQ is not installed; on the build machine that is a failure."""
    if rabbitmq.script() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)


ELECT = (
    "[ra:trigger_election(amqqueue:get_pid(Q)) || "
    "Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue]."
)
"""For rabbitmqctl eval.  After a kill under load about every second quorum queue of a *single* 3.10 node stays without
a leader for ever, whether anybody speaks to it or not (rabbitmq-server #10070); docs/engines.md says so."""


class Node:
    """A node that can be killed and started again, with the same data and port."""

    def __init__(self, home: Path) -> None:
        needed()
        found = rabbitmq.script()
        assert found is not None
        self._script, self._home = found, home
        self._environment = rabbitmq.environment(home)
        self.port = int(self._environment["RABBITMQ_NODE_PORT"])
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self.pid = 0
        self._epmd, self._running = ExitStack(), ExitStack()

    def start(self) -> None:
        """Returns when it takes connections and, after a kill, its queues have leaders."""
        again = bool(self.pid)
        if not again:
            self._epmd.enter_context(rabbitmq.epmd(self._environment))
        self.pid = self._running.enter_context(rabbitmq.node(self._script, self._environment, self._home, 60.0))
        if again:
            self.ctl("eval", ELECT)

    def kill(self) -> None:
        """As a power cut for the process."""
        os.kill(self.pid, signal.SIGKILL)
        self._running.close()

    def close(self) -> None:
        self._running.close()
        self._epmd.close()

    def ctl(self, *words: str) -> None:
        """rabbitmqctl, by the scripts beside that of the server."""
        script = Path(self._script).with_name("rabbitmqctl")
        node = self._environment["RABBITMQ_NODENAME"]
        subprocess.run(
            [script, "--quiet", "--node", node, *words],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=60,
        )


class SharedNode:
    """Started when it is first asked for, and killed when the process of the tests ends."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._node: RabbitMQ | None = None

    def __call__(self) -> RabbitMQ:
        """The node.  Skips or fails where RabbitMQ is missing."""
        if self._node is None:
            needed()
            self._node = self._stack.enter_context(rabbitmq.running())
            atexit.register(self.close)
        return self._node

    def close(self) -> None:
        """At once: nothing in it is worth the seconds of an orderly end."""
        if self._node is not None:
            os.kill(self._node.pid, signal.SIGKILL)
            self._node = None
            self._stack.close()


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
    connection.socket.close()  # in order it would wait for RabbitMQ to hang up first
