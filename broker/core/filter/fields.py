"""The fields that a filter may name: the leaves of Filtreringsdata, and Sikkerhedsklassificering.

Source: Beskedkuvert.xsd, elements Filtreringsdata and Leveranceinformation/Sikkerhedsklassificering.  A path
that ends in ``UUIDIdentifikator``, ``URNIdentifikator``, ``TidsstempelDatoTid`` or ``GraenseIndikator`` names
one leaf; the path of the element above it names both its leaves (ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING

_UNIK_ID: Final = ("UUIDIdentifikator", "URNIdentifikator")
_TIDSPUNKT: Final = ("TidsstempelDatoTid", "GraenseIndikator")


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One path of the grammar; there is one object per path, compared by identity."""

    path: str
    leaves: tuple[str, ...]
    """The keys of `broker.core.besked.Besked.felter` that the path means: one, or both of an element."""
    shared: bool
    """The values come from a small vocabulary (types, CVR numbers, KLE), not one per citizen or case."""

    def __str__(self) -> str:
        return self.path


_VOCABULARY: Final = (
    "Beskedtype",
    "BeskedAnsvarligAktoer",
    "TilladtModtager",
    "RelateretObjekt.ObjektType",
    "RelateretObjekt.ObjektRolle",
    "ObjektRegistrering.RegistreringsAktoer",
    "ObjektRegistrering.ObjektAnsvarligMyndighed",
    "ObjektRegistrering.ObjektType",
    "ObjektRegistrering.ObjektHandling",
    "ObjektRegistrering.OpgaveEmne",
)
_INDIVIDUAL: Final = (
    "RelateretObjekt.ObjektId",
    "ObjektRegistrering.ObjektRegistreringId",
    "ObjektRegistrering.ObjektId",
    "TvaergaaendeProces",
)
_TIMES: Final = ("ObjektRegistrering.Registreringstidspunkt",)


def _element(path: str, suffixes: tuple[str, ...], shared: bool) -> list[Field]:
    leaves = tuple(f"{path}.{suffix}" for suffix in suffixes)
    return [Field(path, leaves, shared), *(Field(leaf, (leaf,), shared) for leaf in leaves)]


def _fields() -> dict[str, Field]:
    found = [
        *(field for name in _VOCABULARY for field in _element(FILTRERINGSDATA + name, _UNIK_ID, True)),
        *(field for name in _INDIVIDUAL for field in _element(FILTRERINGSDATA + name, _UNIK_ID, False)),
        *(field for name in _TIMES for field in _element(FILTRERINGSDATA + name, _TIDSPUNKT, False)),
        *_element(SIKKERHEDSKLASSIFICERING, _UNIK_ID, True),
    ]
    return {field.path: field for field in found}


FIELDS: Final = _fields()
"""Every path that a filter may name."""

BESKEDTYPE: Final = FIELDS[FILTRERINGSDATA + "Beskedtype"]
BESKEDTYPE_FIELDS: Final = frozenset(
    (BESKEDTYPE, FIELDS[BESKEDTYPE.leaves[0]], FIELDS[BESKEDTYPE.leaves[1]]),
)
"""The three paths that name the Beskedtype: it occurs once in every message."""

_BY_LOWER: Final = {path.lower(): path for path in FIELDS}
_OPAQUE: Final = ("beskeddata", "haendelsesbesked.beskeddata")
_OUTSIDE: Final = (
    "Beskedkuvert.Leveranceinformation",
    "Beskedkuvert.Modtagerhandling",
    "Beskedkuvert.GyldighedFra",
    "Beskedkuvert.GyldighedTil",
    "BeskedId",
    "BeskedVersion",
)


def why_unknown(path: str) -> str:
    """One sentence on a path that is not in FIELDS, with the nearest path that is, where one is near."""
    head = path.lower()
    if head.startswith(_OPAQUE):
        return f"{path} cannot be filtered on: only the envelope may be filtered, Beskeddata is opaque"
    nearest = _nearest(path)
    if nearest is None or path.startswith(_OUTSIDE):
        allowed = f"the leaves of Beskedkuvert.Filtreringsdata and {SIKKERHEDSKLASSIFICERING}"
        text = f"{path} cannot be filtered on: of the envelope only {allowed} may be"
        return text if nearest is None else f"{text}; nearest is {nearest}"
    return f"unknown element {path}; did you mean {nearest}?"


def _nearest(path: str) -> str | None:
    """The path that was probably meant: same but for case, the end of one path, or spelled nearly so."""
    if exact := _BY_LOWER.get(path.lower()):
        return exact
    tail = "." + path.lower()
    if endings := [known for known in FIELDS if known.lower().endswith(tail)]:
        return min(endings, key=len)
    near = get_close_matches(path, FIELDS, n=1, cutoff=0.8)
    return near[0] if near else None
