"""What the Beskedfordeler writes into a message on its way, as bytes between the sender's own bytes.

Once, when a message is accepted: who sent it (`splice_source`).  Once per delivery: the Leverancerute
(`splice_route`).  All else stays byte for byte.  Source: wire contract, section 2.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from broker.core.identifiers import is_uuid
from broker.kuvert.names import FORDELINGSSYSTEM, SAGDOK
from broker.kuvert.outline import Span, read_outline
from broker.kuvert.parse import Parsed
from broker.kuvert.text import xml_text
from broker.kuvert.tidspunkt import write_date_time

_HEAD = struct.Struct("<III")
"""Cuts: offset for the next Leverancerute, number of TilladtModtager, length of the prefix; then the prefix
(with colon), then start and end offset of each TilladtModtager (u32, little-endian)."""


_LONGEST_CACHED = 32
"""Bytes of a prefix, which is the sender's choice: longer ones must not fill the caches."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who sent a message, as Leveranceinformation tells it.

    ``system``: UUID.  ``ip``: as real messages have it, ``::FFFF:127.0.0.1``; an IPv6 address as it is.
    ``akkreditiver``: base64(subject DN) "." base64(serial) "." base64(issuer DN), or None.
    """

    system: str
    ip: str
    akkreditiver: str | None = None


def splice_source(
    parsed: Parsed, source: Source, transaktions_id: str, keep: Sequence[int] | None = None
) -> tuple[bytes, bytes]:
    """The message with TransaktionsId and source written in, and the cuts that `splice_route` needs.

    TransaktionsId, Kildesystem, KildesystemIPAdresse and KildesystemAkkreditiver of the sender give way.
    ``transaktions_id`` that is not a UUID is written as URNIdentifikator; "" leaves the element out.  ``keep``:
    positions in ``Besked.tilladt_modtager`` that stay (None = all); the cuts count the kept ones from 0.
    """
    data = parsed.data
    outline = parsed.outline or read_outline(data, parsed.root, len(parsed.besked.tilladt_modtager))
    kept = None if keep is None else frozenset(keep)
    pieces: list[bytes | memoryview] = []
    spans: list[Span] = []
    view = memoryview(data)
    position = shift = 0
    for number, (start, end) in enumerate(outline.tilladt_modtager):
        if kept is None or number in kept:
            spans.append((start + shift, end + shift))
        else:
            pieces.append(view[position:start])
            position = end
            shift += start - end
    edit, route = outline.source, outline.route
    written = edit.before + _transaktions_id(outline.prefix, transaktions_id) + _source_of(outline.prefix, source)
    at = route.start + shift + len(written) + edit.start - edit.end + len(route.before)
    pieces += (
        view[position : edit.start],
        written,
        view[edit.end : route.start],
        route.before,
        route.after,
        view[route.end :],
    )
    return b"".join(pieces), _pack(at, outline.route_prefix, spans)


def splice_route(
    data: bytes,
    cuts: bytes,
    *,
    received: float,
    delivered: float,
    source_system: str,
    abonnement: str,
    attempts: int,
    keep: Sequence[int] | None = None,
) -> bytes:
    """One delivery: ``data`` and ``cuts`` from `splice_source`, with a Leverancerute after those already there.

    ``received``, ``delivered``: seconds since the epoch.  ``source_system``, ``abonnement``: UUIDs.
    ``attempts``: number of this delivery, 1 for the first (AntalLeveranceforsoeg).  ``keep``: positions of the
    TilladtModtager in ``data`` that stay (None = all).
    """
    at, count, length = _HEAD.unpack_from(cuts)
    written = _template(cuts[_HEAD.size : _HEAD.size + length]) % (
        write_date_time(received),
        write_date_time(delivered),
        _uuid(source_system),
        _identifier(abonnement),
        attempts,
    )
    if keep is None:
        return b"".join((data[:at], written, data[at:]))
    kept = frozenset(keep)
    pieces: list[bytes | memoryview] = []
    view = memoryview(data)
    position = 0
    offsets = struct.unpack_from(f"<{2 * count}I", cuts, _HEAD.size + length)
    for number in range(count):
        if number not in kept:
            pieces.append(view[position : offsets[2 * number]])
            position = offsets[2 * number + 1]
    pieces += (view[position:at], written, view[at:])
    return b"".join(pieces)


def _pack(at: int, prefix: bytes, spans: Sequence[Span]) -> bytes:
    offsets = [offset for span in spans for offset in span]
    return _HEAD.pack(at, len(spans), len(prefix)) + prefix + struct.pack(f"<{len(offsets)}I", *offsets)


def _transaktions_id(prefix: bytes, value: str) -> bytes:
    if not value:
        return b""
    return b"<%bTransaktionsId>%b</%bTransaktionsId>" % (prefix, _written(value), prefix)


def _write_source(prefix: bytes, source: Source) -> bytes:
    """Kildesystem to KildesystemAkkreditiver: the same for all messages of a connection."""
    parts = [
        b"<%bKildesystem>%b</%bKildesystem>" % (prefix, _uuid(source.system), prefix),
        b"<%bKildesystemIPAdresse>%b</%bKildesystemIPAdresse>" % (prefix, xml_text(source.ip).encode(), prefix),
    ]
    if source.akkreditiver is not None:
        text = xml_text(source.akkreditiver).encode()
        parts.append(b"<%bKildesystemAkkreditiver>%b</%bKildesystemAkkreditiver>" % (prefix, text, prefix))
    return b"".join(parts)


_cached_source = lru_cache(maxsize=4096)(_write_source)


def _source_of(prefix: bytes, source: Source) -> bytes:
    return _cached_source(prefix, source) if len(prefix) <= _LONGEST_CACHED else _write_source(prefix, source)


def _write_template(prefix: bytes) -> bytes:
    """A Leverancerute to be filled in with two times, the system, the abonnement and the number of attempts."""
    p = prefix.replace(b"%", b"%%").decode()
    tid = f'<TidsstempelDatoTid xmlns="{SAGDOK}">%b</TidsstempelDatoTid>'
    return (
        f"<{p}Leverancerute>"
        f"<{p}Fordelingssystem>{_uuid(FORDELINGSSYSTEM).decode()}</{p}Fordelingssystem>"
        f"<{p}ModtagelsesTidspunkt>{tid}</{p}ModtagelsesTidspunkt>"
        f"<{p}LeveranceTidspunkt>{tid}</{p}LeveranceTidspunkt>"
        f"<{p}ModtagetFraSystem>%b</{p}ModtagetFraSystem>"
        f"<{p}ErLeveretIHenholdTil>%b</{p}ErLeveretIHenholdTil>"
        f"<{p}LeveranceruteLokalUdvidelse><{p}AntalLeveranceforsoeg>%d</{p}AntalLeveranceforsoeg>"
        f"</{p}LeveranceruteLokalUdvidelse></{p}Leverancerute>"
    ).encode()


_cached_template = lru_cache(maxsize=256)(_write_template)


def _template(prefix: bytes) -> bytes:
    return _cached_template(prefix) if len(prefix) <= _LONGEST_CACHED else _write_template(prefix)


@lru_cache(maxsize=16384)
def _uuid(value: str) -> bytes:
    """An aktør, which the schema lets be known by UUID only."""
    return f'<UUIDIdentifikator xmlns="{SAGDOK}">{xml_text(value)}</UUIDIdentifikator>'.encode()


def _written(value: str) -> bytes:
    """A UnikId: a UUID as such, anything else as URN."""
    name = "UUIDIdentifikator" if is_uuid(value) else "URNIdentifikator"
    return f'<{name} xmlns="{SAGDOK}">{xml_text(value)}</{name}>'.encode()


_identifier = lru_cache(maxsize=65536)(_written)
"""For what comes again and again: the abonnementer."""
