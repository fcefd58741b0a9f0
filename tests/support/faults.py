"""What can happen to a part of a cluster, and what mends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from adapters.cluster import Topology
from adapters.cluster.topology import QUEUE


class Fault(NamedTuple):
    """``does`` is called a third into the hold, and says more of what it did."""

    name: str
    what: str
    does: Callable[[Topology], str]


def _leader(cluster: Topology) -> int:
    """The node that leads a dueslag of the run; one that a front is connected to, if there is."""
    node = next(one for one in cluster.rabbitmq if one.process.alive)
    leading = {leader for queue, leader in node.leaders().items() if queue.startswith(QUEUE)}
    found = [number for number, one in enumerate(cluster.rabbitmq, 1) if one.name in leading]
    return min(found)  # front n begins with node n


def _nothing(cluster: Topology) -> str:
    return ""


def _kill_leader(cluster: Topology) -> str:
    number = _leader(cluster)
    cluster.kill_rabbitmq(number)
    time.sleep(20)
    began = time.monotonic()
    cluster.restart_rabbitmq(number)
    return f"node {number}; started again after 20 s, up {time.monotonic() - began:.1f} s later"


def _kill_front(cluster: Topology) -> str:
    cluster.kill_front(1)
    time.sleep(10)
    began = time.monotonic()
    cluster.restart_front(1)
    return f"front 1; started again after 10 s, ready {time.monotonic() - began:.1f} s later"


def _kill_postgres(cluster: Topology) -> str:
    cluster.kill_postgres()
    time.sleep(3)
    began = time.monotonic()
    cluster.restart_postgres()
    return f"started again after 3 s, up {time.monotonic() - began:.1f} s later"


def _pause_leader(cluster: Topology) -> str:
    number = _leader(cluster)
    cluster.pause_rabbitmq(number)
    time.sleep(35)
    cluster.resume_rabbitmq(number)
    return f"node {number}, 35 s"


def _memory_alarm(cluster: Topology) -> str:
    began = time.monotonic()
    cluster.set_memory_alarm(True)
    time.sleep(6)
    cluster.set_memory_alarm(False)
    return f"set and cleared within {time.monotonic() - began:.1f} s"


def _pause_front(cluster: Topology) -> str:
    cluster.pause_front(1)
    time.sleep(20)
    cluster.resume_front(1)
    return "front 1, 20 s"


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("none", "nothing, for comparison", _nothing),
        Fault("leader-killed", "kill -9 of the node that leads a dueslag", _kill_leader),
        Fault("front-killed", "kill -9 of a front", _kill_front),
        Fault("postgres-killed", "kill -9 of PostgreSQL", _kill_postgres),
        Fault("leader-paused", "the node that leads a dueslag stands still (SIGSTOP)", _pause_leader),
        Fault("memory-alarm", "RabbitMQ's memory alarm", _memory_alarm),
        Fault("front-paused", "a front stands still (SIGSTOP)", _pause_front),
    )
}
