"""How the rules about the head of a letter are broken."""

from __future__ import annotations

from datetime import timedelta

from consumers.standards.blocks import Samtykkestatus
from consumers.standards.breaking import Break, Breaker, adding, setting
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    Brev,
    Kvittering,
    MarkantAendring,
    Match,
    Opfoelgning,
    Opfoelgningsplan,
    SvarBestilling,
)

NOBODY = "00000000-fa01-4000-8000-000000000001"
"""UUID of an organisation, or of a letter, that is nowhere else."""


def without_consent(brev: Brev) -> Break:
    return setting(("samtykke",), None, (("hjemmel",), None))


def consent(brev: Brev) -> list[Break]:
    if brev.samtykke is None:
        return [without_consent(brev)]
    ended = brev.data_tidspunkt.date() - timedelta(days=1)
    no_ground = (("hjemmel",), None)
    return [
        without_consent(brev),
        setting(("samtykke", "status"), Samtykkestatus.INAKTIV, no_ground),
        setting(("samtykke", "status"), Samtykkestatus.AFVIST, no_ground),
        setting(("samtykke", "gyldigTil"), ended, no_ground),
    ]


def old_ffb(brev: Brev) -> list[Break]:
    return [setting(("ffbVersion",), version) for version in ("20230630", "20191115")]


def recipients(brev: Brev) -> list[Break]:
    other = brev.modtagere[0].model_copy(update={"organisation_id": NOBODY})
    return [adding(("modtagere",), brev.modtagere[:1], other)]


def same_recipient(brev: Brev) -> list[Break]:
    if len(brev.modtagere) >= 50:
        return []
    return [adding(("modtagere",), brev.modtagere, brev.modtagere[0], "organisationId")]


def happened(brev: Brev) -> list[Break]:
    late = brev.data_tidspunkt + timedelta(hours=1)
    tomorrow = brev.data_tidspunkt.date() + timedelta(days=1)
    ways = [setting(("samtykke", "dato"), late)] if brev.samtykke else []
    match brev:
        case Match():
            ways.append(setting(("afgoerelse", "dato"), tomorrow))
        case Bestilling():
            ways.append(setting(("indsats", "oprettet"), late))
            ways.append(setting(("indsats", "ydelser", 0, "oprettet"), late))
        case SvarBestilling() | Kvittering():
            ways.append(setting(("modtaget",), late))
        case MarkantAendring() | Opfoelgning():
            ways.append(setting(("dato",), tomorrow))
    return ways


def to_come(brev: Brev) -> list[Break]:
    yesterday = brev.data_tidspunkt.date() - timedelta(days=1)
    match brev:
        case Match():
            return [setting(("svarfrist",), yesterday)]
        case Bestilling():
            plan = Opfoelgningsplan(dato=yesterday, frekvens="Årligt")
            return [setting(("opfoelgning",), plan, at=("opfoelgning", "dato"))]
        case Anmodning():
            return [setting(("svarfrist",), yesterday), setting(("opfoelgningsdato",), yesterday)]
    return [setting(("naesteOpfoelgning",), yesterday)]


BREAKERS: dict[str, Breaker] = {
    "R1": consent,
    "R8": old_ffb,
    "SVAR-1": lambda brev: [setting(("besvarerBeskedId",), None)],
    "SVAR-2": lambda brev: [setting(("besvarerBeskedId",), NOBODY)],
    "SVAR-3": lambda brev: [setting(("besvarerBeskedId",), brev.besked_id)],
    "MODTAGER-1": recipients,
    "MODTAGER-2": same_recipient,
    "MODTAGER-3": lambda brev: [setting(("modtagere", 0, "organisationId"), brev.afsender.organisation_id)],
    "TID-1": happened,
    "TID-2": to_come,
    "TID-3": lambda brev: [Break(("dataTidspunkt",), ())],
}
