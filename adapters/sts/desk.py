"""Where both endpoints go: a request in, signed octets out, and a record of it in the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from adapters.sts.assertion import Claims, Signer, build
from adapters.sts.audit import Asker, note_denied, note_issued
from adapters.sts.issuing import TokenRequest, grant
from adapters.sts.refusals import TokenDenied
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
        given = grant(request, service.catalogue, service.clock.now(), self.issuer, self.lifetime)
        assertion = self.signer.sign(build(given.claims))
        note_issued(service, asker, given.system, given.claims.not_on_or_after)
        return given.claims, assertion

    def deny(self, asker: Asker, denied: TokenDenied, reason: str | None = None) -> None:
        """Note a refusal; ``reason`` where the trace is to be told more than the client."""
        note_denied(self.here, asker, denied.system, denied.kind, reason or str(denied))

    def remember(self, asker: Asker, certificate: x509.Certificate) -> None:
        """Note whose certificate it is, for the trace."""
        asker.serial = certificate.serial_number
        try:
            asker.serienummer = describe(certificate).serienummer[:80]
        except ValueError:
            asker.serienummer = None
