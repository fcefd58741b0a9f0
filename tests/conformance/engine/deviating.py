"""Which tests the RabbitMQ engine does not pass, and by which deviation."""

from __future__ import annotations

from typing import NamedTuple

INTERNALS = "internals"
NOT_RUN = "looks into the embedded engine"


class Deviating(NamedTuple):
    """``deviation``: of `broker.engine.rabbitmq.deviations`, or "internals".  ``run``: it must fail; else it is not
    run, as what it sets up is the embedded engine's alone."""

    deviation: str
    run: bool = True


DEVIATING: dict[str, Deviating] = {
    "test_retention_keeps_settled_messages_findable": Deviating("retention", run=False),
    "test_retention_is_bounded_by_number": Deviating("retention", run=False),
    "test_kept_bytes_are_used": Deviating("kept-bytes", run=False),
    "test_settled_between_look_and_move": Deviating(INTERNALS, run=False),
    "test_full_store_takes_a_move_but_nothing_new": Deviating("max-store", run=False),
    "test_full_store_blocks_and_goes_on_when_there_is_room": Deviating("max-store", run=False),
    "test_a_new_consumer_is_served_while_senders_are_blocked": Deviating("max-store", run=False),
    "test_closing_while_blocked_answers_nothing": Deviating("max-store", run=False),
}
