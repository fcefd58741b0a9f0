"""Answers in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from adapters.sts.refusals import Kind

_STATUS = {
    Kind.NO_CERTIFICATE: 401,
    Kind.UNKNOWN_CERTIFICATE: 401,
    Kind.NO_SERVICEAFTALE: 403,
    Kind.SERVICEAFTALE_NOT_IN_FORCE: 403,
}
"""HTTP status of a refusal; the others are about what was sent: 400 (ours: those of the real STS are not public)."""

NO_CERTIFICATE = (
    "no client certificate was shown (mutual TLS); use the function certificate of the anvendersystem "
    "(`beskedfordeler certs export`)"
)


def status_of(kind: Kind) -> int:
    """The HTTP status that says ``kind``."""
    return _STATUS.get(kind, 400)


def refused(status: int, text: str, kode: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """``{"message": one sentence, "kode": …}`` (ours); clients in use read ``message``, or show the whole body."""
    return JSONResponse({"message": text, "kode": kode}, status, headers)


def host_of(request: Request) -> str | None:
    """The address that the request comes from."""
    return request.client.host if request.client is not None else None
