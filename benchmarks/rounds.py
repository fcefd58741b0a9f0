"""One repetition of each measurement over the wire: the emulator, RabbitMQ, and the worker on RabbitMQ.

Every repetition has a server of its own, started for it on an empty data folder and stopped after it, so that no
server idles beside the one that is measured.  The clients, the message and the windows are the same throughout.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adapters.cluster.alone import Alone
from adapters.cluster.rabbitmq import BARE
from benchmarks import emulator, register
from benchmarks.payload import Payload
from benchmarks.process import Usage
from benchmarks.rawclient import Address, declare
from benchmarks.receiver import Received, ReceivePlan
from benchmarks.sender import SendPlan, plan_for
from benchmarks.wire import Client, Flow, Invalid, at_rate, flow
from benchmarks.worker import WorkPlan

EXCHANGE = "AFSEND_BESKED_EXCHANGE"
ABONNEMENTER = 10_000
DUESLAG = 1_000
_MOST = 3_000_000
"""Messages of one sending at most, whatever the rate."""
_DRAIN = 4.0
"""How many times the time of sending a receiver may take."""
_HOP, _IN, _OUT = "bench.hop", "bench.in", "bench.out"


@dataclass(frozen=True, slots=True)
class Rounds:
    """How long each sending lasts, how many messages the worker gets, where data lies."""

    payload: Payload
    folder: Path
    seconds: float
    worker_messages: int
    durability: str = "full"

    def emulator(self) -> dict[str, float | None]:
        """Throughput through the emulator with the large register, then latency at half of it."""
        _settle_disk()
        with tempfile.TemporaryDirectory(prefix="bench-emulator-", dir=self.folder) as home:
            file = register.write(
                Path(home) / "register.yaml", self.payload, dueslag=DUESLAG, abonnementer=ABONNEMENTER
            )
            options = ("--durability", self.durability)
            with emulator.running(Path(home), register=file, options=options) as running:
                sending = running.login(register.SENDER)
                receiving = running.login(register.RECEIVER)
                plans = self._plans(sending, EXCHANGE, "", receiving, register.TARGET)
                return self._throughput_and_latency(running.pid, *plans, "routed_per_s", "")

    def rabbitmq(self) -> dict[str, float | None]:
        """The same through one durable queue of RabbitMQ, then the hand-written worker between two."""
        _settle_disk()
        with Alone(BARE, self.folder) as node:
            address = Address(node.port)
            declare(address, _HOP, _IN, _OUT)
            plans = self._plans(address, "", _HOP, address, _HOP)
            figures = self._throughput_and_latency(node.process.pid, *plans, "rabbitmq_hop_per_s", "rabbitmq_")
            return figures | {"aio_pika_worker_per_s": self._worker(node.url, address)}

    def _plans(
        self, sending: Address, exchange: str, routing_key: str, receiving: Address, queue: str
    ) -> tuple[SendPlan, ReceivePlan]:
        send = plan_for(sending, exchange, routing_key, self.payload, 1, count=_MOST, seconds=self.seconds + 1)
        return send, ReceivePlan(receiving, queue, 1, _DRAIN * (self.seconds + 1) + 10)

    def _throughput_and_latency(
        self, pid: int, send: SendPlan, receive: ReceivePlan, name: str, prefix: str
    ) -> dict[str, float | None]:
        before = Usage.of(pid)
        most = _sound(flow(send, receive))
        clients = most.send_cpu_s + most.receive_cpu_s
        server, others = Usage.of(pid).since(before, clients)
        half = _sound(flow(*at_rate(send, receive, most.routed_per_s / 2, 2)))
        return {
            name: most.routed_per_s,
            f"{prefix}latency_p99_ms_at_half": half.received.p99_ms,
            f"{prefix}latency_p50_ms_at_half": half.received.p50_ms,
            f"{prefix}latency_max_ms_at_half": half.received.max_ms,
            f"{prefix}drain_s": most.drain_s,
            f"{prefix}cpu_us_per_message": None if server is None else server / most.sent.sent * 1e6,
            f"{prefix}client_us_per_message": clients / most.sent.sent * 1e6,
            f"{prefix}others_cpu_share": others,
        }

    def _worker(self, url: str, address: Address) -> float:
        """Messages a second through the worker, which finds all of them waiting and has the machine to itself."""
        sent = Client(
            "send",
            plan_for(address, "", _IN, self.payload, 3, count=self.worker_messages, seconds=60.0),
        ).result(120.0)["sent"]
        receiver = Client("receive", ReceivePlan(address, _OUT, 3, 120.0))
        worker = None
        try:
            receiver.wait_ready()
            worker = Client("work", WorkPlan(url, _IN, _OUT), module="benchmarks.worker")
            worker.wait_ready()
            values = receiver.result(180.0, sent)
        finally:
            receiver.kill()
            if worker is not None:
                worker.kill()
        del values["cpu_s"]
        got = Received(**values)
        if not got.distinct == got.received == sent:
            raise Invalid(f"worker: sent {sent}, received {got}")
        return (got.received - 1) / ((got.last_ns - got.first_ns) / 1e9)


def _settle_disk() -> None:
    """What one server left to be written is not to be charged to the next."""
    if hasattr(os, "sync"):
        os.sync()


def _sound(found: Flow) -> Flow:
    found.require_sound()
    return found
