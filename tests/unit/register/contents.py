"""Registers for tests: one small and readable, and a hypothesis strategy for consistent ones."""

from __future__ import annotations

from hypothesis import strategies as st

from broker.core.identifiers import canonical
from broker.core.model import (
    ALLE,
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Livscyklus,
    Myndighed,
    Registrering,
    Service,
    Serviceaftale,
    Tilstand,
    Vaerdiliste,
)
from broker.ports import RegisterContent

KOMMUNE = Myndighed("11111111", "Eksempelby Kommune")
SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Fagsystem", "11111111")
OTHER = Anvendersystem(
    "aaaaaaaa-0000-4000-8000-000000000002", "Andet system", "11111111", "hemmelig", "UI:DK-O:G:0f3c-0002"
)
TYPE = Beskedtype("7654895c-a3f3-4c77-8afd-4c77330f963c", "Testbesked")
AFTALE = Serviceaftale(
    "bbbbbbbb-0000-4000-8000-000000000001",
    SYSTEM.id,
    Service.MODTAG,
    "2.0",
    beskedtyper=(TYPE.id,),
    forvaltningsomraader=("27.*",),
    afsendende_myndigheder=("11111111",),
    gyldig_fra=1_700_000_000.25,
    godkendt=False,
    modtagende_dueslag=("dddddddd-0000-4000-8000-000000000001",),
)
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Indbakke", SYSTEM.id)
REGISTRERING = Registrering(
    1_700_000_000.123456,
    Livscyklus.RETTET,
    SYSTEM.id,
    "Flyttet: 'x'\n#2",
    "borgere-1",
    1_600_000_000.0,
    None,
    "urn:oio:cvr:11111111",
    "ItSystem",
)
LISTE = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000001", "Borgere", SYSTEM.id)
FIELD = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
ABONNEMENT = Abonnement(
    "ffffffff-0000-4000-8000-000000000001",
    "Fulgte borgere",
    DUESLAG.id,
    f"{FIELD} IN VAERDILISTE 'Borgere'",
    Tilstand.PAUSE,
    gyldig_til=1_900_000_000.0,
)
ITEMS = (KOMMUNE, SYSTEM, OTHER, TYPE, AFTALE, DUESLAG, LISTE, ABONNEMENT)


def small() -> RegisterContent:
    """One item or two of every kind, consistent."""
    return RegisterContent(
        {KOMMUNE.cvr: KOMMUNE},
        {SYSTEM.id: SYSTEM, OTHER.id: OTHER},
        {TYPE.id: TYPE},
        {AFTALE.id: AFTALE},
        {DUESLAG.id: DUESLAG},
        {ABONNEMENT.id: ABONNEMENT},
        {LISTE.id: LISTE},
        {LISTE.id: {"urn:oio:cpr-nr:0101010000", "urn:oio:cpr-nr:0202020000"}},
    )


_ids = st.uuids().map(str)
_cvr = st.from_regex(r"[0-9]{8}", fullmatch=True)
_any_text = st.text(max_size=30)
_letters = st.sampled_from("aæB 1'\"#:-*,[") | st.characters(exclude_categories=("C", "Z"))
_names = st.text(_letters, min_size=1, max_size=12).map(lambda text: text.strip() or "x")
_values = st.one_of(
    st.from_regex(r"urn:oio:cpr-nr:[0-9]{10}", fullmatch=True),
    st.sampled_from(["0101010000", "true", "null", "1.0", "- a", "#", "*x", "a: b", "'", '"', "\\", "2026-01-01"]),
    st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("\t\n\r"), max_size=30),
)
_times = st.none() | st.integers(-62_135_596_800_000, 253_402_300_799_999).map(lambda ms: ms / 1000)


@st.composite
def periods(draw: st.DrawFn) -> tuple[float | None, float | None]:
    """gyldig_fra before gyldig_til, where both are there."""
    fra, til = draw(_times), draw(_times)
    if fra is not None and til is not None and fra >= til:
        return (til, fra) if til < fra else (fra, None)
    return fra, til


_xml_text = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("\t\n\r#:'\""), max_size=12)
_callbacks = st.none() | st.sampled_from(
    ["http://127.0.0.1:8081/besked", "https://[::1]/a?b=c%20d", "https://kommune.example:8443", "http://x/"]
)


@st.composite
def registreringer(draw: st.DrawFn) -> Registrering:
    """A Registrering as odd as the rules allow."""
    fra, til = draw(periods())
    return Registrering(
        draw(_times.filter(lambda tid: tid is not None)) or 0.0,
        draw(st.sampled_from(Livscyklus)),
        draw(st.none() | _ids),
        draw(_xml_text),
        draw(_xml_text),
        fra,
        til,
        draw(st.none() | _ids | st.just("urn:oio:cvr:11111111")),
        draw(st.none() | _xml_text),
        draw(_xml_text),
    )


@st.composite
def contents(draw: st.DrawFn) -> RegisterContent:
    """A consistent register whose texts are as odd as the rules allow."""
    cvr = draw(st.lists(_cvr, min_size=1, max_size=3, unique=True))
    type_names = draw(st.lists(_names, max_size=3, unique=True))
    system_names = draw(st.lists(_names, min_size=1, max_size=3, unique_by=str.lower))
    content = RegisterContent()
    content.myndigheder = {number: Myndighed(number, draw(_names)) for number in cvr}
    for navn in type_names:
        beskedtype = Beskedtype(draw(_ids), navn)
        content.beskedtyper[beskedtype.id] = beskedtype
    for navn in system_names:
        password = draw(st.none() | _any_text.filter(bool))
        serial = draw(st.none() | _names.map(lambda name: f"{name}-{len(content.anvendersystemer)}"))
        system = Anvendersystem(draw(_ids), navn, draw(st.sampled_from(cvr)), password, serial)
        content.anvendersystemer[system.id] = system
    systems, types = st.sampled_from(sorted(content.anvendersystemer)), [ALLE, *content.beskedtyper]
    for navn in draw(st.lists(_names, max_size=2, unique=True)):
        dueslag = Dueslag(draw(_ids), navn, draw(systems), draw(_callbacks))
        liste = Vaerdiliste(draw(_ids), navn, draw(systems), draw(st.none() | registreringer()))
        content.dueslag[dueslag.id] = dueslag
        content.vaerdilister[liste.id] = liste
        content.vaerdier[liste.id] = set(map(canonical, draw(st.lists(_values, max_size=4)))) - {""}
        for _ in range(draw(st.integers(0, 2))):
            fra, til = draw(periods())
            filter_ = draw(st.sampled_from(["", f"{FIELD} = 'a''b # c'", f"{FIELD}\n  != 'x: y'  "]))
            tilstand = draw(st.sampled_from(Tilstand))
            abonnement = Abonnement(draw(_ids), draw(_names), dueslag.id, filter_, tilstand, fra, til)
            content.abonnementer[abonnement.id] = abonnement
    for key in draw(st.lists(_ids, max_size=2, unique=True)):
        owner = draw(systems)
        own = [one.id for one in content.dueslag.values() if one.anvendersystem == owner]
        content.serviceaftaler[key] = draw(_aftaler(key, owner, types, cvr, [ALLE, *own]))
    return content


@st.composite
def _aftaler(
    draw: st.DrawFn, key: str, system: str, types: list[str], cvr: list[str], dueslag: list[str]
) -> Serviceaftale:
    fra, til = draw(periods())
    numbers = st.lists(st.sampled_from([ALLE, *cvr]), max_size=3).map(tuple)
    service = draw(st.sampled_from(Service))
    named = st.lists(st.sampled_from(dueslag), max_size=2).map(tuple) if service is Service.MODTAG else st.just((ALLE,))
    return Serviceaftale(
        key,
        system,
        service,
        draw(st.sampled_from(["1.0", "2.0"])),
        tuple(draw(st.lists(st.sampled_from(types), max_size=3))),
        tuple(draw(st.lists(_ids, max_size=2))),
        tuple(draw(st.lists(st.sampled_from(["27.*", "27.18.02", "*", "urn:oio:kle:32.01.01"]), max_size=2))),
        draw(numbers),
        draw(numbers),
        fra,
        til,
        draw(st.booleans()),
        draw(named),
    )
