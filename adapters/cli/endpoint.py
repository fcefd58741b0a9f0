"""Where AMQP is and as whom to log in, for `send` and `hent`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.api import Api, connect
from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from consumers.client import Endpoint

DEFAULT = ("127.0.0.1", 5672)


def endpoint(
    amqp: str | None, admin: str | None, data: Path | None, system: str | None, password: str | None, role: Role
) -> Endpoint:
    """The login for one command.  Raises Failure.

    ``system`` None = whom the register names for the task: see `Role`.
    """
    from consumers.client import Endpoint

    address = _parse(amqp) if amqp is not None else None
    if address is not None and system is not None:
        return _made(Endpoint, address, system, password)
    api = connect(admin, data)
    return _made(Endpoint, address or _listener(api), system or role.system(api), password)


def _made(make: Any, address: tuple[str, int], user: str, password: str | None) -> Endpoint:
    made: Endpoint = make(*address, user) if password is None else make(*address, user, password)
    return made


class Role:
    """Who does the task where nobody is named."""

    def system(self, api: Api) -> str:
        raise AssertionError(f"{type(self).__name__} names nobody")


class Sender(Role):
    """The first anvendersystem with an approved agreement to send."""

    def system(self, api: Api) -> str:
        for aftale in api.get("/register/serviceaftaler"):
            if aftale["service"] == "afsend" and aftale["godkendt"]:
                return str(aftale["anvendersystem"])
        raise Failure(Exit.USAGE, "no anvendersystem in the register may send; name one with --system")


class Owner(Role):
    """The anvendersystem that the dueslag belongs to."""

    def __init__(self, dueslag: dict[str, Any]) -> None:
        self._dueslag = dueslag

    def system(self, api: Api) -> str:
        return str(self._dueslag["anvendersystem"])


def _listener(api: Api) -> tuple[str, int]:
    listener = api.get("/status")["amqp"]
    if listener is None:
        raise Failure(Exit.UNREACHABLE, "the emulator has no plain AMQP listener; start it with --amqp-port")
    host = str(listener["host"])
    return ("127.0.0.1" if host in ("0.0.0.0", "::") else host), int(listener["port"])  # noqa: S104 - seen, not bound


def _parse(amqp: str) -> tuple[str, int]:
    host, _, port = amqp.removeprefix("amqp://").rstrip("/").rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Failure(Exit.USAGE, f"--amqp '{amqp}' is no address; expected HOST:PORT")
    return host.strip("[]") or DEFAULT[0], int(port)
