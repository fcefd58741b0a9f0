"""The worker that a municipality would write by hand instead: aio-pika, lxml, one queue to another on RabbitMQ.

It parses each message, validates it against the XSD of the envelope, publishes it to the next queue with publisher
confirms, and acknowledges it then.  ``python -m benchmarks.worker work PLAN`` (WorkPlan as JSON) works until it is
terminated.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from lxml import etree

SCHEMA = Path(__file__).resolve().parents[1] / "broker/kuvert/haendelsesbesked.xsd"
"""The same schema that the emulator validates with."""

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """From which queue to which, on the node at ``url``, with ``prefetch`` messages in hand."""

    url: str
    source: str
    target: str
    prefetch: int = 500


class Worker:
    """Validates and forwards."""

    def __init__(self, schema: etree.XMLSchema, exchange: aio_pika.abc.AbstractExchange, target: str) -> None:
        self._schema = schema
        self._exchange = exchange
        self._target = target

    async def forward(self, message: AbstractIncomingMessage) -> None:
        """One message: valid → next queue, confirmed, acknowledged; invalid → rejected."""
        async with message.process():
            self._schema.assertValid(etree.fromstring(message.body, _PARSER))
            await self._exchange.publish(
                aio_pika.Message(
                    message.body,
                    message_id=message.message_id,
                    correlation_id=message.correlation_id,
                    content_type=message.content_type,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                ),
                self._target,
            )


async def work(plan: WorkPlan) -> None:
    """Consume until cancelled; prints the line ``ready`` when it begins."""
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    connection = await aio_pika.connect_robust(plan.url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=plan.prefetch)
        queue = await channel.declare_queue(plan.source, durable=True)
        await queue.consume(Worker(schema, channel.default_exchange, plan.target).forward)
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(WorkPlan(**json.loads(sys.argv[2]))))
