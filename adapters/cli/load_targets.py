"""The targets of `load`, made of what the options say."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from consumers.load.cast import TokenLogin
    from consumers.load.targets.emulator import Certify
    from consumers.load.targets.target import Target

COMMAND = (sys.executable, "-c", "from adapters.cli.load_child import main; main()")
"""Starts the emulator that a run has for itself; it ends when its standard input closes."""
_FORMS = " or ".join(
    (
        "own[:SERVE OPTIONS], admin=URL[,HOST:PORT], amqp=HOST:PORT, amqps=HOST:PORT",
        "rabbitmq=[USER:PASSWORD@]HOST:PORT[,classic]",
    )
)


def named(specs: list[str]) -> list[tuple[str, str]]:
    """A name for each, as the report calls it.  Raises Failure (usage)."""
    found: list[tuple[str, str]] = []
    for spec in specs:
        kind, value = _parts(spec)
        if kind not in ("own", "admin", "amqp", "amqps", "rabbitmq") or (kind != "own" and not value):
            raise Failure(Exit.USAGE, f"--vs '{spec}' is no target; expected {_FORMS}")
        if kind == "admin" and "," in value:
            _address("amqp", value.partition(",")[2])
        if kind in ("amqp", "amqps", "rabbitmq"):
            _address(kind, value.rpartition("@")[2].removesuffix(",classic").removesuffix(",quorum"))
        name = {"own": "emulator", "admin": "emulator", "rabbitmq": "RabbitMQ"}.get(kind, kind)
        detail = value.rpartition("@")[2]
        name = f"{name} ({detail})" if detail and (kind != "admin" or len(specs) > 1) else name
        number = sum(1 for there, _ in found if there == name or there.startswith(f"{name} #"))
        found.append((f"{name} #{number + 1}" if number else name, spec))
    return found


def make_target(name: str, spec: str, ca: Path | None) -> Target:
    """Raises Failure."""
    kind, value = _parts(spec)
    if kind == "own":
        from consumers.load.targets.own import OwnTarget

        return OwnTarget(name, [*COMMAND, "serve", "--log-level", "error", *shlex.split(value)], _certifier)
    if kind == "admin":
        from adapters.cli import admin_token
        from adapters.cli.api import connect
        from consumers.load.targets.emulator import EmulatorTarget

        url, _, amqp = value.partition(",")
        api = connect(url, None)
        return EmulatorTarget(
            name,
            api.url,
            token=admin_token.from_environment(),
            certify=_certifier(api.url),
            amqp=amqp or None,
        )
    if kind == "rabbitmq":
        return _rabbitmq(name, value)
    from consumers.load.targets.elsewhere import ElsewhereTarget

    host, port = _address(kind, value)
    return ElsewhereTarget(name, host, port, tls=kind == "amqps", ca=None if ca is None else str(ca))


def _parts(spec: str) -> tuple[str, str]:
    if spec == "own" or spec.startswith("own:"):
        return "own", spec[4:].strip()
    kind, _, value = spec.partition("=")
    return kind, value


def _rabbitmq(name: str, value: str) -> Target:
    from consumers.load.targets.rabbitmq import RabbitMqTarget

    login, _, rest = value.rpartition("@")
    address, _, queue_type = rest.partition(",")
    if queue_type not in ("", "classic", "quorum"):
        raise Failure(Exit.USAGE, f"--rabbitmq {rest}: '{queue_type}' is no type of queue; expected classic or quorum")
    host, port = _address("rabbitmq", address)
    user, _, password = login.partition(":")
    return RabbitMqTarget(
        name, host, port, user=user or "guest", password=password or "guest", queue_type=queue_type or "quorum"
    )


def _address(option: str, address: str) -> tuple[str, int]:
    host, _, port = address.partition(",")[0].rpartition(":")
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise Failure(Exit.USAGE, f"--{option} '{address}' is no address; expected HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _certifier(url: str) -> Certify:
    """Certificates of the emulator's development CA, made in its data directory as `token` and `send` do it."""

    def certify(navn: str, cvr: str) -> tuple[TokenLogin, str | None]:
        from adapters.cli.api import connect
        from adapters.cli.keys import find_system, function_certificate, reached, trusted
        from broker.errors import BeskedfordelerError
        from consumers.load.cast import TokenLogin
        from consumers.load.targets.target import TargetError

        try:
            api = connect(url, None)
            status = api.get("/status")
            identity = function_certificate(api, status, find_system(api, navn))
            if status.get("https") is None:
                raise TargetError("the emulator has no STS: start it with serve --auth token")
            host, port = reached(api, status["https"])
            trust = trusted(status)
        except (Failure, BeskedfordelerError) as error:
            raise TargetError(str(error)) from error
        return TokenLogin(host, port, trust, identity.path, cvr), None if trust is None else str(trust)

    return certify
