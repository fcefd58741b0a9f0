"""What letters are about: situations of synthetic citizens, in the words of caseworkers and of tilbud.

``{navn}`` stands for the citizen: a given name, or "Borgeren" where the letter must not tell the name.
"""

from __future__ import annotations

from dataclasses import dataclass

from consumers.standards.codes import (
    Funktionsevneniveau,
    Maalgruppekode,
    Maaltype,
    Stoettebehovsniveau,
    Tema,
    Tilbudstype,
    Ydelseskode,
)
from consumers.standards.letters import Beroert, Handling, Hastegrad, Maalvurdering

SEL_85, SEL_103, SEL_104, SEL_107, SEL_108 = (f"SEL § {number}" for number in (85, 103, 104, 107, 108))


@dataclass(frozen=True, slots=True)
class Maal:
    """A goal, and how it goes with it."""

    tekst: str
    tema: Tema
    maaltype: Maaltype
    forventet: Funktionsevneniveau
    fra: Funktionsevneniveau
    status: dict[Maalvurdering, str]
    spoergsmaal: str
    sekundaere: tuple[Tema, ...] = ()


@dataclass(frozen=True, slots=True)
class Aendring:
    """A significant change, and what the myndighed does about it."""

    tekst: str
    beroerer: tuple[Beroert, ...]
    temaer: tuple[Tema, ...]
    hastegrad: Hastegrad
    handling: Handling
    kvittering: str


@dataclass(frozen=True, slots=True)
class Situation:
    maalgruppe: Maalgruppekode
    ogsaa: tuple[Maalgruppekode, ...]
    """Secondary målgrupper that go with it."""
    tilbudstype: Tilbudstype
    paragraf: str
    niveau: Stoettebehovsniveau
    tekst: str
    begrundelse: str
    ressourcer: str
    perspektiv: str
    oensker: tuple[str, ...]
    diagnoser: tuple[str, ...]
    formaal: str
    maal: tuple[Maal, ...]
    ydelser: tuple[tuple[Ydelseskode, str], ...]
    """With the provision under which they are granted."""
    aendringer: tuple[Aendring, ...]
    tilstande: tuple[tuple[Tema, str], ...]
    """Themes other than A&D, in words."""
