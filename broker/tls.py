"""TLS on accepted connections, with a word in the log when a handshake fails.

asyncio's own way (``create_server(ssl=…)``) drops a failed handshake without a trace, and whoever set up the client is
left with "alert unknown ca" and no idea whose CA is meant.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import traceback
from collections.abc import Callable
from typing import Any, cast

import structlog

_log = structlog.get_logger(__name__)

_HINTS = {
    "CERTIFICATE_VERIFY_FAILED": "the client's certificate is of no CA that is taken (--client-ca)",
    "UNKNOWN_CA": "the client does not trust this server's certificate: give it the CA bundle "
    "(beskedfordeler certs export --format ca)",
    "CERTIFICATE_UNKNOWN": "the client does not take this server's certificate: give it the CA bundle "
    "(beskedfordeler certs export --format ca), and connect by a name in the certificate (--san)",
    "BAD_CERTIFICATE": "the client does not take this server's certificate: connect by a name in it (--san)",
    "HTTP_REQUEST": "the client speaks plain HTTP here",
    "WRONG_VERSION_NUMBER": "the client does not speak TLS here",
    "UNSUPPORTED_PROTOCOL": "the client speaks no TLS as new as 1.2",
    "NO_SHARED_CIPHER": "the client has no cipher suite in common with this server",
}
"""By the end of OpenSSL's reason."""

_tasks: set[asyncio.Task[None]] = set()
"""Handshakes under way: the loop itself holds tasks weakly."""


def behind_tls(
    factory: Callable[[], asyncio.BaseProtocol],
    context: ssl.SSLContext,
    timeout: float,
    refused: Callable[[tuple[str, int], str], None] | None = None,
) -> Callable[[], asyncio.Protocol]:
    """A protocol factory for a plain listener: ``factory``'s protocol gets the connection once TLS stands.

    ``timeout`` is how many seconds a handshake may take.  ``refused`` is told of a client certificate that is not
    taken: from whom, and why.
    """
    return lambda: _Door(factory, context, timeout, refused)


class _Door(asyncio.Protocol):
    def __init__(
        self,
        factory: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext,
        timeout: float,
        refused: Callable[[tuple[str, int], str], None] | None,
    ) -> None:
        self._factory = factory
        self._context = context
        self._timeout = timeout
        self._refused = refused

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        task = asyncio.get_running_loop().create_task(self._shake(cast(asyncio.Transport, transport)))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    async def _shake(self, transport: asyncio.Transport) -> None:
        early = _Early()
        loop = asyncio.get_running_loop()
        last_words = _LastWords(transport)
        listening = loop.call_soon(last_words.listen)
        try:
            tls = await loop.start_tls(
                transport, early, self._context, server_side=True, ssl_handshake_timeout=self._timeout
            )
        except OSError as error:  # ssl.SSLError is one
            transport.abort()
            self._tell(transport.get_extra_info("peername"), error)
            _let_go(error)
            return
        except asyncio.CancelledError:
            transport.abort()
            raise
        finally:
            listening.cancel()
            last_words.close()
        if tls is not None:
            early.pass_on(self._factory(), tls)

    def _tell(self, peer: Any, error: OSError) -> None:
        if isinstance(error, ssl.SSLCertVerificationError) and self._refused is not None:
            self._refused((str(peer[0]), int(peer[1])), _reason(error))
        level = "warning" if isinstance(error, ssl.SSLError) else "info"
        getattr(_log, level)("TLS handshake failed", peer=_name(peer), reason=_reason(error), hint=_hint(error))


class _LastWords:
    """Sends the alert that says to the client why its handshake failed.

    OpenSSL has it ready, but asyncio closes the socket without sending it, and the client sees no more than an end of
    file.  It offers nothing for this, so its protocol is looked at with care: where that has changed, the client
    misses the alert, no more.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._protocol: Any = None

    def listen(self) -> None:
        """To be called once `start_tls` has begun."""
        protocol: Any = self._transport.get_protocol() if not self._transport.is_closing() else None
        if hasattr(protocol, "_fatal_error") and hasattr(protocol, "_outgoing"):
            self._protocol = protocol
            protocol._fatal_error = self._say

    def _say(self, *why: Any) -> None:
        protocol = self._protocol
        self.close()
        with contextlib.suppress(ValueError, OSError):
            if alert := protocol._outgoing.read():
                self._transport.write(alert)
        protocol._fatal_error(*why)

    def close(self) -> None:
        """Leave the protocol as it was."""
        if self._protocol is not None:
            vars(self._protocol).pop("_fatal_error", None)
            self._protocol = None


def _let_go(error: BaseException) -> None:
    """What a failed handshake leaves refers to itself by its traceback, buffers of 256 kB included: undo that now,
    rather than when the collector comes by."""
    traceback.clear_frames(error.__traceback__)
    error.__traceback__ = error.__context__ = None


class _Early(asyncio.Protocol):
    """Keeps what comes between the end of the handshake and the real protocol's turn."""

    def __init__(self) -> None:
        self._data: list[bytes] = []
        self._lost = False

    def data_received(self, data: bytes) -> None:
        self._data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True

    def pass_on(self, protocol: asyncio.BaseProtocol, tls: asyncio.Transport) -> None:
        if self._lost:
            return
        tls.set_protocol(protocol)
        protocol.connection_made(tls)
        for data in self._data:
            _feed(protocol, data)


def _feed(protocol: asyncio.BaseProtocol, data: bytes) -> None:
    if not isinstance(protocol, asyncio.BufferedProtocol):
        cast(asyncio.Protocol, protocol).data_received(data)
        return
    while data:
        buffer = memoryview(protocol.get_buffer(len(data)))
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        protocol.buffer_updated(size)
        data = data[size:]


def _name(peer: Any) -> str:
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer)


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    return str(error) or type(error).__name__


_OF_A_CERTIFICATE = {
    9: "the client's certificate is not valid yet: compare the clocks",
    10: "the client's certificate has expired: make a new one (beskedfordeler certs new)",
}
"""By X509_V_ERR_* of OpenSSL."""


def _hint(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _OF_A_CERTIFICATE:
        return _OF_A_CERTIFICATE[error.verify_code]
    reason = getattr(error, "reason", None) or ""
    return next((hint for end, hint in _HINTS.items() if reason.endswith(end)), "")
