"""`python -m adapters.cluster up`: a cluster in the foreground, until Ctrl-C; `sizing`: the page of arithmetic."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from adapters.cluster.errors import ClusterError
from adapters.cluster.ports import HOST
from adapters.cluster.topology import SERVICES, Topology

PORTS = {"amqp": 5672, "amqps": 5671, "https": 8443, "admin": 5680}
"""Of the balancer: those of a single emulator, so that clients need not be told."""
LOOK = 0.5
"""Seconds between looks at what has ended."""
_CANNOT_START = 6
"""As `beskedfordeler serve`."""


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    given = _parser().parse_args(arguments)
    if given.what == "sizing":
        from adapters.cluster.sizing import table

        print(table())
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _up(given)
    except ClusterError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return _CANNOT_START
    except KeyboardInterrupt:
        return 0


def _up(given: argparse.Namespace) -> int:
    cluster = Topology(
        fronts=given.fronts,
        nodes=given.nodes,
        data=given.data,
        auth=given.auth,
        ports={service: getattr(given, f"{service}_port") for service in PORTS},
        front_arguments=given.serve,
    )
    began = time.monotonic()
    print(f"starting {given.nodes} RabbitMQ nodes, PostgreSQL, {given.fronts} fronts, HAProxy …", file=sys.stderr)
    with cluster:
        print(addresses(cluster))
        print(f"\nready after {time.monotonic() - began:.0f} s; Ctrl-C ends all of it", flush=True)
        _watch(cluster)
        print("ending", file=sys.stderr)
    return 0


def addresses(cluster: Topology) -> str:
    """Where everything is, as a table."""
    rows = [("what", "address", "pid")]
    haproxy = cluster.processes[-1]
    rows += [(f"{name} (all fronts)", f"{HOST}:{port}", str(haproxy.pid)) for name, port in cluster.ports.items()]
    for front in cluster.fronts:
        places = ", ".join(f"{name} {HOST}:{port}" for name, port in front.ports.items())
        rows.append((front.process.name, places, str(front.process.pid)))
    rows += [(node.process.name, f"{HOST}:{node.port}", str(node.process.pid)) for node in cluster.rabbitmq]
    rows.append(("postgresql", cluster.postgres.url, str(cluster.postgres.process.pid)))
    rows.append(("data and logs", str(cluster.folder), ""))
    if cluster.ca is not None:
        rows.append(("clients trust", str(cluster.ca), ""))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{name:<{widths[0]}}  {where:<{widths[1]}}  {pid}".rstrip() for name, where, pid in rows)


def _watch(cluster: Topology) -> None:
    """Say what ends by itself, or is killed by somebody who tries that, until Ctrl-C."""
    gone: set[str] = set()
    try:
        while True:
            for process in cluster.processes:
                if not process.alive and process.name not in gone:
                    gone.add(process.name)
                    print(
                        f"{process.name} has ended (exit code {process.exit_code}); its log: {process.log}", flush=True
                    )
            if len(gone) == len(cluster.processes):
                raise ClusterError("all of it has ended")
            time.sleep(LOOK)
    except KeyboardInterrupt:
        return


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m adapters.cluster", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    up = commands.add_parser("up", help="start a cluster on this machine, end it with Ctrl-C")
    up.add_argument("--fronts", type=_count, default=2, help="processes of beskedfordeler serve (2)")
    up.add_argument("--nodes", type=_count, default=3, help="RabbitMQ nodes (3)")
    up.add_argument("--data", type=Path, metavar="DIR", help="keep data here; else in a folder that goes with it")
    up.add_argument("--auth", choices=[*SERVICES], default="open", help="as of serve (open)")
    for service, port in PORTS.items():
        up.add_argument(
            f"--{service}-port", type=_port, default=port, help=f"of the balancer; 0 = any free one ({port})"
        )
    up.add_argument("serve", nargs="*", metavar="-- OPTION", help="more options for each beskedfordeler serve")
    commands.add_parser("sizing", help="what it takes for all municipalities, 10 and 100 times that")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 9:
        raise argparse.ArgumentTypeError("expected 1 to 9")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("expected 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
