"""What security costs a sender: the same sending without tokens, with as many octets, with tokens, and over TLS.

The register has one abonnement, so that little else is done to a message: what judging a token costs is a greater
share of the whole than with the 10,000 of the other measurements.  Nobody receives: what is measured are sends,
confirmed when they are on disk.  Log in is EXTERNAL on the plain port, which the emulator offers with --auth=token.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.pki import Pki
from benchmarks import emulator, register
from benchmarks.emulator import Emulator
from benchmarks.payload import Payload
from benchmarks.process import Usage
from benchmarks.rawclient import Address
from benchmarks.rounds import EXCHANGE
from benchmarks.sender import SendPlan, Sent, plan_for
from benchmarks.sts import Sts, issuing
from benchmarks.verification import verification
from benchmarks.wire import Client, Invalid
from broker.tokens import AFSEND

SENDINGS = ("plain", "same_header", "token", "token_amqps")
"""Names of the sendings, as they begin the names of their figures."""
RATIOS = {
    "token_sends_vs_plain": ("token_sends_per_s", "plain_sends_per_s"),
    "token_judging_vs_same_header": ("token_sends_per_s", "same_header_sends_per_s"),
    "same_header_vs_plain": ("same_header_sends_per_s", "plain_sends_per_s"),
    "amqps_sends_vs_amqp": ("token_amqps_sends_per_s", "token_sends_per_s"),
}
VERIFIED = ("token_first_verification_ms", "token_known_us")
ISSUED = ("sts_issue_per_s", "sts_issue_p50_ms")
SECURED = ("--auth", "token", "--amqps-port", "0", "--https-port", "0")
_MOST = 1_000_000
_RUN = 5
_NAVN = "Testkommune (syntetisk)"


@dataclass(slots=True)
class TokenRounds:
    """How long each sending lasts, where data lies."""

    payload: Payload
    folder: Path
    seconds: float
    durability: str = "full"
    _token: str = ""
    """The last one that was issued: what the header of ``same_header`` holds, which comes before ``token``."""

    def sendings(self, backwards: bool = False) -> dict[str, float | None]:
        """Every sending once, each with an emulator of its own: no backlog of one burdens the next."""
        if not self._token:
            with self._secured() as running:
                self._token = sts_of(running).token(AFSEND)
        steps: dict[str, Callable[[], dict[str, float | None]]] = {
            "plain": self._plain,
            "same_header": self._same_header,
            "token": self._by_token,
            "token_amqps": self._by_token_over_tls,
        }
        found: dict[str, float | None] = {}
        for name in reversed(SENDINGS) if backwards else SENDINGS:
            found |= {f"{name}_{what}": value for what, value in steps[name]().items()}
        return found | {"token_header_octets": float(len(self._token.encode()))}

    def issuing(self, requests: int) -> dict[str, float | None]:
        """How fast the STS is for one client at a time."""
        with self._secured() as running:
            return issuing(sts_of(running), AFSEND, requests)

    def verification(self, count: int) -> dict[str, float | None]:
        """How fast a token is judged, without a wire."""
        with tempfile.TemporaryDirectory(prefix="bench-keys-", dir=self.folder) as keys:
            return verification(Path(keys), count)

    def _plain(self) -> dict[str, float | None]:
        with self._emulator() as running:
            return self._measure(running, running.login(register.SENDER), {})

    def _same_header(self) -> dict[str, float | None]:
        with self._emulator() as running:
            return self._measure(running, running.login(register.SENDER), {"token": self._token})

    def _by_token(self) -> dict[str, float | None]:
        with self._secured() as running:
            token = sts_of(running).token(AFSEND)
            return self._measure(running, running.login_by_token(token), {"token": token})

    def _by_token_over_tls(self) -> dict[str, float | None]:
        with self._secured() as running:
            token = sts_of(running).token(AFSEND)
            return self._measure(running, running.login_by_token(token, tls=True), {"token": token})

    def _measure(self, running: Emulator, address: Address, headers: dict[str, str]) -> dict[str, float | None]:
        plan = send_plan(address, self.payload, headers, count=_MOST, seconds=self.seconds + 1)
        before = Usage.of(running.pid)
        sent, cpu = sending(plan)
        server, others = Usage.of(running.pid).since(before, cpu)
        return {
            "sends_per_s": (sent.sent - sent.warm) / ((sent.confirmed_ns - sent.warm_ns) / 1e9),
            "cpu_us_per_message": None if server is None else server / sent.sent * 1e6,
            "client_cpu_share": cpu / ((sent.confirmed_ns - sent.first_ns) / 1e9),
            "others_cpu_share": others,
        }

    @contextmanager
    def _emulator(self, *options: str) -> Iterator[Emulator]:
        with tempfile.TemporaryDirectory(prefix="bench-emulator-", dir=self.folder) as home:
            file = register.write(Path(home) / "register.yaml", self.payload, dueslag=1, abonnementer=1)
            arguments = ("--durability", self.durability, *options)
            with emulator.running(Path(home), register=file, options=arguments) as running:
                yield running

    @contextmanager
    def _secured(self) -> Iterator[Emulator]:
        with self._emulator(*SECURED) as running:
            yield running


def sts_of(running: Emulator) -> Sts:
    """The STS of a running emulator, for the sender of the benchmark, whose certificate is made where missing."""
    identity = Pki.open(running.data).system(register.SENDING, _NAVN)
    return Sts.of(running, identity.path, register.SENDING.cvr)


def send_plan(address: Address, payload: Payload, headers: dict[str, str], *, count: int, seconds: float) -> SendPlan:
    """A plan that sends with ``headers`` in each message."""
    return replace(plan_for(address, EXCHANGE, "", payload, _RUN, count=count, seconds=seconds), headers=headers)


def sending(plan: SendPlan) -> tuple[Sent, float]:
    """Carry out a plan in a process of its own: what was sent, and its CPU seconds.

    Raises Invalid where a message was refused: with nobody to answer to, the emulator nacks it.
    """
    values = Client("send", plan).result(plan.seconds + 60)
    cpu: float = values.pop("cpu_s")
    sent = Sent(**values)
    if sent.nacked or sent.returned or sent.confirmed != sent.sent:
        raise Invalid(f"not every message was taken: {sent}")
    return sent, cpu
