"""HAProxy as TCP balancer in front of the fronts: its configuration (pure) and its process."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from adapters.cluster import programs
from adapters.cluster.errors import ClusterError
from adapters.cluster.ports import listens
from adapters.cluster.process import Process
from adapters.cluster.watchdog import Watchdog

_HEAD = """\
# TCP: each connection goes to one front and stays there.  A front that is not ready gets no new ones.  One that does
# not answer at all, as it stands still or its machine is gone, loses those that it has: their clients go elsewhere.
global
    maxconn 4000

defaults
    mode tcp
    option redispatch
    option clitcpka
    option srvtcpka
    retries 3
    timeout connect 3s
    timeout check 2s
    # AMQP has heartbeats of its own, and a consumer may wait for days.
    timeout client 7d
    timeout server 7d
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host 127.0.0.1
    # L7OKC: up, but with nothing new.
    http-check expect error-status L7OKC status 200
    default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions{resolving}
"""
_RESOLVER = """
resolvers names
    nameserver here {server}
    hold valid 2s
"""


class Server(NamedTuple):
    """A front as the balancer reaches it.  ``ports``: by service ("amqp", "amqps", "https", "admin")."""

    name: str
    host: str
    ports: Mapping[str, int]


def configuration(bind: Mapping[str, str], servers: Sequence[Server], resolver: str | None = None) -> str:
    """haproxy.cfg; ``bind``: address by service; ``resolver``: the name server (``host:port``) that knows the fronts,
    where they are known by names whose addresses change."""
    resolving = "" if resolver is None else " resolvers names init-addr libc,none"
    parts = [_HEAD.format(resolving=resolving)]
    if resolver is not None:
        parts.append(_RESOLVER.lstrip().format(server=resolver))
    for service, address in bind.items():
        lines = [f"listen {service}", f"    bind {address}", "    balance leastconn"]
        lines += [f"    server {one.name} {one.host}:{one.ports[service]} port {one.ports['admin']}" for one in servers]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


class Balancer:
    """Its ports stay the same over restarts."""

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        self._program = programs.found(programs.haproxy(), "haproxy")
        self._folder = folder
        self._file = folder / "haproxy.cfg"
        self.process = Process("haproxy", folder / "haproxy.log", watchdog)

    def start(self, bind: Mapping[str, str], servers: Sequence[Server]) -> None:
        """Returns when all its ports take connections.  Raises ClusterError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._file.write_text(configuration(bind, servers))
        ports = [int(address.rpartition(":")[2]) for address in bind.values()]
        if taken := [port for port in ports if listens(port)]:
            raise ClusterError(
                f"port {taken[0]} is in use; stop what listens there, or choose another for the balancer"
            )
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        self.process.start([self._program, "-db", "-f", self._file], environment, self._folder)
        self.process.wait_until(lambda: all(map(listens, ports)), 15.0)
