"""Where both endpoints go: a request in, signed octets out, and a record of it in the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from adapters.sts.assertion import Claims, Signer, build
from adapters.sts.audit import Asker, note_denied, note_issued
from adapters.sts.issuing import TokenRequest, grant
from broker.errors import NotAvailable
from broker.service import Beskedfordeler
from broker.tokens.certificate import describe


@dataclass(frozen=True, slots=True)
class Desk:
    """Issues tokens in the name of ``issuer``; ``lifetime`` is in seconds."""

    service: Callable[[], Beskedfordeler | None]
    signer: Signer
    issuer: str
    lifetime: float

    @property
    def here(self) -> Beskedfordeler:
        """The Beskedfordeler.  Raises NotAvailable while there is none."""
        service = self.service()
        if service is None:
            raise NotAvailable("the Beskedfordeler is starting or stopping; try again")
        return service

    def issue(self, request: TokenRequest, asker: Asker) -> tuple[Claims, bytes]:
        """The signed assertion, and what it says.  Raises TokenDenied, NotAvailable."""
        asker.cvr, asker.audience = request.cvr, request.audience
        service = self.here
        claims = grant(request, service.catalogue, service.clock.now(), self.issuer, self.lifetime)
        assertion = self.signer.sign(build(claims))
        note_issued(service, asker, claims.not_on_or_after)
        return claims, assertion

    def deny(self, asker: Asker, kode: str, reason: str) -> None:
        """Note a refusal in the trace."""
        note_denied(self.here, asker, kode, reason)

    def remember(self, asker: Asker, certificate: x509.Certificate, *, proven: bool) -> None:
        """Whose certificate it is, for the trace; ``proven``: the asker has shown that it holds the key of it."""
        asker.serial = certificate.serial_number
        try:
            serienummer = describe(certificate).serienummer
        except ValueError:
            return
        asker.serienummer = serienummer[:80]
        if proven:
            asker.system = self.here.catalogue.system_by_serienummer(serienummer)
