"""How much lies in queues, asked over AMQP (passive declare): for targets without an admin API."""

from __future__ import annotations

from pamqp import commands

from consumers.load import frames
from consumers.load.cast import Destination, Login
from consumers.load.login import token_of
from consumers.load.wire import Link, WireError, connect
from consumers.token import MODTAG


class Depths:
    """Keeps a connection for each login, and makes it anew when it went."""

    def __init__(self) -> None:
        self._links: dict[Login, Link] = {}

    async def of(self, destinations: tuple[Destination, ...]) -> dict[str, int] | None:
        """Ready messages by queue; None where one of them does not tell."""
        found: dict[str, int] = {}
        try:
            for destination in destinations:
                link = await self._link(destination.login)
                declare = commands.Queue.Declare(queue=destination.queue, passive=True)
                answer = await link.call(frames.CHANNEL, declare, commands.Queue.DeclareOk)
                found[destination.queue] = answer.message_count or 0
        except WireError:
            return None
        return found

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()
        self._links.clear()

    async def _link(self, login: Login) -> Link:
        link = self._links.get(login)
        if link is None or link.lost.done():
            link = self._links[login] = await connect(Link, login.address, await token_of(login, MODTAG))
        return link
