"""The demo service that the public demo clients call: a witness that holder-of-key works on HTTPS.

``/service/AccessTokenDemo_1/callDemoService/<message>``.  The real one is for the audience demoservicerest/1; here
it takes the tokens of the Beskedfordeler (ours).
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.http.tls import client_certificate
from adapters.sts.access_tokens import SCHEME, AccessTokens
from adapters.sts.answers import host_of, refused
from adapters.sts.audit import Asker
from adapters.sts.desk import Desk
from broker.clock import iso
from broker.errors import TokenExpired, TokenRefused

PATH = "/service/AccessTokenDemo_1/callDemoService"
_ECHOED = ("x-TransaktionsId", "x-TransaktionsTid")


@dataclass(frozen=True, slots=True)
class Demo:
    """The endpoint."""

    desk: Desk
    access_tokens: AccessTokens

    async def call(self, request: Request) -> Response:
        """200 with who called, 401 with why not."""
        service = self.desk.here
        now = service.clock.now()
        authorization = request.headers.get("authorization")
        try:
            token = self.access_tokens.holder(authorization, client_certificate(request.scope), now)
        except (TokenRefused, TokenExpired) as error:
            kode = "token_expired" if isinstance(error, TokenExpired) else "token_refused"
            reason = error.reason if isinstance(error, TokenRefused) else str(error)
            self.desk.deny(Asker("demo", host_of(request)), kode, reason)
            return refused(401, str(error), kode, {"WWW-Authenticate": SCHEME})
        system = service.catalogue.system_by_serienummer(token.holder.serienummer)
        content = {
            "besked": request.path_params.get("besked", ""),
            "anvendersystem": system.navn if system is not None else None,
            "certifikat": token.holder.serienummer,
            "cvr": token.cvr,
            "audience": token.audience,
            "tidspunkt": iso(now),
        }
        return JSONResponse(content, headers=_echo(request))


def _echo(request: Request) -> dict[str, str]:
    given = {name: request.headers.get(name) for name in _ECHOED}
    return {name: value[:200] for name, value in given.items() if value is not None}
