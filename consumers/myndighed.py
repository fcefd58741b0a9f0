"""A municipal authority: asks tilbud for a match, orders, asks for status, and journalises what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.brev import SVAR, Brev, Brevtype, LaestBrev, read_brev, write_brev
from consumers.client import Modtaget, StandardRetur
from consumers.kontor import Kontor
from consumers.part import Part


class Myndighed:
    """Writes to tilbud through its `Kontor`; keeps the letters that it received in memory.

    ``tilbud`` are those that it knows, by the UUID of their organisation: it receipts their letters.
    """

    def __init__(self, kontor: Kontor, tilbud: Sequence[Part] = ()) -> None:
        self.kontor = kontor
        self.breve: list[LaestBrev] = []
        self.andre: list[str] = []
        """BeskedId of what came that is no letter: events from CPR, post status."""
        self._tilbud = {part.aktoer: part for part in tilbud}

    async def write(
        self, brevtype: Brevtype, til: Sequence[Part], *, borger: str, kle: str, tekst: str, forloeb: str | None = None
    ) -> tuple[Brev, StandardRetur]:
        """Send one letter, in a new course unless ``forloeb`` is given."""
        brev = Brev(brevtype, self.kontor.part, til, borger, kle, tekst)
        if forloeb is not None:
            brev = Brev(brevtype, self.kontor.part, til, borger, kle, tekst, forloeb)
        return brev, await self._send(brev)

    async def run(self) -> None:
        """Receive until the office is stopped."""
        await self.kontor.receive(self._handle)

    async def _handle(self, modtaget: Modtaget) -> None:
        brev = read_brev(modtaget.kuvert)
        if brev is None:
            self.andre.append(modtaget.kuvert.besked_id)
            return
        self.breve.append(brev)
        afsender = self._tilbud.get(brev.fra_aktoer)
        svar = SVAR.get(brev.brevtype)
        if svar is not None and afsender is not None:
            tekst = "Ændringen er modtaget; indsatsen vurderes på ny (syntetisk)."
            await self._send(
                Brev(svar, self.kontor.part, [afsender], brev.borger, brev.kle, tekst, brev.forloeb, brev.besked_id)
            )

    async def _send(self, brev: Brev) -> StandardRetur:
        return await self.kontor.send(brev.besked_id, brev.brevtype.navn, write_brev(brev))
