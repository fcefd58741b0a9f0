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
from broker.core.sent import Changes, digest
from broker.kuvert.names import FORDELINGSSYSTEM, SAGDOK
from broker.kuvert.outline import FEW, LONGEST_REMEMBERED, Outline, Span, read_outline
from broker.kuvert.parse import Parsed
from broker.kuvert.text import xml_text
from broker.kuvert.tidspunkt import write_date_time

_HEAD = struct.Struct("<III")
"""Cuts: offset for the next Leverancerute, number of TilladtModtager, length of the prefix; then the prefix
(with colon), then start and end offset of each TilladtModtager (u32, little-endian)."""


_LARGE = 64 * 1024
"""Bytes from which a view of a message is cheaper than a copy."""
_LITTLE = 1024
"""Bytes of the sender that are kept beside a message for its fingerprint: of more it is taken at once."""
_PATTERNS = 1024
"""Patterns remembered, about 1 kB each; then all are forgotten."""
_NIL = "00000000-0000-0000-0000-000000000000"


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
) -> tuple[bytes, bytes, Changes | bytes]:
    """The message with TransaktionsId and source written in, the cuts that `splice_route` needs, and what was changed;
    where much was taken out, the digest of what was sent instead.

    TransaktionsId, Kildesystem, KildesystemIPAdresse and KildesystemAkkreditiver of the sender give way.
    ``transaktions_id`` that is not a UUID is written as URNIdentifikator; "" leaves the element out.  ``keep``:
    positions in ``Besked.tilladt_modtager`` that stay (None = all); the cuts count the kept ones from 0.
    """
    outline = parsed.outline
    if outline is not None and outline.shared and keep is None and is_uuid(transaktions_id):
        return _pattern(outline, source).fill(parsed.data, transaktions_id)
    if outline is None:
        outline = read_outline(parsed.data, parsed.root, len(parsed.besked.tilladt_modtager))
    data = parsed.data if len(parsed.data) <= _LARGE else memoryview(parsed.data)
    edit, route = outline.source, outline.route
    written = edit.before + _transaktions_id(outline.prefix, transaktions_id) + _source_of(outline.prefix, source)
    at = route.start + len(written) + edit.start - edit.end + len(route.before)
    if keep is None:
        pieces = (
            data[: edit.start], written, data[edit.end : route.start], route.before, route.after, data[route.end :]
        )  # fmt: skip
        return (
            b"".join(pieces),
            _cuts_of(at, outline.route_prefix, outline.tilladt_modtager),
            _bounded(parsed.data, _changes(data, outline, edit.start, len(written), at)),
        )
    trimmed, cuts, changes = _trimmed(data, outline, written, at, frozenset(keep))
    return trimmed, cuts, _bounded(parsed.data, changes)


class _Pattern:
    """What `splice_source` writes into every message of one outline and source whose TransaktionsId is a UUID."""

    __slots__ = (
        "_after",
        "_before",
        "_cuts",
        "_end",
        "_route",
        "_route_end",
        "_route_start",
        "_start",
        "_taken",
        "_whole",
        "_written",
        "outline",
        "source",
    )

    def __init__(self, outline: Outline, source: Source) -> None:
        self.outline = outline
        self.source = source
        edit, route = outline.source, outline.route
        before, self._after = _around_transaktions_id(outline.prefix)
        self._before = edit.before + before
        self._after += _source_of(outline.prefix, source)
        self._route = route.before + route.after
        self._start, self._end, self._route_start, self._route_end = edit.start, edit.end, route.start, route.end
        length = len(self._before) + len(_NIL) + len(self._after)
        at = route.start + length + edit.start - edit.end + len(route.before)
        self._written = (at - len(route.before), at + len(route.after))
        self._whole = edit.start + length
        self._cuts = _cuts_of(at, outline.route_prefix, outline.tilladt_modtager)
        self._taken = edit.end - edit.start + route.end - route.start

    def fill(self, data: bytes, transaktions_id: str) -> tuple[bytes, bytes, Changes | bytes]:
        start, end, route_start, route_end = self._start, self._end, self._route_start, self._route_end
        pieces = (
            data[:start], self._before, transaktions_id.encode(), self._after, data[end:route_start], self._route,
            data[route_end:],
        )  # fmt: skip
        changes = ((start, self._whole, data[start:end]), (*self._written, data[route_start:route_end]))
        return b"".join(pieces), self._cuts, changes if self._taken <= _LITTLE else digest(data)


_patterns: dict[tuple[int, int], _Pattern] = {}
"""By identity, which stands as long as the pattern does: it holds both."""


def _pattern(outline: Outline, source: Source) -> _Pattern:
    key = (id(outline), id(source))
    pattern = _patterns.get(key)
    if pattern is None:
        if len(_patterns) >= _PATTERNS:
            _patterns.clear()
        pattern = _patterns[key] = _Pattern(outline, source)
    return pattern


def _bounded(data: bytes, changes: Changes) -> Changes | bytes:
    """Whatever senders write, it costs no memory that nobody counts."""
    return changes if sum([len(was) for _, _, was in changes]) <= _LITTLE else digest(data)


def _changes(data: bytes | memoryview, outline: Outline, start: int, written: int, at: int) -> Changes:
    """``written`` bytes at ``start``, and what stands around the place ``at`` of the Leverancerute."""
    edit, route = outline.source, outline.route
    return (
        (start, start + written, bytes(data[edit.start : edit.end])),
        (at - len(route.before), at + len(route.after), bytes(data[route.start : route.end])),
    )


def _trimmed(
    data: bytes | memoryview, outline: Outline, written: bytes, at: int, kept: frozenset[int]
) -> tuple[bytes, bytes, Changes]:
    """`splice_source` where TilladtModtager go out."""
    pieces: list[bytes | memoryview] = []
    spans: list[Span] = []
    out: list[tuple[int, int, bytes]] = []
    position = shift = 0
    for number, (start, end) in enumerate(outline.tilladt_modtager):
        if number in kept:
            spans.append((start + shift, end + shift))
        else:
            pieces.append(data[position:start])
            out.append((start + shift, start + shift, bytes(data[start:end])))
            position = end
            shift += start - end
    at += shift
    edit, route = outline.source, outline.route
    pieces += (
        data[position : edit.start], written, data[edit.end : route.start], route.before, route.after, data[route.end :]
    )  # fmt: skip
    changes = (*out, *_changes(data, outline, edit.start + shift, len(written), at))
    return b"".join(pieces), _pack(at, outline.route_prefix, spans), changes


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
    first, second, third = _route_of(cuts[_HEAD.size : _HEAD.size + length], source_system, abonnement, attempts)
    written = first + write_date_time(received) + second + write_date_time(delivered) + third
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


def _cuts_of(at: int, prefix: bytes, spans: tuple[Span, ...]) -> bytes:
    """The same for all messages of one layout, nearly always."""
    few = len(spans) <= FEW and len(prefix) <= LONGEST_REMEMBERED
    return _cached_cuts(at, prefix, spans) if few else _pack(at, prefix, spans)


_cached_cuts = lru_cache(maxsize=1024)(_pack)


def _transaktions_id(prefix: bytes, value: str) -> bytes:
    if is_uuid(value):
        before, after = _around_transaktions_id(prefix)
        return before + value.encode() + after
    if not value:
        return b""
    return b"<%bTransaktionsId>%b</%bTransaktionsId>" % (prefix, _written(value), prefix)


def _write_around(prefix: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the UUID of a TransaktionsId."""
    before, after = (b"<%bTransaktionsId>%b</%bTransaktionsId>" % (prefix, _written(_NIL), prefix)).split(_NIL.encode())
    return before, after


_cached_around = lru_cache(maxsize=256)(_write_around)


def _around_transaktions_id(prefix: bytes) -> tuple[bytes, bytes]:
    return _cached_around(prefix) if len(prefix) <= LONGEST_REMEMBERED else _write_around(prefix)


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
    return _cached_source(prefix, source) if len(prefix) <= LONGEST_REMEMBERED else _write_source(prefix, source)


def _write_route(prefix: bytes, source_system: str, abonnement: str, attempts: int) -> tuple[bytes, bytes, bytes]:
    """A Leverancerute around the times of receipt and delivery, in three pieces."""
    tid, end = f'<TidsstempelDatoTid xmlns="{SAGDOK}">'.encode(), b"</TidsstempelDatoTid>"
    p = prefix
    first = b"<%bLeverancerute><%bFordelingssystem>%b</%bFordelingssystem><%bModtagelsesTidspunkt>%b" % (
        p,
        p,
        _uuid(FORDELINGSSYSTEM),
        p,
        p,
        tid,
    )
    second = b"%b</%bModtagelsesTidspunkt><%bLeveranceTidspunkt>%b" % (end, p, p, tid)
    third = (
        (
            b"%b</%bLeveranceTidspunkt><%bModtagetFraSystem>%b</%bModtagetFraSystem>"
            % (end, p, p, _uuid(source_system), p)
        )
        + (
            b"<%bErLeveretIHenholdTil>%b</%bErLeveretIHenholdTil><%bLeveranceruteLokalUdvidelse>"
            % (p, _written(abonnement), p, p)
        )
        + (
            b"<%bAntalLeveranceforsoeg>%d</%bAntalLeveranceforsoeg></%bLeveranceruteLokalUdvidelse></%bLeverancerute>"
            % (p, attempts, p, p, p)
        )
    )
    return first, second, third


_cached_route = lru_cache(maxsize=16384)(_write_route)
"""By abonnement, mostly: about 1 kB each."""


def _route_of(prefix: bytes, source_system: str, abonnement: str, attempts: int) -> tuple[bytes, bytes, bytes]:
    write = _cached_route if len(prefix) <= LONGEST_REMEMBERED else _write_route
    return write(prefix, source_system, abonnement, attempts)


@lru_cache(maxsize=16384)
def _uuid(value: str) -> bytes:
    """An aktør, which the schema lets be known by UUID only."""
    return f'<UUIDIdentifikator xmlns="{SAGDOK}">{xml_text(value)}</UUIDIdentifikator>'.encode()


def _written(value: str) -> bytes:
    """A UnikId: a UUID as such, anything else as URN."""
    name = "UUIDIdentifikator" if is_uuid(value) else "URNIdentifikator"
    return f'<{name} xmlns="{SAGDOK}">{xml_text(value)}</{name}>'.encode()
