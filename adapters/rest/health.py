"""Whether the emulator lives, whether it can be used, and how it stands."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter, Response

from adapters.rest.context import Address, Admin, AdminHere, Emulator, EmulatorHere, Masked, Service
from adapters.rest.depths import depths
from adapters.rest.models import DepthView, Health, Listener, StatusView
from adapters.rest.version import version
from adapters.rest.views import masked
from broker.clock import iso
from broker.ports import Depth

router = APIRouter(tags=["health"])

_KINDS = ("myndigheder", "anvendersystemer", "beskedtyper", "serviceaftaler", "dueslag", "abonnementer", "vaerdilister")


@router.get("/health/live")
async def live() -> Health:
    """200 as long as the process answers."""
    return Health(ready=True)


@router.get("/health/ready", responses={503: {"model": Health}})
async def ready(admin: AdminHere, response: Response) -> Health:
    """200 when messages can be sent and fetched; 503 with the reason until then, and when the disk is full."""
    reason = admin.not_ready()
    if reason is not None:
        response.status_code = 503
    return Health(ready=reason is None, reason=reason or "")


@router.get("/status")
async def status(admin: AdminHere, emulator: EmulatorHere, mask: Masked) -> StatusView:
    """Version, listeners, counters since the start, and what all dueslag hold together."""
    connected = masked([asdict(one) for one in emulator.server.connections()], mask)
    held = await depths(emulator.service.engine, emulator.service.content.dueslag)
    return status_view(admin, emulator, connected, _sum(held.values()))


@router.post("/reset", status_code=204)
async def reset(service: Service) -> None:
    """Forget every message and the trace; the register stays, consumers stay attached."""
    await service.reset()


def status_view(admin: Admin, emulator: Emulator, connected: list[dict[str, Any]], held: DepthView) -> StatusView:
    service = emulator.service
    settings = admin.settings
    reason = admin.not_ready()
    return StatusView(
        version=version(),
        pid=os.getpid(),
        ready=reason is None,
        reason=reason or "",
        started=iso(service.started),
        uptime=round(service.clock.now() - service.started, 3),
        data=str(settings.data.absolute()),
        durability=settings.durability,
        amqp=_listener(emulator.amqp),
        amqps=_listener(emulator.amqps),
        https=_listener(admin.https),
        http=_listener(admin.http),
        auth=settings.auth,
        ca=str(admin.ca.absolute()) if admin.ca is not None else None,
        connections=connected,
        accepted=service.meters.accepted,
        refused=service.meters.refused.total(),
        delivered=service.meters.delivered,
        acked=service.meters.settled["ack"],
        depth=held,
        register_={kind: len(getattr(service.content, kind)) for kind in _KINDS},
        register_lost=getattr(service.register, "lost", None),  # a register of one front cannot be
        trace_dropped=service.trace.dropped,
    )


def _sum(held: Iterable[Depth]) -> DepthView:
    """Of all of them together."""
    all_of_them = [*held]
    return DepthView(**{name.name: sum(getattr(one, name.name) for one in all_of_them) for name in fields(Depth)})


def _listener(address: Address | None) -> Listener | None:
    return Listener(host=address[0], port=address[1]) if address is not None else None
