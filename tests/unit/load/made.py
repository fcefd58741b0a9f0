"""Workloads and casts for the tests here."""

from __future__ import annotations

from typing import Any

from consumers.load.cast import Cast, Login
from consumers.load.casting import make_cast
from consumers.load.wire import Address
from consumers.load.workload import Workload

LOGIN = Login(Address("127.0.0.1", 1))


def workload(**given: Any) -> Workload:
    """A small one; each part of it may be given anew."""
    parts: dict[str, Any] = {
        "name": "test",
        "phases": [{"phase": "hold", "seconds": 2, "rate": 50}],
        "types": [{"name": "a"}],
        "senders": [{"name": "s"}],
        "receivers": [{"name": "r"}],
    }
    return Workload.model_validate(parts | given)


def cast(**given: Any) -> Cast:
    """The cast of such a workload, run 1."""
    return make_cast(
        workload(**given), 1, login=lambda _: LOGIN, queue=lambda system: system.navn, exchange="x", answers=True
    )
