"""What `modtag` prints: where it listens, each message, each caller that could not come in."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.besked_id import besked_id_of
from adapters.cli.hent import write_new_file
from adapters.cli.output import complain, print_json, say
from adapters.cli.where import admin_url
from broker.kuvert import mask_cpr
from consumers.receiver.behaviour import How

if TYPE_CHECKING:
    import socket

    from consumers.modtag import Arrival
    from consumers.receiver.behaviour import Plan

_GIVE = "beskedfordeler dueslag callback DUESLAG"
_BEGINNING = 2000
"""Characters."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def announce(sock: socket.socket, path: str, plan: Plan, json: bool, *, tls: bool) -> None:
    """Where messages are taken, and how they are made to come."""
    url = admin_url(sock) + path
    if tls:
        url = "https" + url.removeprefix("http")
    if json:
        print_json({"url": url})
        return
    say(f"listening on {url}; {_said(plan)}")
    say(f"have a dueslag pushed to it: {_GIVE} {url}")
    sys.stdout.flush()


def _said(plan: Plan) -> str:
    if plan.every is not None:
        return f"message {plan.every}, {2 * plan.every}, {3 * plan.every} … gets {plan.conduct}, the others 20"
    if plan.first is not None:
        return f"the first {plan.first} get {plan.conduct}, the others 20"
    return f"each message gets {plan.conduct}"


class Printer:
    """Prints each arrival; with ``out`` the document goes to a file.  CPR numbers are masked unless ``vis_cpr``."""

    def __init__(self, out: Path | None, vis_cpr: bool, json: bool, *, tls: bool) -> None:
        self._out = out
        self._shown = str if vis_cpr else mask_cpr
        self._json = json
        self._tls = tls

    def show(self, arrival: Arrival) -> None:
        """Raises OSError where the file cannot be written."""
        besked_id = arrival.besked_id or besked_id_of(arrival.body) or ""
        file = write_new_file(self._out, besked_id, arrival.body) if self._out is not None else None
        if self._json:
            print_json(self._value(arrival, besked_id, file))
            return
        say(self._shown(self._line(arrival, besked_id)))
        say(str(file) if file is not None else self._text(arrival).rstrip("\n"))
        sys.stdout.flush()

    def refused(self, host: str, reason: str) -> None:
        """A TLS handshake that failed."""
        why = "; it does not trust our certificate" if "unknown ca" in reason or "certificate" in reason else ""
        if "closed" in reason:
            why = "; it may not trust our certificate"
        complain(f"TLS handshake with {host} failed: {reason}{why}")

    def _line(self, arrival: Arrival, besked_id: str) -> str:
        kuvert = arrival.kuvert
        parts = [f"# {arrival.number}", besked_id or "no BeskedId", f"{len(arrival.body)} bytes"]
        if kuvert is not None:
            parts.append(f"attempt {kuvert.leveranceforsoeg}")
        if arrival.path != "/":
            parts.append(arrival.path)
        if self._tls:
            caller = arrival.caller
            parts.append(f"from {caller.subject}" if caller is not None else "no client certificate")
        if arrival.again:
            parts.append("taken before")
        return "  ".join([*parts, f"→ {arrival.conduct}"])

    def _text(self, arrival: Arrival) -> str:
        """What came; of what is no message only the beginning, without what a terminal would obey."""
        text = self._shown(arrival.body.decode("utf-8", "replace"))
        if arrival.kuvert is not None:
            return text
        cut = "…" if len(text) > _BEGINNING else ""
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text[:_BEGINNING]) + cut

    def _value(self, arrival: Arrival, besked_id: str, file: Path | None) -> dict[str, Any]:
        kuvert, conduct, caller = arrival.kuvert, arrival.conduct, arrival.caller
        return {
            "number": arrival.number,
            "besked_id": self._shown(besked_id) or None,
            "transaktions_id": kuvert.transaktions_id if kuvert is not None else None,
            "beskedtype": kuvert.beskedtype if kuvert is not None else None,
            "abonnement": kuvert.abonnement if kuvert is not None else None,
            "antal_leveranceforsoeg": kuvert.leveranceforsoeg if kuvert is not None else None,
            "again": arrival.again,
            "path": arrival.path,
            "bytes": len(arrival.body),
            "answer": {
                "status_kode": conduct.status_kode,
                "tekst": self._shown(conduct.tekst),
                "http_status": conduct.http_status if conduct.how is How.ANSWERS else None,
                "how": str(conduct.how),
                "delay": conduct.delay,
            },
            "caller": None
            if caller is None
            else {"subject": caller.subject, "issuer": caller.issuer, "serial": caller.serial},
            "file": str(file) if file is not None else None,
            "body": self._text(arrival) if file is None else None,
        }
