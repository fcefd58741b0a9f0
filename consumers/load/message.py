"""The message that is sent: a real envelope made once, and a BeskedId that makes each one of its own.

A BeskedId is a UUID (version 4 in its form) that holds: sequence number within its stream (32 bits, scrambled, so that
ids come in no order), run (16), stream (12), message type (12), and the time at which it was meant to go, in ns since
the run began (48).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from consumers.kuvert import build_kuvert

MOST = 1 << 32
MARK = b"UUIDIdentifikator>"
"""What stands before the BeskedId, the first identifier of a Haendelsesbesked."""
ID_LENGTH = 36
STAMP_LENGTH = 24

_SCRAMBLE = 2654435761
_UNSCRAMBLE = pow(_SCRAMBLE, -1, 1 << 32)
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_FILLER = "Syntetisk belastningstest. "


def besked_id(run: int, stream: int, kind: int, number: int, due_ns: int) -> bytes:
    """The 36 octets of a BeskedId."""
    return b"%08x-%04x-4%03x-8%03x-%012x" % (number * _SCRAMBLE & 0xFFFFFFFF, run, stream, kind, due_ns)


def common(run: int, stream: int) -> bytes:
    """What all BeskedIds of a stream have in their octets 9 to 17."""
    return b"%04x-4%03x" % (run, stream)


def number_of(identifier: bytes) -> int:
    """The sequence number in a BeskedId."""
    return int(identifier[:8], 16) * _UNSCRAMBLE & 0xFFFFFFFF


def stamp(seconds: float) -> bytes:
    """An XML dateTime in UTC, always as long as the others."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").encode()[:23] + b"Z"


@dataclass(frozen=True, slots=True)
class Template:
    """A Haendelsesbesked in four pieces: between them its BeskedId and two times."""

    head: bytes
    between: bytes
    middle: bytes
    tail: bytes

    @property
    def size(self) -> int:
        """Octets of the whole message."""
        texts = (self.head, self.between, self.middle, self.tail)
        return sum(map(len, texts)) + ID_LENGTH + 2 * STAMP_LENGTH

    def message(self, identifier: bytes, when: bytes) -> bytes:
        """The whole message."""
        return b"".join((self.head, identifier, self.between, when, self.middle, when, self.tail))


def template(
    *, beskedtype: str, aktoer: str, myndighed: str, tilladt_modtager: Sequence[str], opgave_emne: str | None, size: int
) -> Template:
    """The template of one message type and size.

    ``size`` is reached by filling Beskeddata; a message that is larger without any filler stays so.
    """
    mark = str(uuid.UUID(int=(1 << 128) - 1))

    def build(filler: str) -> bytes:
        data = f'<Belastning xmlns="urn:syntetisk:belastning:1.0" syntetisk="true">{filler}</Belastning>'
        return build_kuvert(
            data,
            beskedtype=beskedtype,
            aktoer=aktoer,
            myndighed=myndighed,
            tilladt_modtager=tilladt_modtager,
            opgave_emne=opgave_emne,
            besked_id=mark,
            tid=_WHEN,
        )

    room = max(0, size - len(build("")))
    whole = build((_FILLER * (room // len(_FILLER) + 1))[:room])
    head, _, rest = whole.partition(mark.encode())
    between, middle, tail = rest.split(stamp(_WHEN.timestamp()))
    return Template(head, between, middle, tail)
