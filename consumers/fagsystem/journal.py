"""The journal: one entry for each letter that came or went, however often it was delivered or sent (R4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consumers.fagsystem.store import Store
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard


class Retning(StrEnum):
    IND = "ind"
    UD = "ud"


class Outcome(StrEnum):
    """What became of a letter (``udfald`` in the journal)."""

    MODTAGET = "modtaget"
    HOLDT = "holdt"
    """Came too early, and waits for what it builds on."""
    AFVIST = "afvist"
    """In: it does not fit, or cannot be read.  Out: the Beskedfordeler refused it."""
    SENDT = "sendt"
    TILBAGEHOLDT = "tilbageholdt"
    """Not sent because of a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    number: int
    at: datetime
    """Of the simulated calendar."""
    forloeb: str
    besked_id: str
    retning: Retning
    standard: Standard | None
    """None = the letter could not be read."""
    other: str
    """Name of the party at the other end."""
    forfatter: str
    """Who answers for the letter (R3)."""
    udfald: Outcome
    text: str
    flags: tuple[str, ...]
    """What is not as it should be, and was taken nevertheless: R1, R8 and other findings, each with its rule."""


def enter(store: Store, entry: JournalEntry) -> bool:
    """Write an entry (``number`` is given by the journal); False where the letter has one already."""
    return bool(
        store.run(
            "INSERT INTO journal (at, forloeb, besked_id, retning, standard, other, forfatter, udfald, text, flags) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            entry.at.isoformat(),
            entry.forloeb,
            entry.besked_id,
            entry.retning,
            entry.standard,
            entry.other,
            entry.forfatter,
            entry.udfald,
            entry.text,
            "\n".join(entry.flags),
        )
    )


def amend(store: Store, besked_id: str, retning: Retning, udfald: Outcome, text: str) -> None:
    """What has become of a letter since its entry was made."""
    store.run(
        "UPDATE journal SET udfald = ?, text = ? WHERE besked_id = ? AND retning = ?", udfald, text, besked_id, retning
    )


def entries(store: Store, forloeb: str | None = None) -> list[JournalEntry]:
    """All, or those of one forløb, oldest first."""
    where, values = ("", ()) if forloeb is None else ("WHERE forloeb = ?", (forloeb,))
    rows = store.all(f"SELECT * FROM journal {where} ORDER BY number", *values)  # noqa: S608 - a fixed text
    return [_entry(*row) for row in rows]


def is_new(store: Store, brev: Brev) -> bool:
    """Whether a letter says something that no letter of this forløb has said; remembers that it has now (R4).

    Two letters say the same where all but BeskedId and the time of the data are alike.
    """
    document = brev.model_dump_json(exclude={"besked_id", "data_tidspunkt"})
    fingerprint = hashlib.blake2b(f"{brev.standard}\n{document}".encode(), digest_size=16).digest()
    return bool(store.run("INSERT INTO known VALUES (?) ON CONFLICT DO NOTHING", fingerprint))


def _entry(
    number: int,
    at: str,
    forloeb: str,
    besked_id: str,
    retning: str,
    standard: str | None,
    other: str,
    forfatter: str,
    udfald: str,
    text: str,
    flags: str,
) -> JournalEntry:
    return JournalEntry(
        number,
        datetime.fromisoformat(at),
        forloeb,
        besked_id,
        Retning(retning),
        None if standard is None else Standard(standard),
        other,
        forfatter,
        Outcome(udfald),
        text,
        tuple(flags.split("\n")) if flags else (),
    )
