"""A social provider: answers what municipalities ask of it, tells them of changes, and keeps a journal."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.brev import SVAR, Brev, Brevtype, LaestBrev, read_brev, write_brev
from consumers.client import Modtaget, StandardRetur
from consumers.kontor import Kontor
from consumers.part import Part

_TEKST = {
    Brevtype.SVAR_MATCH: "Tilbuddet har plads fra den 1. (syntetisk).",
    Brevtype.SVAR_BESTILLING: "Bestillingen er modtaget, og indsatsen aftalt (syntetisk).",
    Brevtype.STATUSNOTAT: "Borgeren følger indsatsmålene (syntetisk).",
}


class Tilbud:
    """Answers by itself: a match, a bestilling, a request for status (`consumers.brev.SVAR`).

    ``myndigheder`` are those it works for, by the UUID of their organisation; a letter of another is kept, and
    not answered.
    """

    def __init__(self, kontor: Kontor, myndigheder: Sequence[Part]) -> None:
        self.kontor = kontor
        self.breve: list[LaestBrev] = []
        self._myndigheder = {part.aktoer: part for part in myndigheder}

    async def run(self) -> None:
        """Receive and answer until the office is stopped."""
        await self.kontor.receive(self._handle)

    async def tell(self, myndighed: Part, *, borger: str, kle: str, tekst: str) -> tuple[Brev, StandardRetur]:
        """A significant change with a citizen: Markant ændring, unasked."""
        brev = Brev(Brevtype.MARKANT_AENDRING, self.kontor.part, [myndighed], borger, kle, tekst)
        return brev, await self._send(brev)

    async def _handle(self, modtaget: Modtaget) -> None:
        brev = read_brev(modtaget.kuvert)
        if brev is None:
            return
        self.breve.append(brev)
        afsender = self._myndigheder.get(brev.fra_aktoer)
        svar = SVAR.get(brev.brevtype)
        if svar is not None and afsender is not None:
            part = self.kontor.part
            await self._send(
                Brev(svar, part, [afsender], brev.borger, brev.kle, _TEKST[svar], brev.forloeb, brev.besked_id)
            )

    async def _send(self, brev: Brev) -> StandardRetur:
        return await self.kontor.send(brev.besked_id, brev.brevtype.navn, write_brev(brev))
