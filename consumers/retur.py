"""StandardRetur as a sender reads it: StatusKode and FejlbeskedTekst, directly under the root."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from consumers.xml import SAGDOK, read_xml

TOKEN_EXPIRED = 41
"""StatusKode: the token's time is over; a new one, and the same message again."""


@dataclass(frozen=True, slots=True)
class StandardRetur:
    """The Beskedfordeler's answer: 20 = taken; all else says why not."""

    status_kode: int
    fejlbesked_tekst: str

    @property
    def ok(self) -> bool:
        return self.status_kode == 20


def read_retur(document: bytes) -> StandardRetur:
    """Read the answer, whatever its root is called, as KOMBIT's own samples do.  Raises ValueError."""
    try:
        root = read_xml(document)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the answer is no XML: {error}") from error
    kode = root.findtext(f"{{{SAGDOK}}}StatusKode")
    if kode is None or not kode.strip().isdigit():
        raise ValueError(f"the answer has no StatusKode in {SAGDOK} directly under the root ({root.tag})")
    return StandardRetur(int(kode), (root.findtext(f"{{{SAGDOK}}}FejlbeskedTekst") or "").strip())
