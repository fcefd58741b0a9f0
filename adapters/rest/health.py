"""Whether the emulator lives, whether it can be used, and how it stands."""

from __future__ import annotations

import os
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter, Response

from adapters.rest.context import Address, Admin, AdminHere, Emulator, EmulatorHere, Masked, Service
from adapters.rest.models import DepthView, Health, Listener, StatusView
from adapters.rest.version import version
from adapters.rest.views import masked
from broker.clock import iso
from broker.ports import Depth, Engine, RegisterContent

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
    return status_view(admin, emulator, masked([asdict(one) for one in emulator.server.connections()], mask))


@router.post("/reset", status_code=204)
async def reset(service: Service) -> None:
    """Forget every message and the trace; the register stays, consumers stay attached."""
    await service.reset()


def status_view(admin: Admin, emulator: Emulator, connected: list[dict[str, Any]]) -> StatusView:
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
        depth=total_depth(service.engine, service.content),
        register_={kind: len(getattr(service.content, kind)) for kind in _KINDS},
        register_lost=getattr(service.register, "lost", None),  # a register of one front cannot be
        trace_dropped=service.trace.dropped,
    )


def total_depth(engine: Engine, content: RegisterContent) -> DepthView:
    """What all dueslag hold together."""
    sums = dict.fromkeys((f.name for f in fields(Depth)), 0)
    for key in content.dueslag:
        depth = engine.depth(key)
        for name in sums:
            sums[name] += getattr(depth, name)
    return DepthView(**sums)


def _listener(address: Address | None) -> Listener | None:
    return Listener(host=address[0], port=address[1]) if address is not None else None
