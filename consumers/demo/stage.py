"""The stage: every party connected and at work, the model beside them, and ways to wait for quiet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from consumers.admin import Admin
from consumers.brev import SVAR
from consumers.demo.cast import CPR_FEED, MYNDIGHEDER, POST_FEED, TILBUD
from consumers.demo.model import Fate, Model, State, Subscription
from consumers.journal import Sendt
from consumers.kontor import Kontor
from consumers.kuvert import read_kuvert
from consumers.myndighed import Myndighed
from consumers.part import Part
from consumers.tilbud import Tilbud

_ANSWERED = {kind.navn for kind in SVAR}
_ANSWERS = {kind.navn for kind in SVAR.values()}


@dataclass(slots=True)
class Stage:
    """What the story acts with."""

    model: Model
    admin: Admin
    kontorer: dict[Part, Kontor]
    myndigheder: dict[Part, Myndighed]
    tilbud: dict[Part, Tilbud]
    sent: dict[str, bytes]
    """What was sent, by BeskedId, as it went out."""

    async def feed(self, part: Part, message: tuple[str, str, bytes]) -> None:
        """Send something that is no letter."""
        await self.kontorer[part].send(*message)

    async def stop(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "stop")
        subscription.state = State.STOPPED

    async def start(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "start")
        subscription.state = State.ACTIVE

    async def pause(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "pause")
        subscription.state = State.PAUSED

    async def resume(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "resume")
        self.model.resume(subscription)

    def quiet(self) -> bool:
        """Whether all is sent, answered and received that should be by now."""
        owed = answered = 0
        for expectation in self.model.expectations:
            kind = expectation.sendt.navn
            if expectation.sendt.retur is None:
                return False
            if expectation.fate is Fate.DELIVERED and expectation.counts:
                if expectation.sendt.besked_id not in self.kontorer[expectation.subscription.part].journal.modtaget:
                    return False
                owed += kind in _ANSWERED
        for kontor in self.kontorer.values():
            answered += sum(1 for sendt in kontor.journal.sendt if sendt.navn in _ANSWERS and sendt.retur is not None)
        return owed == answered

    async def settle(self, longest: float = 5.0, grace: float = 0.1) -> bool:
        """Wait until it is quiet, then ``grace`` seconds more, in which nothing may come; whether it became quiet."""
        deadline = time.monotonic() + longest
        while not self.quiet():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        await asyncio.sleep(grace)
        return True


@asynccontextmanager
async def open_stage(host: str, port: int, admin_url: str) -> AsyncIterator[Stage]:
    """Connect every party and let it work.

    Raises what a party raises (in an ExceptionGroup), among it NotPermitted and ConnectionLost.
    """
    model = Model()
    sent: dict[str, bytes] = {}

    def on_sending(part: Part, sendt: Sendt, xml: bytes) -> None:
        try:
            kuvert = read_kuvert(xml)
        except ValueError:
            return  # a faulty message: meant for nobody
        sent[sendt.besked_id] = xml
        model.sending(part, sendt, kuvert)

    async with AsyncExitStack() as stack:
        kontorer = {
            part: await stack.enter_async_context(Kontor(part, host, port, on_sending=on_sending))
            for part in (*MYNDIGHEDER, *TILBUD, CPR_FEED, POST_FEED)
        }
        myndigheder = {part: Myndighed(kontorer[part], TILBUD) for part in MYNDIGHEDER}
        tilbud = {part: Tilbud(kontorer[part], MYNDIGHEDER) for part in TILBUD}
        async with asyncio.TaskGroup() as tasks:
            for myndighed in myndigheder.values():
                tasks.create_task(myndighed.run())
            for provider in tilbud.values():
                tasks.create_task(provider.run())
            yield Stage(model, Admin(admin_url), kontorer, myndigheder, tilbud, sent)
            for kontor in kontorer.values():
                kontor.stop()
