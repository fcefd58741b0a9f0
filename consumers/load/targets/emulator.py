"""Our emulator, by its admin API: the run's own municipality, systems, dueslag and abonnementer, and their removal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from consumers.admin import Admin, AdminError
from consumers.load.cast import Cast, Login, TokenLogin
from consumers.load.casting import MARK, Names, Standing, System, beskedtype, make_cast, receiving, sending
from consumers.load.targets.target import TargetError
from consumers.load.wire import Address
from consumers.load.workload import Churn, Workload

_EXCHANGE = "AFSEND_BESKED_EXCHANGE"
_TYPE = "Beskedkuvert.Filtreringsdata.Beskedtype.UUIDIdentifikator"
_KINDS = ("abonnementer", "dueslag", "serviceaftaler", "anvendersystemer", "beskedtyper", "myndigheder")
"""In the order in which they can be removed."""
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - seen, not bound
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})

Certify = Callable[[str, str], tuple[TokenLogin, str | None]]
"""From the navn and CVR of a system: how it gets tokens, and the CA (PEM file) to trust.  Raises TargetError."""


class EmulatorTarget:
    """A running emulator; ``certify`` is needed where it asks for tokens, ``amqp`` where AMQP is not as it says."""

    def __init__(
        self, name: str, url: str, *, token: str | None = None, certify: Certify | None = None, amqp: str | None = None
    ) -> None:
        self.name = name
        self._url = url
        self._admin = Admin(url, token)
        self._certify = certify
        self._amqp = amqp
        self._status: dict[str, Any] = {}
        self._made: dict[str, list[str]] = {}
        self._mark = ""
        self._mine: list[str] = []
        self._standing: Standing | None = None

    async def prepare(self, workload: Workload, run: int) -> Cast:
        self._status = await self._call("GET", "/status")
        names = Names(run)
        self._mark = f"{MARK} {run:04x}"
        cvr = await self._free_cvr()
        register = _register(workload, names, cvr)
        self._made = {
            kind: [str(item["cvr" if kind == "myndigheder" else "id"]) for item in register[kind]] for kind in _KINDS
        }
        try:
            await self._call("PUT", "/register", json.dumps(register, ensure_ascii=False))
            logins = await asyncio.to_thread(self._logins, workload, names, cvr)
        except BaseException:
            await self._remove()
            raise
        cast = make_cast(
            workload,
            run,
            login=lambda system: logins[system.navn, system.receiver is None],
            queue=lambda system: names.id("dueslag", system.navn),
            exchange=_EXCHANGE,
            answers=True,
            abonnement=lambda system: names.id("abonnement", system.navn),
            myndighed=cvr,
        )
        self._mine = [destination.queue for destination in cast.destinations]
        self._standing = Standing(cast)
        return cast

    async def churn(self, cast: Cast, churn: Churn) -> Mapping[int, frozenset[int]]:
        after: dict[int, frozenset[int]] = {}
        standing = self._standing = self._standing or Standing(cast)
        for destination in cast.destinations:
            if destination.receiver.name != churn.receiver:
                continue
            path = f"/abonnementer/{destination.abonnement}"
            wanted = standing.change(destination, churn)
            if churn.do in ("stop", "start"):
                await self._call("POST", f"{path}/{churn.do}")
            else:
                typer = {cast.kinds[n].beskedtype for n in wanted}
                await self._call("PUT", f"{path}/filter", {"filter": _filter(typer)})
            after[destination.index] = standing.through(destination)
        return after

    async def depths(self) -> Mapping[str, int] | None:
        try:
            answer = await self._call("GET", "/dueslag?" + urlencode({"soeg": self._mark, "limit": 1000}))
        except TargetError:
            return None
        held = {one["id"]: one["depth"] for one in answer["dueslag"]}
        mine = {queue: held[queue] for queue in self._mine if queue in held}
        return {queue: depth["ready"] + depth["out"] + depth["held"] for queue, depth in mine.items()}

    def pid(self) -> int | None:
        host = urlsplit(self._url).hostname
        return int(self._status["pid"]) if host in _LOCAL and "pid" in self._status else None

    async def about(self) -> Mapping[str, str]:
        told = self._status
        counted = told.get("register", {})
        return {
            "product": f"beskedfordeler {told.get('version', '?')}",
            "address": self._url,
            "durability": str(told.get("durability", "?")),
            "auth": str(told.get("auth", "?")),
            "register": ", ".join(f"{count} {kind}" for kind, count in counted.items()),
        }

    def gone(self) -> str:
        return ""

    async def close(self, *, keep: bool) -> None:
        if not keep:
            await self._remove()

    async def _remove(self) -> None:
        """What is left by a target that is gone, is left."""
        for kind in _KINDS:
            for key in self._made.get(kind, ()):
                try:
                    await self._call("DELETE", f"/register/{kind}/{quote(key, safe='')}")
                except TargetError as error:
                    if isinstance(error.__cause__, OSError):
                        return
        self._made = {}

    async def _free_cvr(self) -> str:
        there = {str(one["cvr"]) for one in await self._call("GET", "/register/myndigheder")}
        return next(cvr for cvr in map(str, range(99000900, 99100000)) if cvr not in there)

    def _logins(self, workload: Workload, names: Names, cvr: str) -> dict[tuple[str, bool], Login]:
        """By navn in the workload, and whether it sends."""
        found: dict[tuple[str, bool], Login] = {}
        for sends, systems in ((True, sending(workload)), (False, receiving(workload))):
            for system in systems:
                found[system.navn, sends] = self._login(names.navn(_role(system)), cvr)
        return found

    def _login(self, navn: str, cvr: str) -> Login:
        by_token = self._status.get("auth") == "token"
        listener = self._status.get("amqps" if by_token else "amqp")
        host, port = _split(self._amqp) if self._amqp else (None, None)
        if host is None:
            if listener is None:
                raise TargetError("the emulator has no AMQP listener that takes passwords or tokens")
            host, port = _ANYWHERE.get(listener["host"], listener["host"]), int(listener["port"])
        if not by_token:
            return Login(Address(str(host), int(port or 0), user=navn))
        if self._certify is None:
            raise TargetError("the emulator asks for tokens, and there is nobody to get certificates from")
        tokens, ca = self._certify(navn, cvr)
        return Login(Address(str(host), int(port or 0), user=navn, tls=True, ca=ca), tokens)

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            return await self._admin.call(method, path, body.encode() if isinstance(body, str) else body)
        except AdminError as error:
            raise TargetError(f"the admin API refuses {method} {path}: {str(error)[:500]}") from error
        except (OSError, ValueError) as error:
            raise TargetError(f"no emulator at {self._url}: {error}") from error


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def _role(system: System) -> str:
    return f"{'Afsender' if system.receiver is None else 'Modtager'} {system.navn}"


def _filter(typer: set[str]) -> str:
    listed = ", ".join(f"'{one}'" for one in sorted(typer))
    return f"{_TYPE} IN ({listed})" if typer else f"{_TYPE} = '00000000-0000-4000-8000-000000000000'"


def _register(workload: Workload, names: Names, cvr: str) -> dict[str, list[dict[str, Any]]]:
    """A register file: the run's own items, each with the mark in its name."""
    systems: list[dict[str, Any]] = []
    aftaler, dueslag, abonnementer = [], [], []
    for service, found in (("afsend", sending(workload)), ("modtag", receiving(workload))):
        for system in found:
            key = names.id("system", service, system.navn)
            systems.append({"id": key, "navn": names.navn(_role(system)), "cvr": cvr})
            aftaler.append({"id": names.id("aftale", service, system.navn), "anvendersystem": key, "service": service})
            if system.receiver is None:
                continue
            wanted = {
                beskedtype(one, names) for one in workload.types if one.to is None or system.receiver.name in one.to
            }
            box = names.id("dueslag", system.navn)
            dueslag.append({"id": box, "navn": names.navn(system.navn), "anvendersystem": key})
            abonnementer.append(
                {
                    "id": names.id("abonnement", system.navn),
                    "navn": names.navn(system.navn),
                    "dueslag": box,
                    "filter": _filter(wanted),
                }
            )
    abonnementer += [
        {
            "id": names.id("bystander", number),
            "navn": names.navn(f"tilskuer {number}"),
            "dueslag": dueslag[0]["id"],
            "filter": f"{_TYPE} = '{names.id('nothing', number)}'",
        }
        for number in range(workload.bystanders)
    ]
    typer = [{"id": beskedtype(one, names), "navn": names.navn(one.name)} for one in workload.types]
    return {
        "myndigheder": [{"cvr": cvr, "navn": names.navn("Belastningskommune")}],
        "anvendersystemer": systems,
        "beskedtyper": typer,
        "serviceaftaler": aftaler,
        "dueslag": dueslag,
        "abonnementer": abonnementer,
    }
