"""Any mix of what clients and caretakers do, against a model small enough to be believed."""

from __future__ import annotations

from hypothesis import Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from broker.clock import FakeClock
from broker.engine.rabbitmq import open_rabbitmq_engine
from tests.conformance.engine.machine import DUESLAG, LIMIT, EngineMachine
from tests.conformance.engine.parts import ConformingEngine
from tests.support.rabbitmq import SharedNode, delete_queues, new_prefix


class DurableMachine(EngineMachine):
    """The same in SQLite, with restarts and kills between."""

    durable = True


class TestMemoryEngine(EngineMachine.TestCase):  # type: ignore[misc,valid-type]
    """The memory engine does what the model does."""

    settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


class TestSqliteEngine(DurableMachine.TestCase):  # type: ignore[misc,valid-type]
    """The SQLite engine does what the model does, through restarts."""

    settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


class RabbitmqMachine(EngineMachine):
    """The same in RabbitMQ, but that a consumer which leaves takes everything first: what it would leave behind comes
    behind what was left earlier (deviation order-of-return)."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = new_prefix()

    def _make(self) -> ConformingEngine:
        return open_rabbitmq_engine(self.url, FakeClock(), prefix=self.prefix, prefetch=5, redelivery_limit=LIMIT)

    @rule(dueslag=DUESLAG)
    def detach(self, dueslag: str) -> None:
        consumer = self.consumers.get(dueslag)
        if consumer is not None:
            consumer.room += 10_000
            self.run(self._kick(dueslag))
            self._flow()
            super().detach(dueslag)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "engine"):
            delete_queues(self.url, self.prefix, [self.engine])


def test_rabbitmq_does_what_the_model_does(rabbitmq_node: SharedNode) -> None:
    """The RabbitMQ engine does what the model does, on a single front."""
    RabbitmqMachine.url = rabbitmq_node().url
    run_state_machine_as_test(
        RabbitmqMachine,
        settings=settings(max_examples=8, stateful_step_count=25, deadline=None, phases=[Phase.generate]),
    )
