"""How the rules about what a letter says are broken."""

from __future__ import annotations

from datetime import timedelta

from consumers.standards.blocks import Dokument, Maalgruppe, Rang, RelateretPerson, Relation, Tilstand, Vaergemaal
from consumers.standards.breaking import Break, Breaker, adding, setting
from consumers.standards.codes import (
    Funktionsevneniveau,
    Maalgruppekode,
    StatusPaaIndsats,
    Tema,
    Tilbudstype,
    Ydelseskode,
)
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    BestillingSvar,
    Brev,
    Funktionsevneaendring,
    Indsatsstatus,
    Maalaendring,
    Maalaendringstype,
    MarkantAendring,
    Match,
    MatchSvar,
    Opfoelgning,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
    Venteliste,
)
from consumers.standards.paths import Loc

NEW_ID = "00000000-fa01-4000-8000-000000000002"
PHONE = "01 23 45 67"
LET, MODERAT = Funktionsevneniveau.LET, Funktionsevneniveau.MODERAT


def cpr(brev: Bestilling) -> list[Break]:
    tail = brev.borger.cpr[4:]
    return [setting(("borger", "cpr"), start + tail) for start in ("3201", "0113", "0000", "3002")]


def levels(brev: Bestilling) -> list[Break]:
    loc: Loc = ("vurdering", "tilstande")
    given = brev.vurdering.tilstande
    return [
        adding(loc, given, Tilstand(tema=Tema.GOERE_RENT), "funktionsevneniveau"),
        adding(loc, given, Tilstand(tema=Tema.SOEVN, funktionsevneniveau=LET), "funktionsevneniveau"),
    ]


def goal_themes(brev: Bestilling | Opfoelgning) -> list[Break]:
    if isinstance(brev, Bestilling):
        goals: list[Loc] = [("indsats", "maal", number) for number in range(len(brev.indsats.maal))]
    else:
        changes = enumerate(brev.maalaendringer)
        goals = [("maalaendringer", number, "nytIndhold") for number, one in changes if one.nyt_indhold]
    return [setting((*goal, "primaertTema"), Tema.SOEVN) for goal in goals]


def primary(brev: Match | Bestilling) -> list[Break]:
    loc: Loc = ("maalgrupper",) if isinstance(brev, Match) else ("indsats", "maalgrupper")
    grupper = brev.maalgrupper if isinstance(brev, Match) else brev.indsats.maalgrupper
    if all(gruppe.rang is not Rang.PRIMAER for gruppe in grupper):
        return []
    return [adding(loc, grupper, Maalgruppe(kode=Maalgruppekode.DEMENS, rang=Rang.PRIMAER), "rang")]


def whole_order(brev: Bestilling) -> list[Break]:
    if brev.indsats.status is Indsatsstatus.AFSLUTTET:
        return []
    loc: Loc = ("indsats", "maalgrupper")
    lower = tuple(gruppe.model_copy(update={"rang": Rang.SEKUNDAER}) for gruppe in brev.indsats.maalgrupper)
    return [setting(("opfoelgning",), None), setting(loc, lower)]


def _ydelser(brev: Match | Bestilling) -> list[Loc]:
    if isinstance(brev, Match):
        return [("oenskedeYdelser", number) for number in range(len(brev.oenskede_ydelser))]
    return [("indsats", "ydelser", number) for number in range(len(brev.indsats.ydelser))]


def code_or_text(brev: Match | Bestilling) -> list[Break]:
    return [
        way
        for loc in _ydelser(brev)
        for way in (
            setting((*loc, "kode"), None, ((*loc, "tekst"), None)),
            setting((*loc, "tekst"), "Støtte", ((*loc, "kode"), Ydelseskode.SERVICE)),
        )
    ]


def ends_before(brev: Match | Bestilling) -> list[Break]:
    given = brev.oenskede_ydelser if isinstance(brev, Match) else brev.indsats.ydelser
    return [
        setting((*loc, "slutdato"), ydelse.startdato - timedelta(days=1))
        for loc, ydelse in zip(_ydelser(brev), given, strict=True)
    ]


def changed_theme(brev: Opfoelgning) -> list[Break]:
    change = Funktionsevneaendring(tema=Tema.SOEVN, fra=MODERAT, til=LET)
    return [adding(("funktionsevneaendringer",), brev.funktionsevneaendringer, change, "tema")]


def no_change(brev: Opfoelgning) -> list[Break]:
    change = Funktionsevneaendring(tema=Tema.GOERE_RENT, fra=LET, til=LET)
    return [adding(("funktionsevneaendringer",), brev.funktionsevneaendringer, change, "til")]


def _dokument(data: str | None = None, url: str | None = None) -> Dokument:
    return Dokument(titel="Bilag", content_type="application/pdf", data=data, url=url)


def data_or_url(brev: Bestilling | Statusnotat | MarkantAendring) -> list[Break]:
    both = _dokument("JVBERi0xLjQK", "https://dokumenter.example/1.pdf")
    return [
        adding(("dokumenter",), brev.dokumenter, _dokument(), "data"),
        adding(("dokumenter",), brev.dokumenter, both, "url"),
    ]


def undecodable(brev: Bestilling | Statusnotat | MarkantAendring) -> list[Break]:
    return [adding(("dokumenter",), brev.dokumenter, _dokument(data), "data") for data in ("JVBERi0xLjQ", "A==")]


def guardian(brev: Bestilling) -> list[Break]:
    vaerge = RelateretPerson(relation=Relation.VAERGE, navn="Vagn Testesen", telefon=PHONE)
    mor = RelateretPerson(relation=Relation.MOR, vaergemaal=Vaergemaal.PARAGRAF_5, navn="Bodil Testesen", telefon=PHONE)
    people = brev.relaterede_personer
    return [adding(("relateredePersoner",), people, person, "vaergemaal") for person in (vaerge, mor)]


def housing(brev: Bestilling) -> list[Break]:
    elsewhere = tuple(ydelse.model_copy(update={"paragraf": "SEL § 107"}) for ydelse in brev.indsats.ydelser)
    tilbudstype = Tilbudstype.MIDLERTIDIGT_BOTILBUD_TIL_VOKSNE
    other = ((("indsats", "ydelser"), elsewhere), (("indsats", "tilbudstype"), tilbudstype))
    return [setting(("anmodningBoligomkostninger",), True, *other)]


def waiting_list(brev: SvarMatch) -> list[Break]:
    listed = brev.svar is MatchSvar.VENTELISTE
    return [setting(("venteliste",), None if listed else Venteliste(antal_foran=1))]


def refusal(brev: SvarBestilling) -> list[Break]:
    return [setting(("begrundelse",), None, (("svar",), BestillingSvar.AFVIS))]


def goal_change(brev: Opfoelgning) -> list[Break]:
    ways = [
        adding(("maalaendringer",), brev.maalaendringer, Maalaendring(id=NEW_ID, aendring=aendring), "nytIndhold")
        for aendring in (Maalaendringstype.NY, Maalaendringstype.AENDRET)
    ]
    for number, change in enumerate(brev.maalaendringer):
        if change.nyt_indhold:
            ways.append(setting(("maalaendringer", number, "nytIndhold", "id"), NEW_ID))
    return ways


def twice(brev: Brev) -> list[Break]:
    match brev:
        case Match() if brev.oenskede_ydelser:
            return [adding(("oenskedeYdelser",), brev.oenskede_ydelser, brev.oenskede_ydelser[0], "id")]
        case Bestilling():
            ydelser = brev.indsats.ydelser
            return [adding(("indsats", "ydelser"), ydelser, ydelser[0], "id")]
        case Anmodning():
            return [adding(("indsatsmaal",), brev.indsatsmaal, brev.indsatsmaal[0])]
        case Statusnotat():
            return [adding(("maalstatus",), brev.maalstatus, brev.maalstatus[0], "id")]
        case Opfoelgning() if brev.maalaendringer:
            return [adding(("maalaendringer",), brev.maalaendringer, brev.maalaendringer[0], "id")]
    return []


def new_order(brev: Opfoelgning) -> list[Break]:
    return [
        setting(("nyBestilling",), says, (("resultat",), resultat))
        for resultat, says in ((StatusPaaIndsats.AFSLUTNING, True), (StatusPaaIndsats.AFSLUTNING_OG_NY, False))
    ]


BREAKERS: dict[str, Breaker] = {
    "FFB-1": cpr,
    "FFB-2": levels,
    "FFB-3": goal_themes,
    "FFB-4": primary,
    "FFB-5": whole_order,
    "FFB-6": code_or_text,
    "FFB-7": changed_theme,
    "AENDRING-1": no_change,
    "YDELSE-1": ends_before,
    "DOKUMENT-1": data_or_url,
    "DOKUMENT-2": undecodable,
    "PERSON-1": guardian,
    "BOLIG-1": housing,
    "MATCH-1": waiting_list,
    "BESTILLING-1": refusal,
    "MAAL-1": goal_change,
    "ID-1": twice,
    "NY-1": new_order,
}
