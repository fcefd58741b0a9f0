"""The message that is sent, and the BeskedId that makes each one of its own and carries what is measured.

A BeskedId is a UUID of 128 bits: sequence number (32), run (16), time of sending in ns of CLOCK_MONOTONIC (80; the
clock is shared between processes).  The sequence number is scrambled, so that ids come in no order: real BeskedId
are random, and an id that grows would make a broker's index on it cheaper than it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from broker.kuvert import ObjektRegistrering, RelateretObjekt, haendelsesbesked

SAMPLE = Path(__file__).resolve().parents[2] / "shared/reference/kombit/messages/externTestBesked.xml"
SAMPLE_SIZE = 4669
"""Octets of KOMBIT's externTestBesked.xml."""

_SCRAMBLE = 2654435761
_UNSCRAMBLE = pow(_SCRAMBLE, -1, 1 << 32)
_MARK = re.compile(rb"<(?:\w+:)?UUIDIdentifikator\s*>\s*([0-9a-fA-F-]{36})")
UUID_TAG = b"UUIDIdentifikator>"


def besked_id(run: int, sequence: int, sent_ns: int) -> bytes:
    """The 36 octets of a BeskedId."""
    return b"%08x-%04x-%04x-%04x-%012x" % (
        sequence * _SCRAMBLE & 0xFFFFFFFF,
        run,
        sent_ns >> 64,
        sent_ns >> 48 & 0xFFFF,
        sent_ns & 0xFFFFFFFFFFFF,
    )


def sequence_of(identifier: bytes) -> int:
    """The sequence number in a BeskedId."""
    return int(identifier[:8], 16) * _UNSCRAMBLE & 0xFFFFFFFF


def sent_of(identifier: bytes) -> int:
    """The time of sending in a BeskedId, ns of CLOCK_MONOTONIC."""
    return int(identifier[14:18] + identifier[19:23] + identifier[24:36], 16)


@dataclass(frozen=True, slots=True)
class Payload:
    """One Haendelsesbesked around its BeskedId, and where it came from."""

    head: bytes
    tail: bytes
    source: str

    @property
    def size(self) -> int:
        """Octets of the whole message."""
        return len(self.head) + 36 + len(self.tail)

    @property
    def beskedtype(self) -> str:
        """The UUID of its Beskedtype."""
        after = self.tail[self.tail.index(b"Beskedtype>") :]
        mark = _MARK.search(after)
        assert mark is not None, "the Beskedtype of the sample is a UUID"
        return mark[1].decode().lower()

    def message(self, identifier: bytes) -> bytes:
        """The whole message with this BeskedId."""
        return self.head + identifier + self.tail


def cut(data: bytes, source: str) -> Payload:
    """Cut a Haendelsesbesked at its BeskedId.  Raises ValueError where the first identifier is no UUID."""
    mark = _MARK.search(data)
    if mark is None or not data[: mark.start()].rstrip().endswith((b"BeskedId>", b"-->")):
        raise ValueError(f"{source}: the BeskedId is not a UUIDIdentifikator")
    return Payload(data[: mark.start(1)], data[mark.end(1) :], source)


def sample() -> Payload:
    """KOMBIT's sample message where the reference folder is there, else one of the same size built by us."""
    if SAMPLE.is_file():
        return cut(SAMPLE.read_bytes(), "KOMBIT's externTestBesked.xml")
    return cut(_built(), "built by broker.kuvert (KOMBIT's sample is not there)")


def _built() -> bytes:
    """A Haendelsesbesked of SAMPLE_SIZE octets with the fields of KOMBIT's; Beskeddata makes up the size."""

    def build(filler: bytes) -> bytes:
        return haendelsesbesked(
            beskedtype=str(UUID(int=1)),
            ansvarlig_aktoer=str(UUID(int=2)),
            tilladt_modtager=("urn:oio:cvr-nr:99999999",),
            relateret_objekt=(RelateretObjekt("urn:oio:cpr-nr:0101010000", str(UUID(int=3))),),
            objekt_registrering=(
                ObjektRegistrering(
                    objekt_registrering_id=str(UUID(int=4)),
                    registrerings_aktoer=str(UUID(int=5)),
                    registreringstidspunkt=0.0,
                    objekt_ansvarlig_myndighed="urn:oio:cvr-nr:99999999",
                    objekt_id="urn:oio:cpr-nr:0101010000",
                    objekt_type=str(UUID(int=3)),
                    objekt_handling=str(UUID(int=6)),
                    opgave_emne="urn:oio:kle:32.01.01",
                ),
            ),
            dannelsestidspunkt=0.0,
            sikkerhedsklassificering=str(UUID(int=7)),
            gyldig_fra=0.0,
            beskeddata=b'<x:Data xmlns:x="urn:bench">' + filler + b"</x:Data>",
        )

    return build(b"a" * max(0, SAMPLE_SIZE - len(build(b""))))
