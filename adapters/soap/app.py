"""VærdilisteRediger put together: one ASGI application over one Beskedfordeler, to be served with TLS or without."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.limit import BodyLimit
from adapters.http.tls import client_certificate
from adapters.soap.addressing import Addressing, read_addressing
from adapters.soap.caller import Asked, Callers
from adapters.soap.documents.answers import refusal
from adapters.soap.documents.operation import Operation, UnknownOperation, operation_of
from adapters.soap.documents.reading import read_request
from adapters.soap.documents.requests import Request as Input
from adapters.soap.envelope import LIMITS, Envelope, parse
from adapters.soap.faults import Code, SoapFault, fault_body
from adapters.soap.operations import Operations
from adapters.soap.wsdl import PATH, wsdl, xsd
from adapters.sts.names import SOAP_11, SOAP_12
from broker.errors import BeskedfordelerError, NotAvailable
from broker.ports import Peer
from broker.service import Beskedfordeler
from broker.settings import Auth
from broker.tokens import TokenVerifier

_log = structlog.get_logger(__name__)

BODY_TIMEOUT = 120.0
"""Seconds for the whole body to arrive: there may be 64 MiB of it."""
_LARGE = 64 * 1024
"""Octets from which a request is read in a thread."""
_HUGE = 4 * 1024 * 1024
"""Octets from which one request is read at a time: a tree takes ten times its octets."""
_PIECE = 256 * 1024
"""Octets of an answer that are handed over at a time."""
_HOST = re.compile(r"[A-Za-z0-9._~-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)
_Given = TypeVar("_Given")
_Done = TypeVar("_Done")
_MEDIA = {SOAP_11: "text/xml", SOAP_12: "application/soap+xml"}
_ACTION = re.compile(r";\s*action\s*=\s*(?:\"([^\"]*)\"|([^;\s]+))", re.IGNORECASE)
_HELP = (
    "VærdilisteRediger and flytbeskedtilfejlkoe (SF1461), by an emulator of the Fælleskommunal Beskedfordeler.\n\n"
    f"POST {PATH}\n  a call, SOAP 1.1 or 1.2\nGET  {PATH}?wsdl\n  the WSDL\n\n"
    "How to call: docs/vaerdilister.md\n"
)


def create_soap(
    service: Callable[[], Beskedfordeler | None],
    verifier: TokenVerifier | None,
    auth: Auth,
    address: Callable[[], str] | None = None,
) -> ASGIApp:
    """The application, a limit on bodies included.  ``service`` gives None until there is one: 503.

    ``verifier``: None = tokens are not judged, and callers are known by certificate or password.  ``address``: where
    the service is, as ``https://host:port``, for the WSDL; None = where the request for the WSDL came.
    """
    return BodyLimit(_Soap(service, Callers(verifier, auth), address), LIMITS.max_bytes, BODY_TIMEOUT, _too_much)


class _Pieces(Response):
    """Sent piece by piece: one of 20 MB would be copied about for a tenth of a second, with everybody waiting."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        whole, size = memoryview(self.body), len(self.body)
        for start in range(0, size, _PIECE):
            piece = bytes(whole[start : start + _PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": start + _PIECE < size})


class _Call:
    """One request, as far as it has come."""

    def __init__(self, request: Request) -> None:
        self.request = request
        content_type = request.headers.get("content-type", "")
        self.soap = SOAP_12 if content_type.lower().startswith("application/soap+xml") else SOAP_11
        self.addressing = Addressing()
        self.operation: Operation | None = None

    def check_media(self) -> None:
        """Raises SoapFault for attachments: they are another format, not XML."""
        content_type = self.request.headers.get("content-type", "")
        if content_type.lower().startswith("multipart/"):
            text = f"Content-Type is {content_type[:80]!r}; expected text/xml or application/soap+xml, without MTOM"
            raise SoapFault(Code.CLIENT, text, status=415)

    def check_action(self, operation: Operation) -> None:
        """Raises SoapFault where SOAPAction (or the action of SOAP 1.2) is given and is of another operation."""
        headers = self.request.headers
        given = headers.get("soapaction")
        if given is None and (found := _ACTION.search(headers.get("content-type", ""))) is not None:
            given = found[1] or found[2]
        action = (given or "").strip().strip('"')
        if action not in ("", operation.action):
            raise SoapFault(
                Code.CLIENT,
                f"SOAPAction is '{action[:200]}', and the Body holds the input of {operation.value}; "
                f"expected {operation.action}",
            )

    def respond(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        head = self.addressing.answered(self.operation if status == 200 else None)
        whole = (
            b"<?xml version='1.0' encoding='UTF-8'?>\n"
            b'<s:Envelope xmlns:s="%b">%b<s:Body>%b</s:Body></s:Envelope>' % (self.soap.encode(), head, body)
        )
        return _Pieces(whole, status, headers, media_type=f"{_MEDIA[self.soap]}; charset=utf-8")

    def faulted(self, fault: SoapFault, headers: dict[str, str] | None = None) -> Response:
        if fault.status == 401:
            headers = {"WWW-Authenticate": 'Basic realm="beskedfordeler", charset="UTF-8"'}
        return self.respond(fault_body(self.soap, fault), fault.status, headers)


class _Soap:
    def __init__(
        self,
        service: Callable[[], Beskedfordeler | None],
        callers: Callers,
        address: Callable[[], str] | None,
    ) -> None:
        self._service = service
        self._callers = callers
        self._address = address
        self._huge = asyncio.Semaphore(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if scope["path"].rstrip("/") != PATH:
            response: Response = PlainTextResponse(f"there is nothing here; the service is at {PATH}\n", 404)
        elif request.method in ("GET", "HEAD"):
            response = self._get(request)
        elif request.method == "POST":
            response = await self._post(request)
        else:
            text = f"{request.method} is not taken; expected POST (a call) or GET {PATH}?wsdl\n"
            response = PlainTextResponse(text, 405, {"Allow": "GET, HEAD, POST"})
        await response(scope, receive, send)

    # --- the WSDL ------------------------------------------------------------------------------------

    def _get(self, request: Request) -> Response:
        query = {name.lower(): value for name, value in request.query_params.items()}
        if "wsdl" in query:
            return Response(wsdl(self._base(request) + PATH), media_type="text/xml; charset=utf-8")
        if "xsd" in query:
            schema = xsd(query["xsd"])
            if schema is None:
                return PlainTextResponse("no schema of that name; ?wsdl refers to those there are\n", 404)
            return Response(schema, media_type="text/xml; charset=utf-8")
        return PlainTextResponse(_HELP)

    def _base(self, request: Request) -> str:
        if self._address is not None:
            return self._address().rstrip("/")
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host):
            name, port = request.scope.get("server") or ("127.0.0.1", 80)
            host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        return f"{request.url.scheme}://{host}"

    # --- calls ---------------------------------------------------------------------------------------

    async def _post(self, request: Request) -> Response:
        call = _Call(request)
        try:
            service = self._service()
            if service is None:
                raise NotAvailable("the emulator is starting or stopping")
            return await self._called(call, service)
        except SoapFault as fault:
            return call.faulted(fault)
        except NotAvailable as error:
            return call.faulted(SoapFault(Code.SERVER, str(error), status=503), {"Retry-After": "1"})
        except Exception as error:
            _log.error("SOAP call failed", operation=call.operation and call.operation.value, exc_info=error)
            text = "unexpected failure; the log of the emulator says more"
            return call.faulted(SoapFault(Code.SERVER, text))

    async def _called(self, call: _Call, service: Beskedfordeler) -> Response:
        """Raises SoapFault, NotAvailable."""
        call.check_media()
        data = await _whole(call.request)
        if len(data) < _HUGE:
            return await self._answered(call, service, data)
        async with self._huge:
            given, data = [data], b""
            return await self._answered(call, service, given.pop())

    async def _answered(self, call: _Call, service: Beskedfordeler, data: bytes) -> Response:
        size = len(data)
        envelope = await _aside(size, parse, data)
        del data  # a large request is there as octets, as a tree and as values: each no longer than it must
        call.soap, call.addressing = envelope.soap, read_addressing(envelope)
        call.operation = operation = _operation(envelope)
        call.check_action(operation)
        call.addressing.check(operation)
        caller = await self._callers.identify(service, envelope, _asked(call.request, size))
        try:
            asked: Input = await _aside(size, read_request, envelope.request)
            del envelope
            return call.respond(await Operations(service, caller).perform(asked))
        except BeskedfordelerError as error:
            return call.respond(refusal(operation, error.status_kode, str(error)))


async def _whole(request: Request) -> bytes:
    """The body, which Request itself would keep."""
    pieces = [piece async for piece in request.stream() if piece]
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _operation(envelope: Envelope) -> Operation:
    try:
        return operation_of(envelope.request)
    except UnknownOperation as unknown:
        raise SoapFault(Code.CLIENT, str(unknown)) from None


def _asked(request: Request, size: int) -> Asked:
    host, port = request.client or ("", 0)
    scope = request.scope
    peer = Peer(host, port, "tls" in scope.get("extensions", {}), client_certificate(scope))
    return Asked(peer, request.headers.get("authorization"), size)


async def _aside(size: int, work: Callable[[_Given], _Done], given: _Given) -> _Done:
    """On the loop where it is soon done, else in a thread: messages flow meanwhile."""
    return work(given) if size < _LARGE else await asyncio.to_thread(work, given)


async def _too_much(send: Send, status: int, text: str, kode: str) -> None:
    """What `BodyLimit` refuses, as a fault."""
    content = fault_body(SOAP_11, SoapFault(Code.CLIENT, text))
    body = b'<s:Envelope xmlns:s="%b"><s:Body>%b</s:Body></s:Envelope>' % (SOAP_11.encode(), content)
    headers = [
        (b"content-type", b"text/xml; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
