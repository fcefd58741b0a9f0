"""Letters that are always valid, made from a seed: the same seed gives the same letters everywhere and on any day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from consumers.standards import generate_myndighed, generate_udfoerer
from consumers.standards.chance import number, pick, uuid4
from consumers.standards.course import Course, new_course
from consumers.standards.letters import BestillingSvar, Brev, MatchSvar
from consumers.standards.standard import Standard

_WRITERS: dict[Standard, Callable[[Course, Random, int], Brev]] = {
    Standard.MATCH: generate_myndighed.match,
    Standard.SVAR_MATCH: generate_udfoerer.svar_match,
    Standard.BESTILLING: generate_myndighed.bestilling,
    Standard.SVAR_BESTILLING: generate_udfoerer.svar_bestilling,
    Standard.ANMODNING: generate_myndighed.anmodning,
    Standard.STATUSNOTAT: generate_udfoerer.statusnotat,
    Standard.MARKANT_AENDRING: generate_udfoerer.markant_aendring,
    Standard.KVITTERING: generate_myndighed.kvittering,
    Standard.OPFOELGNING: generate_myndighed.opfoelgning,
}
BY_TIME = (
    Standard.MATCH,
    Standard.SVAR_MATCH,
    Standard.BESTILLING,
    Standard.SVAR_BESTILLING,
    Standard.MARKANT_AENDRING,
    Standard.KVITTERING,
    Standard.ANMODNING,
    Standard.STATUSNOTAT,
    Standard.OPFOELGNING,
)
"""The standards in the order in which a course's letters are written."""


def generate(standard: Standard, random: Random, *, course: Course | None = None, size: int = 0) -> Brev:
    """A valid letter.

    Of ``course`` where it is given: then all of its letters belong together, and their ids are those that the course
    has for them.  Without one, of a course of its own, and answers may be refusals, too.  ``size``: bytes of
    attachments (PDF files of 10 MiB at most) in the standards that have them: Bestilling, Statusnotat, Markant ændring.
    """
    return _WRITERS[standard](course or _any_course(random), random, size)


def _any_course(random: Random) -> Course:
    course = new_course(random)
    match_svar, bestilling_svar = pick(random, list(MatchSvar)), pick(random, list(BestillingSvar))
    return replace(course, match_svar=match_svar, bestilling_svar=bestilling_svar)


def letters_of(course: Course, random: Random, *, size: int = 0) -> tuple[Brev, ...]:
    """Every letter of the course in the order of their times.

    All tilbud that the match asks answer it: the udfører as the course says, the others with a place on their waiting
    lists or a refusal.
    """
    letters = [generate(standard, random, course=course, size=size) for standard in BY_TIME]
    return (letters[0], letters[1], *_other_answers(course, random), *letters[2:])


def _other_answers(course: Course, random: Random) -> list[Brev]:
    tid = course.tid(Standard.SVAR_MATCH)
    return [
        generate_udfoerer.svar_match(
            course,
            random,
            0,
            tilbud=tilbud,
            svar=pick(random, (MatchSvar.VENTELISTE, MatchSvar.AFSLAG)),
            besked_id=uuid4(random),
            tid=tid + timedelta(minutes=count * 20 + number(random, 1, 20)),
        )
        for count, tilbud in enumerate(course.tilbud[1:])
    ]
