"""The STS put together: one ASGI application over one Beskedfordeler, to be served over TLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from adapters.sts import demo, exchange, rest, soap
from adapters.sts.access_tokens import AccessTokens
from adapters.sts.answers import refused
from adapters.sts.assertion import Signer
from adapters.sts.certificates import Authorities
from adapters.sts.desk import Desk
from broker.errors import NotAvailable
from broker.service import Beskedfordeler
from broker.tokens import AFSEND, MODTAG, TokenVerifier

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StsConfig:
    """How tokens are issued."""

    issuer: str
    lifetime: float
    """Seconds that a token is valid."""
    client_cas: tuple[Path, ...]
    """PEM files with the CAs whose certificates may sign SOAP requests."""


def create_sts(
    service: Callable[[], Beskedfordeler | None], signer: Signer, config: StsConfig, verifier: TokenVerifier
) -> ASGIApp:
    """The application.  ``service`` gives None (or raises NotAvailable) until there is one: 503.

    Raises StoreError where a file of ``config.client_cas`` cannot be used.
    """
    desk = Desk(service, signer, config.issuer, config.lifetime)
    access_tokens = AccessTokens()
    called = demo.Demo(desk, access_tokens).call
    methods = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/", _index, methods=["GET"]),
            Route(rest.PATH, rest.RestSts(desk).issue, methods=["POST"]),
            Route(soap.PATH, soap.SoapSts(desk, Authorities(config.client_cas)).issue, methods=["POST"]),
            Route(exchange.PATH, exchange.Exchange(desk, verifier, access_tokens).token, methods=["POST"]),
            Route(demo.PATH, called, methods=methods),
            Route(demo.PATH + "/{besked:path}", called, methods=methods),
        ],
        exception_handlers={HTTPException: _http, NotAvailable: _not_available, Exception: _unexpected},
    )


def _index(request: Request) -> Response:
    return PlainTextResponse(
        "The STS of beskedfordeler, an emulator of the Fælleskommunal Beskedfordeler. Tokens are for tests only.\n\n"
        f"POST {rest.PATH}\n  a token, JSON over mutual TLS\n"
        f"POST {soap.PATH}\n  a token, WS-Trust 1.3 over SOAP 1.2 or 1.1\n"
        f"POST {exchange.PATH}\n  an access token for a token, over mutual TLS\n"
        f"GET  {demo.PATH}/<text>\n  who is calling, by access token and client certificate\n\n"
        f"AppliesTo: {AFSEND} or {MODTAG}\n"
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refused(404, f"no {request.url.path[:120]} here; / says what there is", "not_found")
    text = f"{request.method} is not taken at {request.url.path[:120]}" if error.status_code == 405 else error.detail
    return refused(error.status_code, text, "method_not_allowed" if error.status_code == 405 else "http", error.headers)


async def _not_available(request: Request, error: Exception) -> Response:
    return refused(503, str(error), "not_available", {"Retry-After": "1"})


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("STS request failed", method=request.method, path=request.url.path, exc_info=error)
    return refused(500, f"unexpected failure ({type(error).__name__}); the log of the emulator says more", "failure")
