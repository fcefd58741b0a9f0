"""The emulator that a scenario runs against: where it is, and, where it is the scenario's own, its life and death."""

from __future__ import annotations

from typing import Protocol

from consumers.admin import Admin


class EmulatorControl(Protocol):
    """Implemented by the command line, with a process; by tests, with whatever they like."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int:
        """AMQP."""
        ...

    @property
    def admin(self) -> Admin: ...

    @property
    def own(self) -> bool:
        """It may be killed and restarted: nobody else uses it."""
        ...

    def kill(self) -> None:
        """kill -9: it has no chance to tidy up.  Nothing happens where it is down already."""
        ...

    async def restart(self) -> None:
        """In good order where it still runs; it is back on the same data and ports when this returns.

        Raises EmulatorDown where it does not get ready.
        """
        ...


class EmulatorDown(Exception):
    """The emulator is not there, or does not come back; ``str`` says why."""


class Elsewhere:
    """One that runs already, and may be in use by others."""

    own = False

    def __init__(self, host: str, port: int, admin: Admin) -> None:
        self.host = host
        self.port = port
        self.admin = admin

    def kill(self) -> None:
        raise EmulatorDown("this emulator is not the scenario's own: it is not killed")

    async def restart(self) -> None:
        raise EmulatorDown("this emulator is not the scenario's own: it is not restarted")
