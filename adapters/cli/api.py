"""The admin API as the commands call it: JSON over HTTP, with the standard library alone."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from adapters.cli import runtime
from adapters.cli.exits import Exit, Failure

DEFAULT = "http://127.0.0.1:5680"
TIMEOUT = 60.0
"""Seconds; a large import or purge takes a few."""

_EXITS = {404: Exit.NOT_FOUND, 503: Exit.UNREACHABLE}


class Unreachable(Failure):
    """Nothing answers at the address."""

    def __init__(self, url: str, reason: object) -> None:
        super().__init__(
            Exit.UNREACHABLE,
            f"no emulator at {url} ({reason}); start one with 'beskedfordeler serve', "
            "or say where it is with --admin URL or --data DIR",
        )


class Api:
    """Calls one emulator.  Raises Failure."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not parts.hostname:
            raise Failure(Exit.USAGE, f"--admin '{url}' is no address; expected http://127.0.0.1:5680")
        try:
            self._address = (parts.hostname, parts.port or 80)
        except ValueError:
            raise Failure(Exit.USAGE, f"--admin '{url}': the port is no number from 0 to 65535") from None
        self._timeout = timeout

    def get(self, path: str, **query: object) -> Any:
        return self.call("GET", path, query)

    def post(self, path: str, body: object = None, **query: object) -> Any:
        return self.call("POST", path, query, body)

    def put(self, path: str, body: object = None, **query: object) -> Any:
        return self.call("PUT", path, query, body)

    def delete(self, path: str, **query: object) -> Any:
        return self.call("DELETE", path, query)

    def call(self, method: str, path: str, query: dict[str, object], body: object = None) -> Any:
        """The answer's JSON (its text where it is no JSON, None where it is empty)."""
        status, content_type, content = self.request(method, path, query, body)
        if status >= 400:
            raise self._failure(status, content)
        if not content:
            return None
        return json.loads(content) if "json" in content_type else content.decode()

    def request(
        self, method: str, path: str, query: dict[str, object] | None = None, body: object = None
    ) -> tuple[int, str, bytes]:
        """Status, content type and content.  A body of bytes goes as it is, any other as JSON."""
        given = {key: _text(value) for key, value in (query or {}).items() if value is not None}
        target = path + ("?" + urlencode(given, doseq=True) if given else "")
        headers = {"Accept": "application/json", "Connection": "close"}
        data: bytes | None = None
        if isinstance(body, bytes):
            data, headers["Content-Type"] = body, "application/octet-stream"
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection = http.client.HTTPConnection(*self._address, timeout=self._timeout)
        try:
            connection.request(method, target, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(self.url, reason.lower()) from None
        finally:
            connection.close()

    def _failure(self, status: int, content: bytes) -> Failure:
        try:
            said = json.loads(content)
            text, kode = str(said["error"]), int(said["kode"])
        except (ValueError, KeyError, TypeError):
            return Failure(Exit.FAILED, f"{self.url} answered HTTP {status}: is that a beskedfordeler?")
        code = _EXITS.get(status, Exit.FAILED if status == 500 or kode == 50 else Exit.REFUSED)
        return Failure(code, text)


def part(name: str) -> str:
    """A navn or id as part of a path."""
    return quote(name, safe="")


def connect(admin: str | None, data: Path | None, timeout: float = TIMEOUT) -> Api:
    """The emulator that is meant: --admin, else the one that serves ``data``, else the default address.

    A serve.json that a killed emulator left behind is passed over when nothing answers there.
    """
    if admin is not None:
        return Api(admin, timeout)
    found = runtime.read(data if data is not None else default_data())
    url = (found or {}).get("admin")
    if isinstance(url, dict) and isinstance(url.get("url"), str):
        api = Api(url["url"], timeout)
        if data is not None or _answers(api):
            return api
    elif data is not None:
        raise Failure(Exit.UNREACHABLE, f"no emulator serves {data}: there is no {runtime.NAME} in it")
    return Api(DEFAULT, timeout)


def default_data() -> Path:
    """Where `serve` keeps its data unless told otherwise."""
    return Path("beskedfordeler-data")


def _answers(api: Api) -> bool:
    try:
        return api.request("GET", "/health/live")[0] == 200
    except Unreachable:
        return False


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
