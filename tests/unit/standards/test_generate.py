"""The generator: letters that are valid, the same for a seed, and of one course."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from pydantic import BaseModel

from consumers.standards.blocks import Borger
from consumers.standards.chance import maybe, number, pick, several, uuid4
from consumers.standards.course import Course, new_course
from consumers.standards.documents import validate
from consumers.standards.generate import BY_TIME, generate, letters_of
from consumers.standards.json_form import write_json
from consumers.standards.letters import (
    LETTERS,
    Anmodning,
    Bestilling,
    BestillingSvar,
    Brev,
    Handling,
    MarkantAendring,
    Match,
    MatchSvar,
    Opfoelgning,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
)
from consumers.standards.standard import Rolle, Standard
from consumers.standards.xml_form import write_xml

SEEDS = range(25)


def blocks_of(value: object) -> Iterator[BaseModel]:
    """The blocks in a letter, itself first."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from blocks_of(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from blocks_of(one)


def many() -> Iterator[Brev]:
    """Letters enough for each choice to have been made."""
    for seed in range(150):
        random = Random(seed)
        for standard in Standard:
            yield generate(standard, random)


@pytest.mark.parametrize("standard", Standard)
def test_every_letter_is_valid(standard: Standard) -> None:
    """Whatever the seed: no fault and no flag, in XML and in JSON, and what is read is what was written."""
    for seed in SEEDS:
        brev = generate(standard, Random(seed))
        assert type(brev) is LETTERS[standard]
        for document in (write_xml(brev), write_json(brev)):
            assert validate(document) == (brev, [])


def test_letters_of_a_course_are_valid_today() -> None:
    """Consent holds and no data are of the future on any later day: receivers judge by their own clock."""
    for seed in SEEDS:
        random = Random(seed)
        for brev in letters_of(new_course(random), random):
            assert validate(write_xml(brev), today=date(2098, 1, 1)) == (brev, [])


def test_same_seed_same_letters_in_every_process() -> None:
    """A vendor's seed gives the letters that ours gave: nothing hangs on hashes, the clock or the process."""
    program = (
        "import hashlib, random, sys\n"
        "from consumers.standards.generate import letters_of\n"
        "from consumers.standards.course import new_course\n"
        "from consumers.standards.json_form import write_json\n"
        "chance = random.Random(42)\n"
        "text = b''.join(map(write_json, letters_of(new_course(chance), chance)))\n"
        "print(hashlib.sha256(text).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            timeout=60,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_choices_are_those_of_random_alone() -> None:
    """They are made of Random.random(), which Python promises to keep: pinned, so that no version changes letters."""
    random = Random(1)
    assert [number(random, 1, 100) for _ in range(5)] == [14, 85, 77, 26, 50]
    assert [pick(random, "abcdefghij") for _ in range(5)] == ["e", "g", "h", "a", "a"]
    assert several(random, "abcdefghij", 3, 3) == ("a", "e", "h")
    assert [maybe(random) for _ in range(5)] == [False, True, False, True, True]
    assert uuid4(Random(1)) == "2265b1f2-d8f1-4ad9-8386-bbc2414c3423"


@pytest.mark.parametrize("seed", SEEDS)
def test_letters_of_a_course_belong_together(seed: int) -> None:
    """One forløb, one case, one citizen; each letter is later than the one before, and answers one that was sent."""
    random = Random(seed)
    course = new_course(random)
    letters = letters_of(course, random)
    assert {brev.forloebs_id for brev in letters} == {course.forloebs_id}
    assert {brev.sagsreference for brev in letters} == {course.sagsreference}
    assert [brev.standard for brev in letters if brev.standard is not Standard.SVAR_MATCH] == [
        standard for standard in BY_TIME if standard is not Standard.SVAR_MATCH
    ]
    times = [brev.data_tidspunkt for brev in letters]
    assert times == sorted(set(times))
    assert len({brev.besked_id for brev in letters}) == len(letters)
    sent: dict[str, Standard] = {}
    for brev in letters:
        if brev.besvarer_besked_id is not None:
            assert sent[brev.besvarer_besked_id] in brev.standard.facts.besvarer
        sent[brev.besked_id] = brev.standard
        mine = course.myndighed if brev.standard.facts.fra is Rolle.MYNDIGHED else course.udfoerer
        assert brev.afsender == mine or (brev.standard is Standard.SVAR_MATCH and brev.afsender in course.tilbud)


@pytest.mark.parametrize("seed", SEEDS)
def test_letters_of_a_course_speak_of_the_same_goals(seed: int) -> None:
    """Asked about and followed up are the goals that were ordered; the citizen of the match is that of the order."""
    random = Random(seed)
    by_standard = {brev.standard: brev for brev in letters_of(new_course(random), random)}
    match, order = by_standard[Standard.MATCH], by_standard[Standard.BESTILLING]
    asked, told = by_standard[Standard.ANMODNING], by_standard[Standard.STATUSNOTAT]
    held = by_standard[Standard.OPFOELGNING]
    assert isinstance(match, Match)
    assert isinstance(order, Bestilling)
    assert isinstance(asked, Anmodning)
    assert isinstance(told, Statusnotat)
    assert isinstance(held, Opfoelgning)
    goals = [maal.id for maal in order.indsats.maal]
    assert list(asked.indsatsmaal) == goals == [status.id for status in told.maalstatus]
    assert {change.id for change in held.maalaendringer} <= set(goals)
    assert match.maalgrupper == order.indsats.maalgrupper
    names = (*order.borger.fornavne, order.borger.efternavn)
    assert match.borger.initialer == "".join(name[0] for name in names)
    assert set(match.oenskede_ydelser) <= set(order.indsats.ydelser)


def test_all_who_were_asked_answer() -> None:
    """One to four tilbud are asked; the first accepts and gets the order, the others have a waiting list or refuse."""
    counts = set()
    for seed in SEEDS:
        random = Random(seed)
        course = new_course(random)
        answers = [brev for brev in letters_of(course, random) if isinstance(brev, SvarMatch)]
        assert [brev.afsender for brev in answers] == list(course.tilbud)
        assert [brev.svar is MatchSvar.ACCEPT for brev in answers] == [True] + [False] * (len(answers) - 1)
        counts.add(len(answers))
    assert counts == {1, 2, 3, 4}


def test_a_match_does_not_tell_who_it_is_about() -> None:
    """Neither name nor CPR number of the citizen is anywhere in it (data minimisation); the order has both."""
    for seed in SEEDS:
        random = Random(seed)
        course = new_course(random)
        match = generate(Standard.MATCH, random, course=course).model_copy(update={"samtykke": None})
        text = write_json(match.model_copy(update={"afsender": None, "modtagere": (), "forfatter": None}))
        assert course.borger.cpr.encode() not in text
        for name in (*course.borger.fornavne, course.borger.efternavn):
            assert not re.search(rf"\b{name}\b", text.decode())
        assert course.borger.cpr.encode() in write_json(generate(Standard.BESTILLING, random, course=course))


def test_citizens_and_organisations_are_nobody() -> None:
    """Numbers are of series that nobody has, mail goes to the domain example, names of organisations say synthetic."""
    for brev in many():
        text = write_json(brev).decode()
        for key, pattern in (
            ("cpr", r"(6[1-9]|[78]\d|9[01])\d{8}"),
            ("cvr", r"9900\d{4}"),
            ("pNummer", r"1999\d{6}"),
            ("gln", r"5799\d{9}"),
            ("postnr", r"01\d\d"),
            ("kommunekode", r"00\d\d"),
        ):
            assert all(re.fullmatch(pattern, value) for value in re.findall(rf'"{key}":"([^"]*)"', text)), (key, text)
        assert all(part.endswith(".example") for part in re.findall(r"[\w.-]+@([\w.-]+)", text))
        for party in (brev.afsender, *brev.modtagere):
            assert party.navn.endswith("(syntetisk)")
        for one in blocks_of(brev):
            if isinstance(one, Borger):
                assert all(re.fullmatch(r"(\+45 )?01[\d ]+", phone) for phone in one.telefoner)


def _not_here(blok: type[BaseModel], name: str) -> bool:
    """Fields of the head that letters of this standard have no use for."""
    if not issubclass(blok, Brev):
        return False
    facts = blok.standard.facts
    return (name == "besvarer_besked_id" and not facts.besvarer) or (
        name in ("samtykke", "hjemmel") and not facts.fortrolig
    )


def test_every_field_is_used_and_every_optional_one_left_out() -> None:
    """A receiver tried with generated letters has seen each field of each letter, and its absence."""
    there: dict[tuple[type[BaseModel], str], set[bool]] = defaultdict(set)
    for brev in many():
        for one in blocks_of(brev):
            for name in type(one).model_fields:
                there[type(one), name].add(getattr(one, name) not in (None, ()))
    assert len({blok for blok, _ in there}) > 30
    for (blok, name), seen in there.items():
        assert True in seen or _not_here(blok, name), f"{blok.__name__}.{name} is never there"
    for letter in LETTERS.values():
        for name, field in letter.model_fields.items():
            always = name in ("besvarer_besked_id", "opfoelgning")  # rules require them where they may stand
            if not field.is_required() and not always:
                assert False in there[letter, name], f"{letter.__name__}.{name} is always there"


@pytest.mark.parametrize(
    ("letter", "field", "values"),
    [(SvarMatch, "svar", MatchSvar), (SvarBestilling, "svar", BestillingSvar)],
)
def test_without_a_course_answers_may_be_refusals(
    letter: type[Brev], field: str, values: type[MatchSvar] | type[BestillingSvar]
) -> None:
    """Single letters are of every outcome."""
    seen = {getattr(generate(letter.standard, Random(seed)), field) for seed in range(60)}
    assert seen == set(values)


def test_a_receipt_answers_the_change() -> None:
    """What is done about a change fits it; all four actions occur."""
    handlinger = set()
    for seed in range(120):
        course = new_course(Random(seed))
        change = generate(Standard.MARKANT_AENDRING, Random(seed), course=course)
        assert isinstance(change, MarkantAendring)
        assert change.beskrivelse == course.aendring.tekst.format(navn=course.navn)
        handlinger.add(course.aendring.handling)
    assert handlinger == set(Handling)


def test_parties_and_day_can_be_given() -> None:
    """A simulated party's letters are between those whom one names, and of the time that one wants."""
    one, other = new_course(Random(1)), new_course(Random(2))
    course: Course = new_course(
        Random(3), myndighed=one.myndighed, tilbud=[other.udfoerer, one.udfoerer], start=date(2027, 5, 3)
    )
    letters = letters_of(course, Random(3))
    assert letters[0].afsender == one.myndighed
    assert letters[0].modtagere == (other.udfoerer, one.udfoerer)
    assert letters[2].afsender == one.udfoerer
    assert date(2027, 5, 3) < letters[0].data_tidspunkt.date() < date(2027, 6, 1)
    assert all(validate(write_xml(brev)) == (brev, []) for brev in letters)


@pytest.mark.parametrize("size", [5_000, 300_000])
@pytest.mark.parametrize("standard", [Standard.BESTILLING, Standard.STATUSNOTAT, Standard.MARKANT_AENDRING])
def test_attachments_of_any_size(standard: Standard, size: int) -> None:
    """So many bytes of PDF, a page that a reader shows; the letter is valid."""
    brev = generate(standard, Random(4), size=size)
    assert isinstance(brev, Bestilling | Statusnotat | MarkantAendring)
    files = [b64decode(dokument.data or "") for dokument in brev.dokumenter]
    assert abs(sum(map(len, files)) - size) < 500
    for file in files:
        assert file.startswith(b"%PDF-1.4\n")
        assert file.endswith(b"%%EOF\n")
        at = int(file.rsplit(b"startxref\n", 1)[1].split()[0])
        assert file[at:].startswith(b"xref\n")
        for line in file[at:].split(b"\n")[3:7]:
            assert re.match(rb"\d+ 0 obj", file[int(line[:10]) :])
    assert validate(write_xml(brev)) == (brev, [])


def test_more_than_one_attachment_holds_is_several() -> None:
    """An attachment has 10 MiB at most; twelve are two of them, and a valid letter."""
    brev = generate(Standard.STATUSNOTAT, Random(5), size=12_000_000)
    assert isinstance(brev, Statusnotat)
    assert len(brev.dokumenter) == 2
    assert validate(write_json(brev)) == (brev, [])
