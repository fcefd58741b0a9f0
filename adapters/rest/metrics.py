"""`GET /metrics`: for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapters.rest.context import EmulatorHere

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(emulator: EmulatorHere) -> Response:
    """Counters since the start, depths and ages as they are (docs/metrics.md)."""
    from adapters.rest.exposition import CONTENT_TYPE, exposition  # not needed for a start

    return Response(await exposition(emulator), media_type=CONTENT_TYPE)
