"""Who plays: synthetic all of them.  ``register.yaml`` beside this file says the same to the emulator."""

from __future__ import annotations

from pathlib import Path

from consumers.part import Part

NORDBY = Part(
    "Nordby Kommune (syntetisk)",
    "99000101",
    "00000000-0101-4000-8000-000000000101",
    "00000000-0101-4000-8000-0000000000d1",
)
SOENDERAA = Part(
    "Sønderå Kommune (syntetisk)",
    "99000102",
    "00000000-0102-4000-8000-000000000102",
    "00000000-0102-4000-8000-0000000000d1",
)
VESTHOLM = Part(
    "Vestholm Kommune (syntetisk)",
    "99000103",
    "00000000-0103-4000-8000-000000000103",
    "00000000-0103-4000-8000-0000000000d1",
)
BIRKELY = Part(
    "Botilbuddet Birkely (syntetisk)",
    "99000201",
    "00000000-0201-4000-8000-000000000201",
    "00000000-0201-4000-8000-0000000000d1",
    "1999000201",
    er_tilbud=True,
)
HAVBLIK = Part(
    "Bostedet Havblik (syntetisk)",
    "99000202",
    "00000000-0202-4000-8000-000000000202",
    "00000000-0202-4000-8000-0000000000d1",
    "1999000202",
    er_tilbud=True,
)
FYRTAARNET = Part(
    "Støttecentret Fyrtårnet (syntetisk)",
    NORDBY.cvr,
    "00000000-0203-4000-8000-000000000203",
    "00000000-0203-4000-8000-0000000000d1",
    "1999000203",
    er_tilbud=True,
)
KILDEN = Part(
    "Værestedet Kilden (syntetisk)",
    SOENDERAA.cvr,
    "00000000-0204-4000-8000-000000000204",
    "00000000-0204-4000-8000-0000000000d1",
    "1999000204",
    er_tilbud=True,
)
CPR_FEED = Part("CPR-hændelser (syntetisk)", "99000301", "00000000-0301-4000-8000-000000000301")
POST_FEED = Part("Digital Post (syntetisk)", "99000302", "96514e13-afdd-44d6-95a8-adc2ca19b127")

MYNDIGHEDER = (NORDBY, SOENDERAA, VESTHOLM)
TILBUD = (BIRKELY, HAVBLIK, FYRTAARNET, KILDEN)
FEEDS = (CPR_FEED, POST_FEED)

BORGERE = {
    NORDBY: ("6101900001", "6201900002"),
    SOENDERAA: ("6301900003", "6401900004"),
    VESTHOLM: ("6501900005", "6601900006"),
}
"""CPR numbers of each municipality's citizens: a day of birth above 60 is no real person's."""
NOBODYS = "6701900007"
"""A citizen whom no municipality of the demo follows."""


def short(part: Part) -> str:
    """The name without its mark, for a table whose title carries the mark."""
    return part.navn.removesuffix(" (syntetisk)")


def register_file() -> Path:
    """The register with which an emulator must be started for the demo."""
    return Path(__file__).with_name("register.yaml")
