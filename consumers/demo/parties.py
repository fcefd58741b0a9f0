"""The parties of the demo: fagsystemer that somebody looks over the shoulder of, and the two feeds."""

from __future__ import annotations

from typing import Protocol

from consumers.client import Afsend
from consumers.demo.journal import Indgaaet, Journal, Sendt
from consumers.fagsystem import Myndighed, Tilbud
from consumers.fagsystem.system import Fagsystem
from consumers.kuvert import Kuvert, read_kuvert
from consumers.part import Part
from consumers.retur import StandardRetur
from consumers.standards.standard import BY_BESKEDTYPE


class Onlooker(Protocol):
    """Told just before a message is sent."""

    def __call__(self, part: Part, sendt: Sendt, xml: bytes) -> None: ...


class Watched(Fagsystem):
    """A party whose messages are entered in ``sheet``, as they go out and as they come in."""

    sheet: Journal
    onlooker: Onlooker

    def watch(self, onlooker: Onlooker) -> None:
        """To be called before it runs."""
        self.sheet, self.onlooker = Journal(), onlooker
        self._under_way: dict[int, Sendt] = {}

    def receive(self, kuvert: Kuvert, fails: bool = False) -> bool:
        again = kuvert.leveranceforsoeg > 1
        self.sheet.receive(Indgaaet(kuvert.besked_id, kuvert.beskedtype, kuvert.abonnement, again))
        return super().receive(kuvert, fails)

    def fix(self, number: int) -> bytes | None:
        xml = super().fix(number)
        if xml is not None:
            kuvert = read_kuvert(xml)
            sendt = Sendt(kuvert.besked_id, BY_BESKEDTYPE[kuvert.beskedtype].navn)
            self._under_way[number] = sendt
            self.sheet.sendt.append(sendt)
            self.onlooker(self.part, sendt, xml)
        return xml

    def answered(self, number: int, retur: StandardRetur) -> bool:
        settled = super().answered(number, retur)
        if settled:
            self._under_way.pop(number).retur = retur
        return settled


class DemoMyndighed(Watched, Myndighed):
    """A municipality of the demo."""


class DemoTilbud(Watched, Tilbud):
    """A tilbud of the demo."""


class Feed:
    """Sends what it is given, as it is; open with its ``afsend``."""

    def __init__(self, part: Part, afsend: Afsend, onlooker: Onlooker, sheet: Journal) -> None:
        self.part = part
        self.sheet = sheet
        self._afsend = afsend
        self._onlooker = onlooker

    async def send(self, besked_id: str, navn: str, xml: bytes) -> StandardRetur:
        """Send one message and enter it with its answer.  Raises NoAnswer, NotPermitted."""
        sendt = Sendt(besked_id, navn)
        self.sheet.sendt.append(sendt)
        self._onlooker(self.part, sendt, xml)
        sendt.retur = await self._afsend.send(xml)
        return sendt.retur
