"""Two versions side by side: `python -m benchmarks.duel OTHER_CHECKOUT` says which takes less, this one or the other.

On a machine that others use too, the same code takes a third more or less from one minute to the next, which hides all
that a change gives.  Here both servers run, and short bursts go to one and the other in turns; what is compared are
the two bursts of a pair, a second or two apart, and the median of the pairs counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks import emulator, register
from benchmarks.emulator import Emulator, EmulatorError
from benchmarks.payload import Payload, sample
from benchmarks.process import cpu_seconds, on_disk
from benchmarks.receiver import ReceivePlan
from benchmarks.rounds import ABONNEMENTER, DUESLAG, EXCHANGE
from benchmarks.sender import SendPlan, plan_for
from benchmarks.wire import Invalid, flow

_ROOT = Path(__file__).resolve().parents[1]
_WARM = 0.5
"""Seconds of a burst that do not count for its rate."""
_PATIENCE = 60.0
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Burst:
    """What one burst showed: messages a second, and processor time of the server for each, µs."""

    per_s: float
    cpu_us: float


class Side:
    """One of the two servers, and what is sent to it."""

    def __init__(self, server: Emulator, payload: Payload, seconds: float) -> None:
        self._server = server
        send = plan_for(server.login(register.SENDER), EXCHANGE, "", payload, 0, count=_MOST, seconds=seconds)
        self._send: SendPlan = replace(send, warm_s=_WARM)
        self._receive = ReceivePlan(server.login(register.RECEIVER), register.TARGET, 0, seconds + _PATIENCE)

    def burst(self, number: int) -> Burst:
        """Raises Invalid where a message was lost, doubled or refused."""
        before = cpu_seconds(self._server.pid)
        found = flow(replace(self._send, run=number), replace(self._receive, run=number))
        after = cpu_seconds(self._server.pid)
        found.require_sound()
        if before is None or after is None:
            raise Invalid("processor time cannot be read on this system")
        return Burst(found.routed_per_s, (after - before) / found.sent.sent * 1e6)


def compare(pairs: list[tuple[Burst, Burst]]) -> str:
    """The medians of both sides, and of the ratios within the pairs with their middle half."""
    lines = []
    for what, values in (
        ("processor time a message, µs", [(one.cpu_us, other.cpu_us) for one, other in pairs]),
        ("messages a second", [(one.per_s, other.per_s) for one, other in pairs]),
    ):
        ratios = sorted(this / other for this, other in values)
        low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
        lines.append(
            f"{what}: this {median(this for this, _ in values):.1f}, other {median(other for _, other in values):.1f}; "
            f"this / other in {len(pairs)} pairs {median(ratios):.3f} ({low:.3f} to {high:.3f})"
        )
    return "\n".join(lines)


def duel(other: Path, pairs: int, seconds: float, console: Console) -> str:
    """Start both, warm them, and send.  Raises EmulatorError or Invalid."""
    payload = sample()
    with ExitStack() as stack:
        sides = []
        for tree in (_ROOT, other):
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-duel-", dir=on_disk())))
            file = register.write(home / "register.yaml", payload, dueslag=DUESLAG, abonnementer=ABONNEMENTER)
            server = stack.enter_context(emulator.running(home, register=file, tree=tree))
            sides.append(Side(server, payload, seconds))
        for side in sides:
            side.burst(1)
        found: list[tuple[Burst, Burst]] = []
        for number in range(2, pairs + 2):
            order = (0, 1) if number % 2 else (1, 0)
            bursts = {which: sides[which].burst(number) for which in order}
            found.append((bursts[0], bursts[1]))
            console.print(f"{number - 1} of {pairs}", end="\r")
    return compare(found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duel", description=__doc__)
    parser.add_argument("other", type=Path, help="another checkout of this project")
    parser.add_argument("--pairs", type=int, default=16, metavar="N")
    parser.add_argument("--seconds", type=float, default=1.5, help="of a burst")
    options = parser.parse_args()
    if not (options.other / "broker").is_dir():
        parser.error(f"{options.other}: no checkout of this project")
    try:
        print(duel(options.other.resolve(), options.pairs, options.seconds, Console(stderr=True)))
    except (EmulatorError, Invalid) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
