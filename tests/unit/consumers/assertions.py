"""Assertions as a client sees them: only what it reads, unsigned."""

from __future__ import annotations

from datetime import UTC, datetime


def assertion(start: float | None, end: float, mark: str = "") -> bytes:
    """Valid from ``start`` to ``end``, in seconds since the epoch; ``mark`` tells one from another."""
    not_before = "" if start is None else f' NotBefore="{_iso(start)}"'
    return (
        f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{mark}">'
        f'<saml:Conditions{not_before} NotOnOrAfter="{_iso(end)}"/></saml:Assertion>'
    ).encode()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
