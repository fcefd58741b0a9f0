"""An AMQP connection on a plain socket: pamqp for the handshake and the rare methods, raw bytes for the rest."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Any, TypeVar

from pamqp import base, commands, common, frame, header

from adapters.cluster.ports import HOST

CHANNEL = 1
_FRAME_MAX = 131072
_LAST = frame.marshal(commands.Connection.CloseOk(), 0)
_Reply = TypeVar("_Reply", bound=base.Frame)


class WireError(RuntimeError):
    """The server closed the connection or the channel, or answered something else than was asked."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom to log in: SASL PLAIN, or EXTERNAL with a token."""

    port: int
    vhost: str = "/"
    user: str = "guest"
    password: str = "guest"
    token: str = ""
    """A decoded SAML assertion, the response of EXTERNAL."""
    ca: str = ""
    """File of the CAs (PEM) that the server's certificate is checked against; empty = without TLS."""

    @property
    def sasl(self) -> tuple[str, str]:
        """Mechanism and response."""
        return ("EXTERNAL", self.token) if self.token else ("PLAIN", f"\0{self.user}\0{self.password}")


class Connection:
    """A blocking AMQP connection with one open channel."""

    def __init__(self, address: Address, *, timeout: float = 30.0) -> None:
        """Connect, log in, open the virtual host and channel 1.  Raises OSError or WireError."""
        self.socket = _connected(address, timeout)
        self._buffer = b""
        try:
            self._handshake(address)
            self.call(CHANNEL, commands.Channel.Open(), commands.Channel.OpenOk)
        except BaseException:
            self.socket.close()
            raise

    def _handshake(self, address: Address) -> None:
        self.socket.sendall(header.ProtocolHeader().marshal())
        self._expect(commands.Connection.Start)
        capabilities: common.FieldTable = {"publisher_confirms": True, "basic.nack": True, "connection.blocked": True}
        start_ok = commands.Connection.StartOk(
            {"product": "beskedfordeler benchmarks", "capabilities": capabilities}, *address.sasl
        )
        tune = self.call(0, start_ok, commands.Connection.Tune)
        self.send(0, commands.Connection.TuneOk(tune.channel_max, min(tune.frame_max or _FRAME_MAX, _FRAME_MAX), 0))
        self.call(0, commands.Connection.Open(address.vhost), commands.Connection.OpenOk)

    def send(self, channel: int, method: base.Frame) -> None:
        """Send a method that has no answer."""
        self.socket.sendall(frame.marshal(method, channel))

    def call(self, channel: int, method: base.Frame, reply: type[_Reply]) -> _Reply:
        """Send a method and return its answer.  Raises WireError where something else comes."""
        self.send(channel, method)
        return self._expect(reply)

    def _expect(self, reply: type[_Reply]) -> _Reply:
        answer = self._next()
        if not isinstance(answer, reply):
            raise WireError(f"{reply.name} was expected, {describe(answer)} came")
        return answer

    def _next(self) -> Any:
        while True:
            if len(self._buffer) >= 7:
                size = int.from_bytes(self._buffer[3:7], "big") + 8
                if len(self._buffer) >= size:
                    _, _, value = frame.unmarshal(self._buffer[:size])
                    self._buffer = self._buffer[size:]
                    return value
            data = self.socket.recv(65536)
            if not data:
                raise WireError("the server closed the socket")
            self._buffer += data

    def read(self) -> bytes:
        """What has come, at least one octet unless TLS has nothing whole yet.  Raises WireError at the end."""
        try:
            data = self.socket.recv(65536)
        except ssl.SSLWantReadError:
            return b""
        if not data:
            raise WireError("the server closed the socket")
        return data

    def write(self, data: memoryview) -> int:
        """How much of ``data`` the socket took."""
        try:
            return self.socket.send(data)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return 0

    def rest(self) -> bytes:
        """What was read beyond the last answer; the caller reads the socket from here on."""
        rest, self._buffer = self._buffer, b""
        return rest

    def close(self) -> None:
        """Close in order, as far as the server still answers.  After its last word RabbitMQ waits for us to hang up."""
        try:
            self.socket.settimeout(5.0)
            self.send(0, commands.Connection.Close(200, "bye", 0, 0))
            end = b""
            for _ in range(10_000):
                data = self.socket.recv(1 << 18)
                end = (end + data)[-len(_LAST) :]
                if not data or end == _LAST:
                    break
        except OSError:
            pass
        finally:
            self.socket.close()


def _connected(address: Address, timeout: float) -> socket.socket:
    """A socket, with TLS where the address has a CA."""
    plain = socket.create_connection((HOST, address.port), timeout=timeout)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not address.ca:
        return plain
    try:
        return ssl.create_default_context(cafile=address.ca).wrap_socket(plain, server_hostname=HOST)
    except BaseException:
        plain.close()
        raise


def describe(method: Any) -> str:
    """A method as an error message shows it."""
    text = getattr(method, "reply_text", None)
    return f"{method.name} {method.reply_code} {text}" if text else str(getattr(method, "name", method))


def raise_closed(data: bytes) -> None:
    """Raise WireError for a whole frame that holds channel.close or connection.close."""
    raise WireError(describe(frame.unmarshal(data)[2]))


def declare(address: Address, *queues: str) -> None:
    """Declare durable queues."""
    connection = Connection(address)
    for queue in queues:
        connection.call(CHANNEL, commands.Queue.Declare(queue=queue, durable=True), commands.Queue.DeclareOk)
    connection.close()
