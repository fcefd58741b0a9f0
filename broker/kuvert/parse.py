"""A message as it came, judged and read: bytes in, a frozen value out."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING, Besked
from broker.core.identifiers import canonical, is_uuid
from broker.errors import Refused
from broker.kuvert.felter import Felter, read_felter
from broker.kuvert.forms import Forms, cut, is_plain
from broker.kuvert.limits import Limits
from broker.kuvert.names import KUVERT, TIDSSTEMPEL, UUID_IDENTIFIKATOR
from broker.kuvert.outline import Outline
from broker.kuvert.prolog import check_prolog
from broker.kuvert.schema import check_envelope
from broker.kuvert.tidspunkt import read_date_time
from broker.kuvert.tree import read_tree

_DEFAULT = Limits()
_GYLDIGHED_TIL = f"{{{KUVERT}}}GyldighedTil"
_REGISTRERING = FILTRERINGSDATA + "ObjektRegistrering."


class Parsed(NamedTuple):
    """A valid message: what routing needs of it, the sender's bytes, and where its root element starts in them.

    ``outline``: where the Beskedfordeler writes, where that is known already.
    """

    besked: Besked
    data: bytes
    root: int
    outline: Outline | None = None


_forms = Forms()


def parse(data: bytes, limits: Limits = _DEFAULT) -> Parsed:
    """Judge and read one Haendelsesbesked; safe on any bytes, and from any thread.

    Checked in this order: empty, too large, UTF-8, no DOCTYPE, well-formed, depth, root element, XSD and
    BeskedVersion, and that BeskedId and Beskedtype are usable (ours: a UUIDIdentifikator there must be a UUID, a
    URNIdentifikator not empty; the schema takes any string).  Raises Refused (40), VersionNotSupported (55);
    ``str`` of either names element, value and rule.
    """
    if len(data) <= limits.max_bytes and (known := _forms.find(data, limits.max_depth)) is not None:
        return Parsed(known.besked, data, known.root, known.outline)
    start = check_prolog(data, limits)
    parts = cut(data) if is_plain(data) else None
    if parts is not None and (known := _forms.find_form(data, parts, start, limits.max_depth)) is not None:
        return Parsed(known.besked, data, known.root, known.outline)
    root = read_tree(data, limits)
    check_envelope(root, data)
    besked = _besked(root)
    if parts is not None:
        _forms.learn(data, parts, root, start, besked)
    return Parsed(besked, data, start)


def _besked(root: etree._Element) -> Besked:
    beskedkuvert = root[2]
    felter, tilladt_modtager = read_felter(beskedkuvert)
    sikkerhedsklassificering = _either(felter, SIKKERHEDSKLASSIFICERING)
    return Besked(
        besked_id=_identifier(root[0], "BeskedId"),
        beskedtype=_identifier(beskedkuvert[0][0], "Beskedkuvert/Filtreringsdata/Beskedtype"),
        felter=felter,
        tilladt_modtager=tilladt_modtager,
        ansvarlig_myndighed=_either(felter, _REGISTRERING + "ObjektAnsvarligMyndighed"),
        opgave_emne=_either(felter, _REGISTRERING + "OpgaveEmne"),
        sikkerhedsklassificering=sikkerhedsklassificering[0] if sikkerhedsklassificering else None,
        gyldig_til=_gyldig_til(beskedkuvert),
    )


def _identifier(element: etree._Element, path: str) -> str:
    leaf = element[0]
    value = canonical(leaf.text or "")
    if leaf.tag == UUID_IDENTIFIKATOR:
        if not is_uuid(value):
            raise Refused(
                f"Haendelsesbesked/{path}/UUIDIdentifikator (line {leaf.sourceline}): '{value[:100]}' is not a UUID; "
                "expected the form 8-4-4-4-12, as 01157488-c45c-4fd2-b076-1de12effbf66"
            )
    elif not value:
        raise Refused(
            f"Haendelsesbesked/{path}/URNIdentifikator (line {leaf.sourceline}): the value is empty; expected a URN"
        )
    return value


def _either(felter: Felter, path: str) -> tuple[str, ...]:
    """The values of an identifier given as UUID or as URN."""
    return felter.get(path + ".UUIDIdentifikator", ()) + felter.get(path + ".URNIdentifikator", ())


def _gyldig_til(beskedkuvert: etree._Element) -> float | None:
    """GyldighedTil in seconds since the epoch; None without one, and for GraenseIndikator (no limit)."""
    for element in beskedkuvert.iterchildren(_GYLDIGHED_TIL):
        leaf = element[0]
        if leaf.tag == TIDSSTEMPEL:
            return read_date_time(leaf.text or "")
    return None
