"""A Beskedfordeler elsewhere, by AMQP alone: who sends and which dueslag there are, the workload says."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.load.cast import Cast, Login
from consumers.load.casting import System, make_cast
from consumers.load.targets.queues import Depths
from consumers.load.targets.target import TargetError
from consumers.load.wire import Address
from consumers.load.workload import Churn, Workload

_EXCHANGE = "AFSEND_BESKED_EXCHANGE"


class ElsewhereTarget:
    """``tls`` with ``ca`` (None = the system's) where it takes TLS."""

    def __init__(self, name: str, host: str, port: int, *, tls: bool = False, ca: str | None = None) -> None:
        self.name = name
        self._host = host
        self._port = port
        self._tls = tls
        self._ca = ca
        self._depths = Depths()
        self._cast: Cast | None = None

    async def prepare(self, workload: Workload, run: int) -> Cast:
        lacking = _lacking(workload)
        if lacking:
            raise TargetError("without an admin API the workload must say more; missing: " + ", ".join(lacking))
        if workload.churn or workload.bystanders:
            raise TargetError("churn and bystanders need an admin API; take them out of the workload, or use --admin")
        self._cast = make_cast(workload, run, login=self._login, queue=_dueslag, exchange=_EXCHANGE, answers=True)
        return self._cast

    async def churn(self, cast: Cast, churn: Churn) -> Mapping[int, frozenset[int]]:
        raise TargetError("there is no admin API to change an abonnement by")

    async def depths(self) -> Mapping[str, int] | None:
        return None if self._cast is None else await self._depths.of(self._cast.destinations)

    def pid(self) -> int | None:
        return None

    async def about(self) -> Mapping[str, str]:
        return {"address": f"{'amqps' if self._tls else 'amqp'}://{self._host}:{self._port}"}

    def gone(self) -> str:
        return ""

    async def close(self, *, keep: bool) -> None:
        await self._depths.close()

    def _login(self, system: System) -> Login:
        part = system.sender or system.receiver
        assert part is not None
        user, password = str(part.user), part.password or "lokal"
        return Login(Address(self._host, self._port, "BF", user, password, self._ca, self._tls))


def _dueslag(system: System) -> str:
    assert system.receiver is not None
    return str(system.receiver.dueslag)


def _lacking(workload: Workload) -> list[str]:
    """Paths of what the file does not say."""
    lacking = [f"types[{n}].beskedtype" for n, one in enumerate(workload.types) if one.beskedtype is None]
    lacking += [
        f"senders[{n}].{name}"
        for n, sender in enumerate(workload.senders)
        for name in ("user", "myndighed")
        if getattr(sender, name) is None
    ]
    for n, receiver in enumerate(workload.receivers):
        lacking += [f"receivers[{n}].{name}" for name in ("user", "dueslag") if getattr(receiver, name) is None]
        if receiver.count > 1:
            lacking.append(f"receivers[{n}]: count 1 (a dueslag is one)")
    return lacking
