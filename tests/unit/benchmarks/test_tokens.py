"""The token part of the benchmark against a real emulator: its clients must not rot unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import emulator, register
from benchmarks.emulator import Emulator
from benchmarks.payload import sample
from benchmarks.sts import Sts, issuing
from benchmarks.tokens import SECURED, send_plan, sending, sts_of
from benchmarks.verification import verification
from benchmarks.wire import Invalid
from broker.tokens import AFSEND


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator that asks for tokens, with the benchmark's register."""
    home = tmp_path_factory.mktemp("bench")
    file = register.write(home / "register.yaml", sample(), dueslag=1, abonnementer=1)
    with emulator.running(home, register=file, options=SECURED) as running:
        yield running


@pytest.fixture(scope="module")
def sts(secured: Emulator) -> Sts:
    return sts_of(secured)


def test_bursts_with_tokens_reach_the_dueslag_on_both_ports(secured: Emulator, sts: Sts) -> None:
    """A token from the STS by mutual TLS, then bursts with it over AMQP and AMQPS: each message is queued once."""
    token = sts.token(AFSEND)
    plans = [
        send_plan(secured.login_by_token(token, tls=tls), sample(), {"token": token}, run=run)
        for run, tls in enumerate((False, True), 1)
    ]
    lanes, _ = sending(plans, [secured.pid, secured.pid], 2, 40)
    assert [len(lane.per_s) for lane in lanes] == [2, 2]
    assert secured.get(f"/dueslag/{register.TARGET}")["depth"]["ready"] == 2 * 3 * 40


def test_a_message_that_is_refused_ends_the_measurement(secured: Emulator, sts: Sts) -> None:
    """Without the token in its header a message is refused: that is no fast sending, but no figure at all."""
    address = secured.login_by_token(sts.token(AFSEND))
    with pytest.raises(Invalid, match="refused"):
        sending([send_plan(address, sample(), {})], [secured.pid], 1, 5)


def test_the_sts_is_asked_over_kept_and_new_connections(sts: Sts) -> None:
    """Both ways give tokens, and figures."""
    found = issuing(sts, AFSEND, 2)
    assert all(value is not None and value > 0 for value in found.values())


def test_new_and_known_tokens_are_judged(tmp_path: Path) -> None:
    """Tokens signed for the measurement hold, at about 5 kB and more."""
    found = verification(tmp_path, 3)
    assert all(value is not None and value > 0 for value in found.values())
    assert (found["token_octets"] or 0) > 5_000
