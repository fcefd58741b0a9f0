"""A receiver in a process of its own (pika): says ready, then one line out for each message that it acked.

python -m tests.interop.process_receiver HOST PORT USER DUESLAG
"""

from __future__ import annotations

import json
import sys

import pika
from lxml import etree


def main(host: str, port: int, user: str, dueslag: str) -> None:
    credentials = pika.PlainCredentials(user, "lokal")
    connection = pika.BlockingConnection(pika.ConnectionParameters(host, port, "BF", credentials))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=10)

    def take(_channel: object, method: pika.spec.Basic.Deliver, _properties: object, body: bytes) -> None:
        besked_id = etree.fromstring(body).findtext("{*}BeskedId/{*}UUIDIdentifikator")
        channel.basic_ack(method.delivery_tag)
        print(json.dumps({"besked_id": besked_id, "redelivered": method.redelivered}), flush=True)

    channel.basic_consume(dueslag, take)
    print(json.dumps({"ready": True}), flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
