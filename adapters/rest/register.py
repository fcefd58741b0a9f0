"""The register: exported as the file that gives it again, a file taken in, and one item at a time."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from starlette.exceptions import HTTPException

from adapters.rest.context import Service
from adapters.rest.errors import Conflict
from adapters.rest.items import KINDS, check_kind, find_item, item_view, read_item
from adapters.rest.models import Imported
from broker.core.model import Vaerdiliste
from broker.errors import RegisterError
from broker.ports import Item, RegisterContent
from broker.register.dump import dump_file
from broker.register.problem import SECTIONS, key_of, section_of
from broker.service import Beskedfordeler

router = APIRouter(prefix="/register", tags=["register"])

_FIL = re.compile(r"\bfil\b")
_LARGEST = 256 * 1024 * 1024
"""Bytes of a register file that are taken; a million værdier are 25 MB."""
_PUT_ORDER = ("myndigheder", "anvendersystemer", "beskedtyper", "serviceaftaler", "dueslag", "vaerdilister")
"""Then abonnementer: their filters look for the værdilister when they are put."""

_YAML = "application/yaml"
_FILE: dict[str, Any] = {"requestBody": {"content": {_YAML: {"schema": {"type": "string"}}}, "required": True}}


@router.get("", responses={200: {"content": {_YAML: {}}}})
async def export(service: Service, format: Literal["yaml", "json"] = "yaml") -> Response:
    """The file that gives this register when it is loaded; passwords and CPR numbers stand in it in clear."""
    if format == "json":
        return _json(service.content)
    return Response(dump_file(service.content, None), media_type=_YAML)


@router.put("", openapi_extra=_FILE)
async def import_file(service: Service, request: Request) -> Imported:
    """Take a register file in, all or nothing: its items replace those with the same id, its values are added."""
    text = (await _read(request)).decode("utf-8-sig", "replace")
    return await _merge(service, await asyncio.to_thread(_load, text))


@router.get("/{kind}")
async def section(service: Service, kind: str) -> list[dict[str, Any]]:
    """All items of one section."""
    check_kind(kind)
    return [item_view(item) for item in getattr(service.content, kind).values()]


@router.get("/{kind}/{key:path}")
async def one(service: Service, kind: str, key: str) -> dict[str, Any]:
    """One item, by id or navn."""
    return item_view(find_item(service, kind, key))


@router.put("/{kind}/{key:path}")
async def put(service: Service, kind: str, key: str, body: Annotated[Any, Body()]) -> dict[str, Any]:
    """Insert or replace one item, in the words of the register file; in force for the next message."""
    item, values = read_item(service, kind, key, body)
    if isinstance(item, Vaerdiliste):
        await service.change_list(item, anew=values)
    else:
        await service.put([item])
    return item_view(item)


@router.delete("/{kind}/{key:path}", status_code=204)
async def delete(service: Service, kind: str, key: str) -> None:
    """Remove one item; a dueslag goes with what it holds.  409 where others still refer to it."""
    item = find_item(service, kind, key)
    try:
        await service.delete([item])
    except RegisterError as error:
        raise Conflict(str(error)) from None


def _load(text: str) -> RegisterContent:
    """Raises RegisterError; also for a ``fil``: whoever may call the API may not therefore read files."""
    from broker.register.file import load_text  # the YAML reader is not needed for every start
    from broker.register.source import read_source

    if _FIL.search(text):
        data = read_source(text).data
        lists = data.get("vaerdilister") if isinstance(data, dict) else None
        for liste in lists if isinstance(lists, list) else ():
            if isinstance(liste, dict) and "fil" in liste:
                raise RegisterError(
                    f"vaerdilister: '{liste.get('navn')}' has fil, which is not read over HTTP; give vaerdier "
                    "(`beskedfordeler register import` reads it and sends them)"
                )
    return load_text(text)


async def _merge(service: Beskedfordeler, content: RegisterContent) -> Imported:
    items = [item for item in _in_order(content) if item != _there(service.content, item)]
    await service.put(items)
    added = 0
    for key, values in content.vaerdier.items():
        if missing := values - service.content.vaerdier[key]:
            await service.add_values(key, missing)
            added += len(missing)
    counts = {kind: sum(1 for item in items if section_of(item) == kind) for kind in KINDS}
    return Imported(put={kind: count for kind, count in counts.items() if count}, values=added)


def _in_order(content: RegisterContent) -> list[Item]:
    return [item for kind in (*_PUT_ORDER, "abonnementer") for item in getattr(content, kind).values()]


def _there(content: RegisterContent, item: Item) -> Item | None:
    found: Item | None = getattr(content, section_of(item)).get(key_of(item))
    return found


def _json(content: RegisterContent) -> Response:
    """JSON is YAML: this, too, can be loaded again."""
    import json

    sections = {kind: [_post(item, content) for item in getattr(content, kind).values()] for kind in SECTIONS.values()}
    return Response(json.dumps(sections, ensure_ascii=False), media_type="application/json")


def _post(item: Item, content: RegisterContent) -> dict[str, Any]:
    post = item_view(item)
    if isinstance(item, Vaerdiliste):
        post["vaerdier"] = sorted(content.vaerdier.get(item.id, ()))
    return post


async def _read(request: Request) -> bytes:
    """The body of a request, or 413 where it is too large to be a register file."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > _LARGEST:
            raise HTTPException(413, f"a register file of more than {_LARGEST} bytes is not taken")
        parts.append(part)
    return b"".join(parts)
