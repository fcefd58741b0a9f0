"""Letters made up for `standard example`: documents, and what is wrong with those that are faulty."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from adapters.cli.exits import Exit, Failure
from adapters.cli.output import print_json, say
from consumers.part import Part
from consumers.standards.blocks import Organisation
from consumers.standards.course import new_course
from consumers.standards.documents import read_letter
from consumers.standards.envelope import write_envelope
from consumers.standards.examples import example
from consumers.standards.fault import Fault, Spoilt
from consumers.standards.faults import possible, spoil
from consumers.standards.findings import InvalidLetter
from consumers.standards.generate import generate
from consumers.standards.json_form import write_json
from consumers.standards.letters import Brev
from consumers.standards.paths import Form
from consumers.standards.standard import Rolle, Standard
from consumers.standards.xml_form import write_xml

MANIFEST = "manifest.jsonl"
_OURS = re.compile(r'^\{"file": "([0-9]{6,}-[a-z-]+-[0-9a-fA-F-]{36}\.(?:xml|json))"')
_NOT_IN_A_MESSAGE = frozenset({Fault.NOT_WELL_FORMED, Fault.DTD})
"""An envelope that holds such a letter is no XML itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``seed`` None: the readable examples."""

    standards: tuple[Standard, ...]
    form: Literal["xml", "json", "kuvert"]
    count: int
    faulty: float
    seed: int | None
    til_tilbud: str | None
    fra_cvr: str | None
    til_cvr: str | None
    size: int

    @property
    def letter_form(self) -> Form:
        return "json" if self.form == "json" else "xml"


@dataclass(frozen=True, slots=True)
class Made:
    number: int
    brev: Brev
    document: bytes
    spoilt: Spoilt | None

    def as_json(self) -> dict[str, Any]:
        """A line of the manifest."""
        spoilt = self.spoilt
        fault = spoilt and {
            "kind": spoilt.fault.value,
            "path": spoilt.path,
            "rule": spoilt.rule,
            "severity": spoilt.severity,
        }
        return {
            "number": self.number,
            "standard": self.brev.standard.value,
            "besked_id": self.brev.besked_id,
            "fault": fault,
        }


def made(wanted: Wanted) -> Iterator[Made]:
    """One after the other; the same seed gives the same letters, however many there are.

    The envelope of a message has its own time and ids.  Raises Failure where a P-nummer or CVR number is none.
    """
    _checked(wanted)
    return _all(wanted)


def _all(wanted: Wanted) -> Iterator[Made]:
    for number in range(1, wanted.count + 1):
        course_number, step = divmod(number - 1, len(wanted.standards))
        random = Random(f"{wanted.seed} {number}")  # noqa: S311  test data, not a secret
        is_faulty = random.random() < wanted.faulty
        brev = _letter(wanted, wanted.standards[step], random, course_number)
        yield _made(_addressed(brev, wanted), number, random if is_faulty else None, wanted)


def _letter(wanted: Wanted, standard: Standard, random: Random, course_number: int) -> Brev:
    """Of several standards, those that follow each other are letters of one course."""
    if wanted.seed is None:
        return example(standard)
    if len(wanted.standards) == 1:
        return generate(standard, random, size=wanted.size)
    course = new_course(Random(f"{wanted.seed} course {course_number}"))  # noqa: S311  test data, not a secret
    return generate(standard, random, course=course, size=wanted.size)


def _made(brev: Brev, number: int, random: Random | None, wanted: Wanted) -> Made:
    """``random``: picks the fault; None: there is to be none."""
    spoilt = None
    if random is not None:
        faults = [fault for fault in possible(brev, wanted.letter_form) if _fits(fault, wanted)]
        spoilt = spoil(brev, random, faults[int(random.random() * len(faults))], form=wanted.letter_form)
    if wanted.form == "kuvert":
        return Made(number, brev, _message(brev, spoilt), spoilt)
    if spoilt:
        return Made(number, brev, spoilt.document, spoilt)
    document = write_json(brev, indent=1) if wanted.form == "json" else write_xml(brev, declaration=True, indent=True)
    return Made(number, brev, document, None)


def _fits(fault: Fault, wanted: Wanted) -> bool:
    return wanted.form != "kuvert" or fault not in _NOT_IN_A_MESSAGE


def _message(brev: Brev, spoilt: Spoilt | None) -> bytes:
    """The envelope says what the letter does, also where that breaks a rule: a message has one fault."""
    if spoilt:
        with suppress(InvalidLetter):  # then the envelope is that of the letter as it was
            brev = read_letter(spoilt.document)
    sender = brev.afsender
    part = Part(sender.navn, sender.cvr, sender.organisation_id)
    message = write_envelope(brev, part, tid=brev.data_tidspunkt)
    return message.replace(write_xml(brev), spoilt.document, 1) if spoilt else message


def _addressed(brev: Brev, wanted: Wanted) -> Brev:
    """The tilbud's P-nummer, and the CVR numbers, as they are wanted."""
    from_tilbud = brev.standard.facts.fra is Rolle.UDFOERER
    changes: dict[str, Any] = {
        "afsender": _party(brev.afsender, wanted.til_tilbud if from_tilbud else None, wanted.fra_cvr),
        "modtagere": tuple(
            _party(one, None if from_tilbud or number else wanted.til_tilbud, wanted.til_cvr)
            for number, one in enumerate(brev.modtagere)
        ),
    }
    return brev.model_copy(update=changes)


def _party(party: Organisation, p_nummer: str | None, cvr: str | None) -> Organisation:
    changes = {name: value for name, value in (("p_nummer", p_nummer), ("cvr", cvr)) if value is not None}
    return party.model_copy(update=changes) if changes else party


def _checked(wanted: Wanted) -> None:
    for option, value, digits in (
        ("--til-tilbud", wanted.til_tilbud, 10),
        ("--fra-cvr", wanted.fra_cvr, 8),
        ("--til-cvr", wanted.til_cvr, 8),
    ):
        if value is not None and not (value.isascii() and value.isdigit() and len(value) == digits):
            raise Failure(Exit.USAGE, f"{option}: expected {digits} digits, got '{value}'")


def write_plain(letters: Iterator[Made]) -> None:
    """The one document on stdout, and on stderr what is wrong with it, if it is faulty."""
    from adapters.cli.output import complain

    for one in letters:
        sys.stdout.buffer.write(one.document.rstrip(b"\n") + b"\n")
        sys.stdout.buffer.flush()
        if one.spoilt:
            complain(f"faulty: {one.spoilt.path}: {one.spoilt.fault.value} ({one.spoilt.rule})")


def write_lines(letters: Iterator[Made]) -> None:
    """JSON Lines on stdout: the manifest, with each document in it as a text."""
    for one in letters:
        print_json(one.as_json() | {"document": one.document.decode("utf-8", "replace")})


def write_out(letters: Iterator[Made], folder: Path, as_json: bool) -> None:
    """A file for each letter, and the manifest of them all: letters of a manifest that was there before are removed.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = faulty = 0
    for earlier in _listed(folder):
        earlier.unlink(missing_ok=True)
    with (folder / MANIFEST).open("w", encoding="utf-8") as manifest:
        for one in letters:
            suffix = "json" if one.document[:1] == b"{" else "xml"
            name = f"{one.number:06d}-{one.brev.standard.value}-{one.brev.besked_id}.{suffix}"
            (folder / name).write_bytes(one.document)
            manifest.write(json.dumps({"file": name, **one.as_json()}, ensure_ascii=False) + "\n")
            count, faulty = count + 1, faulty + (one.spoilt is not None)
    if as_json:
        print_json({"dir": str(folder), "count": count, "faulty": faulty, "manifest": str(folder / MANIFEST)})
    else:
        say(f"{folder}: {count} {'letter' if count == 1 else 'letters'}, {faulty} of them faulty ({MANIFEST})")


def _listed(folder: Path) -> list[Path]:
    """The letters that the manifest in ``folder`` names, as far as their names are of the kind that we give."""
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    names = (_OURS.search(line) for line in lines)
    return [folder / name[1] for name in names if name]
