"""Sendings to be compared: a burst to one server, then as large a one to the next, round after round.

Two runs of several seconds, one after the other, differ by a fifth on a machine that others use too; bursts of half a
second that lie side by side see the same machine.  The order turns by one from round to round, so that none is
always the one that comes after the same other.

``python -m benchmarks.bursts bursts PLAN`` (BurstPlan as JSON) prints a list of Lane as one line of JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchmarks.process import cpu_seconds
from benchmarks.rawclient import Address, WireError
from benchmarks.sender import Sender, SendPlan, confirming

_PAUSE = 0.05
"""Seconds before each burst: what a server still has to write after the one before should not fall into it."""
_LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class BurstPlan:
    """What is sent to each server, in how many rounds, with how many messages to a burst.

    Before the first round that counts there is one that does not.
    """

    plans: tuple[SendPlan, ...]
    pids: tuple[int, ...]
    """The servers' processes, in the order of ``plans``."""
    rounds: int
    messages: int


@dataclass(frozen=True, slots=True)
class Lane:
    """What one of the sendings showed: one figure for each burst, except ``refused``."""

    per_s: tuple[float, ...]
    """Messages a second, from the first one sent to the last confirm."""
    client_share: tuple[float, ...]
    """Share of that time for which the client was on a CPU."""
    server_us: tuple[float, ...]
    """CPU time of the server for a message, us; empty where the system does not tell."""
    refused: int
    """Messages nacked or returned: such figures do not count."""


class _Line:
    """One server, and the connection to it that stays open."""

    def __init__(self, plan: SendPlan, pid: int) -> None:
        self._sender = Sender(replace(plan, count=0, seconds=_LONGEST), confirming(plan.address))
        self._pid = pid
        self._per_s: list[float] = []
        self._share: list[float] = []
        self._server: list[float] = []

    def burst(self, messages: int, counts: bool) -> None:
        """Send so many, and wait for the last confirm."""
        sender = self._sender
        server, client = cpu_seconds(self._pid), time.process_time()
        sender.limit += messages
        sender.run()
        seconds = (sender.confirmed_ns - sender.first_ns) / 1e9
        if not counts:
            return
        self._per_s.append(messages / seconds)
        self._share.append((time.process_time() - client) / seconds)
        after = cpu_seconds(self._pid)
        if server is not None and after is not None:
            self._server.append((after - server) / messages * 1e6)

    def found(self) -> Lane:
        refused = self._sender.nacked + self._sender.returned
        return Lane(tuple(self._per_s), tuple(self._share), tuple(self._server), refused)


def bursts(plan: BurstPlan) -> list[Lane]:
    """Carry out a plan.  Raises OSError or WireError."""
    lines = [_Line(send, pid) for send, pid in zip(plan.plans, plan.pids, strict=True)]
    for number in range(plan.rounds + 1):
        turn = number % len(lines)
        for line in lines[turn:] + lines[:turn]:
            time.sleep(_PAUSE)
            line.burst(plan.messages, number > 0)
    return [line.found() for line in lines]


def _read(values: dict[str, Any]) -> BurstPlan:
    plans = tuple(SendPlan(**{**each, "address": Address(**each["address"])}) for each in values["plans"])
    return BurstPlan(plans, tuple(values["pids"]), values["rounds"], values["messages"])


def main(plan: str) -> int:
    """Carry out one plan in this process; 1 and {"error": …} where it fails."""
    gc.disable()  # nothing here makes cycles
    try:
        result = {"lanes": [asdict(lane) for lane in bursts(_read(json.loads(plan)))], "cpu_s": time.process_time()}
    except (OSError, WireError) as error:
        print(json.dumps({"error": f"bursts: {error}"}), flush=True)
        return 1
    print(json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2]))
