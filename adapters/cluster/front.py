"""One front: `beskedfordeler serve` with a data directory of its own."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.cluster import programs
from adapters.cluster.balancer import Server
from adapters.cluster.plan import COMMAND
from adapters.cluster.ports import HOST, free_port
from adapters.cluster.process import Process
from adapters.cluster.watchdog import Watchdog

READY_TIMEOUT = 90.0


class Front:
    """Its ports stay the same over restarts."""

    def __init__(
        self,
        number: int,
        folder: Path,
        environment: Mapping[str, str],
        arguments: Sequence[str],
        services: Sequence[str],
        watchdog: Watchdog,
    ) -> None:
        self.number = number
        self.data = folder / f"front{number}"
        self.ports = {service: free_port() for service in services}
        self._arguments = tuple(arguments)
        ours = {name: value for name, value in os.environ.items() if not name.startswith("BESKEDFORDELER_")}
        self._environment = {**ours, **environment, "BESKEDFORDELER_DATA": str(self.data)}
        self._said = folder / f"front{number}.log"
        self.process = Process(f"front{number}", self._said, watchdog)

    @property
    def server(self) -> Server:
        """For the balancer."""
        return Server(f"front{self.number}", HOST, self.ports)

    @property
    def admin_url(self) -> str:
        return f"http://{HOST}:{self.ports['admin']}"

    @property
    def log(self) -> str:
        """What it has written in all its starts."""
        return self._said.read_text(errors="replace") if self._said.exists() else ""

    def launch(self) -> None:
        """Start it, without waiting.  Raises ClusterError."""
        ports = [part for service, port in self.ports.items() for part in (f"--{service}-port", str(port))]
        command = [*programs.beskedfordeler(), *COMMAND, *ports, "--json", *self._arguments]
        self.process.start(command, self._environment, self.data.parent)

    def wait(self) -> None:
        """Raises ClusterError."""
        self.process.wait_until(self._ready, READY_TIMEOUT)

    def start(self) -> None:
        """Returns when it is ready.  Raises ClusterError."""
        self.launch()
        self.wait()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.admin_url}/health/ready", timeout=5) as answer:  # noqa: S310 - http
                return bool(answer.status == 200)
        except OSError:
            return False
