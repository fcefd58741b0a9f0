"""One conversation: what the events of a connection mean to the Beskedfordeler, and what is answered.

Synchronous throughout; the server calls `receive`, `lost` and `take_output`, and is called back through `Link`.
A session that must wait (for a basic.get, for room at the front, for a client that does not read) *holds*: the walk
over the machine's events stops where it is, and goes on when the last reason to hold is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import structlog

from broker.amqp import frames
from broker.amqp.channel import Channel
from broker.amqp.connection import Connection, State
from broker.amqp.consumer import ChannelConsumer
from broker.amqp.errors import (
    AmqpException,
    ChannelException,
    ConnectionException,
    InternalError,
    no_queue,
    queue_refused,
)
from broker.amqp.events import Event
from broker.amqp.handlers import HANDLERS, method_of
from broker.amqp.hub import Hub
from broker.amqp.link import Hold, Link
from broker.core.model import Dueslag
from broker.errors import AccessDenied, NotFound
from broker.ports import Leverance, Login, Peer, Rendered

log = structlog.get_logger("broker.amqp")


class Session:
    """One client connection.  ``login`` is None until the client has said who it is."""

    def __init__(self, hub: Hub, link: Link, peer: Peer) -> None:
        self.hub = hub
        self.link = link
        self.peer = peer
        self.machine = Connection(hub.settings, hub.front.mechanisms(peer))
        self.login: Login | None = None
        self.user = ""
        """The name the client logged in with: error texts speak of it."""
        self.aliases: frozenset[bytes] = frozenset()
        """What the property user_id may say."""
        self.client = ""
        self.has_published = False
        self.unanswered = 0
        """Publications whose answer does not stand yet."""
        self.max_unanswered = hub.settings.max_unanswered
        self.acked: list[Leverance] = []
        """Settled since the engine was last told."""
        self.sent: list[Leverance] = []
        """Delivered to consumers without ack since the engine was last told."""
        self.kicks: set[str] = set()
        """Dueslag whose consumers here may have room again."""
        self.gone = False
        """The socket is closed or about to be: everything held is released."""
        self.dirty = False
        """`Hub.wake` was called since output was last taken."""
        self.unsettled_confirms: set[Channel] = set()
        self._blocked_told = False
        self._holds: set[Hold] = set()
        self._walk: Iterator[Event] | None = None
        self._walking = False
        self._backlog: deque[bytes] = deque()
        self._again: Event | None = None
        self._paused = False
        self._starved = False
        self._ended = False

    def __repr__(self) -> str:
        who = self.login.system.navn if self.login else "nobody yet"
        return f"Session({self.peer.host}:{self.peer.port}, {who}, {self.machine!r}, holds={len(self._holds)})"

    # what comes in

    def receive(self, data: bytes) -> None:
        """Octets from the peer."""
        if self.gone:
            return
        if self._walk is not None or self._walking:
            self._backlog.append(data)
            self.link.pause_reading()
            return
        self._walk = self.machine.receive(data)
        self._go_on()

    def hold(self, why: Hold) -> None:
        """Look at nothing that comes next until `release`."""
        self._holds.add(why)

    def release(self, why: Hold) -> None:
        """The reason is gone; go on where the walk stopped, unless there is another."""
        if why in self._holds:
            self._holds.remove(why)
            if not self._holds and not self._walking and not self.gone:
                self._go_on()

    @property
    def held(self) -> bool:
        """Whether there is a reason not to look at what comes next."""
        return bool(self._holds)

    def stall(self, event: Event) -> None:
        """Hold until the server is unblocked, then handle this event again."""
        self._again = event
        self.tell_blocked(self.hub.blocked or "")
        self.hold(Hold.BLOCKED)

    def _go_on(self) -> None:
        self._walking = True
        try:
            self._walk_on()
        finally:
            self._walking = False
        self.settle_up()
        if self.machine.output.pending:
            self.wake()
            self.check_output()

    def _walk_on(self) -> None:
        if self._again is not None:
            event, self._again = self._again, None
            self._handle(event)
        while not self._holds and not self.gone:
            if self._walk is None:
                if not self._backlog:
                    break
                self._walk = self.machine.receive(self._backlog.popleft())
            for event in self._walk:
                self._handle(event)
                if self._holds or self.gone:
                    break
            else:
                self._walk = None
        if self._walk is None and not self._backlog:
            self.link.resume_reading()

    def _handle(self, event: Event) -> None:
        try:
            HANDLERS[type(event)](self, event)
        except ChannelException as error:
            error.method_id = method_of(event) if error.method_id is None else error.method_id
            self.fail_channel(event.channel, error)  # type: ignore[union-attr]  # only events on a channel raise it
        except ConnectionException as error:
            error.method_id = method_of(event) if error.method_id is None else error.method_id
            self.fail_connection(error)
        except Exception:
            log.exception("amqp.bug", peer=self.name)
            self.fail_connection(InternalError("an error in the emulator, see its log", method_of(event)))

    # what goes out

    def wake(self) -> None:
        """There is something to write: have `take_output` called in this turn of the loop."""
        if not self.dirty:
            self.dirty = True
            self.hub.wake(self)

    def take_output(self) -> list[bytes]:
        """What is to be written now: answers and deliveries, then the confirms that cover them."""
        self.dirty = False
        if self.sent:
            self._settle_sent()
        for channel in self.unsettled_confirms:
            if channel.confirms is not None and self.is_open(channel):
                for frame in channel.confirms.take(channel.number):
                    self.machine.output.send(frame)
        self.unsettled_confirms.clear()
        return self.machine.take_output()

    def written(self, paused: bool) -> None:
        """Output was taken and written; ``paused``: the socket takes no more for now."""
        self._paused = paused
        if not paused:
            self.release(Hold.OUTPUT)
            if self._starved and not self.gone:
                self._starved = False
                self._kick(
                    {c.dueslag for channel in self.machine.channels.values() for c in channel.consumers.values()}
                )

    def takes_deliveries(self) -> bool:
        """Whether the socket can take one more delivery; asks to be kicked later where not."""
        if self._paused or self.machine.output.pending > self.hub.settings.output_limit:
            self._starved = True
            return False
        return self.machine.state is State.RUNNING

    def check_output(self) -> None:
        """Hold where a peer that does not read lets its answers pile up."""
        if self.machine.output.pending > self.hub.settings.answer_limit:
            self.hold(Hold.OUTPUT)

    def render(self, leverance: Leverance) -> Rendered | None:
        """The octets of a delivery; None where they cannot be made: it then goes to the fejlkø."""
        assert self.login is not None
        try:
            rendered = self.hub.front.render(leverance)
        except Exception:
            log.exception("amqp.unrenderable", leverance=leverance.id, dueslag=leverance.dueslag)
            self.hub.spawn(self._bury(leverance))
            return None
        self.hub.front.delivered(leverance, self.login)
        return rendered

    async def _bury(self, leverance: Leverance) -> None:
        """In a later turn of the loop: the engine is in the middle of handing it out."""
        self.hub.front.engine.reject([leverance], "the delivery could not be rendered, see the log")

    # settling

    def settle_up(self) -> None:
        """Tell the engine and the front what was acked since the last time, and who has room again."""
        self.tell_acked()
        if self.kicks:
            kicks, self.kicks = self.kicks, set()
            self._kick(kicks)

    def tell_acked(self) -> None:
        """Tell the engine and the front what was acked, and leave the room it made for later."""
        if self.acked:
            acked, self.acked = self.acked, []
            self.hub.front.engine.ack(acked)
            if self.login is not None:
                self.hub.front.settled(acked, "ack", self.login)

    def _settle_sent(self) -> None:
        assert self.login is not None
        sent, self.sent = self.sent, []
        self.hub.front.engine.ack(sent)
        self.hub.front.settled(sent, "ack", self.login)

    def _kick(self, dueslag: set[str]) -> None:
        for one in dueslag:
            self.hub.front.engine.kick(one)

    def answered(self) -> None:
        """The answer to a publication stands, while the session holds."""
        self.release(Hold.FRONT)
        if self.unanswered <= self.max_unanswered // 2:
            self.release(Hold.WINDOW)

    def settle_confirm(self, channel: Channel, number: int, ack: bool) -> None:
        """A publication in confirm mode is answered for."""
        if channel.confirms is not None:
            channel.confirms.settle(number, ack)
            self.unsettled_confirms.add(channel)
            self.wake()

    # names

    @property
    def name(self) -> str:
        return f"{self.peer.host}:{self.peer.port}"

    @property
    def vhost(self) -> str:
        return self.hub.settings.vhost

    def dueslag(self, name: str) -> Dueslag:
        """The dueslag of that name, if it is this system's.  Raises the 404 and 403 of RabbitMQ."""
        assert self.login is not None
        try:
            return self.hub.front.open_dueslag(self.login, name)
        except NotFound:
            raise no_queue(name, self.vhost) from None
        except AccessDenied:
            raise queue_refused(name, self.vhost, self.user) from None

    def _is_current(self, channel: Channel) -> bool:
        return self.machine.channels.get(channel.number) is channel

    def is_open(self, channel: Channel) -> bool:
        """Whether something may still be sent on the channel."""
        return self.machine.state is State.RUNNING and not channel.closing and self._is_current(channel)

    # endings

    def cancel(self, channel: Channel, consumer: ChannelConsumer) -> None:
        """The consumer's dueslag is gone: tell the client, where it understands (consumer_cancel_notify)."""
        if channel.consumers.pop(consumer.tag, None) is None:
            return
        self.hub.claims.release(consumer.dueslag)
        if self.machine.capabilities.get("consumer_cancel_notify") is True and self.is_open(channel):
            self.machine.output.send(frames.cancel(channel.number, consumer.tag))
            self.wake()

    def fail_channel(self, channel: Channel, error: AmqpException) -> None:
        self.machine.close_channel(channel, error)
        self.release_channels([channel])
        log.warning("amqp.channel_closed", peer=self.name, user=self.user, channel=channel.number, error=str(error))
        self.wake()

    def fail_connection(self, error: ConnectionException) -> None:
        """Close the connection for an error, ours or the client's."""
        self.machine.close_connection(error)
        self.ended(str(error))
        self.link.linger()
        self.wake()
        self._holds.clear()  # nothing is waited for any more, and the peer's goodbye is to be read
        self._again = None
        if not self._walking and not self.gone:
            self._go_on()

    def ended(self, why: str) -> None:
        """Nothing more is exchanged but goodbyes: release everything that the connection held."""
        self.release_channels(list(self.machine.channels.values()))
        if self._ended:
            return
        self._ended = True
        log.info("amqp.connection_ended", peer=self.name, user=self.user, why=why)

    def lost(self, why: str) -> None:
        """The socket is closed."""
        if self.gone:
            return
        self.gone = True
        self.settle_up()
        unsent, self.sent = self.sent, []
        self.ended(why)
        if unsent and self.login is not None:
            self.hub.front.engine.requeue(unsent)
            self.hub.front.settled(unsent, "requeue", self.login)
        self.machine.channels.clear()
        self._backlog.clear()
        self._walk = self._again = None
        self.hub.sessions.discard(self)

    def release_channels(self, channels: list[Channel]) -> None:
        """Consumers leave first, then what was out goes back, in order."""
        engine = self.hub.front.engine
        for channel in channels:
            for consumer in channel.consumers.values():
                engine.detach(consumer.dueslag, consumer)
                self.hub.claims.release(consumer.dueslag)
            channel.consumers.clear()
            self.hub.replies.discard(channel.reply)
            channel.reply = None
        back = [leverance for channel in channels for leverance, _ in channel.unacked.take_all()]
        for channel in channels:
            channel.out = 0
        if back and self.login is not None:
            engine.requeue(back)
            self.hub.front.settled(back, "requeue", self.login)

    # blocked

    @property
    def blocked(self) -> bool:
        """Whether the session waits for the server to be unblocked."""
        return Hold.BLOCKED in self._holds

    def tell_blocked(self, reason: str) -> None:
        if self._blocked_told or self.machine.state is not State.RUNNING:
            return
        self._blocked_told = True
        if self.machine.capabilities.get("connection.blocked") is True:
            self.machine.output.send(frames.blocked(reason))
            self.wake()

    def tell_unblocked(self) -> None:
        if self._blocked_told:
            self._blocked_told = False
            if self.machine.capabilities.get("connection.blocked") is True and self.machine.state is State.RUNNING:
                self.machine.output.send(frames.unblocked())
                self.wake()
        self.release(Hold.BLOCKED)
