"""The two ways to refuse a token: before its signature holds nothing is said, after it everything is."""

from __future__ import annotations

from broker.errors import TokenRefused

NOT_ACCEPTED = "the token is not one that this Beskedfordeler accepts; the trace of the emulator says why"
"""All that a client is told about a token whose signature does not hold: more would help whoever forges one."""

_SHOWN = 120


def unsound(reason: str) -> TokenRefused:
    """The refusal of what is not known to come from a trusted issuer: ``reason`` is for the trace alone."""
    return TokenRefused(NOT_ACCEPTED, reason)


def quoted(value: str | None) -> str:
    """A value out of a token, fit for one line of a text: quoted, escaped, cut at 120 characters."""
    if value is None:
        return "nothing"
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
