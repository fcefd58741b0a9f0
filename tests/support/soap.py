"""Calls of VærdilisteRediger as any SOAP client writes them, and its answers read, without our own code."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4
from xml.sax.saxutils import escape

from lxml import etree

PATH = "/sts-bf-soap/StsbeskedfordelerImpl"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
LISTE = "urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0"
FEJLKOE = "urn:oio:sts:beskedfordeler:1.0.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
AKTOER = "00000000-0000-4000-8000-00000000ac70"

_NAMES = f'xmlns="{LISTE}" xmlns:s="{SAGDOK}"'
_EMPTY = "<TilstandListe/><RelationListe/>"


def envelope(content: str | bytes, *, soap: str = SOAP_11, header: str | bytes = "") -> bytes:
    """An Envelope around what is in the Body; ``header`` is what is in the Header."""
    inside = content if isinstance(content, bytes) else content.encode()
    above = header if isinstance(header, bytes) else header.encode()
    head = b"<e:Header>" + above + b"</e:Header>" if above else b""
    return b'<e:Envelope xmlns:e="%b">%b<e:Body>%b</e:Body></e:Envelope>' % (soap.encode(), head, inside)


def egenskab(navn: str, values: Sequence[str] = (), *, noegle: str = "", fra: str = "", til: str = "") -> str:
    """An AttributListe with one Egenskab."""
    key = f"<s:BrugervendtNoegleTekst>{escape(noegle)}</s:BrugervendtNoegleTekst>" if noegle else ""
    period = "".join(
        f"<s:{name}><s:TidsstempelDatoTid>{tid}</s:TidsstempelDatoTid></s:{name}>"
        for name, tid in (("FraTidspunkt", fra), ("TilTidspunkt", til))
        if tid
    )
    inside = "".join(f"<Vaerdi>{escape(value)}</Vaerdi>" for value in values)
    return (
        f"<AttributListe><Egenskab>{key}<Vaerdiliste><Navn>{escape(navn)}</Navn>{inside}</Vaerdiliste>"
        f"<s:Virkning>{period}<s:AktoerRef><s:UUIDIdentifikator>{AKTOER}</s:UUIDIdentifikator></s:AktoerRef>"
        "<s:AktoerTypeKode>ItSystem</s:AktoerTypeKode></s:Virkning></Egenskab></AttributListe>"
    )


def opret(navn: str, values: Sequence[str] = (), *, note: str = "", **more: str) -> str:
    return f"<OpretInput {_NAMES}>{_note(note)}{egenskab(navn, values, **more)}{_EMPTY}</OpretInput>"


def importer(uuid: str, navn: str, values: Sequence[str] = (), *, note: str = "") -> str:
    registrering = (
        "<Registrering><s:FraTidspunkt><s:GraenseIndikator>true</s:GraenseIndikator></s:FraTidspunkt>"
        f"<s:LivscyklusKode>Opstaaet</s:LivscyklusKode>{egenskab(navn, values)}{_EMPTY}</Registrering>"
    )
    return f"<ImportInput {_NAMES}>{_note(note)}<Vaerdiliste>{_uuid(uuid)}{registrering}</Vaerdiliste></ImportInput>"


def ret(uuid: str, attributter: str = "", *, note: str = "") -> str:
    return f"<RetInput {_NAMES}>{_uuid(uuid)}{_note(note)}{attributter}</RetInput>"


def laes(uuid: str, filters: str = "") -> str:
    return f"<LaesInput {_NAMES}>{_uuid(uuid)}{filters}</LaesInput>"


def slet(uuid: str, note: str = "") -> str:
    return f"<SletInput {_NAMES}>{_uuid(uuid)}{_note(note)}</SletInput>"


def passiver(uuid: str, note: str = "") -> str:
    return f"<PassiverInput {_NAMES}>{_uuid(uuid)}{_note(note)}</PassiverInput>"


def liste(*uuids: str, filters: str = "") -> str:
    return f"<ListInput {_NAMES}>{''.join(map(_uuid, uuids))}{filters}</ListInput>"


def soeg(objekt: str = "", *, foerste: int | None = None, maksimalt: int | None = None) -> str:
    """``objekt`` is what is in SoegObjekt."""
    bounds = "" if foerste is None else f"<s:FoersteResultatReference>{foerste}</s:FoersteResultatReference>"
    bounds += "" if maksimalt is None else f"<s:MaksimalAntalKvantitet>{maksimalt}</s:MaksimalAntalKvantitet>"
    sought = f"<SoegObjekt>{objekt}</SoegObjekt>" if objekt else ""
    return f"<SoegInput {_NAMES}>{bounds}{sought}</SoegInput>"


def tilfoej(uuid: str, values: Sequence[str]) -> str:
    return _values("TilfoejVaerdierInput", uuid, values)


def fjern(uuid: str, values: Sequence[str]) -> str:
    return _values("FjernVaerdierInput", uuid, values)


def flyt(besked: bytes) -> bytes:
    """``besked``: a Haendelsesbesked, with or without XML declaration."""
    element = besked.partition(b"?>")[2] if besked.startswith(b"<?xml") else besked
    name = b"FlytBeskedTilFejlkoeInput"
    return b'<f:%b xmlns:f="%b">%b</f:%b>' % (name, FEJLKOE.encode(), element.strip(), name)


def _values(name: str, uuid: str, values: Sequence[str]) -> str:
    inside = "".join(f"<Vaerdier>{escape(value)}</Vaerdier>" for value in values)
    return f"<{name} {_NAMES}>{_uuid(uuid)}{inside}</{name}>"


def _uuid(uuid: str) -> str:
    return f"<s:UUIDIdentifikator>{uuid}</s:UUIDIdentifikator>"


def _note(note: str) -> str:
    return f"<s:NoteTekst>{escape(note)}</s:NoteTekst>" if note else ""


def basic(user: str, password: str = "lokal") -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one call."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes
    root: etree._Element = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", etree.fromstring(self.content))

    @property
    def soap(self) -> str | None:
        """The namespace of the SOAP version."""
        return etree.QName(self.root).namespace

    @property
    def output(self) -> etree._Element:
        """The operation's answer; fails where it is a fault."""
        (output,) = self.root[-1]
        assert etree.QName(output).localname.endswith("Output"), self.content
        return output

    @property
    def kode(self) -> int:
        return int(self._retur("StatusKode"))

    @property
    def tekst(self) -> str:
        return self._retur("FejlbeskedTekst")

    @property
    def uuid(self) -> str:
        """Of the list in the answer to opret."""
        return self.output.findtext(f"{{{LISTE}}}Vaerdiliste/{{{SAGDOK}}}UUIDIdentifikator") or ""

    @property
    def uuids(self) -> list[str]:
        """What a search found."""
        return [element.text or "" for element in self.output.iterfind(f"{{{SAGDOK}}}IdListe/*")]

    @property
    def livscyklus(self) -> list[str]:
        return [element.text or "" for element in self.output.iter(f"{{{SAGDOK}}}LivscyklusKode")]

    @property
    def navne(self) -> list[str]:
        return [element.text or "" for element in self.output.iter(f"{{{LISTE}}}Navn")]

    @property
    def values(self) -> list[str]:
        """Of all lists in the answer."""
        return [element.text or "" for element in self.output.iter(f"{{{LISTE}}}Vaerdi")]

    @property
    def fault(self) -> tuple[str, str]:
        """Code (local name, of the subcode in SOAP 1.2 where there is one) and sentence; fails where it is none."""
        (fault,) = self.root[-1]
        assert etree.QName(fault).localname == "Fault", self.content
        if self.soap == SOAP_11:
            return (fault.findtext("faultcode") or "").rpartition(":")[2], fault.findtext("faultstring") or ""
        values = [element.text or "" for element in fault.iter(f"{{{SOAP_12}}}Value")]
        return values[-1].rpartition(":")[2], fault.findtext(f"{{{SOAP_12}}}Reason/{{{SOAP_12}}}Text") or ""

    def _retur(self, name: str) -> str:
        return self.output.findtext(f"{{{SAGDOK}}}StandardRetur/{{{SAGDOK}}}{name}") or ""


class Client:
    """One kept-alive connection to a running emulator, by password.  Not for two threads at a time."""

    def __init__(self, port: int, user: str, *, host: str = "127.0.0.1", timeout: float = 30.0) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self._headers = {"content-type": "text/xml; charset=utf-8", **basic(user)}

    def call(self, content: str | bytes) -> Reply:
        """Raises OSError, http.client.HTTPException where there is no answer; the next call connects anew."""
        try:
            self._connection.request("POST", PATH, envelope(content), self._headers)
            answer = self._connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()


def new_uuid() -> str:
    return str(uuid4())
