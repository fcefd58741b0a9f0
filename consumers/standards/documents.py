"""A document that may be XML or JSON: read it, or say all that is wrong with it."""

from __future__ import annotations

from consumers.standards.json_form import read_json_letter
from consumers.standards.letters import Brev
from consumers.standards.paths import Form
from consumers.standards.xml_form import read_xml_letter

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def form_of(document: bytes) -> Form:
    """By the first character: ``<`` begins XML, all else is taken as JSON."""
    begin = document[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return "xml" if begin.startswith((b"<", *_UTF16)) else "json"


def read_letter(document: bytes) -> Brev:
    """Raises InvalidLetter."""
    return read_xml_letter(document) if form_of(document) == "xml" else read_json_letter(document)
