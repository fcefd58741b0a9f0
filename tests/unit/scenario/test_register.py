"""A scenario's register in an emulator that has a register of its own."""

from __future__ import annotations

from typing import Any

from consumers.admin import Admin
from consumers.scenario.register import RegisterGuest

OWN = {"id": "00000000-ffb0-4000-8000-000000000001", "navn": "Match, som her"}
SAME = {"id": OWN["id"], "navn": "Match af borger"}
NEW = {"id": "00000000-ffb0-4000-8000-000000000003", "navn": "Bestilling"}
AFTALE = {"id": "b", "anvendersystem": "a", "service": "afsend", "beskedtyper": [OWN["id"], NEW["id"]]}
DOCUMENT: dict[str, list[dict[str, Any]]] = {
    "myndigheder": [{"cvr": "99000101", "navn": "Nordby"}],
    "anvendersystemer": [{"id": "a", "navn": "Nordby", "cvr": "99000101"}],
    "beskedtyper": [SAME, NEW],
    "serviceaftaler": [AFTALE],
    "dueslag": [],
    "abonnementer": [],
}


class Calls(Admin):
    """Answers as an emulator whose register has one of the beskedtyper."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.put: dict[str, Any] = {}
        self.deleted: list[str] = []

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        if method == "PUT":
            self.put = body
        elif method == "DELETE":
            self.deleted.append(path)
        return [OWN] if path == "/register/beskedtyper" else []


async def test_what_was_there_stays_as_it_was_and_is_left_there() -> None:
    """A beskedtype that the emulator has is sent as it is, for the agreements to refer to, and not taken away."""
    calls = Calls()
    guest = RegisterGuest(calls, DOCUMENT)
    await guest.enter()
    assert calls.put["beskedtyper"] == [OWN, NEW]
    assert "dueslag" not in calls.put
    await guest.leave()
    assert calls.deleted == [
        "/register/serviceaftaler/b",
        f"/register/beskedtyper/{NEW['id']}",
        "/register/anvendersystemer/a",
        "/register/myndigheder/99000101",
    ]
