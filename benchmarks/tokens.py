"""What security costs a sender: the same sending without tokens, with as many octets, with tokens, and over TLS.

The register has one abonnement, so that little else is done to a message: what judging a token costs is a greater
share of the whole than with the 10,000 of the other measurements.  Nobody receives: what is measured are sends,
confirmed when they are on disk.  The login is EXTERNAL on the plain port, where --auth=token offers it too.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adapters.pki import Pki
from benchmarks import emulator, register
from benchmarks.bursts import BurstPlan, Lane
from benchmarks.emulator import Emulator
from benchmarks.payload import Payload
from benchmarks.process import Usage, cpu_seconds
from benchmarks.rawclient import Address
from benchmarks.rounds import EXCHANGE
from benchmarks.sender import SendPlan, plan_for
from benchmarks.sts import Sts, issuing
from benchmarks.verification import verification
from benchmarks.wire import Client, Invalid
from broker.tokens import AFSEND

LANES = ("plain", "same_header", "token", "amqps")
"""Without tokens; with the octets of one that nobody judges; with one in each message; the same over TLS."""
RATIOS = {
    "token_sends_vs_plain": ("token", "plain"),
    "token_judging_vs_same_header": ("token", "same_header"),
    "same_header_vs_plain": ("same_header", "plain"),
    "amqps_sends_vs_amqp": ("amqps", "token"),
}
VERIFIED = ("token_first_verification_ms", "token_known_us")
ISSUED = ("sts_issue_per_s", "sts_issue_p50_ms")
SECURED = ("--auth", "token", "--amqps-port", "0", "--https-port", "0")
_BURST = 4_000
"""Messages to a burst: about half a second."""
_RUN = 5
_NAVN = "Testkommune (syntetisk)"


@dataclass(frozen=True, slots=True)
class TokenRounds:
    """In how many rounds of bursts is sent, where data lies."""

    payload: Payload
    folder: Path
    rounds: int
    durability: str = "full"

    def sendings(self) -> dict[str, float | None]:
        """Bursts to four emulators in turn; medians, ratios round by round."""
        with ExitStack() as stack:
            servers = {name: stack.enter_context(self._emulator(name in ("token", "amqps"))) for name in LANES}
            plans, octets = self._plans(servers)
            pids = [server.pid for server in servers.values()]
            before, busy = Usage.of(pids[0]), _busy(pids[1:])
            lanes, client = sending(plans, pids, self.rounds, _BURST)
            _, others = Usage.of(pids[0]).since(before, client + _busy(pids[1:]) - busy)
        found = dict(zip(LANES, lanes, strict=True))
        return {
            **{name: _ratio(found[over].per_s, found[under].per_s) for name, (over, under) in RATIOS.items()},
            **{f"{name}_sends_per_s": statistics.median(lane.per_s) for name, lane in found.items()},
            **{f"{name}_send_cpu_us": _mean(lane.server_us) for name, lane in found.items()},
            **{f"{name}_send_client_share": _mean(lane.client_share) for name, lane in found.items()},
            "token_header_octets": float(octets),
            "token_others_cpu_share": others,
        }

    def issuing(self, requests: int) -> dict[str, float | None]:
        """How fast the STS is for one client at a time."""
        with self._emulator(True) as running:
            return issuing(sts_of(running), AFSEND, requests)

    def verification(self, count: int) -> dict[str, float | None]:
        """How fast a token is judged, without a wire."""
        with tempfile.TemporaryDirectory(prefix="bench-keys-", dir=self.folder) as keys:
            return verification(Path(keys), count)

    def _plans(self, servers: dict[str, Emulator]) -> tuple[list[SendPlan], int]:
        """The plan for each lane, and how many octets the header has."""
        token, tls_token = (sts_of(servers[name]).token(AFSEND) for name in ("token", "amqps"))
        plain, same = (servers[name].login(register.SENDER) for name in ("plain", "same_header"))
        return [
            send_plan(plain, self.payload, {}),
            send_plan(same, self.payload, {"token": token}),
            send_plan(servers["token"].login_by_token(token), self.payload, {"token": token}),
            send_plan(servers["amqps"].login_by_token(tls_token, tls=True), self.payload, {"token": tls_token}),
        ], len(token.encode())

    @contextmanager
    def _emulator(self, secured: bool) -> Iterator[Emulator]:
        with tempfile.TemporaryDirectory(prefix="bench-emulator-", dir=self.folder) as home:
            file = register.write(Path(home) / "register.yaml", self.payload, dueslag=1, abonnementer=1)
            options = ("--durability", self.durability, *(SECURED if secured else ()))
            with emulator.running(Path(home), register=file, options=options) as running:
                yield running


def sts_of(running: Emulator) -> Sts:
    """The STS of a running emulator, for the sender of the benchmark, whose certificate is made where missing."""
    identity = Pki.open(running.data).system(register.SENDING, _NAVN)
    return Sts.of(running, identity.path, register.SENDING.cvr)


def send_plan(
    address: Address, payload: Payload, headers: dict[str, str], *, count: int = 0, run: int = _RUN
) -> SendPlan:
    """A plan that sends with ``headers`` in each message, as fast as the window allows."""
    return replace(plan_for(address, EXCHANGE, "", payload, run, count=count, seconds=60.0), headers=headers)


def sending(plans: Sequence[SendPlan], pids: Sequence[int], rounds: int, messages: int) -> tuple[list[Lane], float]:
    """Send in bursts, in a process of its own: what each sending showed, and the CPU seconds of the client.

    Raises Invalid where a message was refused: with nobody to answer to, the emulator nacks it.
    """
    plan = BurstPlan(tuple(plans), tuple(pids), rounds, messages)
    values = Client("bursts", plan, module="benchmarks.bursts").result(300.0)
    lanes = [_lane(lane) for lane in values["lanes"]]
    if any(lane.refused for lane in lanes):
        raise Invalid(f"messages were refused: {[asdict(lane) for lane in lanes]}")
    return lanes, values["cpu_s"]


def _lane(values: dict[str, Any]) -> Lane:
    figures = {name: tuple(value) for name, value in values.items() if name != "refused"}
    return Lane(**figures, refused=values["refused"])


def _busy(pids: Sequence[int]) -> float:
    return sum(cpu_seconds(pid) or 0.0 for pid in pids)


def _ratio(over: Sequence[float], under: Sequence[float]) -> float:
    return statistics.median(above / below for above, below in zip(over, under, strict=True))


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
