"""`status`, `wait` and `reset`: how the emulator stands, until it does, and a clean slate."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, examples

_POLL = 0.05


def status(json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Version, listeners, counters since the start, and what all dueslag hold together."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, say

    found = connect(admin, data).get("/status")
    if json:
        print_json(found)
    else:
        for name, text in _lines(found):
            say(f"{name:<12} {text}")


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    depth = found["depth"]
    register = ", ".join(f"{count} {kind}" for kind, count in found["register"].items())
    if found["register_lost"]:
        register += f"; its database does not answer, changes wait: {found['register_lost']}"
    lines = [
        ("version", f"{found['version']}, pid {found['pid']}, up {found['uptime']:.0f} s"),
        ("ready", "yes" if found["ready"] else f"no: {found['reason']}"),
        ("amqp", address(found["amqp"])),
        ("amqps", address(found["amqps"])),
        ("https", f"{address(found['https'])} (STS, SOAP)" if found["https"] else "off"),
        ("http", f"{address(found['http'])} (SOAP)" if found["http"] else "off"),
        ("auth", found["auth"]),
        ("data", f"{found['data']} (durability {found['durability']})"),
        ("register", register),
        ("messages", f"{found['accepted']} accepted, {found['refused']} refused since the start"),
        ("deliveries", f"{found['delivered']} delivered, {found['acked']} acked since the start"),
        ("in dueslag", ", ".join(f"{depth[key]} {key}" for key in ("ready", "out", "held", "dead"))),
        ("connections", str(len(found["connections"])) + f", {depth['consumers']} consumers"),
    ]
    if found["trace_dropped"]:
        lines.append(("trace", f"{found['trace_dropped']} records could not be written"))
    return lines


def address(listener: dict[str, Any] | None) -> str:
    return f"{listener['host']}:{listener['port']}" if listener else "off"


def wait(
    timeout: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Give up after so long.")] = 30.0,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Wait until messages can be sent and fetched: exit code 0 when they can, 1 when not in time."""
    import time

    from adapters.cli.output import print_json, say

    deadline = time.monotonic() + timeout
    while (reason := not_ready(admin, data)) and time.monotonic() + _POLL < deadline:
        time.sleep(_POLL)
    if json:
        print_json({"ready": not reason, "reason": reason})
    elif not reason:
        say("ready")
    if reason:
        raise Failure(Exit.FAILED, f"not ready after {timeout:g} s: {reason}")


def not_ready(admin: str | None, data: Any) -> str:
    """Why not yet; empty = ready."""
    import json as json_module

    from adapters.cli.api import connect

    try:
        status_code, _, content = connect(admin, data, timeout=2.0).request("GET", "/health/ready")
    except Failure as failure:
        if failure.code is Exit.USAGE:
            raise
        return str(failure)
    if status_code == 200:
        return ""
    try:
        return str(json_module.loads(content)["reason"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {status_code}: is that a beskedfordeler?"


def reset(
    dueslag: Annotated[
        str | None, typer.Argument(metavar="[DUESLAG]", help="Only this one, its fejlkø included.", show_default=False)
    ] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Forget every message and the trace, between two tests; the register stays, consumers stay attached."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say

    api = connect(admin, data)
    if dueslag is None:
        api.post("/reset")
        removed = None
    else:
        removed = api.post(f"/dueslag/{part(dueslag)}/purge")["count"]
        removed += api.delete(f"/dueslag/{part(dueslag)}/fejlkoe")["count"]
    if json:
        print_json({"reset": dueslag or "all", "removed": removed})
    else:
        say("every message forgotten" if removed is None else f"{removed} deliveries forgotten")


def add_to(app: typer.Typer) -> None:
    app.command(epilog=examples("status", "status --json | jq .depth"))(status)
    app.command(epilog=examples("wait --timeout 10 && run-my-tests"))(wait)
    app.command(epilog=examples("reset", "reset Testkommune"))(reset)
