"""What a token says once it is known to hold: values, without a library behind them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol

from broker.core.model import Service

_SERVICES = {
    "http://entityid.kombit.dk/service/bfo_afsend/2": Service.AFSEND,
    "http://entityid.kombit.dk/service/bfo_modtag/2": Service.MODTAG,
}
"""The entity ids of today."""
_OLDER = {"/service/afsend/1": Service.AFSEND, "/service/afhent/1": Service.MODTAG}
"""Ends of the older ones, ``http://<host>/service/afsend/1``: any host is taken."""

AFSEND, MODTAG = _SERVICES
"""Entity ids to ask for (AppliesTo)."""


def service_of(entity_id: str) -> Service | None:
    """The service that an entity id (AppliesTo, Audience) names, or None where it is none of the Beskedfordeler's."""
    if found := _SERVICES.get(entity_id):
        return found
    if entity_id.startswith(("http://", "https://")):
        return next((service for end, service in _OLDER.items() if entity_id.endswith(end)), None)
    return None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A function certificate, as far as it is asked about.  Names are written as RFC 4514 has them, C last."""

    der: bytes
    serienummer: str
    """SERIALNUMBER of the subject, as ``CVR:11111111-FID:1234567890123``: whose certificate it is."""
    subject: str
    serial: int
    """The certificate's own serial number."""
    issuer: str

    @property
    def akkreditiver(self) -> str:
        """KildesystemAkkreditiver: base64(subject DN) "." base64(serial, decimal) "." base64(issuer DN)."""
        parts = (self.subject, str(self.serial), self.issuer)
        return ".".join(base64.b64encode(part.encode()).decode() for part in parts)


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A SAML assertion that holds; one object for the same octets, compared as such.

    Times are seconds since the epoch.
    """

    id: str
    issuer: str
    audience: str
    service: Service
    """What the audience is for."""
    cvr: str
    """CvrNumberIdentifier: the myndighed on whose behalf the holder acts."""
    holder: Certificate
    not_before: float
    not_on_or_after: float

    @property
    def about(self) -> dict[str, str]:
        """Whose it is, as the trace has it: for whom, by which certificate, of which system."""
        holder = self.holder
        return {"cvr": self.cvr, "certifikat": str(holder.serial), "serienummer": holder.serienummer}


class TokenVerifier(Protocol):
    """Judges tokens (`broker.tokens.verifier.Verifier`)."""

    def verify(self, raw: bytes, now: float, presented: bytes | None = None) -> Token:
        """The token in ``raw`` (a decoded SAML assertion, UTF-8).

        ``presented`` is the DER of the client certificate, where the connection has one: it must be the holder's.
        Raises TokenExpired (41), TokenRefused (40).
        """
        ...
