"""Where messages live when there are several fronts: quorum queues of a RabbitMQ cluster."""

from broker.engine.rabbitmq.engine import RabbitmqEngine
from broker.engine.rabbitmq.known import Claim, Claimed, Known, MemoryKnown
from broker.engine.rabbitmq.lease import Lease
from broker.engine.rabbitmq.opening import open_rabbitmq_engine

__all__ = ["Claim", "Claimed", "Known", "Lease", "MemoryKnown", "RabbitmqEngine", "open_rabbitmq_engine"]
