"""A message as it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from broker.core.sent import Changes, before, digest


@dataclass(slots=True, weakref_slot=True)
class StoredBesked:
    """One accepted message as the engine keeps it, shared by all its deliveries.

    ``data`` is the Haendelsesbesked with the sender's parts spliced in; ``cuts`` is opaque to the engine
    (`broker.kuvert.splice` reads it).  ``sent``: how to read the bytes as the sender sent them off ``data``, or the
    digest over them.
    """

    afsender: str
    besked_id: str
    transaktions_id: str
    beskedtype: str
    sent: bytes | Changes
    data: bytes
    cuts: bytes
    received: float
    expires: float | None = None
    seq: int = 0
    """Order of acceptance, set by the engine; 0 = not yet accepted."""

    @property
    def digest(self) -> bytes:
        """Over the bytes as the sender sent them; taken anew each time where only the changes are known."""
        return self.sent if isinstance(self.sent, bytes) else digest(before(self.data, self.sent))
