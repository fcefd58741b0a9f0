"""What the trace keeps of each token issued, exchanged or refused."""

from __future__ import annotations

from dataclasses import dataclass

from broker.clock import iso
from broker.core.model import Anvendersystem
from broker.service import Beskedfordeler


@dataclass(slots=True)
class Asker:
    """Who asks for what, as far as it is known when the answer is given."""

    via: str
    """"sts-rest", "sts-soap", "access-token" or "demo"."""
    host: str | None
    serial: int | None = None
    """The serial number of the certificate shown."""
    serienummer: str | None = None
    cvr: str | None = None
    audience: str | None = None
    system: Anvendersystem | None = None
    """Whose the certificate is, once it is shown that the asker holds its key."""

    def facts(self) -> dict[str, object]:
        known = {
            "fra": self.host,
            "via": self.via,
            "cvr": self.cvr and self.cvr[:20],
            "audience": self.audience and self.audience[:200],
            "certifikat": None if self.serial is None else str(self.serial),
            "serienummer": self.serienummer,
        }
        return {name: value for name, value in known.items() if value is not None}


def note_issued(service: Beskedfordeler, asker: Asker, end: float) -> None:
    """A token was given, valid until ``end``."""
    detail = {"udløber": iso(end), **asker.facts()}
    service.note("token", system=None if asker.system is None else asker.system.id, detail=detail)


def note_denied(service: Beskedfordeler, asker: Asker, kode: str, reason: str) -> None:
    """None was given, and why."""
    detail = {"grund": reason[:500], "kode": kode, **asker.facts()}
    service.note("denied", system=None if asker.system is None else asker.system.id, detail=detail)
