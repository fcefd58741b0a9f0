"""What the endpoints work on: the emulator, which may still be starting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import Depends, Query, Request

from broker.errors import NotAvailable
from broker.kuvert import mask_cpr
from broker.service import Beskedfordeler
from broker.settings import Settings

Address = tuple[str, int]
Mask = Callable[[str], str]


class Server(Protocol):
    """The AMQP server as the status page sees it (`broker.amqp.server.AmqpServer`)."""

    def connections(self) -> Sequence[Any]:
        """Dataclasses, one for each connection."""
        ...


class Emulator(Protocol):
    """A running emulator (`broker.app.App`)."""

    @property
    def service(self) -> Beskedfordeler: ...
    @property
    def amqp(self) -> Address | None: ...
    @property
    def amqps(self) -> Address | None: ...
    @property
    def server(self) -> Server: ...


class Admin:
    """Holds the emulator once it runs; until then `reason` says what is waited for."""

    def __init__(self, settings: Settings, emulator: Emulator | None = None, reason: str = "starting") -> None:
        self.settings = settings
        self.emulator = emulator
        self.reason = reason
        self.https: Address | None = None
        """Where the STS and VærdilisteRediger are."""
        self.http: Address | None = None
        """Where VærdilisteRediger is without TLS."""
        self.ca: Path | None = None
        """The CA bundle that clients are to trust."""

    def not_ready(self) -> str | None:
        """Why no message can be taken now, or None."""
        if self.emulator is None:
            return self.reason
        blocked = self.emulator.service.engine.blocked
        return f"the store is blocked: {blocked}" if blocked else None


async def _admin(request: Request) -> Admin:
    admin = request.app.state.admin
    assert isinstance(admin, Admin)
    return admin


AdminHere = Annotated[Admin, Depends(_admin)]


async def _emulator(admin: AdminHere) -> Emulator:
    if admin.emulator is None:
        raise NotAvailable(f"not ready: {admin.reason}")
    return admin.emulator


EmulatorHere = Annotated[Emulator, Depends(_emulator)]


async def _service(emulator: EmulatorHere) -> Beskedfordeler:
    return emulator.service


Service = Annotated[Beskedfordeler, Depends(_service)]


def _as_is(text: str) -> str:
    return text


async def _mask(
    vis_cpr: Annotated[bool, Query(description="Show CPR numbers; without it they are masked.")] = False,
) -> Mask:
    return _as_is if vis_cpr else mask_cpr


Masked = Annotated[Mask, Depends(_mask)]
