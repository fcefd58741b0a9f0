"""The outbox: letters to send, in the database until the Beskedfordeler has answered.

A letter is a draft until it is sent for the first time; then its text is fixed, so that it is the same however often
it has to be sent again.  Letters of one forløb go one after the other, those of different ones side by side.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from consumers.fagsystem.draft import Draft
from consumers.fagsystem.store import Store

DRAFT, FIXED, ANSWERED, REFUSED, WITHHELD = "draft", "fixed", "answered", "refused", "withheld"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One letter of the outbox; ``message`` is the whole Haendelsesbesked once it is fixed."""

    number: int
    draft: Draft
    message: bytes | None
    before: str | None
    """The forløb as it was before this letter, for when it is refused."""


def put(store: Store, draft: Draft) -> int:
    """Enter a draft; its number."""
    return int(
        store.db.execute(
            "INSERT INTO outbox (besked_id, forloeb, draft, state) VALUES (?, ?, ?, ?)",
            (draft.besked_id, draft.forloeb, draft.to_json(), DRAFT),
        ).lastrowid
        or 0
    )


def read(store: Store, number: int) -> Outgoing:
    draft, message, before = store.one("SELECT draft, message, before FROM outbox WHERE number = ?", number)
    return Outgoing(number, Draft.from_json(draft), message, before)


def fix(store: Store, number: int, message: bytes, before: str | None) -> None:
    store.run("UPDATE outbox SET state = ?, message = ?, before = ? WHERE number = ?", FIXED, message, before, number)


def settle(store: Store, number: int, state: str, reason: str = "") -> None:
    """It is answered, refused or withheld: not sent again."""
    store.run(
        "UPDATE outbox SET state = ?, message = NULL, before = NULL, reason = ? WHERE number = ?", state, reason, number
    )


def drafted(store: Store, forloeb: str) -> list[Draft]:
    """The forløb's letters that are decided on and not written yet."""
    rows = store.all("SELECT draft FROM outbox WHERE state = 'draft' AND forloeb = ? ORDER BY number", forloeb)
    return [Draft.from_json(row[0]) for row in rows]


def unsent(store: Store) -> list[tuple[int, str]]:
    """Number and forløb of all that is not answered, oldest first."""
    return [
        (int(number), str(forloeb))
        for number, forloeb in store.all(
            "SELECT number, forloeb FROM outbox WHERE state IN ('draft', 'fixed') ORDER BY number"
        )
    ]


class Waiting:
    """Which letters may be sent now: the first of each forløb that has none under way."""

    def __init__(self) -> None:
        self._by_forloeb: dict[str, deque[int]] = {}
        self._ready: deque[str] = deque()

    def add(self, number: int, forloeb: str) -> None:
        queue = self._by_forloeb.get(forloeb)
        if queue is None:
            self._by_forloeb[forloeb] = deque([number])
            self._ready.append(forloeb)
        elif number not in queue:
            queue.append(number)

    def take(self) -> tuple[int, str] | None:
        """One (its number, its forløb) that is under way from now on, until `settled` is called for the forløb."""
        if not self._ready:
            return None
        forloeb = self._ready.popleft()
        return self._by_forloeb[forloeb][0], forloeb

    def settled(self, forloeb: str) -> None:
        """The letter of this forløb that was under way is done with."""
        queue = self._by_forloeb[forloeb]
        queue.popleft()
        if queue:
            self._ready.append(forloeb)
        else:
            del self._by_forloeb[forloeb]

    def clear(self) -> None:
        self._by_forloeb.clear()
        self._ready.clear()

    @property
    def empty(self) -> bool:
        """Nothing is to be sent, and nothing is under way."""
        return not self._by_forloeb
