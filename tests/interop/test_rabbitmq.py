"""The clients of the benchmark against RabbitMQ itself: what a comparison rests on must not rot unseen."""

from __future__ import annotations

from benchmarks.payload import sample
from benchmarks.rawclient import Address, declare
from benchmarks.receiver import ReceivePlan
from benchmarks.sender import plan_for
from benchmarks.wire import flow
from tests.support.rabbitmq import SharedNode, new_prefix, rabbitmq_node

__all__ = ["rabbitmq_node"]


def test_every_message_of_the_benchmark_comes_through_rabbitmq_once_and_in_order(rabbitmq_node: SharedNode) -> None:
    """Sent with confirms, durable, and fetched with acks: 2,000 messages through one queue of a RabbitMQ of our own."""
    address = Address(rabbitmq_node().port)
    queue = new_prefix()
    declare(address, queue)
    send = plan_for(address, "", queue, sample(), 1, count=2_000, seconds=5.0)
    found = flow(send, ReceivePlan(address, queue, 1, 30.0))
    found.require_sound()
    assert found.sent.sent == 2_000
