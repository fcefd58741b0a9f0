"""Bare RabbitMQ: a durable exchange, a durable queue for each receiver, confirms in place of StandardRetur."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pamqp import commands

from consumers.load import frames
from consumers.load.cast import Cast, Login
from consumers.load.casting import Names, Standing, make_cast
from consumers.load.targets.queues import Depths
from consumers.load.targets.target import TargetError
from consumers.load.wire import Address, Link, WireError, connect
from consumers.load.workload import Churn, Workload


class RabbitMqTarget:
    """``queue_type`` is classic or quorum."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        user: str = "guest",
        password: str = "guest",  # noqa: S107 - RabbitMQ's own default
        vhost: str = "/",
        queue_type: str = "quorum",
    ) -> None:
        self.name = name
        self._address = Address(host, port, vhost, user, password)
        self._queue_type = queue_type
        self._depths = Depths()
        self._link: Link | None = None
        self._cast: Cast | None = None
        self._bound: dict[int, frozenset[str]] = {}
        self._standing: Standing | None = None

    async def prepare(self, workload: Workload, run: int) -> Cast:
        exchange = f"belastning.{run:04x}"
        self._standing, self._bound = None, {}
        self._cast = cast = make_cast(
            workload,
            run,
            login=lambda system: Login(self._address),
            queue=lambda system: f"{exchange}.{Names(run).id('queue', system.navn)}",
            exchange=exchange,
            answers=False,
            routed=True,
        )
        declare = commands.Exchange.Declare(exchange=exchange, exchange_type="direct", durable=True)
        await self._call(declare, commands.Exchange.DeclareOk)
        for destination in cast.destinations:
            queue = commands.Queue.Declare(
                queue=destination.queue, durable=True, arguments={"x-queue-type": self._queue_type}
            )
            await self._call(queue, commands.Queue.DeclareOk)
            await self._bind(cast, destination.index, destination.kinds)
        return cast

    async def churn(self, cast: Cast, churn: Churn) -> Mapping[int, frozenset[int]]:
        """An abonnement is a binding here."""
        after: dict[int, frozenset[int]] = {}
        standing = self._standing = self._standing or Standing(cast)
        for destination in cast.destinations:
            if destination.receiver.name == churn.receiver:
                standing.change(destination, churn)
                wanted = standing.through(destination)
                await self._bind(cast, destination.index, wanted)
                after[destination.index] = wanted
        return after

    async def depths(self) -> Mapping[str, int] | None:
        return None if self._cast is None else await self._depths.of(self._cast.destinations)

    def pid(self) -> int | None:
        return None

    async def about(self) -> Mapping[str, str]:
        told = {} if self._link is None else self._link.properties
        return {
            "product": f"{told.get('product', '?')} {told.get('version', '?')}",
            "address": f"amqp://{self._address.host}:{self._address.port}{self._address.vhost}",
            "queues": f"durable, {self._queue_type}",
            "cluster": str(told.get("cluster_name", "?")),
        }

    def gone(self) -> str:
        return ""

    async def close(self, *, keep: bool) -> None:
        await self._depths.close()
        cast, self._cast = self._cast, None
        if cast is not None and not keep:
            try:
                for destination in cast.destinations:
                    await self._call(commands.Queue.Delete(queue=destination.queue), commands.Queue.DeleteOk)
                await self._call(commands.Exchange.Delete(exchange=cast.exchange), commands.Exchange.DeleteOk)
            except TargetError:
                pass  # what is left by a target that is gone, is left
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def _bind(self, cast: Cast, index: int, kinds: frozenset[int]) -> None:
        destination = cast.destinations[index]
        before, after = self._bound.get(index, frozenset()), frozenset(cast.kinds[n].routing_key for n in kinds)
        for key in sorted(after - before):
            bind = commands.Queue.Bind(queue=destination.queue, exchange=cast.exchange, routing_key=key)
            await self._call(bind, commands.Queue.BindOk)
        for key in sorted(before - after):
            unbind = commands.Queue.Unbind(queue=destination.queue, exchange=cast.exchange, routing_key=key)
            await self._call(unbind, commands.Queue.UnbindOk)
        self._bound[index] = after

    async def _call(self, method: Any, reply: Any) -> Any:
        try:
            if self._link is None or self._link.lost.done():
                self._link = await connect(Link, self._address)
            return await self._link.call(frames.CHANNEL, method, reply)
        except WireError as error:
            raise TargetError(f"RabbitMQ at {self._address.host}:{self._address.port}: {error}") from error
