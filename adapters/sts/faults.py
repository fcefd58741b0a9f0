"""SOAP faults of the STS, with the codes of WS-Trust 1.3 (section 11) and WS-Security 1.1 (section 12)."""

from __future__ import annotations

from enum import Enum

from adapters.sts.names import WSSE, WST, WSU
from adapters.sts.refusals import Kind

NOT_SOUND = "the security header of the request is not one that this STS accepts; the trace of the emulator says why"
"""All that is told where a signature does not hold: more would help whoever forges one."""


class Code(Enum):
    """Namespace and local name of a fault code."""

    INVALID_REQUEST = (WST, "InvalidRequest")
    """The request was invalid or malformed."""
    FAILED_AUTHENTICATION = (WST, "FailedAuthentication")
    REQUEST_FAILED = (WST, "RequestFailed")
    BAD_REQUEST = (WST, "BadRequest")
    """The RequestSecurityToken is not understood."""
    INVALID_TIME_RANGE = (WST, "InvalidTimeRange")
    INVALID_SCOPE = (WST, "InvalidScope")
    INVALID_SECURITY = (WSSE, "InvalidSecurity")
    FAILED_CHECK = (WSSE, "FailedCheck")
    """A signature does not hold."""
    MESSAGE_EXPIRED = (WSU, "MessageExpired")


class SoapFault(Exception):
    """The request ends in a fault: ``str`` is what the client is told, ``reason`` what the trace is told."""

    def __init__(self, code: Code, text: str, reason: str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.reason = reason or text


def unsound(reason: str, code: Code = Code.INVALID_SECURITY) -> SoapFault:
    """The fault where nothing is known to come from who it says: ``reason`` is for the trace alone."""
    return SoapFault(code, NOT_SOUND, reason)


CODES = {
    Kind.BAD_REQUEST: Code.INVALID_REQUEST,
    Kind.NO_CERTIFICATE: Code.FAILED_AUTHENTICATION,
    Kind.UNKNOWN_CERTIFICATE: Code.FAILED_AUTHENTICATION,
    Kind.UNKNOWN_APPLIES_TO: Code.INVALID_SCOPE,
    Kind.UNKNOWN_CVR: Code.REQUEST_FAILED,
    Kind.NO_SERVICEAFTALE: Code.REQUEST_FAILED,
    Kind.SERVICEAFTALE_NOT_IN_FORCE: Code.REQUEST_FAILED,
    Kind.USE_KEY: Code.INVALID_REQUEST,
    Kind.UNSUPPORTED: Code.BAD_REQUEST,
    Kind.TIME_RANGE: Code.INVALID_TIME_RANGE,
}
"""Which fault says which refusal (ours: the real STS's are not public)."""
