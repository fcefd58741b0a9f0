"""What every front of a cluster is started with, by processes and by compose.yaml alike.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

COMMAND = ("serve",)


def rabbitmq_url(nodes: Sequence[str], login: str, first: int = 0) -> str:
    """All nodes (``host:port``); ``first``: the one to begin with, so that fronts begin with different ones."""
    turned = [*nodes[first % len(nodes) :], *nodes[: first % len(nodes)]]
    return f"amqp://{login}@{','.join(turned)}/"


def front_environment(rabbitmq: str, database: str, auth: str = "open") -> dict[str, str]:
    """Settings by environment, where passwords are in no list of processes."""
    return {
        "BESKEDFORDELER_RABBITMQ": rabbitmq,
        "BESKEDFORDELER_DATABASE": database,
        "BESKEDFORDELER_AUTH": auth,
    }
