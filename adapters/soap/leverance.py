"""A delivered message, read back: what was written into it on the way, and the message as a store keeps it.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from broker.core.identifiers import canonical
from broker.core.stored import StoredBesked
from broker.kuvert import Limits, Parsed, Source, parse, splice_source
from broker.kuvert.names import KUVERT, URN_IDENTIFIKATOR, UUID_IDENTIFIKATOR
from broker.kuvert.tree import read_tree

_INFORMATION = f"{{{KUVERT}}}Beskedkuvert/{{{KUVERT}}}Leveranceinformation/"
_ABONNEMENT = f"{_INFORMATION}{{{KUVERT}}}Leveranceruter/{{{KUVERT}}}Leverancerute/{{{KUVERT}}}ErLeveretIHenholdTil"


@dataclass(frozen=True, slots=True)
class Carried:
    """What came back, as its Leveranceinformation tells it; "" = not there."""

    parsed: Parsed
    kildesystem: str
    ip: str
    akkreditiver: str
    transaktions_id: str
    abonnementer: tuple[str, ...]
    """ErLeveretIHenholdTil of each Leverancerute, in their order."""

    @property
    def besked_id(self) -> str:
        return self.parsed.besked.besked_id

    def anew(self, afsender: str, now: float) -> StoredBesked:
        """The message as it can be kept, sent by ``afsender`` (a UUID)."""
        source = Source(afsender, self.ip, self.akkreditiver or None)
        data, cuts, sent = splice_source(self.parsed, source, self.transaktions_id)
        besked = self.parsed.besked
        return StoredBesked(
            afsender=afsender,
            besked_id=besked.besked_id,
            transaktions_id=self.transaktions_id,
            beskedtype=besked.beskedtype,
            sent=sent,
            data=data,
            cuts=cuts,
            received=now,
            expires=besked.gyldig_til,
        )


def read_carried(data: bytes, limits: Limits) -> Carried:
    """The message in ``data``, a Haendelsesbesked as a document.  Raises Refused, VersionNotSupported."""
    parsed = parse(data, limits)
    root = read_tree(data, limits)

    def text(name: str) -> str:
        return (root.findtext(f"{_INFORMATION}{{{KUVERT}}}{name}") or "").strip()

    def identifier(name: str) -> str:
        return _identifier(root.find(f"{_INFORMATION}{{{KUVERT}}}{name}"))

    return Carried(
        parsed=parsed,
        kildesystem=identifier("Kildesystem"),
        ip=text("KildesystemIPAdresse"),
        akkreditiver=text("KildesystemAkkreditiver"),
        transaktions_id=identifier("TransaktionsId"),
        abonnementer=tuple(filter(None, map(_identifier, root.iterfind(_ABONNEMENT)))),
    )


def _identifier(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return canonical(element.findtext(UUID_IDENTIFIKATOR) or element.findtext(URN_IDENTIFIKATOR) or "")
