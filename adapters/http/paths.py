"""One listener, several applications: by the path that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Paths:
    """ASGI: the application whose path the request is for (with or without a slash at its end), else ``otherwise``."""

    def __init__(self, apps: Mapping[str, ASGIApp], otherwise: ASGIApp) -> None:
        self._apps = {path.rstrip("/"): app for path, app in apps.items()}
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).rstrip("/")
        await self._apps.get(path, self._otherwise)(scope, receive, send)
