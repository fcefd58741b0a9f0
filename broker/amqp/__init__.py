"""AMQP 0-9-1 as the Beskedfordeler speaks it.

``machine``  `Connection` and `Channel`: bytes in, events out; commands in, bytes out.  No socket, clock or await.
``session``  one conversation: what an event means to the `broker.ports.Front`, and what is answered.
``server``   `AmqpServer`: listeners, timers, back-pressure; the only I/O.
"""

from broker.amqp.server import AmqpServer
from broker.amqp.settings import AmqpSettings

__all__ = ["AmqpServer", "AmqpSettings"]
