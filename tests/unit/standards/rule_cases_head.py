"""Cases of the rules about the head of a letter."""

from __future__ import annotations

import json
from typing import Any

from consumers.standards.examples import example
from consumers.standards.json_form import write_json
from consumers.standards.standard import Standard
from tests.unit.standards.rule_case import GONE, MA, SB, SM, U1, A, B, Case, K, M, O, S


def _consent(standard: Standard) -> list[Case]:
    root = {M: "Match", B: "Bestilling", S: "Statusnotat", MA: "MarkantAendring"}[standard]
    return [
        Case(
            "R1",
            standard,
            {"samtykke": GONE},
            "samtykke",
            f"/{root}/Samtykke",
            {"samtykke": GONE, "hjemmel": "SEL § 1"},
        ),
        *(
            Case(
                "R1",
                standard,
                {"samtykke.status": status},
                "samtykke.status",
                f"/{root}/Samtykke/Status",
                {"samtykke.status": status, "hjemmel": "SEL § 1"},
            )
            for status in ("inactive", "rejected")
        ),
        Case(
            "R1",
            standard,
            {"samtykke.gyldigTil": "2026-06-30"},
            "samtykke.gyldigTil",
            f"/{root}/Samtykke/GyldigTil",
            {"samtykke.gyldigTil": "2026-07-01"},
        ),
    ]


def _two(standard: Standard) -> dict[str, Any]:
    """A second recipient."""
    other = example(M).modtagere[1]
    data = json.loads(write_json(example(M)))["modtagere"][1]
    assert data["organisationId"] == other.organisation_id
    first = json.loads(write_json(example(standard)))["modtagere"][0]
    return {"modtagere": [first, data | {"organisationId": U1}]}


HEAD = [
    *(case for standard in (M, B, S, MA) for case in _consent(standard)),
    *(
        Case("R8", standard, {"ffbVersion": other}, "ffbVersion", f"/{root}/FfbVersion")
        for standard, root in ((M, "Match"), (K, "Kvittering"))
        for other in ("20230101", "20990101")
    ),
    *(
        Case("SVAR-1", standard, {"besvarerBeskedId": GONE}, "besvarerBeskedId", f"/{root}/BesvarerBeskedId")
        for standard, root in ((SM, "SvarMatch"), (SB, "SvarBestilling"), (S, "Statusnotat"), (K, "Kvittering"))
    ),
    *(
        Case("SVAR-2", standard, {"besvarerBeskedId": U1}, "besvarerBeskedId", f"/{root}/BesvarerBeskedId")
        for standard, root in ((M, "Match"), (A, "Anmodning"), (MA, "MarkantAendring"))
    ),
    Case(
        "SVAR-3",
        O,
        {"besvarerBeskedId": example(O).besked_id},
        "besvarerBeskedId",
        "/Opfoelgning/BesvarerBeskedId",
        {"besvarerBeskedId": GONE},
    ),
    *(
        Case("MODTAGER-1", standard, _two(standard), "modtagere[1]", f"/{root}/Modtager[2]")
        for standard, root in ((B, "Bestilling"), (SM, "SvarMatch"), (MA, "MarkantAendring"), (O, "Opfoelgning"))
    ),
    Case(
        "MODTAGER-2",
        M,
        {"modtagere.1.organisationId": example(M).modtagere[0].organisation_id},
        "modtagere[1].organisationId",
        "/Match/Modtager[2]/OrganisationId",
        {"modtagere.1.cvr": example(M).modtagere[0].cvr},
    ),
    Case(
        "MODTAGER-3",
        K,
        {"modtagere.0.organisationId": example(K).afsender.organisation_id},
        "modtagere[0].organisationId",
        "/Kvittering/Modtager[1]/OrganisationId",
        {"modtagere.0.cvr": example(K).afsender.cvr},
    ),
    Case(
        "TID-1",
        M,
        {"samtykke.dato": "2026-01-14T10:12:06+01:00"},
        "samtykke.dato",
        "/Match/Samtykke/Dato",
        {"samtykke.dato": "2026-01-14T09:12:05Z"},
    ),
    Case(
        "TID-1",
        M,
        {"afgoerelse.dato": "2026-01-15"},
        "afgoerelse.dato",
        "/Match/Afgoerelse/Dato",
        {"afgoerelse.dato": "2026-01-14"},
    ),
    Case(
        "TID-1",
        B,
        {"indsats.oprettet": "2026-01-28T09:03:23+01:00"},
        "indsats.oprettet",
        "/Bestilling/Indsats/Oprettet",
        {"indsats.oprettet": "2026-01-28T09:03:22+01:00"},
    ),
    Case(
        "TID-1",
        B,
        {"indsats.ydelser.1.oprettet": "2027-01-28T09:03:23+01:00"},
        "indsats.ydelser[1].oprettet",
        "/Bestilling/Indsats/Ydelse[2]/Oprettet",
    ),
    *(
        Case("TID-1", standard, {"modtaget": "2026-06-30T00:00:00Z"}, "modtaget", f"/{root}/Modtaget")
        for standard, root in ((SB, "SvarBestilling"), (K, "Kvittering"))
    ),
    Case("TID-1", MA, {"dato": "2026-04-17"}, "dato", "/MarkantAendring/Dato", {"dato": "2026-04-16"}),
    Case("TID-1", O, {"dato": "2026-06-05"}, "dato", "/Opfoelgning/Dato", {"dato": "2026-01-01"}),
    Case("TID-2", M, {"svarfrist": "2026-01-13"}, "svarfrist", "/Match/Svarfrist", {"svarfrist": "2026-01-14"}),
    Case(
        "TID-2",
        B,
        {"opfoelgning.dato": "2026-01-27"},
        "opfoelgning.dato",
        "/Bestilling/Opfoelgning/Dato",
        {"opfoelgning.dato": "2026-01-28"},
    ),
    Case("TID-2", A, {"svarfrist": "2026-05-06"}, "svarfrist", "/Anmodning/Svarfrist", {"svarfrist": "2026-05-07"}),
    Case("TID-2", A, {"opfoelgningsdato": "2026-05-06"}, "opfoelgningsdato", "/Anmodning/Opfoelgningsdato"),
    Case("TID-2", O, {"naesteOpfoelgning": "2026-06-03"}, "naesteOpfoelgning", "/Opfoelgning/NaesteOpfoelgning"),
    Case(
        "TID-3",
        A,
        {"dataTidspunkt": "2026-07-03T00:00:00Z", "svarfrist": "2026-08-01", "opfoelgningsdato": GONE},
        "dataTidspunkt",
        "/Anmodning/DataTidspunkt",
        {"dataTidspunkt": "2026-07-02T23:59:59Z", "svarfrist": "2026-08-01", "opfoelgningsdato": GONE},
    ),
]
