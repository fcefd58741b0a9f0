"""The register of a run: put into the emulator through its admin API, and taken away again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from consumers.admin import Admin, AdminError

_SECTIONS = ("myndigheder", "anvendersystemer", "beskedtyper", "serviceaftaler", "dueslag", "abonnementer")
_CONFLICT, _NOT_FOUND = 409, 404


class RegisterGuest:
    """What a scenario has put into a register that may hold more."""

    def __init__(self, admin: Admin, document: Mapping[str, list[dict[str, Any]]]) -> None:
        self._admin = admin
        self._document = document
        self._before: dict[str, dict[str, dict[str, Any]]] = {}
        """What was there already, by section and key."""

    async def enter(self) -> None:
        """All or nothing.  Raises AdminError."""
        for section in ("myndigheder", "beskedtyper"):
            items = await self._admin.call("GET", f"/register/{section}")
            self._before[section] = {_key(section, item): item for item in items}
        wanted = {section: [self._as_it_is(section, item) for item in self._document[section]] for section in _SECTIONS}
        await self._admin.call("PUT", "/register", {section: items for section, items in wanted.items() if items})

    async def leave(self) -> None:
        """Take away what was entered; what others refer to by now stays.  Raises AdminError."""
        for section in reversed(_SECTIONS):
            for item in self._mine(section):
                await self._remove(section, _key(section, item))

    def _as_it_is(self, section: str, item: dict[str, Any]) -> dict[str, Any]:
        """What was there stays as it was; it is sent all the same, because what is put must refer to nothing else."""
        return self._before.get(section, {}).get(_key(section, item), item)

    def _mine(self, section: str) -> list[dict[str, Any]]:
        """What was not there before."""
        before = self._before.get(section, {})
        return [item for item in self._document[section] if _key(section, item) not in before]

    async def _remove(self, section: str, key: str) -> None:
        try:
            await self._admin.call("DELETE", f"/register/{section}/{quote(key, safe='')}")
        except AdminError as error:
            if error.status not in (_CONFLICT, _NOT_FOUND):
                raise


def _key(section: str, item: Mapping[str, Any]) -> str:
    return str(item["cvr" if section == "myndigheder" else "id"])
