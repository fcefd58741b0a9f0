"""Where a running emulator is: for `serve` to print, and for serve.json, by which the other commands find it."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.cli import runtime
from adapters.cli.exits import Exit, Failure
from adapters.cli.output import print_json, say
from broker.app import App
from broker.ports import RegisterContent
from broker.settings import Settings

_LOGIN = {
    "plain": "PLAIN with the adgangskode that the register has for the anvendersystem",
    "token": "EXTERNAL with a token of the STS, which every message carries in its header, too (--auth=token)",
}
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - seen, not bound
"""Where this machine reaches what listens on all its addresses."""


@dataclass(frozen=True, slots=True)
class Served:
    """An emulator that is ready, and where its admin API is (None = it has none)."""

    app: App
    admin_url: str | None
    https: tuple[str, int] | None
    http: tuple[str, int] | None
    ca: Path | None
    """The CA bundle that clients are to trust."""
    asks_for_token: bool
    """Whether the admin API does; it is in admin.token in the data directory."""


def admin_url(sock: socket.socket) -> str:
    """By which this machine reaches the admin API."""
    host, port = sock.getsockname()[:2]
    host = _ANY.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def describe(settings: Settings, served: Served) -> dict[str, Any]:
    """Where the emulator is, as --json prints it and serve.json holds it."""
    app = served.app
    admin = None
    if served.admin_url is not None:
        host, _, port = served.admin_url.removeprefix("http://").rpartition(":")
        admin = {"url": served.admin_url, "host": host.strip("[]"), "port": int(port)}
    return {
        "amqp": _address(app.amqp),
        "amqps": _address(app.amqps),
        "https": _address(served.https),
        "http": _address(served.http),
        "admin": admin,
        "auth": settings.auth,
        "ca": str(served.ca.absolute()) if served.ca is not None else None,
        "data": str(settings.data.absolute()),
        "durability": settings.durability,
        "pid": os.getpid(),
    }


def _address(address: tuple[str, int] | None) -> dict[str, Any] | None:
    return {"host": address[0], "port": address[1]} if address is not None else None


def _left_out(settings: Settings, content: RegisterContent) -> str:
    """With --auth=plain: who cannot log in, for want of a password."""
    systems = content.anvendersystemer.values()
    without = sorted(system.navn for system in systems if system.adgangskode is None)
    if settings.auth != "plain" or not without:
        return ""
    named = ", ".join(without[:5]) + (" …" if len(without) > 5 else "")
    return (
        f"; {len(without)} of {len(systems)} have none and cannot log in ({named}): set anvendersystemer[].adgangskode"
    )


def note(settings: Settings, where: dict[str, Any]) -> None:
    """Write serve.json.  Raises Failure."""
    try:
        runtime.write(settings.data, where)
    except OSError as error:
        raise Failure(Exit.CANNOT_START, f"{settings.data}: cannot be written to ({error.strerror})") from None


def announce(settings: Settings, served: Served, where: dict[str, Any], json: bool) -> None:
    """Say that it is ready: one line of JSON, or what a person needs next."""
    if json:
        print_json(where)
        return
    content = served.app.service.content
    tell = [("Ready", "")]
    for name, scheme, address in (("AMQP", "amqp", served.app.amqp), ("AMQPS", "amqps", served.app.amqps)):
        if address is not None:
            tell.append((name, f"{scheme}://{address[0]}:{address[1]}, virtual host BF"))
    if served.https is not None:
        tell.append(("STS", f"https://{served.https[0]}:{served.https[1]}/runtime/api/rest/wstrust/v1/issue"))
    for scheme, place in (("https", served.https), ("http", served.http)):
        if place is not None:
            tell.append(("SOAP", f"{scheme}://{place[0]}:{place[1]}/sts-bf-soap/StsbeskedfordelerImpl (?wsdl)"))
    if served.ca is not None:
        tell.append(("Trust", f"{served.ca} (what clients are to trust; beskedfordeler certs export --format ca)"))
    if settings.auth != "open":
        tell.append(("Login", _LOGIN[settings.auth] + _left_out(settings, content)))
    if served.admin_url is not None:
        asks = "; asks for the token in admin.token in the data directory" if served.asks_for_token else ""
        tell.append(("Admin", f"{served.admin_url} (what it answers: {served.admin_url}/openapi.json{asks})"))
    tell.append(("Data", f"{where['data']} (durability {settings.durability})"))
    source = f"{settings.register_file}" if settings.register_file is not None else "in the data directory"
    tell.append(
        (
            "Register",
            f"{source}: {len(content.anvendersystemer)} anvendersystemer, {len(content.dueslag)} dueslag, "
            f"{len(content.abonnementer)} abonnementer",
        )
    )
    example = next(iter(sorted(dueslag.navn for dueslag in content.dueslag.values())), "DUESLAG")
    tell.append(("Send", "beskedfordeler send besked.xml"))
    tell.append(("Fetch", f"beskedfordeler hent {example if ' ' not in example else repr(example)}"))
    tell.append(("Stop", "Ctrl-C"))
    for name, text in tell:
        say(f"{name:<9} {text}".rstrip())
    sys.stdout.flush()
