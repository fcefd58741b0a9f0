"""Requests written by a random hand: what any SOAP library, or a person with an editor, may send.

`write(request, seed)` gives a document that says the request; one seed, one handwriting.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta, timezone
from xml.sax.saxutils import escape

from adapters.soap.documents.names import VAERDILISTE
from adapters.soap.documents.requests import (
    Egenskab,
    FjernVaerdier,
    Import,
    Laes,
    List,
    Opret,
    Passiver,
    RegistreringIn,
    Request,
    Ret,
    Slet,
    Soeg,
    Tidsfiltre,
    TilfoejVaerdier,
    Virkning,
)
from broker.kuvert.names import SAGDOK

_OWN_NAMES = re.compile(
    r".+Input|(Soeg)?(Attribut|Tilstand|Relation)Liste|(Soeg)?Egenskab|Vaerdiliste|Registrering|SoegObjekt|Navn|Vaerdi(er)?"
)
"""Elements of the value lists' own namespace; all others are sagdok's."""
_HIDDEN = ("<!-- </v:Vaerdi> -->", "<?editor fold?>", "<!---->")


def write(request: Request, seed: int, *, hidden: bool = True) -> bytes:
    """The document of any request but FlytTilFejlkoe; ``hidden`` allows comments, PIs and CDATA."""
    return Pen(seed, hidden).document(request).encode()


class Pen:
    """One handwriting."""

    def __init__(self, seed: int, hidden: bool) -> None:
        self._random = random.Random(seed)
        self._hidden = hidden
        prefixes = self._random.choice((("v", "s"), ("", "ns2"), ("s", ""), ("urn", "æ")))
        self._prefixes = dict(zip((VAERDILISTE, SAGDOK), prefixes, strict=True))

    def document(self, request: Request) -> str:
        name = type(request).__name__ + "Input"
        bindings = "".join(
            f" xmlns{':' if prefix else ''}{prefix}='{namespace}'" for namespace, prefix in self._prefixes.items()
        )
        return self._element(name, self._inside(request), bindings)

    def _inside(self, request: Request) -> list[str]:
        match request:
            case Opret():
                return [*self._note(request.note), *self._lists(request.egenskaber)]
            case Import():
                inside = [self._uuid(request.uuid), *map(self._registrering, request.registreringer)]
                return [*self._note(request.note), self._element("Vaerdiliste", inside)]
            case Ret():
                lists = [] if request.egenskaber is None else self._lists(request.egenskaber)
                return [self._uuid(request.uuid), *self._note(request.note), *lists]
            case Slet() | Passiver():
                return [self._uuid(request.uuid), *self._note(request.note)]
            case Laes():
                return [self._uuid(request.uuid), *self._filtre(request.filtre)]
            case List():
                return [*map(self._uuid, request.uuids), *self._filtre(request.filtre)]
            case TilfoejVaerdier() | FjernVaerdier():
                return [self._uuid(request.uuid), *(self._text("Vaerdier", value) for value in request.vaerdier)]
            case Soeg():
                return self._soeg(request)
        raise AssertionError(request)

    def _soeg(self, soeg: Soeg) -> list[str]:
        inside = [self._text("FoersteResultatReference", f" {soeg.foerste} ")]
        if soeg.maksimalt is not None:
            inside.append(self._text("MaksimalAntalKvantitet", f"+{soeg.maksimalt}"))
        of_object, of_attribute = ((*soeg.virkninger, None, None)[:2]) if soeg.virkninger else (None, None)
        registrering = [
            *self._optional_time("FraTidspunkt", soeg.registrering_fra),
            *([self._text("LivscyklusKode", soeg.livscyklus.value)] if soeg.livscyklus else []),
            *([self._unik_id("BrugerRef", soeg.bruger)] if soeg.bruger else []),
        ]
        liste = [self._text("Navn", soeg.navn or " "), *(self._text("Vaerdi", value) for value in soeg.vaerdier)]
        egenskab = [
            *([self._text("BrugervendtNoegleTekst", soeg.noegle)] if soeg.noegle is not None else []),
            *([self._element("Vaerdiliste", liste)] if soeg.navn or soeg.vaerdier else []),
            *([self._virkning("SoegVirkning", of_attribute)] if of_attribute else []),
        ]
        objekt = [
            *([self._uuid(soeg.uuid)] if soeg.uuid else []),
            *([self._element("SoegRegistrering", registrering)] if registrering or self._sometimes() else []),
            *([self._virkning("SoegVirkning", of_object)] if of_object else []),
            self._element("SoegAttributListe", [self._element("SoegEgenskab", egenskab)] if egenskab else []),
            self._element("SoegRelationListe", [], gaps=False),  # holds nothing, not even white space
        ]
        return [*inside, self._element("SoegObjekt", objekt)]

    def _registrering(self, registrering: RegistreringIn) -> str:
        inside = [
            self._time("FraTidspunkt", registrering.tidspunkt),
            self._text("LivscyklusKode", registrering.livscyklus.value),
            *([self._unik_id("BrugerRef", registrering.bruger)] if registrering.bruger else []),
            *self._lists(registrering.egenskaber),
        ]
        return self._element("Registrering", inside)

    def _lists(self, egenskaber: tuple[Egenskab, ...]) -> list[str]:
        udvidelse = [self._element("LokalUdvidelse", [])] if self._sometimes() else []
        return [
            self._element("AttributListe", [*map(self._egenskab, egenskaber), *udvidelse]),
            self._element("TilstandListe", udvidelse),
            self._element("RelationListe", udvidelse),
        ]

    def _egenskab(self, egenskab: Egenskab) -> str:
        liste = [self._text("Navn", egenskab.navn), *(self._text("Vaerdi", value) for value in egenskab.vaerdier)]
        noegle = [self._text("BrugervendtNoegleTekst", egenskab.noegle)] if egenskab.noegle else []
        inside = [*noegle, self._element("Vaerdiliste", liste), self._virkning("Virkning", egenskab.virkning)]
        return self._element("Egenskab", inside)

    def _virkning(self, name: str, virkning: Virkning) -> str:
        inside = [
            *self._optional_time("FraTidspunkt", virkning.fra),
            *self._optional_time("TilTidspunkt", virkning.til),
            *([self._unik_id("AktoerRef", virkning.aktoer)] if virkning.aktoer else []),
            *([self._text("AktoerTypeKode", virkning.aktoer_type)] if virkning.aktoer_type else []),
            *self._note(virkning.note),
        ]
        return self._element(name, inside)

    def _filtre(self, filtre: Tidsfiltre) -> list[str]:
        limitless = filtre.oejebliksbillede and filtre.virkning_fra is None and filtre.virkning_til is None
        return [
            *([self._time("VirkningFraFilter", None)] if limitless else []),
            *self._optional_time("VirkningFraFilter", filtre.virkning_fra),
            *self._optional_time("VirkningTilFilter", filtre.virkning_til),
            *self._optional_time("RegistreringFraFilter", filtre.registrering_fra),
            *self._optional_time("RegistreringTilFilter", filtre.registrering_til),
        ]

    def _note(self, note: str) -> list[str]:
        return [self._text("NoteTekst", note)] if note or self._sometimes() else []

    def _uuid(self, uuid: str) -> str:
        space = self._random.choice(("", "", " ", "\n"))
        return self._text("UUIDIdentifikator", space + self._random.choice((uuid, uuid.upper())) + space)

    def _unik_id(self, name: str, value: str) -> str:
        inside = self._text("URNIdentifikator", value) if value.startswith("urn:") else self._uuid(value)
        return self._element(name, [inside])

    def _optional_time(self, name: str, tid: float | None) -> list[str]:
        return [] if tid is None else [self._time(name, tid)]

    def _time(self, name: str, tid: float | None) -> str:
        if tid is None:
            return self._element(name, [self._text("GraenseIndikator", self._random.choice(("true", "1", " false ")))])
        zone = timezone(timedelta(minutes=self._random.choice((0, 60, 120, -330))))
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(tid * 1000))
        try:
            text = moment.astimezone(zone).isoformat(timespec="milliseconds")
        except OverflowError:
            text = moment.isoformat(timespec="milliseconds")
        return self._element(name, [self._text("TidsstempelDatoTid", text.replace("+00:00", "Z"))])

    def _text(self, name: str, text: str) -> str:
        if not self._hidden or self._sometimes(0.7) or not text:
            return self._element(name, [_escaped(text)], gaps=False)
        cut = self._random.randrange(len(text) + 1)
        before, after = text[:cut], text[cut:]
        if self._sometimes() and "]]>" not in after and "\r" not in after:
            return self._element(name, [_escaped(before), f"<![CDATA[{after}]]>"], gaps=False)
        return self._element(name, [_escaped(before), self._random.choice(_HIDDEN), _escaped(after)], gaps=False)

    def _element(self, name: str, inside: list[str], bindings: str = "", gaps: bool = True) -> str:
        prefix = self._prefixes[VAERDILISTE if _OWN_NAMES.fullmatch(name) else SAGDOK]
        tag = f"{prefix}:{name}" if prefix else name
        content = "".join(self._gap() + one for one in inside) + self._gap() if gaps else "".join(inside)
        return f"<{tag}{bindings}>{content}</{tag}>"

    def _gap(self) -> str:
        plain = self._random.choice(("", "\n    ", "\r\n\t"))
        return plain + self._random.choice(_HIDDEN) if self._hidden and self._sometimes(0.1) else plain

    def _sometimes(self, chance: float = 0.5) -> bool:
        return self._random.random() < chance


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})
