"""The socket of an HTTP listener, taken before anything else starts: a port in use is known at once."""

from __future__ import annotations

import socket

from broker.errors import StoreError


class PortInUse(StoreError):
    """A port cannot be listened on; ``str`` says which and what to do."""


def bind(host: str, port: int, what: str = "the admin API", option: str = "--admin-port") -> socket.socket:
    """A listening socket; port 0 = any free one.  ``what`` listens there, ``option`` chooses the port.

    Raises PortInUse.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with the protocol said: asyncio sets TCP_NODELAY where it is, else each answer waits 40 ms for a delayed ACK
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
        sock.setblocking(False)
    except (OSError, OverflowError) as error:
        sock.close()
        raise PortInUse(
            f"{what} cannot listen on {host}:{port} ({getattr(error, 'strerror', None) or error}); "
            f"stop what listens there, or choose another with {option} (0 = any free port)"
        ) from None
    return sock
