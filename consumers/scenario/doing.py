"""Steps carried out: by the parties' own commands, by the admin API, and on the emulator itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from consumers.addressing import subscription_of
from consumers.fagsystem.errors import NotAllowed
from consumers.scenario.actor import Actor
from consumers.scenario.cast import Cast, samtykke_of
from consumers.scenario.control import EmulatorControl
from consumers.scenario.killer import Killer
from consumers.scenario.steps import (
    AendringStep,
    AnmodStep,
    BestilStep,
    ChangeStep,
    Command,
    ConsentStep,
    KvitterStep,
    MatchStep,
    OpfoelgStep,
    PartyStep,
    PlaceStep,
    Step,
    SubscriptionStep,
    WithdrawStep,
)


class StepFailed(Exception):
    """A step did not do what its file says; ``str`` says what it did."""


class Doing:
    """Knows which courses were begun for whom."""

    def __init__(self, cast: Cast, actors: Mapping[str, Actor], control: EmulatorControl, killer: Killer) -> None:
        self._cast = cast
        self._actors = actors
        self._control = control
        self._killer = killer
        self.courses: dict[str, list[str]] = {name: [] for name in cast.citizens}
        """Forløb of each citizen, oldest first."""

    async def do(self, step: Step) -> None:
        """One that waits for nothing.  Raises StepFailed, AdminError, EmulatorDown."""
        about: Any = step.about
        if step.together is not None:
            for one in step.together:
                await self.do(one)
        elif isinstance(about, Command):
            self._command(about)
        elif isinstance(about, str):
            await (self._emulator(about) if step.emulator is not None else _nothing())
        else:
            await _HANDLERS[type(about)](self, about)

    def _command(self, about: Command) -> None:
        """What a caseworker does, and may be refused."""
        try:
            _COMMANDS[type(about)](self, about)
        except NotAllowed as refusal:
            if about.refused is None:
                raise StepFailed(f"the system refuses it: {refusal}") from None
            if refusal.rule != about.refused:
                raise StepFailed(f"expected to be refused by {about.refused}, but: {refusal}") from None
        else:
            if about.refused is not None:
                raise StepFailed(f"expected to be refused by {about.refused}, but it was done")

    def _course(self, citizen: str) -> str:
        if not self.courses[citizen]:
            raise StepFailed(f"{citizen} has no course yet; expected a match or a bestil before this")
        return self.courses[citizen][-1]

    def _myndighed(self, citizen: str) -> Actor:
        return self._actors[self._cast.scenario.citizens[citizen].myndighed]

    def _cpr(self, citizen: str) -> str:
        return self._cast.citizens[citizen].cpr

    # Letters.

    def _match(self, about: MatchStep) -> None:
        til = [self._actors[name].part for name in about.to]
        forloeb = self._myndighed(about.citizen).myndighed.match(self._cpr(about.citizen), til)
        self.courses[about.citizen].append(forloeb)

    def _bestil(self, about: BestilStep) -> None:
        myndighed = self._myndighed(about.citizen).myndighed
        if not self.courses[about.citizen]:
            self.courses[about.citizen].append(myndighed.open(self._cpr(about.citizen)))
        start = None if about.start_in is None else days_from(myndighed.calendar.now().date(), about.start_in)
        myndighed.bestil(self._course(about.citizen), self._actors[about.to].part, startdato=start)

    def _anmod(self, about: AnmodStep) -> None:
        self._myndighed(about.citizen).myndighed.anmod(self._course(about.citizen))

    def _opfoelg(self, about: OpfoelgStep) -> None:
        self._myndighed(about.citizen).myndighed.opfoelg(
            self._course(about.citizen), ny_bestilling=about.ny_bestilling, afslut=about.afslut
        )

    def _aendring(self, about: AendringStep) -> None:
        teller = self._actors[about.by]
        teller.tilbud.tell(self._course(about.citizen), about.text, hastegrad=about.hastegrad)

    def _kvitter(self, about: KvitterStep) -> None:
        myndighed, course = self._myndighed(about.citizen).myndighed, self._course(about.citizen)
        forloeb = myndighed.forloeb(course)
        if forloeb is None or not forloeb.aabne_aendringer:
            raise StepFailed(f"there is no markant ændring of {about.citizen} without kvittering")
        myndighed.kvitter(course, forloeb.aabne_aendringer[0], about.handling)

    # Citizens.

    async def _change(self, about: ChangeStep) -> None:
        myndighed, cpr = self._myndighed(about.citizen).myndighed, self._cpr(about.citizen)
        changes: dict[str, object] = {}
        if about.fornavn is not None:
            changes["fornavne"] = (about.fornavn,)
        if about.efternavn is not None:
            changes["efternavn"] = about.efternavn
        if about.telefon is not None:
            changes["telefoner"] = (about.telefon,)
        if about.adresse is not None:
            changes["adresse"] = myndighed.citizen(cpr).borger.adresse.model_copy(update={"linje": about.adresse})
        myndighed.change_citizen(cpr, **changes)

    async def _consent(self, about: ConsentStep) -> None:
        myndighed, cpr = self._myndighed(about.citizen).myndighed, self._cpr(about.citizen)
        given = samtykke_of(myndighed.citizen(cpr), myndighed.calendar.now(), about.until)
        myndighed.give_consent(cpr, given)

    async def _withdraw(self, about: WithdrawStep) -> None:
        self._myndighed(about.citizen).myndighed.withdraw_consent(self._cpr(about.citizen))

    # Systems.

    async def _subscription(self, about: SubscriptionStep) -> None:
        abonnement = subscription_of(self._actors[about.party].part)
        if about.do == "filter":
            await self._control.admin.set_filter(abonnement, about.filter or self._cast.filter_of(about.party))
        else:
            await self._control.admin.set_state(abonnement, about.do)

    async def _party(self, about: PartyStep) -> None:
        actor = self._actors[about.party]
        if about.do == "stop":
            await actor.stop()
        elif about.do in ("kill", "restart"):
            await actor.kill()
        if about.do in ("start", "restart"):
            actor.start()

    async def _places(self, about: PlaceStep) -> None:
        self._actors[about.party].tilbud.add_places(about.free)

    async def _emulator(self, how: str) -> None:
        if how == "kill":
            self._killer.kill()
        else:
            await self._control.restart()


async def _nothing() -> None:
    """A note: it was shown when the step began."""


def days_from(day: Any, count: int) -> Any:
    from datetime import timedelta

    return day + timedelta(days=count)


_COMMANDS: dict[type[Any], Callable[[Doing, Any], None]] = {
    MatchStep: Doing._match,
    BestilStep: Doing._bestil,
    AnmodStep: Doing._anmod,
    OpfoelgStep: Doing._opfoelg,
    AendringStep: Doing._aendring,
    KvitterStep: Doing._kvitter,
}
_HANDLERS: dict[type[Any], Callable[[Doing, Any], Awaitable[None]]] = {
    ChangeStep: Doing._change,
    ConsentStep: Doing._consent,
    WithdrawStep: Doing._withdraw,
    SubscriptionStep: Doing._subscription,
    PartyStep: Doing._party,
    PlaceStep: Doing._places,
}
