"""What can be set on the AMQP front."""

from __future__ import annotations

from dataclasses import dataclass, field

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class AmqpSettings:
    """Sizes are in octets, times in seconds.  The defaults are RabbitMQ's where it has the setting."""

    vhost: str = "BF"
    send_exchange: str = "AFSEND_BESKED_EXCHANGE"
    product: str = "RabbitMQ"
    """Clients branch on product and version: py-amqp and kombu on global qos, the Java client's tests on more."""
    version: str = "3.10.8"
    emulator: str = "beskedfordeler"
    cluster_name: str = "beskedfordeler@localhost"

    channel_max: int = 2047
    frame_max: int = 131072
    initial_frame_max: int = 256 * KIB
    """Largest frame before tune: start-ok carries a SAML assertion."""
    heartbeat: int = 60
    max_body: int = 128 * MIB

    handshake_timeout: float = 10.0
    silent_close_delay: float = 3.0
    """How long a connection that is refused without a frame, or does not answer connection.close, stays open."""

    output_limit: int = 512 * KIB
    """Octets that wait to be written, beyond which a connection gets no more deliveries."""
    answer_limit: int = 4 * MIB
    """Octets that wait to be written, beyond which a connection that does not read is not read from either."""
    max_unanswered: int = 4096
    """Publications of one connection that may await their answer; reading stops there and resumes at half."""

    extra_properties: dict[str, str] = field(default_factory=dict)
    """Added to the server properties of connection.start."""
