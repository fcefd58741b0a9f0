"""ModtagBeskedInput read as strictly as municipalities' receivers read it, and ModtagBeskedOutput written.

StatusKode of a refusal as those receivers use them: 41 = could not be parsed, 40 = is not what was agreed on,
55 = another BeskedVersion.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree

from consumers.kuvert import Kuvert, read_kuvert
from consumers.xml import KUVERT, SAGDOK

STS = "urn:oio:sts:1.0.0"
LIMIT = 1024 * 1024
"""Bytes of a request that are read; more is refused."""
VERSION = "1.0"

_OUTPUT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<ModtagBeskedOutput xmlns="{STS}"><StandardRetur xmlns="{SAGDOK}"><StatusKode>{{kode}}</StatusKode>'
    "<FejlbeskedTekst>{tekst}</FejlbeskedTekst></StandardRetur></ModtagBeskedOutput>"
)


class Unacceptable(Exception):
    """The message is refused with this StatusKode; ``str`` is the FejlbeskedTekst."""

    def __init__(self, status_kode: int, text: str) -> None:
        super().__init__(text)
        self.status_kode = status_kode


def read_input(document: bytes) -> Kuvert:
    """The envelope within a ModtagBeskedInput, without its Beskeddata.  Raises Unacceptable."""
    if len(document) > LIMIT:
        raise Unacceptable(40, f"the request is larger than {LIMIT} bytes")
    root = _parse(document)
    if root.tag != f"{{{STS}}}ModtagBeskedInput":
        raise Unacceptable(40, f"expected ModtagBeskedInput in {STS}, got {root.tag}")
    besked = list(root.iterchildren("*"))
    if len(besked) != 1 or besked[0].tag != f"{{{KUVERT}}}Haendelsesbesked":
        raise Unacceptable(40, f"ModtagBeskedInput: expected one Haendelsesbesked in {KUVERT}")
    _check_version(besked[0])
    for payload in besked[0].findall(f"{{{KUVERT}}}Beskeddata"):
        besked[0].remove(payload)  # opaque: whatever is in it, the envelope is read
    try:
        kuvert = read_kuvert(etree.tostring(besked[0], encoding="utf-8", with_tail=False))
    except ValueError as error:
        raise Unacceptable(40, f"Haendelsesbesked: {error}") from None
    for name, value in (("BeskedId", kuvert.besked_id), ("Beskedtype", kuvert.beskedtype)):
        if not value:
            raise Unacceptable(40, f"{name}: expected a UUIDIdentifikator or URNIdentifikator, found none")
    return kuvert


def write_output(kode: int, tekst: str) -> bytes:
    """The answer; FejlbeskedTekst is empty with 20."""
    return _OUTPUT.format(kode=kode, tekst="" if kode == 20 else escape(_xml_text(tekst))).encode()


def _parse(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Unacceptable(41, f"the request is no well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unacceptable(40, "the request has a DOCTYPE, which is not taken")
    return root


def _check_version(besked: etree._Element) -> None:
    version = besked.findtext(f"{{{KUVERT}}}BeskedVersion")
    if version is None:
        raise Unacceptable(40, "BeskedVersion: missing")
    if version.strip() != VERSION:
        raise Unacceptable(55, f"BeskedVersion: '{version[:40]}' is not supported; expected '{VERSION}'")


def _xml_text(text: str) -> str:
    return "".join(letter if _allowed(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _allowed(letter: str) -> bool:
    """XML 1.0, production Char."""
    return letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
