"""Where a dueslag is pushed to, and as whom the trace knows the receiver."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from broker.core.model import Anvendersystem, Dueslag
from broker.kuvert import mask_cpr
from broker.ports import Login, Peer

MECHANISM = "PUSH"
"""Stands in `Login.mechanism` for what is no login at all: we call the receiver."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A dueslag with a callback.

    ``shown``: the URL as people may see it: without what may be secret in it (name, password, query), CPR numbers
    masked.
    """

    dueslag: Dueslag
    url: str
    shown: str
    secure: bool
    login: Login


def target_of(dueslag: Dueslag, system: Anvendersystem) -> Target:
    """The target of a dueslag that has a callback; ``system`` is the one it belongs to."""
    assert dueslag.callback is not None
    parts = urlsplit(dueslag.callback)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    place = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        place += f":{parts.port}"
    shown = mask_cpr(f"{parts.scheme}://{place}{parts.path}{'?…' if parts.query else ''}")
    return Target(dueslag, dueslag.callback, shown, secure, Login(system, Peer(host, port, secure), MECHANISM))
