"""Why no token is issued: a kind for programs, a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from broker.errors import BeskedfordelerError


class Kind(StrEnum):
    """What was wrong with a request for a token; the value is the ``kode`` of the answers (ours)."""

    BAD_REQUEST = "bad_request"
    """The request cannot be read, or something is missing in it."""
    NO_CERTIFICATE = "no_certificate"
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    UNKNOWN_APPLIES_TO = "unknown_applies_to"
    UNKNOWN_CVR = "unknown_cvr"
    NO_SERVICEAFTALE = "no_serviceaftale"
    SERVICEAFTALE_NOT_IN_FORCE = "serviceaftale_not_in_force"
    """There is one, but it is not approved, or its time is not now."""
    USE_KEY = "use_key"
    """UseKey is missing, unreadable, or not the certificate that the request was made with."""
    UNSUPPORTED = "unsupported"
    """A TokenType, RequestType, KeyType or other wish that this STS does not grant."""
    TIME_RANGE = "time_range"
    """The Lifetime asked for is none."""


class TokenDenied(BeskedfordelerError):
    """No token; ``str`` says what is missing, and where to set it."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
