"""Where RabbitMQ is, and as whom to log in."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from broker.errors import StoreError

_PEER, _NONE = "verify_peer", "verify_none"
_FILES = ("cacertfile", "certfile", "keyfile")
_OPTIONS = (*_FILES, "verify")


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
        """``amqp[s]://user:password@host:port,host:port/vhost?option=value``; what is left out is RabbitMQ's default.

        Options are those of RabbitMQ's own URIs that are about TLS: ``cacertfile``, ``certfile``, ``keyfile`` (PEM) and
        ``verify`` (verify_peer, which is the default here, or verify_none).  ``tls`` goes before them.
        Raises StoreError.
        """
        scheme, _, rest = text.partition("://")
        if scheme not in ("amqp", "amqps") or not rest:
            raise StoreError("the address of RabbitMQ must be amqp://user:password@host:port/vhost, or amqps://…")
        rest, _, query = rest.partition("?")
        authority, slash, vhost = rest.partition("/")
        login, at, hosts = authority.rpartition("@")
        user, _, password = login.partition(":")
        options = _options(query, scheme)
        default = 5671 if scheme == "amqps" else 5672
        return cls(
            tuple(_node(one, default) for one in hosts.split(",")),
            unquote(user) if at else "guest",
            unquote(password) if at else "guest",
            unquote(vhost) if slash and vhost else "/",
            tls or _context(options) if scheme == "amqps" else None,
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


def _options(query: str, scheme: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS:
            known = ", ".join(_OPTIONS)
            raise StoreError(f"the address of RabbitMQ has an option '{name}'; expected {known}")
        if scheme != "amqps":
            raise StoreError(f"the address of RabbitMQ has an option '{name}', which is for amqps://")
    if options.get("verify", _PEER) not in (_PEER, _NONE):
        raise StoreError(f"the address of RabbitMQ says verify={options['verify']}; expected {_PEER} or {_NONE}")
    return options


def _context(options: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("cacertfile"))
        if "certfile" in options:
            context.load_cert_chain(options["certfile"], options.get("keyfile"))
    except (OSError, ValueError) as error:  # SSLError is an OSError
        files = ", ".join(options[name] for name in _FILES if name in options)
        raise StoreError(f"the address of RabbitMQ names files that cannot be used ({files}): {error}") from None
    if options.get("verify") == _NONE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
