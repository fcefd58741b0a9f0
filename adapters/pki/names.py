"""Names and addresses that a server certificate is for."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator

from broker.errors import StoreError

_ALWAYS = ("localhost", "127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - what a listener on all addresses is told, not where we listen
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses of documentation (RFC 5737, RFC 3849): asked for the way to them, never sent to."""


def names_served(hosts: Iterable[str], san: Iterable[str]) -> list[str]:
    """localhost and its addresses, this machine's name, what is listened on, and what the user asks for, once each.

    A listener on all addresses (``0.0.0.0``, ``::``) stands for those that this machine is reached at.
    Raises StoreError for a ``san`` that is neither a host name nor an address.
    """
    names = [*_ALWAYS, *_lenient([socket.gethostname()])]
    for host in hosts:
        names += _own_addresses() if host in _ANY else _lenient([host])
    return list(dict.fromkeys([*names, *map(name_of, san)]))


def name_of(given: str) -> str:
    """A host name in lower case (IDNA where it has letters as æøå), or an address as it is usually written.

    Raises StoreError for anything else.
    """
    text = given.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        name = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.removeprefix("*.").split(".")
    if len(name) > 253 or not all(map(_LABEL.match, labels)) or labels[-1].isdecimal():
        raise StoreError(
            f"'{given}' is neither a host name nor an address; --san takes names as broker.test, *.example.test or "
            "10.0.0.7, without port and without https://"
        )
    return name


def _lenient(names: Iterable[str]) -> Iterator[str]:
    """What the machine calls itself need not be a host name."""
    for name in names:
        try:
            yield name_of(name)
        except StoreError:
            continue


def _own_addresses() -> Iterator[str]:
    found: list[str] = []
    for family, elsewhere in _ELSEWHERE.items():
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asked:
                asked.connect((elsewhere, 9))  # UDP: decides the way, sends nothing
                found.append(asked.getsockname()[0])
        except OSError:  # no network of that family
            continue
    with contextlib.suppress(OSError):  # a name that resolves to nothing
        found += [str(address[0]) for *_, address in socket.getaddrinfo(socket.gethostname(), None)]
    yield from _lenient(found)
