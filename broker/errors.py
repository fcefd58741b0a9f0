"""The refusals of the Beskedfordeler: one tree, the StatusKode as class attribute.

A refusal is an answer to a client, never a bug: what is raised here becomes a StandardRetur
(StatusKode + FejlbeskedTekst), an exit code or an HTTP status at the boundary.  StatusKode values
are those of the public sagdok clients (20, 40, 41, 44, 51, 53, 55).
"""

from __future__ import annotations

from collections.abc import Mapping


class BeskedfordelerError(Exception):
    """Root of everything that the Beskedfordeler refuses; ``str(error)`` is one clear sentence."""

    status_kode: int = 40


class Refused(BeskedfordelerError):
    """The message cannot be accepted (40): names element, value and rule."""


class VersionNotSupported(Refused):
    """BeskedVersion is not "1.0" (55)."""

    status_kode = 55


class TokenExpired(BeskedfordelerError):
    """The token's time is over (41): get a new one and send the message again.

    ``about`` as of `TokenRefused`.
    """

    status_kode = 41

    def __init__(self, text: str, about: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.about: Mapping[str, str] = about or {}


class TokenRefused(BeskedfordelerError):
    """The token does not hold, or not for this (40).

    ``str`` is what the client is told; ``reason`` is what the trace is told, which would help whoever forges one.
    ``about`` is `broker.tokens.Token.about` of one whose signature holds: whose it is, for the trace.
    """

    def __init__(self, text: str, reason: str = "", about: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.reason = reason or text
        self.about: Mapping[str, str] = about or {}


class NotAvailable(BeskedfordelerError):
    """The Beskedfordeler cannot take the message right now (53): try again."""

    status_kode = 53


class NotFound(BeskedfordelerError):
    """What was named does not exist (44)."""

    status_kode = 44


class AccessDenied(BeskedfordelerError):
    """The caller may not do this to that object (40; 403 on the wires that have it)."""


class RegisterError(BeskedfordelerError):
    """A register file, or a change to the register, breaks a rule; ``str`` gives line, path and what was expected."""


class FilterError(RegisterError):
    """A filter expression cannot be read.

    ``position`` is the 0-based offset in the expression that the message points at.
    """

    def __init__(self, text: str, position: int) -> None:
        super().__init__(text)
        self.position = position


class StoreError(BeskedfordelerError):
    """The store cannot be opened or used (not writable, newer version, corrupt): serve must not start."""

    status_kode = 53
