"""Refusals of the Beskedfordeler as HTTP answers: ``{"error": one sentence, "kode": StatusKode}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from broker.errors import (
    AccessDenied,
    BeskedfordelerError,
    FilterError,
    NotAvailable,
    NotFound,
    RegisterError,
    StoreError,
)

_log = structlog.get_logger(__name__)


class Conflict(RegisterError):
    """What is to be removed is still referred to (409)."""


_HTTP_STATUS: tuple[tuple[type[BeskedfordelerError], int], ...] = (
    (NotFound, 404),
    (AccessDenied, 403),
    (Conflict, 409),
    (NotAvailable, 503),
    (StoreError, 503),
)
"""First that fits; any other refusal is about what was sent: 422."""
_KODE = {404: 44, 405: 40, 413: 40, 422: 40, 500: 50, 501: 51, 503: 53}


def http_status(error: BeskedfordelerError) -> int:
    """404 not found, 403 denied, 409 still referred to, 503 try later, else 422."""
    return next((status for kind, status in _HTTP_STATUS if isinstance(error, kind)), 422)


def describe(errors: Sequence[Any]) -> str:
    """Pydantic's findings as one sentence: where, what was expected, what was given."""
    return "; ".join(f"{'.'.join(str(part) for part in error['loc'])}: {_finding(error)}" for error in errors)


def _finding(error: Any) -> str:
    """A rule of ours says itself what was given, as far as it may be repeated."""
    text = str(error["msg"])
    if error.get("type") == "value_error":
        return text.removeprefix("Value error, ")
    return f"{text.lower()}, not {error.get('input')!r:.80}"


def install(app: FastAPI) -> None:
    """Make every error of ``app`` answer in one shape."""
    app.add_exception_handler(BeskedfordelerError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(UnicodeEncodeError, _no_text)
    app.add_exception_handler(Exception, _unexpected)


def _answer(status: int, text: str, kode: int, **more: object) -> JSONResponse:
    return JSONResponse({"error": text, "kode": kode, **more}, status)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BeskedfordelerError)
    more: dict[str, object] = {"position": error.position} if isinstance(error, FilterError) else {}
    return _answer(http_status(error), str(error), error.status_kode, **more)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _answer(422, describe(error.errors()), 40)


async def _no_text(request: Request, error: Exception) -> JSONResponse:
    return _answer(422, "a text in the request is no Unicode (a lone surrogate); nothing was changed", 40)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    text = f"no {request.url.path} in the admin API; see /openapi.json" if error.status_code == 404 else error.detail
    return _answer(error.status_code, text, _KODE.get(error.status_code, 40))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("admin request failed", method=request.method, path=request.url.path, exc_info=error)
    return _answer(500, f"unexpected failure ({type(error).__name__}); the log of the emulator says more", 50)
