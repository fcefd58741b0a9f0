"""The parts of a cluster, started in order and ended together."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.cluster import programs
from adapters.cluster.balancer import Balancer
from adapters.cluster.errors import ClusterError
from adapters.cluster.front import Front
from adapters.cluster.plan import front_environment, rabbitmq_url
from adapters.cluster.ports import HOST, free_port
from adapters.cluster.postgres import Postgres
from adapters.cluster.process import Process
from adapters.cluster.rabbitmq import LOGIN, Epmd, RabbitMQ
from adapters.cluster.watchdog import Watchdog
from broker.errors import StoreError

SERVICES = {"open": ("amqp", "admin"), "plain": ("amqp", "admin"), "token": ("amqp", "amqps", "https", "admin")}
"""What each front listens for, by auth."""
QUEUE = "bf.dueslag."
"""What the name of a dueslag's queue begins with."""


class Topology:
    """RabbitMQ nodes, PostgreSQL, fronts and a balancer on 127.0.0.1, in a folder.

    ``data``: None = a temporary folder that goes with it.  ``ports``: of the balancer, by service; any free one where
    it does not say.  ``front_arguments``: more for `serve`.  Parts are counted from 1.  All methods block; to be used
    as ``with Topology(…) as cluster``, or by `start` and `close`.  They raise ClusterError.
    """

    def __init__(
        self,
        *,
        fronts: int = 2,
        nodes: int = 3,
        data: Path | None = None,
        auth: str = "open",
        balancer: bool = True,
        ports: Mapping[str, int] | None = None,
        front_arguments: Sequence[str] = (),
    ) -> None:
        programs.require(balancer)
        self._temporary = data is None
        self.folder = Path(tempfile.mkdtemp(prefix="bf-cluster-")) if data is None else data.absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)  # PostgreSQL may run as another user, and has to get to its own folder
        self.ca: Path | None = None
        """What clients are to trust, with tokens."""
        self.auth = auth
        self._watchdog = Watchdog()
        if self._temporary:
            self._watchdog.remove(self.folder)
        self._epmd = Epmd(self.folder, self._watchdog)
        cookie = self._cookie()
        self.rabbitmq = [
            RabbitMQ(number, nodes, self.folder / f"rabbitmq{number}", self._epmd, cookie, self._watchdog)
            for number in range(1, nodes + 1)
        ]
        self.postgres = Postgres(self.folder / "postgresql", self._watchdog)
        services = SERVICES[auth]
        self.fronts = [
            Front(number, self.folder, self._environment(number), front_arguments, services, self._watchdog)
            for number in range(1, fronts + 1)
        ]
        self._balancer = Balancer(self.folder / "haproxy", self._watchdog) if balancer else None
        given = ports or {}
        self.ports = {service: given.get(service) or free_port() for service in services}
        """Of the balancer, by service."""

    # --- starting and ending ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Returns when all of it is ready; where a part does not start, all is ended again."""
        try:
            self._epmd.start()
            self._start_stores()
            self._start_fronts()
            if self._balancer is not None:
                self._start_balancer()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End everything: in order where the data stays, at once where it goes."""
        if not self._temporary:
            self._stop_in_order()
        for process in reversed(self.processes):
            process.kill()
        self._watchdog.close()

    @property
    def processes(self) -> list[Process]:
        """All parts, in the order of their start."""
        parts: list[Process] = [self._epmd.process, *(node.process for node in self.rabbitmq), self.postgres.process]
        parts += [front.process for front in self.fronts]
        return parts if self._balancer is None else [*parts, self._balancer.process]

    # --- where it is --------------------------------------------------------------------------------------------

    @property
    def amqp(self) -> tuple[str, int]:
        """The balancer's AMQP address."""
        return HOST, self.ports["amqp"]

    @property
    def admin_url(self) -> str:
        """The admin API of whichever front the balancer chooses: for what all fronts share."""
        return f"http://{HOST}:{self.ports['admin']}"

    def rabbitmq_url(self, first: int = 1) -> str:
        """All nodes, for `serve --rabbitmq`; ``first``: the one to begin with."""
        return rabbitmq_url([f"{HOST}:{node.port}" for node in self.rabbitmq], LOGIN, first - 1)

    # --- breaking it, and mending it --------------------------------------------------------------------------

    def kill_front(self, number: int) -> None:
        self.fronts[number - 1].process.kill()

    def restart_front(self, number: int) -> None:
        self.fronts[number - 1].process.kill()
        self.fronts[number - 1].start()

    def pause_front(self, number: int) -> None:
        self.fronts[number - 1].process.pause()

    def resume_front(self, number: int) -> None:
        self.fronts[number - 1].process.resume()

    def kill_rabbitmq(self, number: int) -> None:
        self.rabbitmq[number - 1].process.kill()

    def restart_rabbitmq(self, number: int) -> None:
        self.rabbitmq[number - 1].process.kill()
        self.rabbitmq[number - 1].start()

    def pause_rabbitmq(self, number: int) -> None:
        self.rabbitmq[number - 1].process.pause()

    def resume_rabbitmq(self, number: int) -> None:
        self.rabbitmq[number - 1].process.resume()

    def kill_postgres(self) -> None:
        self.postgres.kill()

    def restart_postgres(self) -> None:
        self.postgres.kill()
        self.postgres.start()

    def set_memory_alarm(self, on: bool) -> None:
        """RabbitMQ's, on the first node that runs: it holds senders in the whole cluster."""
        self._running().ctl("set_vm_memory_high_watermark", "0.00001" if on else "0.4")

    def leader_of(self, dueslag: str) -> int | None:
        """The number of the node that leads the queue of a dueslag (by id); None = there is none now."""
        leader = self._running().leaders().get(QUEUE + dueslag)
        return next((number for number, node in enumerate(self.rabbitmq, 1) if node.name == leader), None)

    # --- within ----------------------------------------------------------------------------------------------

    def _running(self) -> RabbitMQ:
        for node in self.rabbitmq:
            if node.process.alive:
                return node
        raise ClusterError("no RabbitMQ node runs")

    def _environment(self, number: int) -> dict[str, str]:
        return front_environment(self.rabbitmq_url(number), self.postgres.url, self.auth)

    def _start_stores(self) -> None:
        """The first node makes the cluster, the others join it; nodes that were in it before wait for each other."""
        first, *others = self.rabbitmq
        first.launch()
        if first.has_data:
            for node in others:
                node.launch()
        self.postgres.prepare()
        self.postgres.launch()
        first.wait()
        for node in others:
            if not node.process.alive:
                node.launch()
        for node in others:
            node.wait()
        self.postgres.wait()
        if others and len(found := first.members()) < len(self.rabbitmq):
            raise ClusterError(f"RabbitMQ's nodes did not find each other: only {', '.join(sorted(found))}")

    def _start_fronts(self) -> None:
        if self.auth == "token":
            from adapters.cluster.keys import share

            try:
                self.ca = share([front.data for front in self.fronts])
            except StoreError as error:
                raise ClusterError(str(error)) from None
        for front in self.fronts:
            front.launch()
        for front in self.fronts:
            front.wait()

    def _start_balancer(self) -> None:
        assert self._balancer is not None
        bind = {service: f"{HOST}:{port}" for service, port in self.ports.items()}
        self._balancer.start(bind, [front.server for front in self.fronts])

    def _stop_in_order(self) -> None:
        for front in self.fronts:
            front.process.ask()
        for front in self.fronts:
            front.process.stop()
        self.postgres.stop()
        for node in self.rabbitmq:
            node.process.ask()
        for node in self.rabbitmq:
            node.process.stop(timeout=30.0)

    def _cookie(self) -> str:
        """The nodes' common secret, kept with their data."""
        file = self.folder / "cluster.json"
        try:
            return str(json.loads(file.read_text())["cookie"])
        except FileNotFoundError:
            cookie = secrets.token_hex(16)
            file.touch(0o600)
            file.write_text(json.dumps({"cookie": cookie}) + "\n")
            return cookie
