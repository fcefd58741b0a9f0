"""The SOAP STS: ``POST /runtime/services/kombittrust/14/certificatemixed``, WS-Trust 1.3 Issue (SF1514).

SOAP 1.2 and 1.1.  Faults come with HTTP status 500 in both versions (ours: SOAP 1.1 over HTTP asks for it, SOAP 1.2
for 400 where the sender is to blame; what the real one does is not public).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.tls import client_certificate
from adapters.sts.answers import host_of
from adapters.sts.audit import Asker
from adapters.sts.certificates import Authorities
from adapters.sts.desk import Desk
from adapters.sts.envelope import Envelope, parse, read_envelope
from adapters.sts.faults import CODES, Code, SoapFault, unsound
from adapters.sts.names import FAULT, ISSUE, ISSUED, SOAP_11, SOAP_12
from adapters.sts.refusals import TokenDenied
from adapters.sts.replay import Replays
from adapters.sts.sealing import answer, fault_body
from adapters.sts.wss import SKEW, Signed, asker_of, verified
from adapters.sts.wstrust import context_of, read_request, request_in, write_answer

PATH = "/runtime/services/kombittrust/14/certificatemixed"


@dataclass(slots=True)
class _Exchange:
    """One request, as far as it has come."""

    asker: Asker
    soap: str = SOAP_12
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class SoapSts:
    """The endpoint; ``desk`` decides and signs."""

    desk: Desk
    authorities: Authorities
    replays: Replays = field(default_factory=Replays)

    async def issue(self, request: Request) -> Response:
        exchange = _Exchange(Asker("sts-soap", host_of(request)))
        try:
            body = await self._issue(await request.body(), client_certificate(request.scope), exchange)
        except TokenDenied as denied:
            self.desk.deny(exchange.asker, denied.kind, str(denied))
            return self._faulted(exchange, SoapFault(CODES[denied.kind], str(denied)))
        except SoapFault as fault:
            self.desk.deny(exchange.asker, fault.code.value[1], fault.reason)
            return self._faulted(exchange, fault)
        return self._respond(exchange, 200, ISSUED, body)

    async def _issue(self, data: bytes, shown: bytes | None, exchange: _Exchange) -> bytes:
        """The Body of the answer.  Raises SoapFault, TokenDenied, NotAvailable."""
        now = self.desk.here.clock.now()
        exchange.soap, root = parse(data)
        envelope = read_envelope(exchange.soap, root)
        signed = await self._verified(data, envelope, now, exchange.asker)
        if shown is not None and shown != signed.certificate.public_bytes(Encoding.DER):
            raise unsound("BinarySecurityToken is not the client certificate of the TLS connection")
        exchange.signed = signed
        self.desk.remember(exchange.asker, signed.certificate, proven=True)
        if self.replays.seen(signed.fingerprint, signed.expires + SKEW, now):
            raise SoapFault(Code.INVALID_REQUEST, "this very request was answered before: sign each request anew")
        if signed.action not in (None, ISSUE):
            raise SoapFault(Code.BAD_REQUEST, f"Action '{signed.action[:120]}' is not supported; expected {ISSUE}")
        asked = request_in(signed.body)
        wish, context = read_request(asked, signed.certificate, signed.to), context_of(asked)
        claims, assertion = self.desk.issue(wish, exchange.asker)
        return write_answer(claims, assertion, context)

    async def _verified(self, data: bytes, envelope: Envelope, now: float, asker: Asker) -> Signed:
        certificate = asker_of(envelope)
        self.desk.remember(asker, certificate, proven=False)
        # pure, and some milliseconds: not on the loop that moves the messages
        return await asyncio.to_thread(verified, data, envelope, certificate, self.authorities, now)

    def _faulted(self, exchange: _Exchange, fault: SoapFault) -> Response:
        return self._respond(exchange, 500, FAULT, fault_body(exchange.soap, fault))

    def _respond(self, exchange: _Exchange, status: int, action: str, body: bytes) -> Response:
        """Signed where the request was: nobody else gets anything signed."""
        signed = exchange.signed
        content = answer(
            exchange.soap,
            action,
            None if signed is None else signed.message_id,
            body,
            now=self.desk.here.clock.now(),
            signer=None if signed is None else self.desk.signer,
        )
        kind = "text/xml" if exchange.soap == SOAP_11 else "application/soap+xml"
        return Response(content, status, media_type=f"{kind}; charset=utf-8")
