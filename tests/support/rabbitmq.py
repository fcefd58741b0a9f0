"""A RabbitMQ node of one's own for tests: Debian's rabbitmq-server as processes on free ports of 127.0.0.1, in a folder
that goes away with it.  One for a session; tests keep apart by the prefix of their queues."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pamqp import commands

from benchmarks import rabbitmq, rawclient
from benchmarks.rabbitmq import RabbitMQ

__all__ = ["Node", "RabbitMQ", "SharedNode", "delete_queues", "needed", "new_prefix", "running", "shared_node"]

MISSING = "needs RabbitMQ: apt-get install rabbitmq-server (it is started by the tests, on ports of its own)"

running = rabbitmq.running


def needed() -> None:
    """Skip where RabbitMQ is not installed; on the build machine that is a failure."""
    if rabbitmq.script() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)


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
        """Returns when it takes connections."""
        if not self.pid:
            self._epmd.enter_context(rabbitmq.epmd(self._environment))
        self.pid = self._running.enter_context(rabbitmq.node(self._script, self._environment, self._home, 60.0))

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
    """Started when it is first asked for, stopped by `close`."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._stack = ExitStack()
        self._node: RabbitMQ | None = None

    def __call__(self) -> RabbitMQ:
        """The node.  Skips or fails where RabbitMQ is missing."""
        if self._node is None:
            needed()
            self._node = self._stack.enter_context(running(parent=self._parent))
        return self._node

    def close(self) -> None:
        self._stack.close()


@contextmanager
def shared_node() -> Iterator[SharedNode]:
    """For a fixture of the session."""
    node = SharedNode()
    try:
        yield node
    finally:
        node.close()


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
