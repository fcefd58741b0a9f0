"""SASL responses taken apart: who says to be whom, and with which secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from broker.amqp import tables


class Credentials(NamedTuple):
    """``user`` is empty where the secret itself says who it is (EXTERNAL)."""

    user: str
    secret: bytes

    def __repr__(self) -> str:
        """Without the secret, so that no log shows it."""
        return f"Credentials(user={self.user!r}, secret=<{len(self.secret)} octets>)"


def read(mechanism: str, response: bytes) -> Credentials:
    """The credentials in a SASL response.  Raises ValueError for a malformed one or an unknown mechanism."""
    reader = _READERS.get(mechanism)
    if reader is None:
        raise ValueError("unknown mechanism")
    return reader(response)


def _plain(response: bytes) -> Credentials:
    """RFC 4616: [authzid] NUL authcid NUL passwd; the authzid is not used, as in RabbitMQ."""
    parts = response.split(b"\0", 2)
    if len(parts) != 3:
        raise ValueError("PLAIN wants NUL, user, NUL, password")
    return Credentials(parts[1].decode(), parts[2])


def _amqplain(response: bytes) -> Credentials:
    """A field table, without its length, with LOGIN and PASSWORD."""
    try:
        table = tables.decode(response, 0, len(response))
    except IndexError:
        raise ValueError("the AMQPLAIN table is cut short") from None
    user, secret = table.get("LOGIN"), table.get("PASSWORD")
    if not isinstance(user, bytes) or not isinstance(secret, bytes):
        raise ValueError("AMQPLAIN wants LOGIN and PASSWORD")
    return Credentials(user.decode(), secret)


def _external(response: bytes) -> Credentials:
    """The decoded SAML assertion, as KOMBIT's clients send it; the front judges it."""
    return Credentials("", response)


_READERS: dict[str, Callable[[bytes], Credentials]] = {
    "PLAIN": _plain,
    "AMQPLAIN": _amqplain,
    "EXTERNAL": _external,
}
