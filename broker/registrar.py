"""Changing the register: decided on what stands, written, taken into the catalogue, and carried out in the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Protocol

import structlog

from broker.catalogue import Catalogue
from broker.core.model import Tilstand
from broker.errors import BeskedfordelerError, NotAvailable
from broker.ports import Engine
from broker.sharing import AnnouncingRegister, Change, Deleted, Put, SharedRegister, Step, Values
from broker.taking import Drop, Effect, Release, items_of, take_in

_log = structlog.get_logger(__name__)

Parts = tuple[Put | Deleted | Values, ...]


class Decide(Protocol):
    """What a change is to do, by the register as it stands; called when nobody else is changing it.

    Raises RegisterError, NotFound.
    """

    def __call__(self) -> Parts: ...


class Registrar:
    """The one hand that changes register and catalogue; ``changed`` is called after every change of an item."""

    def __init__(
        self, register: SharedRegister, catalogue: Catalogue, engine: Engine, changed: Callable[[], None]
    ) -> None:
        self._register = register
        self._catalogue = catalogue
        self._engine = engine
        self._changed = changed
        self._changing = asyncio.Lock()
        """Changes, one at a time: what one was checked against must not change under it."""
        self._settling = asyncio.Lock()
        self._owed: dict[Effect, None] = {}
        """What changes have asked of the engine, and is not done yet."""

    async def change(self, decide: Decide, note: Callable[[Parts], None]) -> None:
        """Carry out what ``decide`` returns, all or none; ``note`` hears of it when it holds.

        Raises what ``decide`` raises, and NotAvailable where the register cannot be changed now.
        """
        async with self._changing:
            async with self._register.changing(self._catalogue.content.revision) as step:
                self._take(step.behind)
                parts = decide()
                for part in parts:
                    await self._write(step, part)
            effects = self._take([Change(step.revision, parts)])
            note(parts)
        failed = await self.settle()
        for effect in effects:
            if effect in failed:
                raise failed[effect]

    async def catch_up(self, register: AnnouncingRegister, newest: int | None = None) -> None:
        """Take in what other fronts have changed, up to revision ``newest`` at least; None = look what there is.

        Raises NotAvailable.
        """
        async with self._changing:
            revision = self._catalogue.content.revision
            if newest is None or newest > revision:
                self._take(await register.changes(revision))

    async def settle(self) -> dict[Effect, BeskedfordelerError]:
        """Do in the engine what changes have asked for; what could not be done, and is still owed."""
        failed: dict[Effect, BeskedfordelerError] = {}
        async with self._settling:
            while todo := [effect for effect in self._owed if effect not in failed]:
                for effect in todo:
                    try:
                        await self._do(effect)
                    except BeskedfordelerError as error:
                        failed[effect] = error
                        _log.warning("owed to a change, and not done yet", what=repr(effect), reason=str(error))
                    else:
                        self._owed.pop(effect, None)
        return failed

    async def mend(self) -> None:
        """After a start: what is kept back for an abonnement that is active flows.

        It is still there where a front ended between a change and what the change asked of the engine.
        """
        content = self._catalogue.content
        held = {key for key in content.dueslag if self._engine.depth(key).held}
        for abonnement in content.abonnementer.values() if held else ():
            if abonnement.dueslag in held and abonnement.tilstand is Tilstand.AKTIV:
                self._owed[Release(abonnement.dueslag, abonnement.id)] = None
        await self.settle()

    async def _do(self, effect: Effect) -> None:
        match effect:
            case Release():
                await self._release(effect)
            case Drop():
                await self._drop(effect)

    async def _release(self, effect: Release) -> None:
        """Every front releases what it kept back until it heard of the resumption, one front at a time: in order."""
        abonnement = self._catalogue.content.abonnementer.get(effect.abonnement)
        if abonnement is not None and abonnement.tilstand is Tilstand.PAUSE:
            return
        async with AsyncExitStack() as stack:
            with suppress(NotAvailable):  # messages flow before order among fronts is certain
                await stack.enter_async_context(self._register.alone(f"release {effect.abonnement}"))
            await self._engine.release(effect.dueslag, effect.abonnement)

    async def _drop(self, effect: Drop) -> None:
        """While nobody can make a dueslag of the same id: its messages would go, too."""
        async with self._changing, self._register.changing(self._catalogue.content.revision) as step:
            self._take(step.behind)
            if effect.dueslag not in self._catalogue.content.dueslag:
                await self._engine.drop(effect.dueslag)

    async def _write(self, step: Step, part: Put | Deleted | Values) -> None:
        match part:
            case Put():
                await step.put(part.items)
            case Deleted():
                await step.delete(items_of(self._catalogue.content, part.keys))
            case Values():
                assert part.head is not None
                await step.change_list(part.head, part.added, part.removed)

    def _take(self, changes: Sequence[Change]) -> tuple[Effect, ...]:
        taken = [take_in(self._catalogue, change) for change in changes]
        effects = tuple(effect for one in taken for effect in one.effects)
        self._owed.update(dict.fromkeys(effects))
        if any(one.anything for one in taken):
            self._changed()
        return effects
