"""Between rows of dueslag.sqlite and values.  Pure.

A message's ``head`` is the JSON array [seq, offset, length, expires, hash of BeskedId, sender's number in navn, digest,
afsender, BeskedId, TransaktionsId, Beskedtype, received, cuts]; offset (from 1) and length were its place in the batch
(length -1: the body is not kept); digest and cuts are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from struct import unpack
from typing import Any

import orjson

from broker.core.stored import StoredBesked
from broker.engine.flat import Noted
from broker.engine.store import STATE_NAMES, Entry, State
from broker.ports import Glimpse

Json = list[Any]


def besked_hashes(besked_ids: Sequence[str]) -> tuple[int, ...]:
    """64 bits for each, signed as SQLite's integers are."""
    digests = [blake2b(one.encode("utf-8", "surrogatepass"), digest_size=8).digest() for one in besked_ids]
    return unpack(f"<{len(digests)}q", b"".join(digests))


def besked_hash(besked_id: str) -> int:
    """Of one."""
    return besked_hashes([besked_id])[0]


def besked(values: Json, data: str) -> StoredBesked:
    """The message of a head and a hexadecimal body."""
    return StoredBesked(
        afsender=values[7],
        besked_id=values[8],
        transaktions_id=values[9],
        beskedtype=values[10],
        sent=bytes.fromhex(values[6]),
        data=bytes.fromhex(data),
        cuts=bytes.fromhex(values[12]),
        received=values[11],
        expires=values[3],
        seq=values[0],
    )


def head_row(noted: Noted, offset: int, sender: int) -> Json:
    """The head of a message in a batch; ``sender``: the number of its afsender in navn."""
    (seq, length, expires, _, besked_id, transaktions_id, received, _, _), flow, digest, hash = noted
    afsender, beskedtype, cuts, _ = flow
    return [
        seq,
        offset + 1,
        length,
        expires,
        hash,
        sender,
        digest.hex(),
        afsender,
        besked_id,
        transaktions_id,
        beskedtype,
        received,
        cuts.hex(),
    ]


def json_text(value: object) -> str:
    """As SQLite's functions take it."""
    return orjson.dumps(value).decode()


def keep_text(keep: tuple[int, ...] | None) -> str | None:
    return None if keep is None else json_text(keep)


def keep_of(text: str | None) -> tuple[int, ...] | None:
    return None if text is None else tuple(orjson.loads(text))


def entry(row: Json, dueslag: str, abonnement: str, flagged_upto: int, besked: StoredBesked | None) -> Entry:
    """Of [id, seq, abonnement, keep, attempts, redelivered, expires, size, BeskedId]."""
    made = Entry(
        row[0], dueslag, abonnement, keep_of(row[3]), row[4], bool(row[5]) or row[0] <= flagged_upto, row[1], besked
    )
    made.expires, made.size, made.besked_id = row[6], row[7] or 0, row[8] or ""
    return made


def glimpse(row: Json, dueslag: str, abonnement: str, state: State, flagged_upto: int, besked: StoredBesked) -> Glimpse:
    """Of [id, seq, abonnement, keep, attempts, redelivered, reason, died, size]."""
    return Glimpse(
        id=row[0],
        dueslag=dueslag,
        abonnement=abonnement,
        state=STATE_NAMES[state],
        attempts=row[4],
        redelivered=bool(row[5]) or row[0] <= flagged_upto,
        keep=keep_of(row[3]),
        besked=besked,
        reason=row[6],
        died=row[7],
        size=row[8],
    )
