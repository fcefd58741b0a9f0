"""Cases of the rules about what a letter says."""

from __future__ import annotations

from consumers.standards.codes import Stoettebehovsniveau
from tests.unit.standards.rule_case import (
    BIG,
    GOAL,
    GONE,
    LET,
    MA,
    MODERAT,
    MOTION,
    PDF,
    PERSON,
    SB,
    SM,
    SPISE,
    U1,
    U2,
    VENTELISTE,
    YDELSE,
    A,
    B,
    Case,
    M,
    O,
    S,
)

CONTENT = [
    *(
        Case("FFB-1", B, {"borger.cpr": cpr}, "borger.cpr", "/Bestilling/Borger/Cpr", {"borger.cpr": near})
        for cpr, near in (
            ("3002901234", "2802901234"),  # 30 February
            ("2902011234", "2902004234"),  # 1901 had no 29 February, 2000 had
            ("0013901234", "0112901234"),
            ("9204045231", "9103045231"),  # day 32; day 31 of March with 60 more is 91
            ("0101304321", "0101264321"),  # born 2030
        )
    ),
    Case(
        "FFB-2",
        B,
        {"vurdering.tilstande": [{"tema": MOTION}, {"tema": SPISE}]},
        "vurdering.tilstande[1].funktionsevneniveau",
        "/Bestilling/Vurdering/Tilstand[2]/Funktionsevneniveau",
        {"vurdering.tilstande": [{"tema": MOTION}, {"tema": SPISE, "funktionsevneniveau": LET}]},
    ),
    Case(
        "FFB-2",
        B,
        {"vurdering.tilstande": [{"tema": MOTION, "funktionsevneniveau": LET}]},
        "vurdering.tilstande[0].funktionsevneniveau",
        "/Bestilling/Vurdering/Tilstand[1]/Funktionsevneniveau",
        {"vurdering.tilstande": [{"tema": MOTION, "tekst": "x"}]},
    ),
    Case(
        "FFB-3",
        B,
        {"indsats.maal.1.primaertTema": MOTION},
        "indsats.maal[1].primaertTema",
        "/Bestilling/Indsats/Indsatsmaal[2]/PrimaertTema",
        {"indsats.maal.1.primaertTema": SPISE, "indsats.maal.1.sekundaereTemaer": [MOTION]},
    ),
    Case(
        "FFB-3",
        B,
        {"indsats.maal.1.primaertTema": SPISE, "indsats.maal.1.sekundaereTemaer": [MOTION, SPISE]},
        "indsats.maal[1].sekundaereTemaer[1]",
        "/Bestilling/Indsats/Indsatsmaal[2]/SekundaertTema[2]",
    ),
    Case(
        "FFB-3",
        O,
        {"maalaendringer": [{"id": U1, "aendring": "NY", "nytIndhold": GOAL | {"primaertTema": MOTION}}]},
        "maalaendringer[0].nytIndhold.primaertTema",
        "/Opfoelgning/Maalaendring[1]/NytIndhold/PrimaertTema",
        {"maalaendringer": [{"id": U1, "aendring": "NY", "nytIndhold": GOAL}]},
    ),
    Case(
        "FFB-4",
        M,
        {"maalgrupper.1.rang": "1"},
        "maalgrupper[1].rang",
        "/Match/Maalgruppe[2]/Rang",
        {"maalgrupper.0.rang": "2"},
    ),
    Case(
        "FFB-4",
        B,
        {"indsats.maalgrupper.1.rang": "1"},
        "indsats.maalgrupper[1].rang",
        "/Bestilling/Indsats/Maalgruppe[2]/Rang",
    ),
    *(
        Case(
            "FFB-5",
            B,
            {"indsats.maalgrupper.0.rang": "2", "indsats.status": status},
            "indsats.maalgrupper",
            "/Bestilling/Indsats/Maalgruppe",
            {"indsats.maalgrupper.0.rang": "2", "indsats.status": "completed"},
        )
        for status in ("active", "draft")
    ),
    Case(
        "FFB-5",
        B,
        {"opfoelgning": GONE},
        "opfoelgning",
        "/Bestilling/Opfoelgning",
        {"opfoelgning": GONE, "indsats.status": "completed"},
    ),
    Case(
        "FFB-6",
        B,
        {"indsats.ydelser.2.kode": GONE},
        "indsats.ydelser[2].kode",
        "/Bestilling/Indsats/Ydelse[3]/Kode",
        {"indsats.ydelser.2.kode": GONE, "indsats.ydelser.2.tekst": "x"},
    ),
    Case("FFB-6", M, {"oenskedeYdelser.0.tekst": "x"}, "oenskedeYdelser[0].tekst", "/Match/OensketYdelse[1]/Tekst"),
    Case(
        "FFB-7",
        O,
        {"funktionsevneaendringer.0.tema": MOTION},
        "funktionsevneaendringer[0].tema",
        "/Opfoelgning/Funktionsevneaendring[1]/Tema",
        {"funktionsevneaendringer.0.tema": SPISE},
    ),
    Case(
        "AENDRING-1",
        O,
        {"funktionsevneaendringer.0.fra": LET, "funktionsevneaendringer.0.til": LET},
        "funktionsevneaendringer[0].til",
        "/Opfoelgning/Funktionsevneaendring[1]/Til",
        {"funktionsevneaendringer.0.fra": LET, "funktionsevneaendringer.0.til": MODERAT},
    ),
    Case(
        "AENDRING-1",
        O,
        {"stoettebehovsaendring": dict.fromkeys(("fra", "til"), Stoettebehovsniveau.LET.value)},
        "stoettebehovsaendring.til",
        "/Opfoelgning/Stoettebehovsaendring/Til",
        {"stoettebehovsaendring": {"fra": Stoettebehovsniveau.LET.value, "til": Stoettebehovsniveau.INTET.value}},
    ),
    Case(
        "YDELSE-1",
        B,
        {"indsats.ydelser.0.slutdato": "2026-03-01"},
        "indsats.ydelser[0].slutdato",
        "/Bestilling/Indsats/Ydelse[1]/Slutdato",
        {"indsats.ydelser.0.slutdato": "2026-03-02"},
    ),
    Case(
        "YDELSE-1",
        M,
        {"oenskedeYdelser": [YDELSE | {"slutdato": "2026-03-01"}]},
        "oenskedeYdelser[0].slutdato",
        "/Match/OensketYdelse[1]/Slutdato",
    ),
    *(
        Case(
            "DOKUMENT-1",
            standard,
            {"dokumenter": [PDF]},
            "dokumenter[0].data",
            f"/{root}/Dokument[1]/Data",
            {"dokumenter": [PDF | {"url": "https://x"}]},
        )
        for standard, root in ((B, "Bestilling"), (S, "Statusnotat"), (MA, "MarkantAendring"))
    ),
    Case(
        "DOKUMENT-1",
        S,
        {"dokumenter": [PDF | {"data": "QQ==", "url": "https://x"}]},
        "dokumenter[0].url",
        "/Statusnotat/Dokument[1]/Url",
        {"dokumenter": [PDF | {"data": "QQ=="}]},
    ),
    *(
        Case(
            "DOKUMENT-2",
            S,
            {"dokumenter": [PDF | {"data": data}]},
            "dokumenter[0].data",
            "/Statusnotat/Dokument[1]/Data",
            {"dokumenter": [PDF | {"data": near}]},
        )
        for data, near in (("QQ=", "QQ=="), ("QQ", "QUI="), ("QUJDR", "QUJD"), (BIG, BIG[:-4]))
    ),
    Case(
        "PERSON-1",
        B,
        {"relateredePersoner": [PERSON | {"relation": "GUARD"}]},
        "relateredePersoner[0].vaergemaal",
        "/Bestilling/RelateretPerson[1]/Vaergemaal",
        {"relateredePersoner": [PERSON | {"relation": "GUARD", "vaergemaal": "§5"}]},
    ),
    Case(
        "PERSON-1",
        B,
        {"relateredePersoner": [PERSON | {"relation": "MTH", "vaergemaal": "§5"}]},
        "relateredePersoner[0].vaergemaal",
        "/Bestilling/RelateretPerson[1]/Vaergemaal",
        {"relateredePersoner": [PERSON | {"relation": "MTH"}]},
    ),
    Case(
        "BOLIG-1",
        B,
        {"anmodningBoligomkostninger": True},
        "anmodningBoligomkostninger",
        "/Bestilling/AnmodningBoligomkostninger",
        {"anmodningBoligomkostninger": True, "indsats.ydelser.0.paragraf": "SEL §108, stk. 1"},
    ),
    Case(
        "BOLIG-1",
        B,
        {"anmodningBoligomkostninger": True, "indsats.ydelser.0.paragraf": "SEL § 1085"},
        "anmodningBoligomkostninger",
        "/Bestilling/AnmodningBoligomkostninger",
        {"anmodningBoligomkostninger": True, "indsats.tilbudstype": "498fe92c-d7f7-41cd-9404-5b38fe113be0"},
    ),
    Case(
        "BOLIG-1",
        B,
        {"anmodningBoligomkostninger": True},
        "anmodningBoligomkostninger",
        "/Bestilling/AnmodningBoligomkostninger",
        {"anmodningBoligomkostninger": False},
    ),
    Case(
        "MATCH-1",
        SM,
        {"svar": "VENTELISTE"},
        "venteliste",
        "/SvarMatch/Venteliste",
        {"svar": "VENTELISTE", "venteliste": VENTELISTE},
    ),
    *(
        Case(
            "MATCH-1",
            SM,
            {"svar": svar, "venteliste": VENTELISTE},
            "venteliste",
            "/SvarMatch/Venteliste",
            {"svar": svar},
        )
        for svar in ("ACCEPT", "AFSLAG")
    ),
    Case(
        "BESTILLING-1",
        SB,
        {"svar": "AFVIS", "begrundelse": GONE},
        "begrundelse",
        "/SvarBestilling/Begrundelse",
        {"svar": "AFVIS", "begrundelse": "x"},
    ),
    Case(
        "MAAL-1",
        O,
        {"maalaendringer": [{"id": U1, "aendring": "AFSLUTTET", "nytIndhold": GOAL}]},
        "maalaendringer[0].nytIndhold",
        "/Opfoelgning/Maalaendring[1]/NytIndhold",
        {"maalaendringer": [{"id": U1, "aendring": "AFSLUTTET"}]},
    ),
    *(
        Case(
            "MAAL-1",
            O,
            {"maalaendringer": [{"id": U1, "aendring": change}]},
            "maalaendringer[0].nytIndhold",
            "/Opfoelgning/Maalaendring[1]/NytIndhold",
            {"maalaendringer": [{"id": U1, "aendring": change, "nytIndhold": GOAL}]},
        )
        for change in ("NY", "AENDRET")
    ),
    Case(
        "MAAL-1",
        O,
        {"maalaendringer": [{"id": U2, "aendring": "NY", "nytIndhold": GOAL}]},
        "maalaendringer[0].nytIndhold.id",
        "/Opfoelgning/Maalaendring[1]/NytIndhold/Id",
    ),
    Case(
        "ID-1",
        M,
        {"oenskedeYdelser": [YDELSE, YDELSE]},
        "oenskedeYdelser[1].id",
        "/Match/OensketYdelse[2]/Id",
        {"oenskedeYdelser": [YDELSE, YDELSE | {"id": U1}]},
    ),
    Case(
        "ID-1",
        B,
        {"indsats.maal": [GOAL, GOAL]},
        "indsats.maal[1].id",
        "/Bestilling/Indsats/Indsatsmaal[2]/Id",
        {"indsats.maal": [GOAL, GOAL | {"id": U2}]},
    ),
    Case("ID-1", B, {"indsats.ydelser": [YDELSE, YDELSE]}, "indsats.ydelser[1].id", "/Bestilling/Indsats/Ydelse[2]/Id"),
    Case(
        "ID-1",
        A,
        {"indsatsmaal": [U1, U2, U1.upper()]},
        "indsatsmaal[2]",
        "/Anmodning/IndsatsmaalId[3]",
        {"indsatsmaal": [U1, U2]},
    ),
    Case(
        "ID-1", S, {"maalstatus": [{"id": U1, "status": "x"}] * 2}, "maalstatus[1].id", "/Statusnotat/Maalstatus[2]/Id"
    ),
    Case(
        "ID-1",
        O,
        {"maalaendringer": [{"id": U1, "aendring": "AFSLUTTET"}] * 2},
        "maalaendringer[1].id",
        "/Opfoelgning/Maalaendring[2]/Id",
    ),
    Case(
        "NY-1",
        O,
        {"resultat": "b4c01aa8-82fd-44e4-83ff-ca19ec02c779"},
        "nyBestilling",
        "/Opfoelgning/NyBestilling",
        {"resultat": "b4c01aa8-82fd-44e4-83ff-ca19ec02c779", "nyBestilling": True},
    ),
    Case(
        "NY-1",
        O,
        {"resultat": "d7d03656-4c87-4e67-9146-aa5990460f16", "nyBestilling": True},
        "nyBestilling",
        "/Opfoelgning/NyBestilling",
        {"nyBestilling": True},
    ),
]
