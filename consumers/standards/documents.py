"""A document that may be XML or JSON: read it, or say all that is wrong with it."""

from __future__ import annotations

from datetime import date

from consumers.standards.codes import FFB_VERSION
from consumers.standards.findings import Finding, InvalidLetter
from consumers.standards.json_form import read_json_letter
from consumers.standards.letters import Brev
from consumers.standards.paths import Form
from consumers.standards.rules import check
from consumers.standards.xml_form import read_xml_letter

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def form_of(document: bytes) -> Form:
    """By the first character: ``<`` begins XML, all else is taken as JSON."""
    begin = document[:200].removeprefix(b"\xef\xbb\xbf")
    if codec := _UTF16.get(begin[:2]):
        begin = begin[2:].decode(codec, "ignore").encode()
    return "xml" if begin.lstrip().startswith((b"<", b"\x00<")) else "json"


def read_letter(document: bytes) -> Brev:
    """Raises InvalidLetter."""
    return read_xml_letter(document) if form_of(document) == "xml" else read_json_letter(document)


def validate(
    document: bytes, *, today: date | None = None, ffb_version: str = FFB_VERSION
) -> tuple[Brev | None, list[Finding]]:
    """The letter, and all findings with paths of the document's own form.

    Where the form is wrong there is no letter, and the rules between fields are not looked at.  Where all findings are
    flags, or there are none, the letter is valid.  ``today`` and ``ffb_version``: see `check`.
    """
    form = form_of(document)
    try:
        brev = read_letter(document)
    except InvalidLetter as invalid:
        return None, list(invalid.findings)
    return brev, check(brev, today=today, ffb_version=ffb_version, form=form)
