"""The ledger: what was sent and received, beside what should have been, and whether the sums agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from consumers.demo.cast import FEEDS, MYNDIGHEDER, TILBUD, short
from consumers.demo.model import Fate
from consumers.demo.stage import Stage
from consumers.fagsystem import Kind


@dataclass(frozen=True, slots=True)
class SenderRow:
    """sent = accepted + refused."""

    navn: str
    sent: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class ReceiverRow:
    """meant = expected + stopped + filtered; expected = received."""

    navn: str
    meant: int
    expected: int
    received: int
    stopped: int
    filtered: int
    held: int
    lost: int
    unexpected: int
    duplicated: int


@dataclass(slots=True)
class Ledger:
    senders: list[SenderRow]
    receivers: list[ReceiverRow]
    faults: list[str] = field(default_factory=list)
    """What does not add up, one sentence each; empty = all of it does."""

    @property
    def adds_up(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        return {
            "senders": [asdict(row) for row in self.senders],
            "receivers": [asdict(row) for row in self.receivers],
            "faults": self.faults,
            "adds_up": self.adds_up,
        }


def draw_up(stage: Stage, depths: Mapping[str, Mapping[str, int]]) -> Ledger:
    """Compare journals, model and the emulator's own count of what is left in the dueslag."""
    ledger = Ledger(_senders(stage), _receivers(stage))
    for sender in ledger.senders:
        if sender.sent != sender.accepted + sender.refused:
            ledger.faults.append(
                f"{sender.navn}: {sender.sent} sent, but {sender.accepted} + {sender.refused} answered"
            )
    for row in ledger.receivers:
        ledger.faults += _receiver_faults(row)
    for part in (*MYNDIGHEDER, *TILBUD):
        left = {state: n for state, n in depths[part.dueslag].items() if state != "consumers" and n}
        if left:
            ledger.faults.append(f"{short(part)}: all is acked, but its dueslag still holds {left}")
    ledger.faults += _wrong_way(stage)
    ledger.faults += [f"{event.part}: {event.text}" for event in stage.events if event.kind is Kind.TROUBLE]
    return ledger


def _senders(stage: Stage) -> list[SenderRow]:
    rows = []
    for part in (*MYNDIGHEDER, *TILBUD, *FEEDS):
        journal = stage.sheet(part)
        rows.append(SenderRow(short(part), len(journal.sendt), journal.taken, journal.refused))
    return rows


def _receivers(stage: Stage) -> list[ReceiverRow]:
    rows = []
    for part in (*MYNDIGHEDER, *TILBUD):
        journal = stage.sheet(part)
        expected = {expectation.sendt.besked_id for expectation in stage.model.of(part, Fate.DELIVERED)}
        received = set(journal.modtaget)
        rows.append(
            ReceiverRow(
                navn=short(part),
                meant=len(stage.model.of(part)),
                expected=len(expected),
                received=len(received),
                stopped=len(stage.model.of(part, Fate.STOPPED)),
                filtered=len(stage.model.of(part, Fate.FILTERED)),
                held=len(stage.model.of(part, Fate.HELD)),
                lost=len(expected - received),
                unexpected=len(received - expected),
                duplicated=journal.again_unflagged,
            )
        )
    return rows


def _receiver_faults(row: ReceiverRow) -> list[str]:
    faults = [
        f"{row.navn}: {count} {what}"
        for what, count in (
            ("lost", row.lost),
            ("not meant for it", row.unexpected),
            ("came twice without being flagged redelivered", row.duplicated),
            ("still kept back", row.held),
        )
        if count
    ]
    if row.meant != row.received + row.stopped + row.filtered + row.held:
        faults.append(
            f"{row.navn}: {row.meant} meant for it, but {row.received} received + {row.stopped} stopped "
            f"+ {row.filtered} filtered + {row.held} kept back"
        )
    return faults


def _wrong_way(stage: Stage) -> list[str]:
    """Messages that came by way of another abonnement than they should (ErLeveretIHenholdTil)."""
    faults = []
    for part in (*MYNDIGHEDER, *TILBUD):
        came = stage.sheet(part).modtaget
        for expectation in stage.model.of(part, Fate.DELIVERED):
            entry = came.get(expectation.sendt.besked_id)
            if entry is not None and entry.abonnement != expectation.subscription.id:
                faults.append(
                    f"{short(part)}: {entry.besked_id} came by abonnement {entry.abonnement}, "
                    f"not by {expectation.subscription.id}"
                )
    return faults
