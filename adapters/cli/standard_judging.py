"""One file judged: a letter in XML or JSON, or a message with a letter in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from lxml import etree

from consumers.kuvert import read_kuvert
from consumers.standards.documents import form_of, validate
from consumers.standards.envelope import read_envelope
from consumers.standards.findings import Finding, InvalidLetter
from consumers.standards.letters import Brev
from consumers.xml import KUVERT, read_xml

_MESSAGE = f"{{{KUVERT}}}Haendelsesbesked"


@dataclass(frozen=True, slots=True)
class Judgement:
    """``what`` says what it is; ``brev`` is None where it cannot be read."""

    what: str
    brev: Brev | None
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Flags are no faults."""
        return self.brev is not None and all(finding.severity == "flag" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        standard = self.brev.standard.value if self.brev else None
        besked_id = self.brev.besked_id if self.brev else None
        findings = [asdict(finding) for finding in self.findings]
        return {
            "valid": self.valid,
            "what": self.what,
            "standard": standard,
            "besked_id": besked_id,
            "findings": findings,
        }


def judged(document: bytes, today: date | None = None) -> Judgement:
    """``today``: the day for which consent must hold, else that of the letter's dataTidspunkt."""
    message = _message(document) if form_of(document) == "xml" else None
    if message is None:
        brev, findings = validate(document, today=today)
        form = "XML" if form_of(document) == "xml" else "JSON"
        what = f"{brev.standard.navn} in {form}" if brev else f"letter in {form}"
        return Judgement(what, brev, tuple(findings))
    return _judged_message(message, today)


def _message(document: bytes) -> bytes | None:
    """The Haendelsesbesked that the document is, or holds as what is pushed does; None where there is none."""
    try:
        root = read_xml(document)
    except etree.XMLSyntaxError:
        return None
    found = root if root.tag == _MESSAGE else root.find(f".//{_MESSAGE}")
    return None if found is None else etree.tostring(found, encoding="UTF-8", with_tail=False)


def _judged_message(message: bytes, today: date | None) -> Judgement:
    """The letter first; where it can be read, also whether the envelope says the same."""
    try:
        kuvert = read_kuvert(message)
    except ValueError as error:
        return Judgement("message", None, (Finding("/", "envelope", str(error)),))
    brev, findings = validate(kuvert.beskeddata, today=today) if kuvert.beskeddata else (None, [])
    if brev is not None or not kuvert.beskeddata:
        try:
            if read_envelope(kuvert) is None:
                text = "is none of the nine standards"
                findings.append(Finding("Beskedtype", "envelope", text, kuvert.beskedtype))
        except InvalidLetter as invalid:
            findings += invalid.findings
    return Judgement(f"{brev.standard.navn} in its envelope" if brev else "message", brev, tuple(findings))
