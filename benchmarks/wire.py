"""One measurement over the wire: a sender and a receiver in processes of their own, the same for every broker."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.bursts import BurstPlan
from benchmarks.receiver import Received, ReceivePlan
from benchmarks.sender import SendPlan, Sent
from benchmarks.worker import WorkPlan

_ROOT = Path(__file__).resolve().parents[1]
_GRACE = 60.0
"""Seconds that a client may take beyond the time of its plan."""


class Invalid(RuntimeError):
    """A run that does not count: something was lost, doubled, refused or out of order, or a client failed."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one run showed."""

    sent: Sent
    received: Received
    send_cpu_s: float
    receive_cpu_s: float

    @property
    def routed_per_s(self) -> float:
        """Messages a second from the first one sent after the warm-up to the last one delivered.

        What has queued up when sending ends is waited for and counts against the rate.
        """
        return (self.sent.sent - self.sent.warm) / ((self.received.last_ns - self.sent.warm_ns) / 1e9)

    @property
    def confirmed_per_s(self) -> float:
        """Messages a second that the sender got confirmed, warm-up left out."""
        return (self.sent.sent - self.sent.warm) / ((self.sent.confirmed_ns - self.sent.warm_ns) / 1e9)

    @property
    def drain_s(self) -> float:
        """Seconds from the last one sent to the last one delivered: how much had queued up."""
        return (self.received.last_ns - self.sent.done_ns) / 1e9

    def require_sound(self) -> None:
        """Raise Invalid unless each message sent was confirmed and came exactly once, in order."""
        sent, got = self.sent, self.received
        sound = sent.confirmed == sent.sent == got.distinct == got.received and not (
            sent.nacked or sent.returned or got.strays or got.out_of_order or got.redelivered
        )
        if not sound:
            raise Invalid(f"sent {asdict(sent)}, received {asdict(got)}")


class Client:
    """A measuring process."""

    def __init__(
        self, role: str, plan: SendPlan | ReceivePlan | WorkPlan | BurstPlan, *, module: str = "benchmarks.client"
    ) -> None:
        self._role = role
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, role, json.dumps(asdict(plan))],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_ready(self) -> None:
        """Wait for the line that says that the consumer is registered.  Raises Invalid where another comes."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if line != "ready":
            raise Invalid(f"{self._role} failed: {line or 'no output'}")

    def result(self, timeout: float, total: int | None = None) -> dict[str, Any]:
        """Tell the total where there is one, wait for the end and return the result.  Raises Invalid."""
        try:
            output, _ = self._process.communicate(None if total is None else f"total {total}\n", timeout)
        except subprocess.TimeoutExpired:
            raise Invalid(f"{self._role} did not end within {timeout:.0f} s") from None
        finally:
            self.kill()
        values: dict[str, Any] = json.loads(output.strip().splitlines()[-1]) if output.strip() else {"error": "died"}
        if "error" in values:
            raise Invalid(str(values["error"]))
        return values

    def kill(self) -> None:
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def flow(send: SendPlan, receive: ReceivePlan) -> Flow:
    """Run a sender against a receiver that is there before it.  Raises Invalid where a client fails."""
    receiver = Client("receive", receive)
    try:
        receiver.wait_ready()
        sender = Client("send", send).result(send.seconds + _GRACE)
        send_cpu = sender.pop("cpu_s")
        got = receiver.result(receive.limit_s + _GRACE, sender["sent"])
    finally:
        receiver.kill()
    return Flow(Sent(**sender), Received(**{k: v for k, v in got.items() if k != "cpu_s"}), send_cpu, got["cpu_s"])


def at_rate(send: SendPlan, receive: ReceivePlan, rate: float, run: int) -> tuple[SendPlan, ReceivePlan]:
    """The same at ``rate`` messages a second, with latencies."""
    return replace(send, rate=rate, run=run), replace(receive, latency=True, run=run)
