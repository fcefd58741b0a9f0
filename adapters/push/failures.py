"""Why a receiver was not reached, in words that say what to set.  Imported with aiohttp only."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

import aiohttp

from adapters.push.target import Target
from adapters.push.verdict import Result, Verdict, in_one_line

MAPPED = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What an attempt may raise; anything else is a bug."""
_TLS_HINTS = {
    "UNKNOWN_CA": "the receiver does not trust our certificate: give it the CA bundle "
    "(beskedfordeler certs export --format ca)",
    "CERTIFICATE_UNKNOWN": "the receiver does not take our certificate",
    "BAD_CERTIFICATE": "the receiver does not take our certificate",
    "CERTIFICATE_EXPIRED": "the receiver says that our certificate has expired",
    "CERTIFICATE_REQUIRED": "the receiver asks for a client certificate, and we have shown none",
    "WRONG_VERSION_NUMBER": "the receiver does not speak TLS there: is the callback to be http://?",
    "HTTP_REQUEST": "the receiver does not speak TLS there: is the callback to be http://?",
    "UNSUPPORTED_PROTOCOL": "the receiver speaks no TLS as new as 1.2",
    "PROTOCOL_VERSION": "the receiver speaks no TLS as new as 1.2",
    "HANDSHAKE_FAILURE": "the receiver ends the handshake: no cipher suite in common, or it asks for a certificate",
}
"""By the end of OpenSSL's reason."""
_NAME_MISMATCH = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH."""


def not_reached(error: BaseException, target: Target, timeout: float) -> Verdict:
    """The verdict on an attempt that ended without an answer; ``timeout``: seconds that it had."""
    peer = target.login.peer
    dropped = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientConnectionResetError) or (
        isinstance(error, ConnectionError | aiohttp.ClientOSError)
        and not isinstance(error, aiohttp.ClientConnectorError)
        and _tls_error(error) is None
    )
    text = _text(error, f"{peer.host}:{peer.port}", timeout)
    if dropped and target.secure:
        text += " (over TLS, as some do who do not take our certificate: beskedfordeler certs export --format ca)"
    return Verdict(Result.DROPPED if dropped else Result.UNREACHABLE, in_one_line(text))


def _text(error: BaseException, where: str, timeout: float) -> str:
    if (tls := _tls_error(error)) is not None:
        return f"TLS with {where} fails: {_tls_text(tls, where)}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name of {where} cannot be resolved ({_strerror(error.os_error)})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {where}: {_strerror(error.os_error)}"
    if isinstance(error, TimeoutError):
        return f"no answer from {where} within {timeout:g} s (--push-timeout)"
    if isinstance(error, aiohttp.ClientPayloadError):
        return f"{where} ended the connection in the middle of its answer"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{where} did not answer in HTTP ({error.message})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return f"{where} closed the connection without an answer"
    if isinstance(error, OSError):
        return f"the connection to {where} broke: {_strerror(error)}"
    return f"{where}: {type(error).__name__}: {error}"


def _tls_text(error: ssl.SSLError, where: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = (
            "connect by a name that is in its certificate"
            if error.verify_code in _NAME_MISMATCH
            else "give the CA of the receiver's certificate with --push-ca"
        )
        return f"the certificate of {where} is not good: {error.verify_message}; {hint}"
    reason = error.reason or str(error)
    hint = next((hint for end, hint in _TLS_HINTS.items() if reason.endswith(end)), "")
    return reason.lower().replace("_", " ") + (f"; {hint}" if hint else "")


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """OpenSSL's own; aiohttp's look like one, and lack its attributes."""
    return next(
        (one for one in _causes(error) if isinstance(one, ssl.SSLError) and not isinstance(one, aiohttp.ClientError)),
        None,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it came from, as far as TLS may stand behind it."""
    for _ in range(5):
        if error is None:
            return
        yield error
        inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
        error = inner if isinstance(inner, BaseException) and inner is not error else error.__cause__


def _strerror(error: OSError) -> str:
    """The same words for the same failure, however many addresses were tried."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
