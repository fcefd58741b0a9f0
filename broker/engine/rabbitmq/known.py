"""Which messages were accepted before, on whichever front: the port, and the one for a single front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol


class Claim(NamedTuple):
    """One message that wants in."""

    afsender: str
    besked_id: str
    digest: bytes
    received: float
    dueslag: tuple[str, ...]
    """Where it is to go, for `Known.places`."""


class Claimed(Enum):
    """What is known of it."""

    NEW = "new"
    """Ours now: to be published, then `Known.done`."""
    AGAIN = "again"
    """As new, but a front died with it: some of it may lie in RabbitMQ."""
    KNOWN = "known"
    """Accepted before, the same octets."""
    CONFLICT = "conflict"
    """Other octets under the same BeskedId."""
    BUSY = "busy"
    """Another front is at it right now: ask again."""


class Released(NamedTuple):
    """One that was claimed, and given up."""

    claim: Claim
    clean: bool
    """Surely nothing of it lies in RabbitMQ: it is as if it never came.  Else the next that asks, on whichever front,
    is told AGAIN."""


class Known(Protocol):
    """Remembers (afsender, BeskedId, digest).  What `claim` calls NEW or AGAIN is pending until `done`: should this
    front die between, the next that asks is told AGAIN.  All raise StoreError where nothing can be remembered now."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        """One answer each, in order; durable when it returns.  No two claims of a call are for the same message."""
        ...

    async def done(self, claims: Sequence[Claim]) -> None:
        """RabbitMQ has confirmed them; durable when it returns."""
        ...

    async def release(self, claims: Sequence[Released]) -> None:
        """This front does nothing more about them, of what is pending and its own; durable when it returns."""
        ...

    async def ping(self) -> None:
        """Returns when something could be remembered."""
        ...

    async def places(self, besked_id: str) -> list[tuple[str, str]]:
        """(afsender, dueslag) where messages with this BeskedId were put."""
        ...

    async def clear(self) -> None:
        """Forget all."""
        ...


@dataclass(slots=True)
class _Record:
    digest: bytes
    dueslag: tuple[str, ...]
    received: float
    pending: bool = True


@dataclass(slots=True)
class MemoryKnown:
    """Of one front, while it runs."""

    limit: int = 1_000_000
    """Messages known at most, the newest."""
    window: float = 7 * 86_400.0
    """Seconds that a message is known."""
    _records: dict[tuple[str, str], _Record] = field(default_factory=dict)
    _senders: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def open(self) -> None:
        """Nothing to be done."""

    async def close(self) -> None:
        """Nothing to be done."""

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        return [self._claim(claim) for claim in claims]

    def _claim(self, claim: Claim) -> Claimed:
        key = (claim.afsender, claim.besked_id)
        record = self._records.get(key)
        if record is not None and claim.received - record.received > self.window:
            self._drop(key)
            record = None
        if record is not None:
            if record.digest != claim.digest:
                return Claimed.CONFLICT
            return Claimed.AGAIN if record.pending else Claimed.KNOWN
        self._records[key] = _Record(claim.digest, claim.dueslag, claim.received)
        self._senders[claim.besked_id] = (*self._senders.get(claim.besked_id, ()), claim.afsender)
        if len(self._records) > self.limit:
            self._drop(next(iter(self._records)))
        return Claimed.NEW

    def _drop(self, key: tuple[str, str]) -> None:
        del self._records[key]
        left = tuple(one for one in self._senders[key[1]] if one != key[0])
        if left:
            self._senders[key[1]] = left
        else:
            del self._senders[key[1]]

    async def done(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            record = self._records.get((claim.afsender, claim.besked_id))
            if record is not None:
                record.pending = False

    async def release(self, claims: Sequence[Released]) -> None:
        for claim, clean in claims:
            record = self._records.get((claim.afsender, claim.besked_id))
            if clean and record is not None and record.pending:
                self._drop((claim.afsender, claim.besked_id))

    async def ping(self) -> None:
        """Memory always can."""

    async def places(self, besked_id: str) -> list[tuple[str, str]]:
        senders = self._senders.get(besked_id, ())
        return [(one, dueslag) for one in senders for dueslag in self._records[one, besked_id].dueslag]

    async def clear(self) -> None:
        self._records.clear()
        self._senders.clear()
