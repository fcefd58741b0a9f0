"""Værdilister: their values seen and changed, in force for the next message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from adapters.rest.context import Masked, Service
from adapters.rest.errors import describe
from adapters.rest.intake import Intake
from adapters.rest.models import Counted, VaerdilisteView, ValuePage, Values, ValuesTaken
from adapters.rest.paging import Limit, Offset
from adapters.rest.views import vaerdiliste_view
from broker.errors import RegisterError

router = APIRouter(prefix="/vaerdilister", tags=["værdilister"])

LARGEST = 256 * 1024 * 1024
"""Octets of values that are taken in one request: some seven million."""
SLICE = 5_000
"""Values in one piece of an answer: a few milliseconds of the event loop."""
_TEXT, _NDJSON, _JSON = "text/plain", "application/x-ndjson", "application/json"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            _TEXT: {"schema": {"type": "string"}},
            _NDJSON: {"schema": {"type": "string"}},
            _JSON: {"schema": Values.model_json_schema()},
        },
    }
}
Add = Annotated[bool, Query(description="Add to what the list holds; without it these replace all that it holds.")]


@router.get("")
async def list_vaerdilister(service: Service) -> list[VaerdilisteView]:
    """Every værdiliste, with how many values it holds."""
    content = service.content
    lists = sorted(content.vaerdilister.values(), key=lambda liste: (liste.navn.lower(), liste.id))
    return [vaerdiliste_view(content, liste) for liste in lists]


@router.get("/{name}/values")
async def values(service: Service, mask: Masked, name: str, offset: Offset = 0, limit: Limit = 1000) -> ValuePage:
    """The values of one list, in no particular but a stable order while nothing is changed."""
    held = service.content.vaerdier.get(service.find_vaerdiliste(name).id, set())
    return ValuePage(values=[mask(value) for value in islice(held, offset, offset + limit)], total=len(held))


@router.put("/{name}/values", openapi_extra=_BODY)
async def put_values(service: Service, request: Request, name: str, add: Add = False) -> ValuesTaken:
    """Give a list these values and no others, or (``add``) these too, all or none; in force for the next message.

    One value a line as text/plain, a JSON text a line as application/x-ndjson, or {"values": […]} as application/json.
    """
    service.find_vaerdiliste(name)  # before a long body is read
    intake = await _intake(request)
    values = intake.values
    changed = await (service.change_list(name, add=values) if add else service.change_list(name, anew=values))
    return ValuesTaken(
        added=changed.added,
        removed=changed.removed,
        unchanged=len(values) - changed.added,
        duplicate=intake.duplicate,
        blank=intake.blank,
        count=changed.held,
    )


@router.get("/{name}/export", responses={200: {"content": {_TEXT: {}, _NDJSON: {}}}})
async def export(service: Service, name: str, format: Literal["text", "ndjson"] = "text") -> StreamingResponse:
    """All values, one a line, in no particular order; CPR numbers stand in it in clear.

    422 where a value holds a line break and is asked for as text.
    """
    held = list(service.content.vaerdier.get(service.find_vaerdiliste(name).id, ()))
    if format == "text" and any("\n" in value or "\r" in value for value in held):
        raise RegisterError("a value of the list holds a line break, which text cannot show; ask for format=ndjson")
    pieces = _ndjson(held) if format == "ndjson" else _text(held)
    return StreamingResponse(_streamed(pieces), media_type=_NDJSON if format == "ndjson" else _TEXT)


@router.post("/{name}/add")
async def add(service: Service, name: str, values: Values) -> Counted:
    """Add values; answers how many the list then holds."""
    return Counted(count=await service.add_values(name, values.values))


@router.post("/{name}/remove")
async def remove(service: Service, name: str, values: Values) -> Counted:
    """Remove values; answers how many the list then holds."""
    return Counted(count=await service.remove_values(name, values.values))


async def _intake(request: Request) -> Intake:
    """The values in a body.  Raises RegisterError, and HTTPException where it is too large, broken off, or no such."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_TEXT, _NDJSON, _JSON):
        raise HTTPException(415, f"'{kind}' is not taken; expected {_TEXT}, {_NDJSON} or {_JSON}")
    intake = Intake(ndjson=kind != _TEXT)
    document = bytearray()
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                raise HTTPException(413, f"more than {LARGEST} bytes of values are not taken at once")
            if kind == _JSON:
                document += piece
            else:
                intake.feed(piece)
    except ClientDisconnect:
        raise HTTPException(400, "the values broke off; nothing is changed") from None
    if kind == _JSON:
        for line in _listed(bytes(document)):
            intake.feed(line)
    intake.end()
    return intake


def _listed(document: bytes) -> Iterator[bytes]:
    """The values of a JSON body as NDJSON."""
    try:
        given = Values.model_validate_json(document).values
    except ValidationError as error:
        raise RegisterError(describe(error.errors())) from None
    for index in range(0, len(given), SLICE):
        yield from _ndjson(given[index : index + SLICE])


def _text(values: Sequence[str]) -> Iterator[bytes]:
    for index in range(0, len(values), SLICE):
        yield "".join(value + "\n" for value in values[index : index + SLICE]).encode()


def _ndjson(values: Sequence[str]) -> Iterator[bytes]:
    for index in range(0, len(values), SLICE):
        yield "".join(json.dumps(value) + "\n" for value in values[index : index + SLICE]).encode()


async def _streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
