"""What a session asks of the socket that it speaks through, and why it may stop listening for a while."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Link(Protocol):
    """The socket's side; `broker.amqp.transport.SocketLink` is the real one."""

    def opened(self, heartbeat: int) -> None:
        """The handshake is done; ``heartbeat`` in seconds, 0 = none."""
        ...

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...

    def flush(self) -> None:
        """Write what the session has to say."""
        ...

    def linger(self) -> None:
        """Close after the silent-close delay, unless the peer does before."""
        ...

    def finish(self) -> None:
        """Write what is left, then close."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Hold(Enum):
    """Why a session does not look at what comes next."""

    GET = "basic.get awaits the engine"
    FRONT = "the front takes no more now"
    WINDOW = "too many publications await their answer"
    OUTPUT = "the peer does not read its answers"
    BLOCKED = "the server is blocked"
