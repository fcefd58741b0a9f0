"""RabbitMQ nodes of one's own: Debian's programs, kept to a folder, to 127.0.0.1 and to ports of their own.

They touch neither the system's node nor its data, epmd or cookie.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.cluster import programs
from adapters.cluster.errors import ClusterError
from adapters.cluster.plan import rabbitmq_url
from adapters.cluster.ports import HOST, free_port, listens
from adapters.cluster.process import Process
from adapters.cluster.watchdog import Watchdog

READY_TIMEOUT = 120.0
CTL_TIMEOUT = 60.0
LOGIN = "guest:guest"
"""RabbitMQ's own, which it lets in over loopback only."""
_ELECT = (
    "[ra:trigger_election(amqqueue:get_pid(Q)) || "
    "Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue]."
)
SETTINGS = (
    "queue_leader_locator = balanced",
    "cluster_partition_handling = pause_minority",
    # A node that stands still is given up after 10 s instead of 60.  Until it is, a channel that is opened on another
    # node finds none of the queues that it led (measured: nothing accepted over it for as long as it stood still).
    "net_ticktime = 10",
    # What is pushed may wait for its receiver for days: 30 minutes, RabbitMQ's own limit, would end the channel.
    "consumer_timeout = 31536000000",
)
"""Of every node of a cluster, wherever it runs."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a node is run with, beside its place."""

    settings: tuple[str, ...] = ()
    """Lines of rabbitmq.conf."""
    vm: str = ""
    """Options of the Erlang VM."""


# Several VMs share the cores: none of them may wait for work by spinning.
CLUSTER = Conditions(SETTINGS, "+sbwt none +sbwtdcpu none +sbwtdio none")
BARE = Conditions()
"""RabbitMQ as it comes: what is measured beside it rests on nothing of ours."""


def configuration(port: int, settings: Iterable[str], names: Sequence[str]) -> str:
    """rabbitmq.conf of a node on this machine; ``names``: all nodes of its cluster."""
    return "\n".join([f"listeners.tcp.1 = {HOST}:{port}", *settings, *_formation(names), ""])


def _formation(names: Sequence[str]) -> list[str]:
    """How nodes find each other; of one alone nothing."""
    if len(names) < 2:
        return []
    return [
        "cluster_formation.peer_discovery_backend = rabbit_peer_discovery_classic_config",
        *(f"cluster_formation.classic_config.nodes.{number} = {name}" for number, name in enumerate(names, 1)),
        # The first node is there before the others start: nobody has to keep out of another's way.
        "cluster_formation.randomized_startup_delay_range.min = 0",
        "cluster_formation.randomized_startup_delay_range.max = 1",
    ]


class Epmd:
    """Erlang's name daemon, in the foreground: the VM would start one that stays."""

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        self.port = free_port()
        self._folder = folder
        self._process = Process("epmd", folder / "epmd.log", watchdog)

    @property
    def process(self) -> Process:
        return self._process

    def start(self) -> None:
        """Raises ClusterError."""
        program = programs.found(programs.epmd(), "rabbitmq-server")
        command: list[str | Path] = [program, "-address", HOST, "-port", str(self.port)]
        self._process.start(command, {"PATH": os.environ.get("PATH", os.defpath)}, self._folder)
        self._process.wait_until(lambda: listens(self.port), 15.0)


class RabbitMQ:
    """One node, of a cluster or alone; name and port stay the same over restarts."""

    def __init__(
        self,
        number: int,
        nodes: int,
        folder: Path,
        epmd: Epmd,
        cookie: str,
        watchdog: Watchdog,
        conditions: Conditions = CLUSTER,
    ) -> None:
        self.port = free_port()
        self.name = name_of(number)
        self._programs = programs.found(programs.rabbitmq(), "rabbitmq-server")
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        names = [name_of(one) for one in range(1, nodes + 1)]
        self._place(configuration(self.port, conditions.settings, names), cookie)
        self._environment = self._surroundings(epmd.port, conditions.vm)
        self.process = Process(f"rabbitmq{number}", folder / "start.log", watchdog)

    @property
    def url(self) -> str:
        """For AMQP clients; virtual host ``/``."""
        return rabbitmq_url([f"{HOST}:{self.port}"], LOGIN)

    @property
    def has_data(self) -> bool:
        """Whether it has run before."""
        return (self._folder / "mnesia" / self.name).exists()

    def launch(self) -> None:
        """Start it, without waiting.  Raises ClusterError."""
        self.process.start([self._programs / "rabbitmq-server"], self._environment, self._folder)

    def wait(self) -> None:
        """The listener is the last step of RabbitMQ's start.  Raises ClusterError."""
        self.process.wait_until(lambda: listens(self.port), READY_TIMEOUT)

    def start(self) -> None:
        """Returns when it takes connections.  Raises ClusterError."""
        self.launch()
        self.wait()

    def ctl(self, *words: str) -> str:
        """What rabbitmqctl prints.  Raises ClusterError."""
        command = [str(self._programs / "rabbitmqctl"), "--quiet", "--node", self.name, *words]
        try:
            done = subprocess.run(  # noqa: S603 - RabbitMQ's own tool, words that are ours
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=CTL_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ClusterError(f"rabbitmqctl {words[0]}: no answer from {self.name}") from None
        if done.returncode:
            raise ClusterError(f"rabbitmqctl {words[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
        return done.stdout

    def members(self) -> set[str]:
        """Names of the nodes that run, as this one sees it."""
        found = json.loads(self.ctl("cluster_status", "--formatter", "json"))
        return set(found["running_nodes"])

    def leaders(self) -> dict[str, str]:
        """Name of the leading node by queue, of quorum queues."""
        rows = json.loads(self.ctl("list_queues", "name", "leader", "--formatter", "json"))
        return {row["name"]: row["leader"] for row in rows if row.get("leader")}

    def elect(self) -> None:
        """For a node that is alone and was killed under load: about every second of its quorum queues stays without a
        leader for ever (3.10; rabbitmq-server #10070; docs/engines.md).  Raises ClusterError."""
        self.ctl("eval", _ELECT)

    def _place(self, configuration: str, cookie: str) -> None:
        """The files that it is to find."""
        home = self._folder
        (home / "plugins").write_text("[].\n")
        (home / "rabbitmq-env.conf").write_text("")
        (home / "rabbitmq.conf").write_text(configuration)
        secret = home / ".erlang.cookie"
        with suppress(FileNotFoundError):
            secret.unlink()
        secret.touch(0o600)
        secret.write_text(cookie)
        secret.chmod(0o400)

    def _surroundings(self, epmd: int, vm: str) -> dict[str, str]:
        """The environment that keeps it to its folder, to 127.0.0.1 and to ports of its own."""
        home = self._folder
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{127,0,0,1}} {vm}".rstrip(),
            # The script then becomes the Erlang VM instead of staying its parent.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
        }


def name_of(number: int) -> str:
    """The node's name, known to its own epmd only."""
    return f"bf{number}@localhost"
