"""The clients of the benchmark against RabbitMQ itself: what a comparison rests on must not rot unseen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import rabbitmq
from benchmarks.payload import sample
from benchmarks.rawclient import Address, declare
from benchmarks.receiver import ReceivePlan
from benchmarks.sender import plan_for
from benchmarks.wire import flow

QUEUE = "interop.hop"


def test_every_message_of_the_benchmark_comes_through_rabbitmq_once_and_in_order(tmp_path: Path) -> None:
    """Sent with confirms, durable, and fetched with acks: 2,000 messages through one queue of a RabbitMQ of our own."""
    if rabbitmq.script() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(rabbitmq.NOT_INSTALLED)
        pytest.skip(rabbitmq.NOT_INSTALLED)
    with rabbitmq.running(parent=tmp_path) as node:
        address = Address(node.port)
        declare(address, QUEUE)
        send = plan_for(address, "", QUEUE, sample(), 1, count=2_000, seconds=20.0)
        found = flow(send, ReceivePlan(address, QUEUE, 1, 30.0))
    found.require_sound()
    assert found.sent.sent == 2_000
