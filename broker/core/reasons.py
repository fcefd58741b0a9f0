"""Why the serviceaftaler stop a message: which agreement, which of its limits, and where to set it.  Pure.

Computed when a message is refused or somebody asks; a message that goes through pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from broker.core.agreements import Agreement, in_force
from broker.core.besked import Besked
from broker.core.identifiers import cvr_number
from broker.core.model import ALLE, Anvendersystem, Dueslag, Serviceaftale

STOPPED = "stoppet"
OUTSIDE_PERIOD = "uden for gyldighedsperioden"
NO_MODTAG = "ingen serviceaftale om modtagelse dækker beskeden"
NOBODY_LEFT = "ingen TilladtModtager er omfattet af serviceaftalen"

_TILLADT = "Beskedkuvert/Filtreringsdata/TilladtModtager"
_SHOWN = 3
"""Agreements or values told in one sentence; more are counted."""
_ADD = "; expected a CVR number that serviceaftaler[].tilladte_myndigheder names"
_LONGEST = 80
"""Characters of a value from a message that are told."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Limit(NamedTuple):
    """What of an agreement stops a message."""

    field: str
    text: str
    """What it says against the message, and where to change that."""


class Standing(NamedTuple):
    """One serviceaftale before one message; no limits = it covers the message."""

    aftale: Serviceaftale
    limits: tuple[Limit, ...]


def standing(agreement: Agreement, besked: Besked, now: float, dueslag: Dueslag | None = None) -> Standing:
    """How an agreement stands to a message, and to the dueslag that it would go to where one is given."""
    return Standing(agreement.aftale, tuple(_limits(agreement, besked, now, dueslag)))


def no_afsend(besked: Besked, sender: Anvendersystem, agreements: Sequence[Agreement], now: float) -> str:
    """Why no serviceaftale lets the sender send the message; ``agreements`` are all it has on sending."""
    who = f"anvendersystem '{sender.navn}' ({sender.id})"
    if not agreements:
        return (
            f"{who} has no serviceaftale about sending (afsend): add one to the register, serviceaftaler: "
            f"[{{anvendersystem: {sender.navn}, service: afsend}}], or send as another system"
        )
    standings = [standing(agreement, besked, now) for agreement in agreements]
    on_type = [one for one in standings if not _is_about_others(one)]
    if not on_type:
        return (
            f"Beskedkuvert/Filtreringsdata/Beskedtype: {_quoted(besked.beskedtype)} is not in any serviceaftale about "
            f"sending (afsend) of {who}: add it to serviceaftaler[].beskedtyper of "
            f"{_listed([label(one.aftale) for one in standings])}, or send as another system"
        )
    return f"no serviceaftale about sending (afsend) of {who} covers the message: {_stopped(on_type)}"


def no_modtag(besked: Besked, dueslag: Dueslag, system: str, agreements: Sequence[Agreement], now: float) -> str:
    """Why no serviceaftale lets a dueslag have the message; ``system`` is the navn of its anvendersystem."""
    if not agreements:
        return (
            f"{NO_MODTAG}: anvendersystem '{system}' ({dueslag.anvendersystem}) has none about receiving (modtag): add "
            f"one to the register, serviceaftaler: [{{anvendersystem: {system}, service: modtag}}]"
        )
    standings = [standing(agreement, besked, now, dueslag) for agreement in agreements]
    on_type = [one for one in standings if not _is_about_others(one)]
    return f"{NO_MODTAG}: of anvendersystem '{system}', {_stopped(on_type or standings)}"


def not_among(covering: Sequence[Agreement], outside: Sequence[str]) -> str:
    """Why a sender may not name these TilladtModtager: in version 1.0 any that is outside, in 2.0 all of them."""
    values = _listed([_quoted(value) for value in outside])
    if in_force(covering) == "1.0":
        are = "is" if len(outside) == 1 else "are"
        return (
            f"{_TILLADT}: {values} {are} not among tilladte_myndigheder of {_labels(covering)} "
            f"(BeskedAfsend 1.0 refuses the message; 2.0 would trim the recipient away){_ADD}"
        )
    return (
        f"{_TILLADT}: none of {values} is among tilladte_myndigheder of {_labels(covering)} (BeskedAfsend 2.0): "
        f"nobody is left to receive the message{_ADD}"
    )


def nobody_left(covering: Sequence[Agreement], recipients: Sequence[str]) -> str:
    """Why a dueslag gets nothing though an agreement covers the message."""
    values = _listed([_quoted(value) for value in recipients])
    return f"{NOBODY_LEFT}: none of {values} is among tilladte_myndigheder of {_labels(covering)}{_ADD}"


def label(aftale: Serviceaftale) -> str:
    """An agreement as a sentence names it."""
    return f"serviceaftale '{aftale.id}' ({aftale.service} {aftale.version})"


def _limits(agreement: Agreement, besked: Besked, now: float, dueslag: Dueslag | None) -> Iterator[Limit]:
    """In the order in which a register file has the fields."""
    aftale = agreement.aftale
    if not {besked.beskedtype, ALLE}.intersection(aftale.beskedtyper):
        yield _limit("beskedtyper", f"does not name {_quoted(besked.beskedtype)}")
    klasse = besked.sikkerhedsklassificering
    if agreement.foelsomheder is not None and klasse is not None and klasse not in agreement.foelsomheder:
        yield _limit("foelsomheder", f"does not name Sikkerhedsklassificering {_quoted(klasse)}")
    omraader, emner = agreement.omraader, besked.opgave_emne
    if omraader is not None and emner and not any(map(omraader.match, emner)):
        patterns = ", ".join(aftale.forvaltningsomraader) or "(none)"
        shown = _listed([_quoted(emne.removeprefix("urn:oio:kle:")) for emne in emner])
        yield _limit("forvaltningsomraader", f"{patterns} does not fit OpgaveEmne {shown}")
    if agreement.afsendende is not None and (
        outside := [one for one in besked.ansvarlig_myndighed if one not in agreement.afsendende]
    ):
        shown = _listed([cvr_number(one) or _quoted(one) for one in outside])
        yield _limit("afsendende_myndigheder", f"does not name {shown}")
    if now < agreement.fra:
        yield _limit("gyldig_fra", f"{_utc(agreement.fra)} has not come yet")
    if now >= agreement.til:
        yield _limit("gyldig_til", f"{_utc(agreement.til)} has passed")
    if not aftale.godkendt:
        command = f"beskedfordeler serviceaftale godkend {aftale.id}"
        yield Limit("godkendt", f"godkendt is false (approve it: {command})")
    if dueslag is not None and agreement.dueslag is not None and dueslag.id not in agreement.dueslag:
        yield _limit("modtagende_dueslag", f"does not name '{dueslag.navn}' ({dueslag.id})")


def _is_about_others(one: Standing) -> bool:
    return any(limit.field == "beskedtyper" for limit in one.limits)


def _stopped(standings: Iterable[Standing]) -> str:
    """The agreements with what stops each, those that lack least first."""
    nearest = sorted(standings, key=lambda one: len(one.limits))
    shown = [f"{label(one.aftale)}: {', '.join(limit.text for limit in one.limits)}" for one in nearest[:_SHOWN]]
    return "; ".join(shown) + (f"; and {len(nearest) - _SHOWN} more" if len(nearest) > _SHOWN else "")


def _labels(agreements: Iterable[Agreement]) -> str:
    return _listed([label(agreement.aftale) for agreement in agreements])


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values[:_SHOWN]) + (f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else "")


def _quoted(value: str) -> str:
    return f"'{value if len(value) <= _LONGEST else value[:_LONGEST] + '…'}'"


def _limit(field: str, says: str) -> Limit:
    return Limit(field, f"{field} {says} (serviceaftaler[].{field})")


def _utc(tid: float) -> str:
    return (_EPOCH + timedelta(seconds=tid)).replace(tzinfo=None).isoformat() + "Z"
