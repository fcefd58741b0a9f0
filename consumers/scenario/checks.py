"""Expectations judged by what the parties hold.  Each check says what it saw, and which letters it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from consumers.fagsystem.journal import JournalEntry, Outcome, Retning
from consumers.fagsystem.tilbud import Tilbud
from consumers.scenario.expectations import (
    Counted,
    Expectation,
    Flagged,
    Letters,
    Missed,
    OpenChanges,
    PlacesTaken,
    Received,
    Refused,
    Says,
    TilstandIs,
    WaitingList,
    Withheld,
)
from consumers.scenario.expectations import Sent as SentLetters
from consumers.scenario.names import ALL
from consumers.scenario.picture import TAKEN, Picture, Sent

_SHOWN = 10
"""Letters or courses that a text names at most."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one expectation."""

    name: str
    """In words."""
    ok: bool
    seen: str
    letters: tuple[str, ...] = ()


def judge(expectation: Expectation, picture: Picture) -> Judged:
    """Whether it holds."""
    about: Any = expectation.about
    return _CHECKS[type(about)](about, picture)


def judge_always(picture: Picture, missed: Iterable[Missed]) -> list[Judged]:
    """What must hold at the end of every scenario.  ``missed``: what its file says never came, and why that is so."""
    return [_nothing_lost(picture, list(missed)), _nothing_twice(picture), _journal_exact(picture)]


# What stands in the file.


def _tilstand(about: TilstandIs, picture: Picture) -> Judged:
    wanted = " or ".join(about.is_)
    everybody = about.citizen == (ALL,)
    citizens = list(picture.cast.scenario.citizens) if everybody else list(about.citizen)
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    letters: list[str] = []
    for citizen in citizens:
        sides = about.at or tuple(filter(None, (picture.myndighed(citizen), picture.udfoerer(citizen))))
        for side in sides:
            found = _tilstand_at(picture, side, citizen)
            seen[found] += 1
            if found not in about.is_:
                wrong.append(f"{citizen} at {side}: {found}")
                letters += _letters_of(picture, side, citizen)
    where = f" at {' and '.join(about.at)}" if about.at else ""
    name = f"tilstand of {', '.join(about.citizen)}{where} is {wanted}"
    if wrong:
        return Judged(name, False, f"expected {wanted}; {_some(wrong)}", tuple(letters))
    return Judged(name, True, ", ".join(f"{count} × {state}" for state, count in sorted(seen.items())))


def _tilstand_at(picture: Picture, side: str, citizen: str) -> str:
    course = picture.course(citizen)
    return "no course" if course is None else picture.systems[side].alle_forloeb().get(course) or "no course there"


def _letters_of(picture: Picture, side: str, citizen: str) -> list[str]:
    """The newest letters of a course at a party."""
    course = picture.course(citizen)
    return [entry.besked_id for entry in picture.journals[side] if entry.forloeb == course][-3:]


def _sent(about: SentLetters, picture: Picture) -> Judged:
    entries = picture.entries(about.by, Retning.UD, about.standard, about.citizen, Outcome.SENDT)
    ids = {one.besked_id for one in picture.sent if about.to is None or one.to == about.to}
    found = [entry for entry in entries if entry.besked_id in ids]
    to = f" to {about.to}" if about.to else ""
    return _counted(f"{about.by} has sent {_kind(about)}{to}", about, found)


def _received(about: Received, picture: Picture) -> Judged:
    found = picture.entries(about.by, Retning.IND, about.standard, about.citizen, *TAKEN)
    if about.sender is not None:
        sender = picture.cast.parts[about.sender].navn
        found = [entry for entry in found if entry.other == sender]
    origin = f" from {about.sender}" if about.sender else ""
    return _counted(f"{about.by} has received {_kind(about)}{origin}", about, found)


def _withheld(about: Withheld, picture: Picture) -> Judged:
    found = picture.entries(about.by, Retning.UD, about.standard, about.citizen, Outcome.TILBAGEHOLDT)
    if about.rule is not None:
        found = [entry for entry in found if entry.text.startswith(f"{about.rule}:")]
    rule = f" by {about.rule}" if about.rule else ""
    return _counted(f"{about.by} has withheld {_kind(about)}{rule}", about, found)


def _refused(about: Refused, picture: Picture) -> Judged:
    found = picture.entries(about.by, Retning.IND, about.standard, about.citizen, Outcome.AFVIST)
    return _counted(f"{about.by} has refused {_kind(about)}", about, found)


def _flagged(about: Flagged, picture: Picture) -> Judged:
    entries = picture.entries(about.by, Retning.IND, about.standard, about.citizen)
    found = [entry for entry in entries if any(flag.startswith(f"{about.rule}:") for flag in entry.flags)]
    return _counted(f"{about.by} has flagged {_kind(about)} by {about.rule}", about, found)


def _missed(about: Missed, picture: Picture) -> Judged:
    found = [one for one in picture.unreceived if _is_missed(one, about, picture)]
    name = f"{about.by} has missed {_kind(about)}: {about.wanted}"
    return _verdict(name, about, len(found), [one.besked_id for one in found])


def _says(about: Says, picture: Picture) -> Judged:
    at = about.at or picture.myndighed(about.citizen)
    brev = picture.newest(at, about.citizen, about.standard)
    name = f"the newest {about.standard} about {about.citizen} at {at} says '{about.text}'"
    if brev is None:
        return Judged(name, False, f"there is no {about.standard} about {about.citizen} at {at}")
    if about.text in brev.model_dump_json():
        return Judged(name, True, "it does", (brev.besked_id,))
    return Judged(name, False, f"'{about.text}' is nowhere in it", (brev.besked_id,))


def _waiting_list(about: WaitingList, picture: Picture) -> Judged:
    number = len(_tilbud(picture, about.at).waiting_list())
    return _verdict(f"on the waiting list of {about.at}: {about.wanted}", about, number)


def _places_taken(about: PlacesTaken, picture: Picture) -> Judged:
    number = int(_tilbud(picture, about.at).store.one("SELECT count(*) FROM places")[0])
    return _verdict(f"places taken at {about.at}: {about.wanted}", about, number)


def _open_changes(about: OpenChanges, picture: Picture) -> Judged:
    course = picture.course(about.citizen)
    forloeb = picture.systems[picture.myndighed(about.citizen)].forloeb(course) if course else None
    found = [one.besked_id for one in forloeb.aendringer if one.kvittering is None] if forloeb is not None else []
    name = f"markante ændringer of {about.citizen} without kvittering: {about.wanted}"
    return _verdict(name, about, len(found), found)


def _tilbud(picture: Picture, name: str) -> Tilbud:
    system = picture.systems[name]
    assert isinstance(system, Tilbud), "the names of a scenario are checked when it is read"
    return system


_CHECKS: dict[type[Any], Callable[[Any, Picture], Judged]] = {
    TilstandIs: _tilstand,
    SentLetters: _sent,
    Received: _received,
    Missed: _missed,
    Withheld: _withheld,
    Refused: _refused,
    Flagged: _flagged,
    Says: _says,
    WaitingList: _waiting_list,
    PlacesTaken: _places_taken,
    OpenChanges: _open_changes,
}


# What always must hold.


def _nothing_lost(picture: Picture, missed: list[Missed]) -> Judged:
    """Every letter that the Beskedfordeler took came to everybody whom it is for, but for those said to be missed."""
    lost = [one for one in picture.unreceived if not any(_is_missed(one, about, picture) for about in missed)]
    said = len(picture.unreceived) - len(lost)
    name = "nothing is lost"
    if lost:
        texts = [f"{one.standard} from {one.by} to {one.to}" for one in lost]
        ids = tuple(one.besked_id for one in lost)
        return Judged(name, False, f"taken with 20 and never received: {_some(texts)}", ids)
    rest = f", {said} missed as expected" if said else ""
    return Judged(name, True, f"{len(picture.sent) - said} letters received{rest}")


def _nothing_twice(picture: Picture) -> Judged:
    """However often a letter was delivered, a party acted upon it once: no two letters of its answer it alike."""
    name = "nothing is handled twice"
    again = sum(count for inbox in picture.inboxes.values() for count in inbox.values())
    doubled: list[str] = []
    ids: list[str] = []
    for party, system in picture.systems.items():
        answers: Counter[tuple[str, str, str]] = Counter()
        for brev in system.letters():
            if brev.afsender.organisation_id == system.part.aktoer and brev.standard.facts.skal_besvare:
                answers[brev.standard, str(getattr(brev, "svar", "")), brev.besvarer_besked_id or ""] += 1
        for (standard, _, answered), count in answers.items():
            if count > 1:
                doubled.append(f"{party} wrote {count} × {standard} to one letter")
                ids.append(answered)
    if doubled:
        return Judged(name, False, _some(doubled), tuple(ids))
    return Judged(name, True, f"{again} deliveries were repeated, none handled again" if again else "none came twice")


def _journal_exact(picture: Picture) -> Judged:
    """One entry for each letter that came or went (R4)."""
    name = "the journals are exact: one entry for each letter"
    wrong: list[str] = []
    ids: list[str] = []
    entered = 0
    for party, entries in picture.journals.items():
        per_letter = Counter((entry.besked_id, entry.retning) for entry in entries)
        entered += len(entries)
        sent = {one.besked_id for one in picture.sent if one.by == party}
        for besked_id in sent:
            if per_letter[besked_id, Retning.UD] != 1:
                wrong.append(f"{party} has {per_letter[besked_id, Retning.UD]} entries for a letter that it sent")
                ids.append(besked_id)
        for besked_id in picture.inboxes[party]:
            if per_letter[besked_id, Retning.IND] != 1:
                wrong.append(f"{party} has {per_letter[besked_id, Retning.IND]} entries for a letter that came")
                ids.append(besked_id)
    return Judged(name, not wrong, _some(wrong) if wrong else f"{entered} entries", tuple(ids))


# Words.


def _is_missed(one: Sent, about: Missed, picture: Picture) -> bool:
    return (
        one.to == about.by
        and (about.standard is None or one.standard is about.standard)
        and picture.is_about(one.forloeb, about.citizen)
    )


def _kind(about: Letters) -> str:
    what = about.standard or "letters"
    return f"{what} about {about.citizen}" if about.citizen else str(what)


def _counted(name: str, about: Letters, found: list[JournalEntry]) -> Judged:
    return _verdict(f"{name}: {about.wanted}", about, len(found), [entry.besked_id for entry in found])


def _verdict(name: str, about: Counted, number: int, letters: Iterable[str] = ()) -> Judged:
    if about.holds(number):
        return Judged(name, True, str(number))
    return Judged(name, False, f"expected {about.wanted}, found {number}", tuple(letters))


def _some(texts: list[str]) -> str:
    return "; ".join(texts[:_SHOWN]) + (f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
