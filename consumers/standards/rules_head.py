"""Rules about the head of a letter: consent, version, who answers whom, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from consumers.standards.blocks import Samtykkestatus
from consumers.standards.fields import Kilde
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    Brev,
    Kvittering,
    MarkantAendring,
    Match,
    Opfoelgning,
    SvarBestilling,
)
from consumers.standards.paths import Loc
from consumers.standards.rule import Fault, Seen, rule
from consumers.standards.standard import Standard

_DANISH = (timedelta(hours=1), timedelta(hours=2))
"""Offsets from UTC in winter and in summer."""
_FORTROLIGE = tuple(standard for standard in Standard if standard.facts.fortrolig)
_SVAR = tuple(standard for standard in Standard if standard.facts.skal_besvare)
_INTET_SVAR = tuple(standard for standard in Standard if not standard.facts.besvarer)
_EN_MODTAGER = tuple(standard for standard in Standard if not standard.facts.flere_modtagere)


@rule(
    "R1",
    "seed S0; which letters: assumed",
    "What is confidential is sent only with the citizen's samtykke, active and not expired, or with a stated legal "
    "ground (hjemmel).",
    _FORTROLIGE,
)
def consent(brev: Brev, seen: Seen) -> Iterator[Fault]:
    samtykke = brev.samtykke
    if brev.hjemmel is not None:
        return
    ways = "send with an active samtykke, or state the legal ground in hjemmel"
    if samtykke is None:
        yield Fault(("samtykke",), f"there is neither samtykke nor hjemmel; {ways}")
    elif samtykke.status is not Samtykkestatus.AKTIV:
        status = samtykke.status.value
        yield Fault(("samtykke", "status"), f"the samtykke is '{status}', not 'active'; {ways}", status)
    elif samtykke.gyldig_til and samtykke.gyldig_til < seen.today:
        last = samtykke.gyldig_til.isoformat()
        text = f"the samtykke held until {last}, and it is {seen.today.isoformat()}; {ways}"
        yield Fault(("samtykke", "gyldigTil"), text, last)


@rule(
    "R8",
    "seed S0; reaction: assumed",
    "Both parties are on the newest FFB version: a letter of another one is flagged, not refused.",
    severity="flag",
)
def ffb_version(brev: Brev, seen: Seen) -> Iterator[Fault]:
    given = brev.ffb_version
    if given == seen.ffb_version:
        return
    what = "older" if given < seen.ffb_version else "newer"
    who = "its sender should take the newest" if what == "older" else "look for a newer one than ours"
    yield Fault(("ffbVersion",), f"FFB version {given} is {what} than {seen.ffb_version}; {who}", given)


@rule("SVAR-1", Kilde.ASSUMED, "A letter that answers another names it in besvarerBeskedId.", _SVAR)
def answers(brev: Brev, seen: Seen) -> Iterator[Fault]:
    if brev.besvarer_besked_id is None:
        what = " or ".join(each.navn for each in brev.standard.facts.besvarer)
        yield Fault(("besvarerBeskedId",), f"is required: the BeskedId of the {what} that this letter answers")


@rule("SVAR-2", Kilde.ASSUMED, "A letter that answers no other has no besvarerBeskedId.", _INTET_SVAR)
def answers_nothing(brev: Brev, seen: Seen) -> Iterator[Fault]:
    if brev.besvarer_besked_id is not None:
        text = f"{brev.standard.navn} answers no other letter; leave it out"
        yield Fault(("besvarerBeskedId",), text, brev.besvarer_besked_id)


@rule("SVAR-3", Kilde.ASSUMED, "No letter answers itself.", tuple(each for each in Standard if each.facts.besvarer))
def answers_itself(brev: Brev, seen: Seen) -> Iterator[Fault]:
    if brev.besvarer_besked_id == brev.besked_id:
        text = "is the letter's own BeskedId; name the letter that is answered"
        yield Fault(("besvarerBeskedId",), text, brev.besked_id)


@rule(
    "MODTAGER-1",
    "seed S0",
    "Only a Match af borger goes to several; all other letters have one modtager.",
    _EN_MODTAGER,
)
def one_recipient(brev: Brev, seen: Seen) -> Iterator[Fault]:
    if len(brev.modtagere) > 1:
        text = f"there are {len(brev.modtagere)} recipients; {brev.standard.navn} goes to one"
        yield Fault(("modtagere", 1), text, brev.modtagere[1].organisation_id)


@rule("MODTAGER-2", Kilde.ASSUMED, "The recipients of a Match are different organisations.", (Standard.MATCH,))
def different_recipients(brev: Match, seen: Seen) -> Iterator[Fault]:
    yield from repeated("modtagere", "organisationId", [each.organisation_id for each in brev.modtagere])


@rule("MODTAGER-3", Kilde.ASSUMED, "Nobody sends a letter to themselves.")
def not_to_self(brev: Brev, seen: Seen) -> Iterator[Fault]:
    for number, modtager in enumerate(brev.modtagere):
        if modtager.organisation_id == brev.afsender.organisation_id:
            text = "the recipient is the sender"
            yield Fault(("modtagere", number, "organisationId"), text, modtager.organisation_id)


def repeated(name: str, inner: str, values: list[str], outer: Loc = ()) -> Iterator[Fault]:
    """A fault for each entry of a list that has what an entry before it has."""
    seen: dict[str, int] = {}
    for number, value in enumerate(values):
        first = seen.setdefault(value, number)
        if first != number:
            loc: Loc = (*outer, name, number, inner) if inner else (*outer, name, number)
            yield Fault(loc, f"is that of entry {first + 1}, too; each stands once", value)


@rule(
    "TID-1",
    Kilde.ASSUMED,
    "What has happened was before the data were read (dataTidspunkt): consent, grant, decision, receipt, change.",
)
def happened(brev: Brev, seen: Seen) -> Iterator[Fault]:
    for loc, when in _past(brev):
        late = when > brev.data_tidspunkt if isinstance(when, datetime) else when > _danish_day(brev.data_tidspunkt)
        if late:
            text = f"is after dataTidspunkt {brev.data_tidspunkt.isoformat()}; one of the two is wrong"
            yield Fault(loc, text, when.isoformat())


def _danish_day(when: datetime) -> date:
    """The day of a time in Denmark, the later one where it is not sure: just before midnight UTC it is the next."""
    if when.utcoffset() in _DANISH:
        return when.date()
    return max(when.date(), when.astimezone(timezone(_DANISH[1])).date())


def _past(brev: Brev) -> Iterator[tuple[Loc, date]]:
    if brev.samtykke:
        yield ("samtykke", "dato"), brev.samtykke.dato
    match brev:
        case Match():
            yield ("afgoerelse", "dato"), brev.afgoerelse.dato
        case Bestilling():
            yield ("indsats", "oprettet"), brev.indsats.oprettet
            for number, ydelse in enumerate(brev.indsats.ydelser):
                yield ("indsats", "ydelser", number, "oprettet"), ydelse.oprettet
        case SvarBestilling() | Kvittering():
            yield ("modtaget",), brev.modtaget
        case MarkantAendring() | Opfoelgning():
            yield ("dato",), brev.dato


@rule(
    "TID-2",
    Kilde.ASSUMED,
    "What is to come is not before the day on which the data were read: an answer's deadline (svarfrist), a follow-up.",
    (Standard.MATCH, Standard.BESTILLING, Standard.ANMODNING, Standard.OPFOELGNING),
)
def to_come(brev: Brev, seen: Seen) -> Iterator[Fault]:
    day = brev.data_tidspunkt.date()
    for loc, when in _future(brev):
        if when is not None and when < day:
            yield Fault(loc, f"is before the day of dataTidspunkt, {day.isoformat()}", when.isoformat())


def _future(brev: Brev) -> Iterator[tuple[Loc, date | None]]:
    match brev:
        case Match():
            yield ("svarfrist",), brev.svarfrist
        case Bestilling():
            yield ("opfoelgning", "dato"), brev.opfoelgning.dato if brev.opfoelgning else None
        case Anmodning():
            yield ("svarfrist",), brev.svarfrist
            yield ("opfoelgningsdato",), brev.opfoelgningsdato
        case Opfoelgning():
            yield ("naesteOpfoelgning",), brev.naeste_opfoelgning


@rule("TID-3", Kilde.ASSUMED, "The data were not read in the future; a day is allowed for clocks and offsets.")
def read_before(brev: Brev, seen: Seen) -> Iterator[Fault]:
    if brev.data_tidspunkt.date() > seen.today + timedelta(days=1):
        text = f"is in the future: it is {seen.today.isoformat()}"
        yield Fault(("dataTidspunkt",), text, brev.data_tidspunkt.isoformat())
