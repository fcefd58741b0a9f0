"""A whole cluster on one machine: RabbitMQ nodes, PostgreSQL, fronts and HAProxy as processes on 127.0.0.1."""

from adapters.cluster.errors import ClusterError
from adapters.cluster.topology import Topology

__all__ = ["ClusterError", "Topology"]
