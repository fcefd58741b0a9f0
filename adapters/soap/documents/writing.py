"""The pieces of an answer, as text: ``s`` is bound to sagdok, no prefix is the namespace of the document.

A tree of 500,000 elements costs seconds and gigabytes; the values are escaped and wrapped all at once instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from lxml import etree

from adapters.soap.documents.leaves import EARLIEST, LATEST
from adapters.soap.documents.names import AKTOER_TYPES
from adapters.soap.documents.operation import Operation
from broker.core.model import Livscyklus, Registrering, Vaerdiliste
from broker.kuvert.names import SAGDOK
from broker.kuvert.text import xml_text

OK = 20
_BETWEEN = "\0"
"""Parts values until they are escaped: no value that XML can hold has it."""
_NOT_IN_VALUES = re.compile("[^\0\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SLICE = 20_000
"""Values that are escaped at once: a few milliseconds."""
_EMPTY_LISTS = "<TilstandListe/><RelationListe/>"


class Shown(NamedTuple):
    """A list with its values, and FraTidspunkt for one that has no registrering."""

    hoved: Vaerdiliste
    vaerdier: Sequence[str]
    siden: float | None


def with_root(operation: Operation, parts: Iterable[str]) -> bytes:
    """The whole document."""
    name = etree.QName(operation.output)
    start = f'<{name.localname} xmlns="{name.namespace}" xmlns:s="{SAGDOK}">'
    return "".join((start, *parts, f"</{name.localname}>")).encode()


def standard_retur(kode: int, tekst: str) -> str:
    """StandardRetur; FejlbeskedTekst is empty with 20, whatever ``tekst`` says."""
    text = "" if kode == OK else xml_text(tekst)
    return (
        f"<s:StandardRetur><s:StatusKode>{kode}</s:StatusKode><s:FejlbeskedTekst>{text}</s:FejlbeskedTekst>"
        "</s:StandardRetur>"
    )


def uuid_identifikator(uuid: str) -> str:
    """UUIDIdentifikator."""
    return f"<s:UUIDIdentifikator>{xml_text(uuid)}</s:UUIDIdentifikator>"


def registrering_of(shown: Shown) -> str:
    """Registrering: its time, LivscyklusKode, BrugerRef and the three lists.

    A list without registrering is shown as Importeret, without BrugerRef (ours).
    """
    registrering = shown.hoved.registrering
    if registrering is None:
        head = _tidspunkt("FraTidspunkt", shown.siden) + _livscyklus(Livscyklus.IMPORTERET)
    else:
        head = _tidspunkt("FraTidspunkt", registrering.tidspunkt) + _livscyklus(registrering.livscyklus)
        if registrering.bruger:
            head += _unik_id("BrugerRef", registrering.bruger)
    return f"<Registrering>{head}{_lists(shown)}</Registrering>"


def oejebliksbillede(shown: Shown) -> str:
    """FiltreretOejebliksbillede: the list's UUID and the three lists."""
    inside = uuid_identifikator(shown.hoved.id) + _lists(shown)
    return f"<FiltreretOejebliksbillede>{inside}</FiltreretOejebliksbillede>"


def _lists(shown: Shown) -> str:
    registrering = shown.hoved.registrering
    noegle = ""
    if registrering is not None and registrering.noegle:
        noegle = f"<s:BrugervendtNoegleTekst>{xml_text(registrering.noegle)}</s:BrugervendtNoegleTekst>"
    return (
        f"<AttributListe><Egenskab>{noegle}<Vaerdiliste><Navn>{xml_text(shown.hoved.navn)}</Navn>"
        f"{_vaerdier(shown.vaerdier)}</Vaerdiliste>{_virkning(shown.hoved, registrering)}</Egenskab></AttributListe>"
        f"{_EMPTY_LISTS}"
    )


def _vaerdier(vaerdier: Sequence[str]) -> str:
    """In slices: between them other threads run, which nothing else lets them."""
    return "".join([_slice(vaerdier[start : start + _SLICE]) for start in range(0, len(vaerdier), _SLICE)])


def _slice(vaerdier: Sequence[str]) -> str:
    joined = _BETWEEN.join(vaerdier)
    if joined.count(_BETWEEN) != len(vaerdier) - 1:
        joined = _BETWEEN.join(value.replace(_BETWEEN, "\ufffd") for value in vaerdier)
    if _NOT_IN_VALUES.search(joined):
        joined = _NOT_IN_VALUES.sub("\ufffd", joined)
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        joined = joined.replace(character, escaped)
    return f"<Vaerdi>{joined.replace(_BETWEEN, '</Vaerdi><Vaerdi>')}</Vaerdi>"


def _virkning(liste: Vaerdiliste, registrering: Registrering | None) -> str:
    """Virkning; the schema demands who says so: where that is not known, the system that owns the list (ours)."""
    period, aktoer, aktoer_type, note = "", liste.anvendersystem, "ItSystem", ""
    if registrering is not None:
        if registrering.virkning_fra is not None:
            period = _tidspunkt("FraTidspunkt", registrering.virkning_fra)
        if registrering.virkning_til is not None:
            period += _tidspunkt("TilTidspunkt", registrering.virkning_til)
        if registrering.virkning_note:
            note = f"<s:NoteTekst>{xml_text(registrering.virkning_note)}</s:NoteTekst>"
        if registrering.aktoer:
            aktoer = registrering.aktoer
            aktoer_type = registrering.aktoer_type if registrering.aktoer_type in AKTOER_TYPES else aktoer_type
    return (
        f"<s:Virkning>{period}{_unik_id('AktoerRef', aktoer)}<s:AktoerTypeKode>{aktoer_type}</s:AktoerTypeKode>{note}"
        "</s:Virkning>"
    )


def _livscyklus(livscyklus: Livscyklus) -> str:
    return f"<s:LivscyklusKode>{livscyklus.value}</s:LivscyklusKode>"


def _tidspunkt(name: str, tid: float | None) -> str:
    inside = (
        "<s:GraenseIndikator>true</s:GraenseIndikator>"
        if tid is None
        else f"<s:TidsstempelDatoTid>{_date_time(tid)}</s:TidsstempelDatoTid>"
    )
    return f"<s:{name}>{inside}</s:{name}>"


def _date_time(tid: float) -> str:
    return (
        datetime.fromtimestamp(min(max(tid, EARLIEST), LATEST), UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _unik_id(name: str, value: str) -> str:
    kind = "URN" if value[:4].lower() == "urn:" else "UUID"
    return f"<s:{name}><s:{kind}Identifikator>{xml_text(value)}</s:{kind}Identifikator></s:{name}>"
