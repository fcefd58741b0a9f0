"""What happens, phase by phase; every phase ends when all is received that should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from consumers.brev import Brevtype
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

SOCIAL = "27.18.02"
"""KLE number in the group of social affairs (synthetic use)."""
OTHER = "32.18.04"
"""KLE number outside that group (synthetic use)."""
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


async def everyone(stage: Stage, teller: Teller) -> None:
    """Letters one-to-many and one-to-one, both feeds, and an unasked letter from a tilbud."""
    async for myndighed in teller.each(MYNDIGHEDER):
        await _write(stage, myndighed, Brevtype.MATCH, TILBUD)
    async for part in teller.each(MYNDIGHEDER):
        til = TILBUD[MYNDIGHEDER.index(part)]
        await _write(stage, part, Brevtype.BESTILLING, [til])
    for part, haendelse in ((NORDBY, "flytning"), (SOENDERAA, "navneaendring"), (VESTHOLM, "civilstand")):
        await stage.feed(CPR_FEED, cpr_event(BORGERE[part][1], haendelse))
        await asyncio.sleep(teller.pace)
    await stage.feed(CPR_FEED, cpr_event(NOBODYS, "flytning"))
    teller.say("A CPR event about a citizen whom nobody follows is taken (20) and goes to nobody.")
    async for part in teller.each(MYNDIGHEDER):
        await stage.feed(POST_FEED, post_status(part, "Afleveret Digital Post"))
    await stage.tilbud[KILDEN].tell(
        SOENDERAA, borger=BORGERE[SOENDERAA][0], kle=SOCIAL, tekst="Borgeren er indlagt (syntetisk)."
    )


async def stopped(stage: Stage, teller: Teller) -> None:
    """One tilbud stops its subscription: what is sent meanwhile does not come."""
    await stage.stop(stage.model.letters_of(HAVBLIK))
    async for myndighed in teller.each(MYNDIGHEDER):
        await _write(stage, myndighed, Brevtype.ANMODNING_STATUS, [HAVBLIK])
        await _write(stage, myndighed, Brevtype.ANMODNING_STATUS, [BIRKELY])


async def started(stage: Stage, teller: Teller) -> None:
    """Started again: new ones come, those that were missed do not."""
    subscription = stage.model.letters_of(HAVBLIK)
    await stage.start(subscription)
    async for myndighed in teller.each(MYNDIGHEDER):
        await _write(stage, myndighed, Brevtype.BESTILLING, [HAVBLIK])
    missed = len(stage.model.of(HAVBLIK, Fate.STOPPED))
    teller.say(f"Bostedet Havblik gets the new letters; the {missed} sent while it was stopped do not come.")


async def narrowed(stage: Stage, teller: Teller) -> None:
    """Two filters change at run time: one to a group of KLE, one to a single municipality."""
    await _narrow(
        stage,
        BIRKELY,
        f"{FILTRERING}ObjektRegistrering.OpgaveEmne.URNIdentifikator LIKE 'urn:oio:kle:27.%'",
        lambda kuvert: kuvert.opgave_emne.startswith("urn:oio:kle:27."),
        "KLE 27.* only",
    )
    await _narrow(
        stage,
        KILDEN,
        f"{FILTRERING}BeskedAnsvarligAktoer.UUIDIdentifikator = '{SOENDERAA.aktoer}'",
        lambda kuvert: kuvert.aktoer == SOENDERAA.aktoer,
        "Sønderå only",
    )
    async for myndighed in teller.each(MYNDIGHEDER):
        await _write(stage, myndighed, Brevtype.MATCH, [BIRKELY, KILDEN], kle=SOCIAL)
        await _write(stage, myndighed, Brevtype.MATCH, [BIRKELY, KILDEN, FYRTAARNET], kle=OTHER)


async def paused(stage: Stage, teller: Teller) -> None:
    """Paused: what comes is kept back; resumed: it flows."""
    subscription = stage.model.letters_of(FYRTAARNET)
    await stage.pause(subscription)
    async for myndighed in teller.each(MYNDIGHEDER):
        await _write(stage, myndighed, Brevtype.ANMODNING_STATUS, [FYRTAARNET])
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
        ("a tilbud that sends CPR events", KILDEN, good),
    ):
        retur = await stage.kontorer[part].send(besked_id, navn, xml)
        teller.refusals.append((what, retur))
        teller.say(f"{what}: StatusKode {retur.status_kode}. {retur.fejlbesked_tekst}")
        await asyncio.sleep(teller.pace)


SCENES = (
    Scene("Everyone subscribes", "each message goes to those it is meant for", everyone),
    Scene("Bostedet Havblik stops its subscription", "what is sent meanwhile does not come", stopped),
    Scene("Bostedet Havblik starts again", "new letters come, the missed ones do not", started),
    Scene("Two filters change", "Birkely: KLE 27.* only; Kilden: Sønderå Kommune only", narrowed),
    Scene("Støttecentret Fyrtårnet pauses and resumes", "kept back, then delivered", paused),
    Scene("Faulty messages", "refused with StatusKode and the reason", faulty),
)


async def _write(stage: Stage, myndighed: Part, brevtype: Brevtype, til: Sequence[Part], *, kle: str = SOCIAL) -> None:
    await stage.myndigheder[myndighed].write(
        brevtype, til, borger=BORGERE[myndighed][0], kle=kle, tekst=f"{brevtype.navn} (syntetisk)."
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
