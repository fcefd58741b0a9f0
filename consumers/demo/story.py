"""What happens, phase by phase; every phase ends when all is received that should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from consumers.client import StandardRetur
from consumers.demo.cast import (
    BIRKELY,
    BORGERE,
    CPR_FEED,
    FYRTAARNET,
    HAVBLIK,
    KILDEN,
    MYNDIGHEDER,
    NOBODYS,
    NORDBY,
    POST_FEED,
    SOENDERAA,
    TILBUD,
    VESTHOLM,
)
from consumers.demo.feeds import cpr_event, post_status
from consumers.demo.model import Fate
from consumers.demo.stage import Stage
from consumers.kuvert import Kuvert
from consumers.part import Part
from consumers.standards.letters import Beroert, Hastegrad
from consumers.standards.standard import Standard

FILTRERING = "Beskedkuvert.Filtreringsdata."


@dataclass(frozen=True, slots=True)
class Scene:
    """One phase: its title, a word on what to look for, and what it does."""

    title: str
    look: str
    act: Callable[[Stage, Teller], Awaitable[None]]


class Teller:
    """How a scene speaks to the audience, and how fast it goes: ``pace`` seconds between messages."""

    def __init__(self, say: Callable[[str], None], pace: float) -> None:
        self.say = say
        self.pace = pace
        self.refusals: list[tuple[str, StandardRetur]] = []
        self.held_at_most = 0

    async def each(self, parts: Sequence[Part]) -> AsyncIterator[Part]:
        """One after the other, with a breath between."""
        for part in parts:
            yield part
            await asyncio.sleep(self.pace)


async def courses(stage: Stage, teller: Teller) -> None:
    """Three citizens, from match or bestilling to the end of the indsats, in some two years of days that jump."""
    first = stage.match(NORDBY, list(TILBUD))
    second = stage.open(SOENDERAA)
    stage.myndigheder[SOENDERAA].bestil(second, KILDEN)
    third = stage.match(VESTHOLM, [HAVBLIK])
    if not await stage.live(7, teller.pace):
        return
    stage.myndigheder[SOENDERAA].bestil(second, HAVBLIK)  # Kilden has declined
    if not await stage.live(53, teller.pace):
        return
    stage.tilbud[BIRKELY].tell(first, "Borgeren er begyndt i beskæftigelse (syntetisk)")
    news = "Borgeren er udskrevet efter indlæggelse (syntetisk)"
    stage.tilbud[HAVBLIK].tell(third, news, hastegrad=Hastegrad.AKUT, beroerer=[Beroert.YDELSER])
    await stage.live(900, teller.pace)


async def feeds(stage: Stage, teller: Teller) -> None:
    """Events go to who follows the citizen, post status to who wrote."""
    for part, haendelse in ((NORDBY, "flytning"), (SOENDERAA, "navneaendring"), (VESTHOLM, "civilstand")):
        await stage.feed(CPR_FEED, cpr_event(BORGERE[part][1], haendelse))
        await asyncio.sleep(teller.pace)
    await stage.feed(CPR_FEED, cpr_event(NOBODYS, "flytning"))
    teller.say("A CPR event about a citizen whom nobody follows is taken (20) and goes to nobody.")
    async for part in teller.each(MYNDIGHEDER):
        await stage.feed(POST_FEED, post_status(part, "Afleveret Digital Post"))


async def stopped(stage: Stage, teller: Teller) -> None:
    """One tilbud stops its subscription: what is sent meanwhile does not come."""
    await stage.stop(stage.model.letters_of(HAVBLIK))
    async for myndighed in teller.each(MYNDIGHEDER):
        stage.match(myndighed, [HAVBLIK, BIRKELY])


async def started(stage: Stage, teller: Teller) -> None:
    """Started again: new ones come, those that were missed do not."""
    await stage.start(stage.model.letters_of(HAVBLIK))
    async for myndighed in teller.each(MYNDIGHEDER):
        stage.match(myndighed, [HAVBLIK])
    await stage.live(10, teller.pace)
    missed = len(stage.model.of(HAVBLIK, Fate.STOPPED))
    teller.say(f"Bostedet Havblik gets the new letters; the {missed} sent while it was stopped do not come.")


async def narrowed(stage: Stage, teller: Teller) -> None:
    """Two filters change at run time: one to a single kind of letter, one to a single municipality."""
    bestilling = Standard.BESTILLING.beskedtype
    await _narrow(
        stage,
        BIRKELY,
        f"{FILTRERING}Beskedtype.UUIDIdentifikator = '{bestilling}'",
        lambda kuvert: kuvert.beskedtype == bestilling,
        "Bestilling only",
    )
    await _narrow(
        stage,
        KILDEN,
        f"{FILTRERING}BeskedAnsvarligAktoer.UUIDIdentifikator = '{SOENDERAA.aktoer}'",
        lambda kuvert: kuvert.aktoer == SOENDERAA.aktoer,
        "Sønderå only",
    )
    async for myndighed in teller.each(MYNDIGHEDER):
        stage.match(myndighed, [BIRKELY, KILDEN])


async def paused(stage: Stage, teller: Teller) -> None:
    """Paused: what comes is kept back; resumed: it flows."""
    subscription = stage.model.letters_of(FYRTAARNET)
    await stage.pause(subscription)
    async for myndighed in teller.each(MYNDIGHEDER):
        stage.match(myndighed, [FYRTAARNET])
    await stage.settle()
    teller.held_at_most = (await stage.admin.depths())[FYRTAARNET.dueslag]["held"]
    teller.say(f"{teller.held_at_most} letters are kept back for Støttecentret Fyrtårnet; now it resumes.")
    await asyncio.sleep(4 * teller.pace)
    await stage.resume(subscription)


async def faulty(stage: Stage, teller: Teller) -> None:
    """Faulty messages are refused, each with a StatusKode and the reason; nobody else notices."""
    besked_id, navn, good = cpr_event(NOBODYS, "flytning")
    for what, part, xml in (
        ("an envelope without Beskedtype", CPR_FEED, _without(good, b"<k:Beskedtype>", b"</k:Beskedtype>")),
        ("BeskedVersion 9.0", CPR_FEED, good.replace(b"Version>1.0<", b"Version>9.0<")),
        ("no XML at all", CPR_FEED, "Kære Beskedfordeler".encode()),
        ("the feed of post status with a CPR event", POST_FEED, good),
    ):
        retur = await stage.feeds[part].send(besked_id, navn, xml)
        teller.refusals.append((what, retur))
        teller.say(f"{what}: StatusKode {retur.status_kode}. {retur.fejlbesked_tekst}")
        await asyncio.sleep(teller.pace)


SCENES = (
    Scene("Three citizens", "from match to follow-up: the letters, day by day", courses),
    Scene("Events and post", "each message goes to those it is meant for", feeds),
    Scene("Bostedet Havblik stops its subscription", "what is sent meanwhile does not come", stopped),
    Scene("Bostedet Havblik starts again", "new letters come, the missed ones do not", started),
    Scene("Two filters change", "Birkely: Bestilling only; Kilden: Sønderå Kommune only", narrowed),
    Scene("Støttecentret Fyrtårnet pauses and resumes", "kept back, then delivered", paused),
    Scene("Faulty messages", "refused with StatusKode and the reason", faulty),
)


async def _narrow(stage: Stage, part: Part, term: str, test: Callable[[Kuvert], bool], note: str) -> None:
    subscription = stage.model.letters_of(part)
    addressed = f"{FILTRERING}RelateretObjekt.ObjektId.URNIdentifikator = '{part.p_urn}'"
    await stage.admin.set_filter(subscription.id, f"{addressed} AND {term}")
    subscription.narrowed = test
    subscription.note = note


def _without(xml: bytes, begin: bytes, end: bytes) -> bytes:
    before, _, rest = xml.partition(begin)
    return before + rest.partition(end)[2]
