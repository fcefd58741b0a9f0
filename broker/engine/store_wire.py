"""What a `ProcessStore` and its process say to each other over a socket pair.  Pure.

A frame is two lengths, a head and bodies.  A request's head is a flat batch, its bodies those of
that; or `pickle` of (the name of a method, its arguments), without bodies.  An answer's head is `pickle` of
(kind, value).  Only the two ends of one program, of one version, ever speak it.
"""

from __future__ import annotations

import pickle
from enum import IntEnum
from struct import Struct
from typing import Any

from broker.engine.flat import Flat, pack

LENGTHS = Struct("<BIQ")
"""Kind, octets of the head, octets of the bodies."""

CALLS = frozenset(
    {"open", "close", "page", "load", "glimpse", "find", "locate", "add_dead", "remove", "make_ready", "expired",
     "next_expiry", "tidy", "clear"}
)  # fmt: skip
"""Methods of `broker.engine.store.Store` that go by name; a batch goes as it is."""


class Kind(IntEnum):
    BATCH = 0
    CALL = 1
    DONE = 2
    FULL = 3
    """StoreFull; the value is its text."""
    REFUSED = 4
    """StoreError; the value is its text."""
    BROKEN = 5
    """A fault of ours; the value is the traceback."""


def batch_frame(flat: Flat, bodies: list[bytes]) -> bytes:
    """The frame of a batch up to its bodies, which go after it as they are."""
    head = pack(flat)
    return LENGTHS.pack(Kind.BATCH, len(head), sum(map(len, bodies))) + head


def message(kind: Kind, value: object) -> bytes:
    """The frame of a call or an answer."""
    head = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return LENGTHS.pack(kind, len(head), 0) + head


def read_message(head: bytes | bytearray | memoryview) -> Any:
    return pickle.loads(head)  # noqa: S301 - of the other end of our own socket pair, which nobody else holds
