"""One thing made wrong in the form of a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from lxml import etree

from consumers.standards.chance import number, pick, uuid4
from consumers.standards.draft import Draft, Place
from consumers.standards.fault import Fault, Spoilt
from consumers.standards.letters import Brev
from consumers.standards.paths import Form

MISWRITTEN = {
    "Id": ("0000-ffb0", "{00000000-ffb0-4000-8000-000000000001}"),
    "Tidspunkt": ("2026-03-02T10:00:00", "2026-03-02", "2026-03-02 10:00:00Z"),
    "FfbVersion": ("2024-05-30", "2024"),
    "Cvr": ("9900 0101", "DK99000101"),
    "PNummer": ("1999", "P1999000201"),
    "Sor": ("sor-1", "42"),
    "Gln": ("579900000104", "0088:5799000001043"),
    "Postnr": ("DK-8000", "800"),
    "Kommunekode": ("101", "Nordby"),
    "Telefon": ("ring venligst", "112"),
    "Email": ("ingen", "@borger.example"),
    "Beloeb": ("1.250,00", "12500 kr.", "-1"),
    "Https": ("http://dokumenter.example/1.pdf", "ugeplan.pdf"),
    "Base64": ("JVBERi0x LjQ=", "æøå"),
    "Dato": ("2026-02-30", "30-04-2026", "2026-4-1", "2026-13-01", "2026-04-01T00:00:00"),
    "Cpr": ("010190-1234", "12345678", "01019012345", "ukendt"),
}
"""By type: as people write it, and the standards do not."""


@dataclass(frozen=True, slots=True)
class FormFault:
    """``change`` the draft at a place that ``fits``; the reader names ``rule`` there."""

    rule: str
    fits: Callable[[Place], bool]
    change: Callable[[Draft, Place, Random], None]
    only: Form | None = None


def spoilt_form(draft: Draft, fault: Fault, random: Random) -> Spoilt | None:
    """None where the letter has no place for it."""
    if fault in _WHOLE:
        return _WHOLE[fault](draft) if _whole_fits(draft, fault) else None
    if not (fitting := sites(draft, fault)):
        return None
    return _spoilt_at(draft, fault, pick(random, fitting), random)


def everywhere(brev: Brev, fault: Fault, random: Random, form: Form = "xml") -> Iterator[Spoilt]:
    """One document for each place at which the letter can be given that fault."""
    for index in range(len(sites(Draft(brev, form), fault))):
        draft = Draft(brev, form)
        yield _spoilt_at(draft, fault, sites(draft, fault)[index], random)


def _spoilt_at(draft: Draft, fault: Fault, place: Place, random: Random) -> Spoilt:
    form_fault = FAULTS[fault]
    if fault is Fault.UNKNOWN_FIELD:
        name = draft.add(place.loc, "ekstraFelt", "EkstraFelt", "Noget, som standarden ikke har")
        return Spoilt(draft.document(), fault, draft.path((*place.loc, name)), form_fault.rule)
    path = draft.path(place.loc)
    form_fault.change(draft, place, random)
    rule = "syntax" if fault is Fault.TWICE and draft.form == "json" else form_fault.rule
    return Spoilt(draft.document(), fault, path, rule)


def can_have(draft: Draft, fault: Fault) -> bool:
    return _whole_fits(draft, fault) if fault in _WHOLE else bool(sites(draft, fault))


def sites(draft: Draft, fault: Fault) -> list[Place]:
    """Where the letter can be given that fault of a field."""
    form_fault = FAULTS[fault]
    if form_fault.only not in (None, draft.form):
        return []
    if fault is Fault.ORDER:
        return [place for place in draft.places if _field(place) and not place.member.many and draft.followed(place)]
    return [place for place in draft.places if form_fault.fits(place)]


def _text(place: Place) -> bool:
    return place.leaf is not None and place.leaf.kind == "text"


def _leaf(place: Place) -> bool:
    return place.leaf is not None


def _field(place: Place) -> bool:
    """Not an entry of a list."""
    return isinstance(place.loc[-1], str)


def _named(*names: str) -> Callable[[Place], bool]:
    return lambda place: place.leaf is not None and place.leaf.navn in names


def _kind(kind: str) -> Callable[[Place], bool]:
    return lambda place: place.leaf is not None and place.leaf.kind == kind


def _put(value: str) -> Callable[[Draft, Place, Random], None]:
    return lambda draft, place, random: draft.put(place.loc, value)


def _unknown_code(draft: Draft, place: Place, random: Random) -> None:
    assert place.leaf is not None
    draft.put(place.loc, uuid4(random) if place.leaf.ffb else "UKENDT")


def _too_long(draft: Draft, place: Place, random: Random) -> None:
    assert place.leaf is not None
    assert place.leaf.limit is not None
    over = place.leaf.limit + number(random, 1, 20)
    draft.put(place.loc, ("For lang tekst. " * (over // 16 + 1))[: over - 1] + ".")


def _miswritten(draft: Draft, place: Place, random: Random) -> None:
    assert place.leaf is not None
    draft.put(place.loc, pick(random, MISWRITTEN[place.leaf.navn]))


def _out_of_range(draft: Draft, place: Place, random: Random) -> None:
    assert place.leaf is not None
    draft.put(place.loc, place.leaf.high + number(random, 1, 1000))


def _too_many(draft: Draft, place: Place, random: Random) -> None:
    draft.repeat(place.loc, place.member.high + 1)


def _wrong_type(draft: Draft, place: Place, random: Random) -> None:
    """JSON: a list where a value belongs; XML: an element."""
    if draft.form == "json":
        draft.put(place.loc, ["syntetisk"])
    else:
        (element,) = draft.elements(place.loc)
        etree.SubElement(element, "Fed").text = "syntetisk"


def _attribute(draft: Draft, place: Place, random: Random) -> None:
    draft.elements(place.loc)[0].set("sprog", "da")


FAULTS: dict[Fault, FormFault] = {
    Fault.MISSING: FormFault(
        "required",
        lambda place: place.member.required and _field(place),
        lambda draft, place, _: draft.remove(place.loc),
    ),
    Fault.UNKNOWN_CODE: FormFault("code", _kind("code"), _unknown_code),
    Fault.TOO_LONG: FormFault("length", _text, _too_long),
    Fault.BLANK: FormFault("blank", _text, _put(" \n ")),
    Fault.WRONG_DATE: FormFault("lexical", _named("Dato"), _miswritten),
    Fault.WRONG_CPR: FormFault("lexical", _named("Cpr"), _miswritten),
    Fault.WRONG_FORM: FormFault("lexical", _named(*(set(MISWRITTEN) - {"Dato", "Cpr"})), _miswritten),
    Fault.OUT_OF_RANGE: FormFault("range", _kind("whole"), _out_of_range),
    Fault.TOO_MANY: FormFault("count", lambda place: place.is_list, _too_many),
    Fault.UNKNOWN_FIELD: FormFault("unknown", lambda place: place.block is not None, lambda *_: None),
    Fault.TWICE: FormFault(
        "single", lambda place: not place.member.many, lambda draft, place, _: draft.double(place.loc)
    ),
    Fault.WRONG_TYPE: FormFault("type", _leaf, _wrong_type),
    Fault.NULL: FormFault("null", _field, lambda draft, place, _: draft.put(place.loc, None), only="json"),
    Fault.CHARACTER: FormFault("character", _text, _put("Et tegn\x0bfor meget"), only="json"),
    Fault.ORDER: FormFault("order", _field, lambda draft, place, _: draft.swap(place.loc), only="xml"),
    Fault.ATTRIBUTE: FormFault("attribute", lambda place: not place.is_list, _attribute, only="xml"),
}


def _whole_fits(draft: Draft, fault: Fault) -> bool:
    return draft.form == "xml" or fault in (Fault.UNKNOWN_LETTER, Fault.NOT_WELL_FORMED)


def _not_well_formed(draft: Draft) -> Spoilt:
    """As a transmission that broke off leaves it."""
    document = draft.document()
    return Spoilt(
        document[: len(document) * 2 // 3], Fault.NOT_WELL_FORMED, "/" if draft.form == "xml" else "$", "syntax"
    )


def _unknown_letter(draft: Draft) -> Spoilt:
    if draft.form == "json":
        draft.data["standard"] = "rykker"
        return Spoilt(draft.document(), Fault.UNKNOWN_LETTER, "standard", "root")
    document = _renamed(draft.document(), draft.shape.navn, "Rykker")
    return Spoilt(document, Fault.UNKNOWN_LETTER, "/", "root")


def _renamed(document: bytes, old: str, new: str) -> bytes:
    """The root element only; its name may be that of a field, too."""
    tail = f"</{old}>".encode()
    return document.replace(f"<{old}".encode(), f"<{new}".encode(), 1).removesuffix(tail) + f"</{new}>".encode()


def _namespace(draft: Draft) -> Spoilt:
    document = draft.document().replace(b":standard:1.0", b":standard:0.9", 1)
    return Spoilt(document, Fault.NAMESPACE, "/", "namespace")


def _dtd(draft: Draft) -> Spoilt:
    return Spoilt(f"<!DOCTYPE {draft.shape.navn}>".encode() + draft.document(), Fault.DTD, "/", "dtd")


_WHOLE: dict[Fault, Callable[[Draft], Spoilt]] = {
    Fault.NOT_WELL_FORMED: _not_well_formed,
    Fault.UNKNOWN_LETTER: _unknown_letter,
    Fault.NAMESPACE: _namespace,
    Fault.DTD: _dtd,
}
