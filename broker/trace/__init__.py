"""The trace (spor): what happened to each message, off the hot path and bounded."""

from broker.trace.record import Query, Record
from broker.trace.trace import Trace

__all__ = ["Query", "Record", "Trace"]
