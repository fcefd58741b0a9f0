"""One RabbitMQ node by itself: what a measurement is set beside, and what tests speak to."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.cluster import programs
from adapters.cluster.rabbitmq import CLUSTER, Conditions, Epmd, RabbitMQ
from adapters.cluster.watchdog import Watchdog


class Alone:
    """A node with a name daemon of its own, in a temporary folder that goes with it.

    ``parent``: where the folder is made, None = the system's.  All methods block and raise ClusterError; to be used as
    ``with Alone() as node``, or by `start` and `close`.
    """

    def __init__(self, conditions: Conditions = CLUSTER, parent: Path | None = None) -> None:
        programs.found(programs.rabbitmq(), "rabbitmq-server")
        folder = Path(tempfile.mkdtemp(prefix="bf-rabbitmq-", dir=parent))
        self._watchdog = Watchdog()
        self._watchdog.remove(folder)
        self._epmd = Epmd(folder, self._watchdog)
        cookie = secrets.token_hex(16)
        self.node = RabbitMQ(1, 1, folder / "rabbitmq", self._epmd, cookie, self._watchdog, conditions)

    def __enter__(self) -> RabbitMQ:
        self.start()
        return self.node

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> Self:
        """Returns when it takes connections; where it does not start, all is ended again."""
        try:
            self._epmd.start()
            self.node.start()
        except BaseException:
            self.close()
            raise
        return self

    def kill(self) -> None:
        """As a power cut for the node."""
        self.node.process.kill()

    def restart(self) -> None:
        """With the same data, name and port; returns when its queues have leaders, too."""
        self.kill()
        self.node.start()
        self.node.elect()

    def close(self) -> None:
        """At once: nothing in it is worth the seconds of an orderly end."""
        self.node.process.kill()
        self._epmd.process.kill()
        self._watchdog.close()
