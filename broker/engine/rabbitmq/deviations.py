"""Where the RabbitMQ engine means otherwise than the embedded one, as data: a page and the tests read it."""

from __future__ import annotations

from typing import NamedTuple


class Deviation(NamedTuple):
    """``id``: what the tests call it by."""

    id: str
    what: str
    embedded: str
    rabbitmq: str
    why: str


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "retention",
        "`--retention`: messages that can still be found after they were fetched",
        "kept as long as asked for",
        "gone with their last delivery",
        "a queue forgets what was acked",
    ),
    Deviation(
        "kept-bytes",
        "flytbeskedtilfejlkoe of a message that has left its dueslag",
        "the bytes that are still kept for another dueslag come back",
        "the bytes that the caller gave come back",
        "each dueslag has its own copy, and cannot be asked for one by name",
    ),
    Deviation(
        "max-store",
        "`--max-store` and `--min-free-disk`",
        "senders are held when the store may grow no more",
        "RabbitMQ's own limits (vm_memory_high_watermark, disk_free_limit) hold senders, with its reason",
        "the store is RabbitMQ's, and other clients may share it",
    ),
    Deviation(
        "held",
        "senders while nothing can be stored",
        "wait until it can",
        "wait for 30 s; then they are answered 53, and others at once until it can",
        "a full disk is a question of minutes and of the same machine; a cluster that is away may stay away, and the "
        "sender can go to another front",
    ),
    Deviation(
        "order-of-return",
        "deliveries that are given back",
        "always come again in their places by order of acceptance",
        "so too while this front has them in its hands; those that it hands back to RabbitMQ (nobody took them for "
        "2 s, or the consumer left) come before what was never delivered, but behind what was handed back earlier",
        "a quorum queue keeps what comes back in order of coming back",
    ),
    Deviation(
        "order-of-many",
        "resuming an abonnement, and moving back from the fejlkø",
        "deliveries come in order of acceptance among those that wait",
        "so too where neither is more than 1,000, what waits behind them flagged redelivered; else they come last",
        "a queue takes messages at its end only: to put them in order is to publish anew what is behind them",
    ),
    Deviation(
        "order-of-fronts",
        "order of acceptance with several fronts",
        "(there is one)",
        "of each front; what two fronts accept at the same moment comes in the order in which RabbitMQ has it",
        "the queue is the only place where they meet",
    ),
    Deviation(
        "looking",
        "peek, find, and flytbeskedtilfejlkoe",
        "change nothing, and cost what is looked at",
        "what is looked at is taken and given back: other fronts see one attempt more and the redelivered flag, and "
        "cannot deliver it meanwhile; a dueslag is read from its head as far as is asked for",
        "AMQP has no way to look without taking",
    ),
    Deviation(
        "other-hands",
        "what is out or read ahead at another front",
        "(there is one)",
        "is not counted, shown, purged or condemned; it is when it comes back",
        "a queue tells nobody of what it has delivered and waits for",
    ),
    Deviation(
        "depth",
        "how many deliveries a dueslag holds",
        "exact at all times",
        "exact for what goes through this front, brought in line with RabbitMQ's count within seconds of being asked, "
        "and every 2 s for a minute after",
        "counting is a question to another process",
    ),
    Deviation(
        "attempts",
        "AntalLeveranceforsoeg, and the redelivery limit",
        "every attempt is counted",
        "exact while a delivery stays at a front; another front counts the times that RabbitMQ took it back, and that "
        "is one for all attempts in a row at a front, and one for what was read ahead by a front that died",
        "RabbitMQ counts (x-delivery-count) what it takes back, not why",
    ),
    Deviation(
        "redelivered-after-stop",
        "deliveries after a restart",
        "flagged where they were handed out before",
        "flagged also where they were only read ahead",
        "RabbitMQ knows that it sent them, not how far they came",
    ),
    Deviation(
        "doubled",
        "a message whose confirm was lost with the connection, or with the front",
        "cannot be",
        "is published again; where RabbitMQ had it already it is delivered twice, the second one flagged redelivered",
        "publishing is at least once",
    ),
    Deviation(
        "known",
        "BeskedIds that were seen",
        "for 7 days, the newest million, through restarts",
        "with PostgreSQL for 7 days on all fronts, however many; without it only on this front and until it stops",
        "a queue cannot be asked for a BeskedId",
    ),
    Deviation(
        "expiry",
        "GyldighedTil of messages that nobody fetches",
        "dropped when it passes",
        "dropped when it passes and all before them in the dueslag are gone; never delivered; more than 49 days ahead, "
        "only when they would be delivered",
        "quorum queues look at the expiration of their first message only, and take one of 2^32 ms at most",
    ),
    Deviation(
        "priority",
        "priority of consumers",
        "over all consumers of a dueslag",
        "over those on the same front",
        "a front takes ahead for all its consumers alike",
    ),
    Deviation(
        "reset",
        "reset",
        "forgets every message",
        "of the dueslag that this front has had to do with, and every BeskedId",
        "AMQP has no list of queues",
    ),
)
