"""The admin API of an emulator that is not there, as the commands ask it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.cli.exits import Exit, Failure

SENDER = {"id": "aaaaaaaa-0000-4000-8000-000000000000", "navn": "Afsendersystem", "cvr": "99999999"}
RECEIVER = {"id": "aaaaaaaa-0000-4000-8000-000000000009", "navn": "Modtagersystem", "cvr": "11111111"}
_REGISTER: dict[str, list[dict[str, Any]]] = {
    "/register/anvendersystemer": [SENDER, RECEIVER],
    "/register/serviceaftaler": [
        {"anvendersystem": RECEIVER["id"], "service": "modtag", "godkendt": True},
        {"anvendersystem": SENDER["id"], "service": "afsend", "godkendt": True},
    ],
    "/register/myndigheder": [{"cvr": "99999999", "navn": "Testkommune (syntetisk)"}],
}


class FakeAdmin:
    """Answers as an emulator on ``data`` does; ``status`` is what it says of itself."""

    url = "http://127.0.0.1:5680"

    def __init__(self, data: Path, **status: Any) -> None:
        self.status: dict[str, Any] = {
            "amqp": {"host": "127.0.0.1", "port": 1001},
            "amqps": None,
            "https": None,
            "auth": "open",
            "ca": None,
            "data": str(data),
            **status,
        }
        self.asked: list[str] = []

    def get(self, path: str, **_query: object) -> Any:
        self.asked.append(path)
        if path == "/status":
            return self.status
        if path in _REGISTER:
            return _REGISTER[path]
        section, _, key = path.rpartition("/")
        for item in _REGISTER.get(section, []):
            if key in (item.get("id"), item.get("navn")):
                return item
        raise Failure(Exit.NOT_FOUND, f"no '{key}' in the register")

    @property
    def connect(self) -> Callable[..., FakeAdmin]:
        """In place of `adapters.cli.api.connect`."""
        return lambda *_: self


def token_status(ca: Path) -> dict[str, Any]:
    """What an emulator with --auth=token says beside the rest."""
    return {
        "auth": "token",
        "amqps": {"host": "127.0.0.1", "port": 1002},
        "https": {"host": "127.0.0.1", "port": 1003},
        "ca": str(ca),
    }
