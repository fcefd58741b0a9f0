"""How a case of a rule is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from consumers.standards.codes import Funktionsevneniveau, Tema
from consumers.standards.standard import Standard

M, SM, B, SB = Standard.MATCH, Standard.SVAR_MATCH, Standard.BESTILLING, Standard.SVAR_BESTILLING
A, S, MA, K, O = (  # noqa: E741
    Standard.ANMODNING,
    Standard.STATUSNOTAT,
    Standard.MARKANT_AENDRING,
    Standard.KVITTERING,
    Standard.OPFOELGNING,
)
GONE = object()
LET, MODERAT = Funktionsevneniveau.LET.value, Funktionsevneniveau.MODERAT.value
SPISE, MOTION = Tema.SPISE.value, Tema.MOTION.value
U1, U2 = "00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2"
GOAL = {
    "id": U1,
    "beskrivelse": "x",
    "maaltype": "d41c8072-52f8-42b5-9375-ddbea454d27f",
    "forventetFunktionsevneniveau": LET,
    "primaertTema": SPISE,
}
YDELSE = {
    "id": U2,
    "tekst": "x",
    "status": "not-started",
    "startdato": "2026-03-02",
    "oprettet": "2026-01-02T00:00:00Z",
}
PDF = {"titel": "x", "contentType": "application/pdf"}
VENTELISTE = {"antalForan": 2}
PERSON = {"navn": "x", "telefon": "12345678"}
BIG = "A" * 13_981_016
"""The longest that the form takes; one byte over 10 MB where no padding ends it."""


@dataclass(frozen=True)
class Case:
    """Changes to the example letter by JSON path; ``path`` of the finding in JSON and in XML; ``near``: no finding."""

    rule: str
    standard: Standard
    breaks: dict[str, Any]
    json: str
    xml: str
    near: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule} {self.standard.value} {self.json}"
