"""The REST STS: ``POST /runtime/api/rest/wstrust/v1/issue`` over mutual TLS (SF1514, wire-contract section 7)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.http.tls import client_certificate
from adapters.sts.answers import NO_CERTIFICATE, host_of, refused, status_of
from adapters.sts.assertion import Claims
from adapters.sts.audit import Asker
from adapters.sts.certificates import load, read_der
from adapters.sts.desk import Desk
from adapters.sts.issuing import TokenRequest
from adapters.sts.names import KEY_TYPE, REQUEST_TYPE, TOKEN_TYPE
from adapters.sts.refusals import Kind, TokenDenied
from adapters.sts.text import checked

PATH = "/runtime/api/rest/wstrust/v1/issue"


@dataclass(frozen=True, slots=True)
class RestSts:
    """The endpoint; ``desk`` decides and signs."""

    desk: Desk

    async def issue(self, request: Request) -> Response:
        asker = Asker("sts-rest", host_of(request))
        try:
            claims, assertion = self._issue(client_certificate(request.scope), await request.body(), asker)
        except TokenDenied as denied:
            self.desk.deny(asker, denied.kind, str(denied))
            return refused(status_of(denied.kind), str(denied), denied.kind)
        return JSONResponse(answer(claims, assertion))

    def _issue(self, shown: bytes | None, body: bytes, asker: Asker) -> tuple[Claims, bytes]:
        if shown is None:
            raise TokenDenied(Kind.NO_CERTIFICATE, NO_CERTIFICATE)
        try:
            certificate = load(shown)
        except ValueError as error:
            raise TokenDenied(Kind.UNKNOWN_CERTIFICATE, str(error)) from None
        self.desk.remember(asker, certificate, proven=True)
        return self.desk.issue(read_request(body, certificate), asker)


def read_request(body: bytes, certificate: x509.Certificate) -> TokenRequest:
    """The request in a JSON body; keys in any case, as clients write both AnvenderKontekst and Anvenderkontekst.

    Raises TokenDenied.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise TokenDenied(Kind.BAD_REQUEST, "the body is not JSON; expected an object with TokenType …") from None
    fields = _object(content, "the body")
    kontekst = _object(fields.get("anvenderkontekst"), "AnvenderKontekst")
    applies_to = _object(fields.get("appliesto"), "AppliesTo")
    reference = _object(applies_to.get("endpointreference"), "AppliesTo.EndpointReference")
    return TokenRequest(
        certificate=certificate,
        audience=_text(reference, "Address"),
        cvr=_text(kontekst, "Cvr"),
        use_key=_use_key(_string(fields, "UseKey")),
        token_type=_text(fields, "TokenType"),
        request_type=_text(fields, "RequestType"),
        key_type=_text(fields, "KeyType"),
        on_behalf_of=fields.get("onbehalfof") not in (None, ""),
    )


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TokenDenied(Kind.BAD_REQUEST, f"{name} is not a JSON object")
    return {key.lower(): inner for key, inner in value.items()}


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = _string(fields, name)
    return None if value is None else checked(name, value)


def _string(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name.lower())
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise TokenDenied(Kind.BAD_REQUEST, f"{name} is not a text")
    return value.strip() or None


def _use_key(text: str | None) -> bytes:
    if text is None:
        raise TokenDenied(Kind.USE_KEY, "UseKey is missing; expected the client certificate in base64, on one line")
    try:
        return read_der(text)
    except ValueError as error:
        raise TokenDenied(Kind.USE_KEY, f"UseKey: {error}") from None


def answer(claims: Claims, assertion: bytes) -> dict[str, object]:
    """The body of the answer.

    Lifetime is the end of validity in local time of this machine: the public Python client compares it with its own
    ``datetime.now()``.
    """
    end = datetime.fromtimestamp(claims.not_on_or_after)  # local on purpose
    return {
        "TokenType": TOKEN_TYPE,
        "RequestType": REQUEST_TYPE,
        "KeyType": KEY_TYPE,
        "RequestedSecurityToken": {"Assertion": base64.b64encode(assertion).decode()},
        "AppliesTo": {"EndpointReference": {"Address": claims.audience}},
        "Lifetime": end.strftime("%m/%d/%Y %H:%M:%S"),
        "RequestedProofToken": None,
    }
