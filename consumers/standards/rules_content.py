"""Rules about what a letter says: the citizen, goals, ydelser, documents, and answers."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import date

from consumers.standards.blocks import Dokument, Indsatsmaal, Maalgruppe, Rang, Relation, Ydelse
from consumers.standards.codes import AKTIVITET_OG_DELTAGELSE, StatusPaaIndsats, Tema, Tilbudstype
from consumers.standards.fields import Kilde
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    BestillingSvar,
    Brev,
    Indsatsstatus,
    Maalaendringstype,
    MarkantAendring,
    Match,
    MatchSvar,
    Opfoelgning,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
)
from consumers.standards.paths import Loc
from consumers.standards.rule import Fault, Seen, rule
from consumers.standards.rules_head import repeated
from consumers.standards.standard import Standard

_MED_YDELSER = (Standard.MATCH, Standard.BESTILLING)
_MED_MAAL = (Standard.BESTILLING, Standard.OPFOELGNING)
_MED_DOKUMENTER = (Standard.BESTILLING, Standard.STATUSNOTAT, Standard.MARKANT_AENDRING)
_PARAGRAF_108 = re.compile(r"(?<![0-9])108(?![0-9])")
_BOTILBUD_108 = (
    Tilbudstype.ALMINDELIGT_LAENGEREVARENDE_BOTILBUD_TIL_VOKSNE,
    Tilbudstype.SIKRET_LAENGEREVARENDE_BOTILBUD_TIL_VOKSNE,
)
_BILAG = 10 * 1024 * 1024


@rule(
    "FFB-1",
    Kilde.P2,
    "A CPR number begins with a date of birth (day + 60 in an administrative or test number).  Modulus 11 is not "
    "required: numbers without it have been given out since 2007.",
    (Standard.BESTILLING,),
)
def cpr_date(brev: Bestilling, seen: Seen) -> Iterator[Fault]:
    cpr = brev.borger.cpr
    born = born_on(cpr)
    shown = f"{cpr[:6]}-****"
    if born is None:
        yield Fault(("borger", "cpr"), f"'{shown}' begins with no date of the calendar, DDMMYY", shown)
    elif born > brev.data_tidspunkt.date():
        yield Fault(("borger", "cpr"), f"'{shown}' is of somebody born {born.isoformat()}, after dataTidspunkt", shown)


def born_on(cpr: str) -> date | None:
    """The date of birth in a CPR number (10 digits), by its seventh digit; None where there is no such date."""
    day, month, year, seventh = int(cpr[:2]), int(cpr[2:4]), int(cpr[4:6]), int(cpr[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day - 60 if day > 60 else day)
    except ValueError:
        return None


@rule(
    "FFB-2",
    Kilde.P2,
    "A tilstand of an Aktivitet og deltagelse (A&D) theme has a funktionsevneniveau, one of another theme has none.",
    (Standard.BESTILLING,),
)
def levels(brev: Bestilling, seen: Seen) -> Iterator[Fault]:
    for number, tilstand in enumerate(brev.vurdering.tilstande):
        loc: Loc = ("vurdering", "tilstande", number, "funktionsevneniveau")
        graded = tilstand.tema in AKTIVITET_OG_DELTAGELSE
        if graded and tilstand.funktionsevneniveau is None:
            yield Fault(loc, f"is required: {tilstand.tema.navn} is an A&D theme")
        elif not graded and tilstand.funktionsevneniveau is not None:
            text = f"is not allowed: {tilstand.tema.navn} is no A&D theme; say it in tekst"
            yield Fault(loc, text, tilstand.funktionsevneniveau.value)


@rule(
    "FFB-3",
    f"{Kilde.P2.value}; none of the secondary ones: assumed",
    "The primary theme of an indsatsmål is an A&D theme, and none of its secondary ones.",
    _MED_MAAL,
)
def goal_themes(brev: Bestilling | Opfoelgning, seen: Seen) -> Iterator[Fault]:
    for loc, maal in _goals(brev):
        yield from _graded((*loc, "primaertTema"), maal.primaert_tema)
        for number, tema in enumerate(maal.sekundaere_temaer):
            if tema is maal.primaert_tema:
                text = f"{tema.navn} is the primary theme already"
                yield Fault((*loc, "sekundaereTemaer", number), text, tema.value)


def _goals(brev: Bestilling | Opfoelgning) -> Iterator[tuple[Loc, Indsatsmaal]]:
    if isinstance(brev, Bestilling):
        for number, maal in enumerate(brev.indsats.maal):
            yield ("indsats", "maal", number), maal
        return
    for number, aendring in enumerate(brev.maalaendringer):
        if aendring.nyt_indhold:
            yield ("maalaendringer", number, "nytIndhold"), aendring.nyt_indhold


def _graded(loc: Loc, tema: Tema) -> Iterator[Fault]:
    if tema not in AKTIVITET_OG_DELTAGELSE:
        yield Fault(loc, f"{tema.navn} is no A&D theme (Aktivitet og deltagelse)", tema.value)


@rule("FFB-4", Kilde.P2, "At most one målgruppe is primær (rang 1).", _MED_YDELSER)
def one_primary(brev: Match | Bestilling, seen: Seen) -> Iterator[Fault]:
    loc, grupper = _maalgrupper(brev)
    primary = [number for number, gruppe in enumerate(grupper) if gruppe.rang is Rang.PRIMAER]
    for number in primary[1:]:
        yield Fault((*loc, number, "rang"), f"entry {primary[0] + 1} is primær already; this one is sekundær (2)", "1")


def _maalgrupper(brev: Match | Bestilling) -> tuple[Loc, tuple[Maalgruppe, ...]]:
    if isinstance(brev, Match):
        return ("maalgrupper",), brev.maalgrupper
    return ("indsats", "maalgrupper"), brev.indsats.maalgrupper


@rule(
    "FFB-5",
    f"{Kilde.P2.value}; that the målgruppe is primær: assumed",
    "An order that is not completed has a follow-up (opfølgning), a støttebehov (by its form) and a primær målgruppe.",
    (Standard.BESTILLING,),
)
def order_is_whole(brev: Bestilling, seen: Seen) -> Iterator[Fault]:
    if brev.indsats.status is Indsatsstatus.AFSLUTTET:
        return
    if all(gruppe.rang is not Rang.PRIMAER for gruppe in brev.indsats.maalgrupper):
        yield Fault(("indsats", "maalgrupper"), "none is primær (rang 1); say which is")
    if brev.opfoelgning is None:
        yield Fault(("opfoelgning",), f"is required while the indsats is '{brev.indsats.status.value}'")


@rule("FFB-6", Kilde.P1, "A ydelse has either an FFB code (kode) or a text (tekst), not both.", _MED_YDELSER)
def code_or_text(brev: Match | Bestilling, seen: Seen) -> Iterator[Fault]:
    for loc, ydelse in _ydelser(brev):
        if ydelse.kode is None and ydelse.tekst is None:
            yield Fault((*loc, "kode"), "there is neither kode nor tekst; give one of them")
        elif ydelse.kode is not None and ydelse.tekst is not None:
            yield Fault((*loc, "tekst"), "there are both kode and tekst; leave one of them out", ydelse.tekst)


def _ydelser(brev: Match | Bestilling) -> Iterator[tuple[Loc, Ydelse]]:
    if isinstance(brev, Match):
        yield from ((("oenskedeYdelser", number), ydelse) for number, ydelse in enumerate(brev.oenskede_ydelser))
    else:
        yield from ((("indsats", "ydelser", number), ydelse) for number, ydelse in enumerate(brev.indsats.ydelser))


@rule("FFB-7", Kilde.ASSUMED, "A change of funktionsevneniveau is of an A&D theme.", (Standard.OPFOELGNING,))
def changed_levels(brev: Opfoelgning, seen: Seen) -> Iterator[Fault]:
    for number, aendring in enumerate(brev.funktionsevneaendringer):
        yield from _graded(("funktionsevneaendringer", number, "tema"), aendring.tema)


@rule("AENDRING-1", Kilde.ASSUMED, "A change changes something: fra and til differ.", (Standard.OPFOELGNING,))
def changes_differ(brev: Opfoelgning, seen: Seen) -> Iterator[Fault]:
    for number, aendring in enumerate(brev.funktionsevneaendringer):
        if aendring.fra is aendring.til:
            loc: Loc = ("funktionsevneaendringer", number, "til")
            yield Fault(loc, f"is what fra is, {aendring.fra.navn}; leave out what does not change", aendring.til.value)
    behov = brev.stoettebehovsaendring
    if behov and behov.fra is behov.til:
        text = f"is what fra is, {behov.fra.navn}; leave out what does not change"
        yield Fault(("stoettebehovsaendring", "til"), text, behov.til.value)


@rule("YDELSE-1", Kilde.ASSUMED, "A ydelse does not end before it begins.", _MED_YDELSER)
def ends_after_start(brev: Match | Bestilling, seen: Seen) -> Iterator[Fault]:
    for loc, ydelse in _ydelser(brev):
        if ydelse.slutdato and ydelse.slutdato < ydelse.startdato:
            text = f"is before startdato {ydelse.startdato.isoformat()}"
            yield Fault((*loc, "slutdato"), text, ydelse.slutdato.isoformat())


@rule("DOKUMENT-1", Kilde.P1, "A document has either its bytes (data) or its address (url), not both.", _MED_DOKUMENTER)
def data_or_url(brev: Bestilling | Statusnotat | MarkantAendring, seen: Seen) -> Iterator[Fault]:
    for number, dokument in enumerate(brev.dokumenter):
        if dokument.data is None and dokument.url is None:
            yield Fault(("dokumenter", number, "data"), "there is neither data nor url; give one of them")
        elif dokument.data is not None and dokument.url is not None:
            text = "there are both data and url; leave one of them out"
            yield Fault(("dokumenter", number, "url"), text, dokument.url)


@rule("DOKUMENT-2", Kilde.ASSUMED, "data is base64 that can be decoded, of 10 MB at most.", _MED_DOKUMENTER)
def decodes(brev: Bestilling | Statusnotat | MarkantAendring, seen: Seen) -> Iterator[Fault]:
    for number, dokument in enumerate(brev.dokumenter):
        if dokument.data is not None and (why := _undecodable(dokument)):
            yield Fault(("dokumenter", number, "data"), why)


def _undecodable(dokument: Dokument) -> str:
    assert dokument.data is not None
    try:
        size = len(binascii.a2b_base64(dokument.data, strict_mode=True))
    except binascii.Error as error:
        return f"is not base64: {error}"
    return f"has {size} bytes; at most {_BILAG} are allowed" if size > _BILAG else ""


@rule(
    "PERSON-1",
    Kilde.ASSUMED,
    "A værge (GUARD) has the provision of the værgemål, nobody else has one.",
    (Standard.BESTILLING,),
)
def guardians(brev: Bestilling, seen: Seen) -> Iterator[Fault]:
    for number, person in enumerate(brev.relaterede_personer):
        loc: Loc = ("relateredePersoner", number, "vaergemaal")
        if person.relation is Relation.VAERGE and person.vaergemaal is None:
            yield Fault(loc, "is required for a værge (GUARD): §5, §6 or §7 of the værgemålsloven")
        elif person.relation is not Relation.VAERGE and person.vaergemaal is not None:
            text = f"is not allowed for '{person.relation.value}'; only a værge (GUARD) has it"
            yield Fault(loc, text, person.vaergemaal.value)


@rule(
    "BOLIG-1",
    "seed S0",
    "The costs of housing (anmodningBoligomkostninger) are asked for only at SEL § 108: a ydelse has it as paragraf, "
    "or the tilbudstype is a længerevarende botilbud (that those are the ones of § 108: assumed).",
    (Standard.BESTILLING,),
)
def housing(brev: Bestilling, seen: Seen) -> Iterator[Fault]:
    if not brev.anmodning_boligomkostninger or brev.indsats.tilbudstype in _BOTILBUD_108:
        return
    if not any(_PARAGRAF_108.search(ydelse.paragraf or "") for ydelse in brev.indsats.ydelser):
        text = "is true, but no ydelse has the paragraf SEL § 108, and the tilbudstype is no længerevarende botilbud"
        yield Fault(("anmodningBoligomkostninger",), text, "true")


@rule(
    "MATCH-1",
    Kilde.ASSUMED,
    "An answer VENTELISTE has a waiting list, no other answer has one.",
    (Standard.SVAR_MATCH,),
)
def waiting_list(brev: SvarMatch, seen: Seen) -> Iterator[Fault]:
    if brev.svar is MatchSvar.VENTELISTE and brev.venteliste is None:
        yield Fault(("venteliste",), "is required with the answer VENTELISTE")
    elif brev.svar is not MatchSvar.VENTELISTE and brev.venteliste is not None:
        yield Fault(("venteliste",), f"is not allowed with the answer {brev.svar.value}")


@rule("BESTILLING-1", Kilde.ASSUMED, "Who refuses an order (AFVIS) says why.", (Standard.SVAR_BESTILLING,))
def refusal(brev: SvarBestilling, seen: Seen) -> Iterator[Fault]:
    if brev.svar is BestillingSvar.AFVIS and brev.begrundelse is None:
        yield Fault(("begrundelse",), "is required with the answer AFVIS")


@rule(
    "MAAL-1",
    Kilde.ASSUMED,
    "A goal that is closed (AFSLUTTET) has no nytIndhold; one that is new or changed has it, with the same id.",
    (Standard.OPFOELGNING,),
)
def goal_changes(brev: Opfoelgning, seen: Seen) -> Iterator[Fault]:
    for number, aendring in enumerate(brev.maalaendringer):
        loc: Loc = ("maalaendringer", number, "nytIndhold")
        closed = aendring.aendring is Maalaendringstype.AFSLUTTET
        if closed and aendring.nyt_indhold:
            yield Fault(loc, "is not allowed with AFSLUTTET")
        elif not closed and aendring.nyt_indhold is None:
            yield Fault(loc, f"is required with {aendring.aendring.value}: the goal as it is now")
        elif aendring.nyt_indhold and aendring.nyt_indhold.id != aendring.id:
            yield Fault((*loc, "id"), f"is not that of the goal, {aendring.id}", aendring.nyt_indhold.id)


@rule(
    "ID-1",
    Kilde.ASSUMED,
    "No id stands twice in one list: goals, ydelser, goals asked for, statuses and changes of goals.",
    (Standard.MATCH, Standard.BESTILLING, Standard.ANMODNING, Standard.STATUSNOTAT, Standard.OPFOELGNING),
)
def unique_ids(brev: Brev, seen: Seen) -> Iterator[Fault]:
    match brev:
        case Match():
            yield from repeated("oenskedeYdelser", "id", [each.id for each in brev.oenskede_ydelser])
        case Bestilling():
            yield from repeated("maal", "id", [each.id for each in brev.indsats.maal], ("indsats",))
            yield from repeated("ydelser", "id", [each.id for each in brev.indsats.ydelser], ("indsats",))
        case Anmodning():
            yield from repeated("indsatsmaal", "", list(brev.indsatsmaal))
        case Statusnotat():
            yield from repeated("maalstatus", "id", [each.id for each in brev.maalstatus])
        case Opfoelgning():
            yield from repeated("maalaendringer", "id", [each.id for each in brev.maalaendringer])


@rule(
    "NY-1",
    Kilde.ASSUMED,
    "nyBestilling is true where the result is to close the indsats and visit the citizen to a new one, and false where "
    "it is to close it; where it goes on, either is possible.",
    (Standard.OPFOELGNING,),
)
def new_order(brev: Opfoelgning, seen: Seen) -> Iterator[Fault]:
    expected = {StatusPaaIndsats.AFSLUTNING_OG_NY: True, StatusPaaIndsats.AFSLUTNING: False}.get(brev.resultat)
    if expected is not None and brev.ny_bestilling is not expected:
        said = "true" if brev.ny_bestilling else "false"
        text = f"is {said}, but the result is '{brev.resultat.navn}'; one of the two is wrong"
        yield Fault(("nyBestilling",), text, said)
