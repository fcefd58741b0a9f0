"""A token for an access token: ``POST /service/AccessTokenService_1/token``, form ``saml-token=<base64>``."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.http.tls import client_certificate
from adapters.sts.access_tokens import SCHEME, AccessTokens
from adapters.sts.answers import NO_CERTIFICATE, host_of, refused
from adapters.sts.audit import Asker, note_issued
from adapters.sts.desk import Desk
from adapters.sts.refusals import Kind
from broker.errors import TokenExpired, TokenRefused
from broker.service import Beskedfordeler
from broker.tokens import TokenVerifier

PATH = "/service/AccessTokenService_1/token"
_FIELD = "saml-token"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The endpoint.

    The token must be one that the Beskedfordeler would take, and its holder's certificate must be shown.
    """

    desk: Desk
    verifier: TokenVerifier
    access_tokens: AccessTokens

    async def token(self, request: Request) -> Response:
        asker = Asker("access-token", host_of(request))
        service = self.desk.here
        body = await request.body()
        certificate = client_certificate(request.scope)
        if certificate is None:
            self.desk.deny(asker, Kind.NO_CERTIFICATE, NO_CERTIFICATE)
            return refused(401, NO_CERTIFICATE, Kind.NO_CERTIFICATE)
        raw = read_form(body)
        if raw is None:
            text = f"the form field {_FIELD} is missing or not base64; expected the signed assertion in base64"
            self.desk.deny(asker, Kind.BAD_REQUEST, text)
            return refused(400, text, Kind.BAD_REQUEST)
        return self._exchange(service, asker, raw, certificate)

    def _exchange(self, service: Beskedfordeler, asker: Asker, raw: bytes, certificate: bytes) -> Response:
        now = service.clock.now()
        try:
            token = self.verifier.verify(raw, now, certificate)
            asker.cvr, asker.audience = token.cvr, token.audience
            asker.serial, asker.serienummer = token.holder.serial, token.holder.serienummer[:80]
            asker.system = service.gate.holder_of(token)
            access_token = self.access_tokens.issue(token, certificate, now)
        except TokenExpired as error:
            self.desk.deny(asker, "token_expired", str(error))
            return refused(401, str(error), "token_expired")
        except TokenRefused as error:
            self.desk.deny(asker, "token_refused", error.reason)
            return refused(401, str(error), "token_refused")
        lifetime = self.access_tokens.lifetime(token, now)
        note_issued(service, asker, now + lifetime)
        answer = {"access_token": access_token, "token_type": SCHEME, "expires_in": lifetime}
        return JSONResponse(answer, headers={"cache-control": "no-store"})


def read_form(body: bytes) -> bytes | None:
    """The decoded assertion in a form body; None where there is none."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=16)
        (value,) = fields[_FIELD]
        return base64.b64decode("".join(value.replace(" ", "+").split()), validate=True)  # "+" sent unescaped
    except (UnicodeDecodeError, ValueError, KeyError, binascii.Error):
        return None
