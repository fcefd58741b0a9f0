"""Where RabbitMQ is, and as whom to log in."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from broker.errors import StoreError


@dataclass(frozen=True, slots=True)
class Address:
    """One or more nodes of one cluster.  ``str`` leaves the password out."""

    nodes: tuple[tuple[str, int], ...]
    user: str = "guest"
    password: str = field(default="guest", repr=False)
    vhost: str = "/"
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str, tls: ssl.SSLContext | None = None) -> Self:
        """``amqp[s]://user:password@host:port,host:port/vhost``; what is left out is RabbitMQ's default.

        Raises StoreError.
        """
        scheme, _, rest = text.partition("://")
        if scheme not in ("amqp", "amqps") or not rest:
            raise StoreError("the address of RabbitMQ must be amqp://user:password@host:port/vhost, or amqps://…")
        authority, slash, vhost = rest.partition("/")
        login, at, hosts = authority.rpartition("@")
        user, _, password = login.partition(":")
        default = 5671 if scheme == "amqps" else 5672
        nodes = tuple(_node(one, default) for one in hosts.split(","))
        if scheme == "amqps" and tls is None:
            tls = ssl.create_default_context()
        return cls(
            nodes,
            unquote(user) if at else "guest",
            unquote(password) if at else "guest",
            unquote(vhost) if slash and vhost else "/",
            tls if scheme == "amqps" else None,
        )

    def __str__(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.nodes)


def _node(text: str, default: int) -> tuple[str, int]:
    try:
        parts = urlsplit("//" + text)
        if not parts.hostname:
            raise ValueError
        return parts.hostname, parts.port or default
    except ValueError:
        raise StoreError(f"the address of RabbitMQ has a part {text!r}; expected host:port") from None
