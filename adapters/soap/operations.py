"""The eleven operations, by a caller that is known: request in, the answer's document out.

Each caller sees and changes its own lists only.  Refusals are `broker.errors`; the StatusKode is theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn
from uuid import uuid4

from adapters.soap import registering
from adapters.soap.caller import Caller
from adapters.soap.documents.answers import answer
from adapters.soap.documents.requests import (
    FjernVaerdier,
    FlytTilFejlkoe,
    Import,
    Laes,
    List,
    Opret,
    Passiver,
    Request,
    Ret,
    Slet,
    Soeg,
    TilfoejVaerdier,
)
from adapters.soap.flyt import condemn
from adapters.soap.searching import search
from broker.core.model import Livscyklus, Vaerdiliste
from broker.errors import AccessDenied, NotFound, Refused
from broker.service import Beskedfordeler

MOST_VALUES = 2_000_000
"""Values in one answer to list (ours)."""
_SORTED = 10_000
"""Values up to which an answer shows them in order; sorting more would take too long."""
_LARGE = 5_000
"""Values from which an answer is written in a thread."""


@dataclass(frozen=True, slots=True)
class Operations:
    """What one call may do."""

    service: Beskedfordeler
    caller: Caller

    async def perform(self, request: Request) -> bytes:
        """The answer to what was done.  Raises `broker.errors.BeskedfordelerError` where it is refused."""
        match request:
            case Opret():
                return await self._opret(request)
            case Import():
                return await self._import(request)
            case Ret():
                return await self._ret(request)
            case Passiver():
                return await self._passiver(request)
            case Slet():
                return await self._slet(request)
            case Laes():
                return await self._laes(request)
            case List():
                return await self._list(request)
            case Soeg():
                return await self._soeg(request)
            case TilfoejVaerdier() | FjernVaerdier():
                return await self._values(request)
            case FlytTilFejlkoe():
                await condemn(self.service, self.caller, request)
                return answer(request)

    # --- lists come and go ---------------------------------------------------------------------------

    async def _opret(self, request: Opret) -> bytes:
        egenskab, uuid, system = request.egenskab, str(uuid4()), self._system
        head = registering.new_head(uuid, system, egenskab, Livscyklus.OPSTAAET, request.note, self._now)
        liste = await self._change(request, lambda: head, anew=egenskab.vaerdier)
        return await self._answered(request, liste, uuid=uuid)

    async def _import(self, request: Import) -> bytes:
        egenskab = request.newest.egenskab

        def head() -> Vaerdiliste:
            if request.uuid in self.service.content.vaerdilister:
                self._own(request.uuid)
            livscyklus = Livscyklus.IMPORTERET
            return registering.new_head(request.uuid, self._system, egenskab, livscyklus, request.note, self._now)

        return await self._answered(request, await self._change(request, head, anew=egenskab.vaerdier))

    async def _ret(self, request: Ret) -> bytes:
        egenskab = request.egenskab

        def head() -> Vaerdiliste:
            return registering.corrected(self._own(request.uuid), egenskab, request.note, self._now)

        anew = None if egenskab is None else egenskab.vaerdier
        return await self._answered(request, await self._change(request, head, anew=anew))

    async def _passiver(self, request: Passiver) -> bytes:
        liste = await self._change(
            request, lambda: registering.passive(self._own(request.uuid), request.note, self._now)
        )
        return await self._answered(request, liste)

    async def _slet(self, request: Slet) -> bytes:
        liste = self._own(request.uuid)
        values = self._held(liste)
        await self.service.delete([liste])
        self.service.note("register", system=self._system, detail=self._about(request, liste))
        gone = registering.deleted(liste, request.note, self._now)
        return await self._written(len(values), lambda: answer(request, registrering=(gone, values)))

    async def _values(self, request: TilfoejVaerdier | FjernVaerdier) -> bytes:
        def head() -> Vaerdiliste:
            return registering.with_other_values(self._own(request.uuid), self._now)

        if isinstance(request, TilfoejVaerdier):
            await self._change(request, head, add=request.vaerdier)
        else:
            await self._change(request, head, remove=request.vaerdier)
        return answer(request)

    async def _change(
        self,
        request: Request,
        head: Callable[[], Vaerdiliste],
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        anew: Iterable[str] | None = None,
    ) -> Vaerdiliste:
        """Put the head that ``head`` gives when nothing else is being changed, and the values; the head."""
        put: list[Vaerdiliste] = []

        def decided() -> Vaerdiliste:
            put.append(head())
            return put[0]

        about = self._about(request)
        await self.service.change_list(decided, add=add, remove=remove, anew=anew, about=about)
        return put[0]

    # --- reading -------------------------------------------------------------------------------------

    async def _laes(self, request: Laes) -> bytes:
        liste = self._own(request.uuid)
        if not request.filtre.meets(liste.registrering):
            raise NotFound(f"værdiliste {liste.id} has no registration that the filters on time accept")
        values = self._held(liste)
        since = self.service.started
        return await self._written(len(values), lambda: answer(request, resultater=[(liste, values)], siden=since))

    async def _list(self, request: List) -> bytes:
        lists = self.service.content.vaerdilister
        asked = [lists[uuid] for uuid in dict.fromkeys(request.uuids) if uuid in lists]
        own = [liste for liste in asked if liste.anvendersystem == self._system]
        found = [liste for liste in own if request.filtre.meets(liste.registrering)]
        if not found:
            self._none_of(request, asked, own)
        count = sum(len(self.service.content.vaerdier[liste.id]) for liste in found)
        if count > MOST_VALUES:
            raise Refused(f"the lists hold {count} values; expected at most {MOST_VALUES} in one answer: ask for fewer")
        results = [(liste, self._held(liste)) for liste in found]
        since = self.service.started
        return await self._written(count, lambda: answer(request, resultater=results, siden=since))

    async def _soeg(self, request: Soeg) -> bytes:
        content = self.service.content
        own = [liste for liste in content.vaerdilister.values() if liste.anvendersystem == self._system]
        return answer(request, idliste=search(request, own, content.vaerdier))

    def _none_of(self, request: List, asked: Sequence[Vaerdiliste], own: Sequence[Vaerdiliste]) -> NoReturn:
        if own:
            raise NotFound("none of the værdilister has a registration that the filters on time accept")
        if asked:
            raise _foreign(asked[0].id)
        some = ", ".join(request.uuids[:3]) + (" …" if len(request.uuids) > 3 else "")
        raise NotFound(f"no værdiliste {some}")

    # --- within --------------------------------------------------------------------------------------

    @property
    def _system(self) -> str:
        return self.caller.system.id

    @property
    def _now(self) -> float:
        return self.service.clock.now()

    def _own(self, uuid: str) -> Vaerdiliste:
        """Raises NotFound, AccessDenied."""
        liste = self.service.content.vaerdilister.get(uuid)
        if liste is None:
            raise NotFound(f"no værdiliste {uuid}")
        if liste.anvendersystem != self._system:
            raise _foreign(uuid)
        return liste

    def _held(self, liste: Vaerdiliste) -> list[str]:
        """The values as they are now: what is added later is not in the answer."""
        held = self.service.content.vaerdier.get(liste.id, set())
        return sorted(held) if len(held) <= _SORTED else list(held)

    async def _answered(self, request: Request, liste: Vaerdiliste, *, uuid: str | None = None) -> bytes:
        values = self._held(liste)
        return await self._written(len(values), lambda: answer(request, uuid=uuid, registrering=(liste, values)))

    async def _written(self, values: int, write: Callable[[], bytes]) -> bytes:
        return write() if values < _LARGE else await asyncio.to_thread(write)

    def _about(self, request: Request, liste: Vaerdiliste | None = None) -> dict[str, object]:
        """For the trace: what was asked for, by whom; no values."""
        about: dict[str, object] = {
            "handling": request.operation.value,
            "via": f"soap, {self.caller.how}",
            "fra": self.caller.host,
        }
        return about if liste is None else about | {"værdiliste": liste.navn}


def _foreign(uuid: str) -> AccessDenied:
    return AccessDenied(f"værdiliste {uuid} belongs to another anvendersystem")
