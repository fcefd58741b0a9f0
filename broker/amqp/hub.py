"""What all connections of one server share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from broker.amqp import frames
from broker.amqp.errors import AccessRefused
from broker.amqp.replies import Replies
from broker.amqp.settings import AmqpSettings
from broker.ports import Front

if TYPE_CHECKING:
    from broker.amqp.session import Session


class Claims:
    """Who consumes which dueslag, as far as exclusive consumers care."""

    __slots__ = ("_counts", "_exclusive")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._exclusive: set[str] = set()

    def claim(self, dueslag: str, exclusive: bool, name: str, vhost: str) -> None:
        """Raises AccessRefused where one is exclusive, or this one would be and is not alone."""
        count = self._counts.get(dueslag, 0)
        if dueslag in self._exclusive or (exclusive and count):
            raise AccessRefused(f"queue '{name}' in vhost '{vhost}' in exclusive use")
        self._counts[dueslag] = count + 1
        if exclusive:
            self._exclusive.add(dueslag)

    def release(self, dueslag: str) -> None:
        self._exclusive.discard(dueslag)
        left = self._counts.pop(dueslag, 1) - 1
        if left:
            self._counts[dueslag] = left


READ = 128 * 1024
"""Octets that are read from a socket at a time: some 25 messages, about a millisecond of work."""


class Hub:
    """The front, the settings, and what reaches from one connection to another.

    ``wake`` is called when a session has something to write, ``spawn`` to run the one thing that waits (basic.get).
    """

    __slots__ = (
        "address",
        "blocked",
        "claims",
        "exchange",
        "front",
        "read_buffer",
        "replies",
        "sessions",
        "settings",
        "spawn",
        "wake",
    )

    def __init__(
        self,
        front: Front,
        settings: AmqpSettings,
        *,
        wake: Callable[[Session], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.front = front
        self.settings = settings
        self.wake = wake
        self.spawn = spawn
        self.read_buffer = memoryview(bytearray(READ))
        """What was read last, by whichever connection: each takes it out before the next reads."""
        self.replies = Replies()
        self.claims = Claims()
        self.sessions: set[Session] = set()
        self.blocked: str | None = None
        """Why publishers must wait, or None."""
        self.exchange = settings.send_exchange.encode()
        self.address = frames.shortstr(settings.send_exchange) + frames.shortstr(b"")
        """Exchange and routing key that deliveries bear."""

    def block(self, reason: str) -> None:
        """Publishers wait from now on; those that have published are told at once, the others when they do."""
        self.blocked = reason
        for session in tuple(self.sessions):
            if session.has_published:
                session.tell_blocked(reason)

    def unblock(self) -> None:
        """Publishers go on."""
        self.blocked = None
        for session in tuple(self.sessions):
            session.tell_unblocked()
