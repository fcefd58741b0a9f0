"""The admin API as the commands call it: JSON over HTTP(S), with the standard library alone."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from adapters.cli import admin_token, runtime
from adapters.cli.exits import Exit, Failure

DEFAULT = "http://127.0.0.1:5680"
TIMEOUT = 60.0
"""Seconds; a large import or purge takes a few."""

Address = tuple[str, str, int]
"""Scheme, host, port."""
_PORTS = {"http": 80, "https": 443}
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on everywhere, so here, too
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
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
    """Calls one emulator; ``token`` is shown where it has one.  Raises Failure."""

    def __init__(self, url: str, timeout: float = TIMEOUT, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.address, self._prefix = _parse(self.url)
        self.timeout = timeout
        self._token = token

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
        return json.loads(content) if content_type == "application/json" else content.decode()

    def request(
        self, method: str, path: str, query: dict[str, object] | None = None, body: object = None
    ) -> tuple[int, str, bytes]:
        """Status, content type and content.

        A body of bytes goes as it is, an iterator of bytes piece by piece as NDJSON, any other as JSON.  What an
        iterator raises breaks the request off.
        """
        given = {key: _text(value) for key, value in (query or {}).items() if value is not None}
        target = self._prefix + path + ("?" + urlencode(given, doseq=True) if given else "")
        headers = {"Accept": "application/json", "Connection": "close"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data: bytes | Iterator[bytes] | None = None
        if isinstance(body, bytes):
            data, headers["Content-Type"] = body, "application/octet-stream"
        elif isinstance(body, Iterator):
            data, headers["Content-Type"] = body, "application/x-ndjson"
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection = self._connection()
        try:
            connection.request(method, target, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        scheme, host, port = self.address
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.timeout)
        context = ssl.create_default_context()  # the system's trust store; SSL_CERT_FILE names another
        return http.client.HTTPSConnection(host, port, timeout=self.timeout, context=context)

    def _unreachable(self, error: OSError | http.client.HTTPException) -> Failure:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Failure(
                Exit.UNREACHABLE,
                f"{self.url}: its certificate is not trusted ({error.verify_message}); put its CA in the trust store "
                "of this machine, or in a file that SSL_CERT_FILE names",
            )
        if isinstance(error, ssl.SSLError):
            return Failure(Exit.UNREACHABLE, f"{self.url}: no TLS there ({error.reason}); is it http://?")
        return Unreachable(self.url, (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower())

    def _failure(self, status: int, content: bytes) -> Failure:
        if status == 401:
            return Failure(Exit.REFUSED, f"{self.url} {self._asks_for_token()}")
        try:
            said = json.loads(content)
            text, kode = str(said["error"]), int(said["kode"])
        except (ValueError, KeyError, TypeError):
            return Failure(Exit.FAILED, f"{self.url} answered HTTP {status}: is that a beskedfordeler?")
        code = _EXITS.get(status, Exit.FAILED if status == 500 or kode == 50 else Exit.REFUSED)
        return Failure(code, text)

    def _asks_for_token(self) -> str:
        what = "asks for a token" if self._token is None else "does not take the token that this command has"
        return (
            f"{what}: name its data directory with --data DIR (the token is in {admin_token.NAME} there), "
            f"or give the token as {admin_token.VARIABLE} in the environment"
        )


def _parse(url: str) -> tuple[Address, str]:
    """Address and path.  A refused address is not repeated where it may hold a password."""
    if "@" in url:
        raise Failure(Exit.USAGE, f"--admin takes no name or password; give the token as {admin_token.VARIABLE}")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise Failure(Exit.USAGE, f"--admin '{url}': {str(error).lower()}") from None
    if scheme not in _PORTS or not host or parts.query or parts.fragment or not parts.path.isascii():
        raise Failure(Exit.USAGE, f"--admin '{url}' is no address; expected {DEFAULT} or https://HOST/PATH")
    return (scheme, _ANYWHERE.get(host, host), port or _PORTS[scheme]), parts.path


def part(name: str) -> str:
    """A navn or id as part of a path."""
    return quote(name, safe="")


def connect(admin: str | None, data: Path | None, timeout: float = TIMEOUT) -> Api:
    """The emulator that is meant: --admin, else the one that serves ``data``, else the default address.

    A serve.json that a killed emulator left behind is passed over when nothing answers there.
    """
    folder = data if data is not None else default_data()
    served = _served(folder, timeout)
    if admin is not None:
        return _with_token(Api(admin, timeout), served, folder)
    if served is not None:
        api = _with_token(served, served, folder)
        if data is not None or _answers(api):
            return api
    elif data is not None:
        raise Failure(Exit.UNREACHABLE, f"no emulator serves {data}: there is no {runtime.NAME} in it")
    return _with_token(Api(DEFAULT, timeout), served, folder)


def _served(data: Path, timeout: float) -> Api | None:
    """Where the emulator on this data directory said that its admin API is."""
    try:
        return Api(str((runtime.read(data) or {})["admin"]["url"]), timeout)
    except (KeyError, TypeError, Failure):
        return None


def _with_token(api: Api, served: Api | None, data: Path) -> Api:
    """The kept token goes to the emulator that it belongs to and to nobody else; else what the environment says."""
    own = served is not None and _place(api.address) == _place(served.address)
    kept = admin_token.find(data) if own else None
    return Api(api.url, api.timeout, kept or admin_token.from_environment())


def _place(address: Address) -> Address:
    scheme, host, port = address
    return scheme, "localhost" if host in _HERE else host, port


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
