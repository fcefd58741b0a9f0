"""The head that all letters of a course have alike, and what else several of them hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from consumers.standards import pdf
from consumers.standards.blocks import Dokument, Organisation, Samtykke
from consumers.standards.chance import maybe, number
from consumers.standards.codes import FFB_VERSION
from consumers.standards.course import Course
from consumers.standards.parties import forfatter
from consumers.standards.standard import Rolle, Standard


def head(
    course: Course,
    standard: Standard,
    *,
    afsender: Organisation | None = None,
    modtagere: Sequence[Organisation] = (),
    besked_id: str | None = None,
    tid: datetime | None = None,
) -> dict[str, Any]:
    """The fields of `Brev`; sender, recipient, id and time are the course's where they are not given."""
    facts = standard.facts
    afsender = afsender or course.side(facts.fra)
    other = Rolle.UDFOERER if facts.fra is Rolle.MYNDIGHED else Rolle.MYNDIGHED
    return {
        "besked_id": besked_id or course.besked_id(standard),
        "standard_version": "1.0",
        "ffb_version": FFB_VERSION,
        "forloebs_id": course.forloebs_id,
        "sagsreference": course.sagsreference,
        "afsender": afsender,
        "modtagere": tuple(modtagere) or (course.side(other),),
        "forfatter": forfatter(afsender),
        "besvarer_besked_id": course.besked_id(facts.besvarer[0]) if facts.besvarer else None,
        "data_tidspunkt": tid or course.tid(standard),
        "samtykke": _consent(course, standard) if facts.fortrolig else None,
        "hjemmel": course.hjemmel if facts.fortrolig else None,
    }


def _consent(course: Course, standard: Standard) -> Samtykke | None:
    """A match is about a citizen who is not named; nor is the one who gave the consent."""
    if standard is Standard.MATCH and course.samtykke is not None:
        return course.samtykke.model_copy(update={"afgivet_af": "Borgeren"})
    return course.samtykke


def dokumenter(random: Random, size: int, titel: str) -> tuple[Dokument, ...]:
    """Attachments of ``size`` bytes together; of 0, sometimes a small one, or one that is elsewhere."""
    if size > 0:
        parts = [pdf.LARGEST - 64] * (size // pdf.LARGEST) + [size % pdf.LARGEST]
        return tuple(_dokument(f"{titel} {count}", part) for count, part in enumerate(parts, 1) if part)
    if not maybe(random, 0.3):
        return ()
    if maybe(random, 0.3):
        url = f"https://dokumenter.example/{number(random, 1, 999_999):06d}.pdf"
        return (Dokument(titel=titel, content_type="application/pdf", url=url),)
    return (_dokument(titel, number(random, 0, 2000)),)


def _dokument(titel: str, size: int) -> Dokument:
    return Dokument(
        titel=titel,
        beskrivelse="Syntetisk bilag",
        content_type="application/pdf",
        data=pdf.data("Syntetisk bilag", size),
    )
