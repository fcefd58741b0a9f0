"""Where the Beskedfordeler writes in a message: byte offsets of what it adds and takes away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from broker.kuvert.markup import OPEN, end_tag, find_start, simple_element, space_before

_TILLADT_MODTAGER: Final = b"TilladtModtager"
_LEVERANCEINFORMATION: Final = b"Leveranceinformation"
_LEVERANCERUTER: Final = b"Leveranceruter"
_OURS: Final = frozenset((b"TransaktionsId", b"Kildesystem", b"KildesystemIPAdresse", b"KildesystemAkkreditiver"))
_TILLADT: Final = simple_element(_TILLADT_MODTAGER)
_BEFORE_RUTER: Final = simple_element(b"Dannelsestidspunkt", b"Sikkerhedsklassificering", *_OURS)

LONGEST_REMEMBERED: Final = 32
"""Bytes of a prefix, which is the sender's choice: longer ones must not fill what is remembered."""
FEW: Final = 16
"""TilladtModtager, likewise."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """The bytes ``start`` to ``end`` give way to ``before`` + what is written there + ``after``."""

    start: int
    end: int
    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True, slots=True)
class Outline:
    """Offsets in the document, each ascending and none overlapping.

    ``tilladt_modtager``: each element with the white space before it.  ``source``: where TransaktionsId to
    KildesystemAkkreditiver belong; what the sender wrote there gives way.  ``route``: where the next
    Leverancerute belongs.  ``prefix`` and ``route_prefix``: with colon, as in force there for the kuvert
    namespace; empty where it is the default namespace.  ``shared``: all messages of a layout have this very object,
    so that it is worth while to remember what follows from it.
    """

    tilladt_modtager: tuple[Span, ...]
    source: Edit
    route: Edit
    prefix: bytes
    route_prefix: bytes
    shared: bool = field(default=False, compare=False)

    def to_share(self) -> Outline:
        """The same for all messages of a layout, where it is small enough."""
        small = len(self.prefix) <= LONGEST_REMEMBERED and len(self.route_prefix) <= LONGEST_REMEMBERED
        return replace(self, shared=small and len(self.tilladt_modtager) <= FEW)


def read_outline(data: bytes, root: int, tilladt_modtager: int) -> Outline:
    """The outline of a valid document whose root element starts at ``root`` and names so many TilladtModtager.

    Raises ValueError for a document that is not valid after all.
    """
    tilladt = _tilladt_modtager(data, root, tilladt_modtager) if tilladt_modtager else ()
    tag = OPEN.match(data, find_start(data, _LEVERANCEINFORMATION, tilladt[-1][1] if tilladt else root))
    if tag is None:
        raise ValueError("no Leveranceinformation in this document")
    prefix = tag["prefix"]
    if tag["empty"]:
        after = tag.end()
        end = b"</" + prefix + _LEVERANCERUTER + b"></" + prefix + _LEVERANCEINFORMATION + b">"
        route = Edit(after, after, b"<" + prefix + _LEVERANCERUTER + b">", end)
        return Outline(tilladt, Edit(after - 2, after, b">"), route, prefix, prefix)
    source, position = _source(data, tag.end())
    route, route_prefix = _route(data, position, prefix)
    return Outline(tilladt, source, route, prefix, route_prefix)


def _tilladt_modtager(data: bytes, root: int, count: int) -> tuple[Span, ...]:
    position = find_start(data, _TILLADT_MODTAGER, root)
    before = data.rfind(b">", root, position) + 1
    spans = []
    for _ in range(count):
        element = _TILLADT.match(data, position)
        if element is None:
            raise ValueError("fewer TilladtModtager than the message was read to have")
        position = element.end()
        spans.append((space_before(data, before, element.start("tag")), position))
        before = position
    return tuple(spans)


def _source(data: bytes, inside: int) -> tuple[Edit, int]:
    """Where the source belongs, and where the last element before Leveranceruter ends."""
    first = last = position = inside
    seen = False
    while element := _BEFORE_RUTER.match(data, position):
        position = element.end()
        name = element["name"]
        if name in _OURS:
            if not seen:
                first, seen = element.start("tag"), True
            last = position
        elif name == b"Dannelsestidspunkt":
            first = last = position
    return Edit(first, last), position


def _route(data: bytes, position: int, prefix: bytes) -> tuple[Edit, bytes]:
    """Where the next Leverancerute belongs: the last in Leveranceruter, which is made where there is none."""
    tag = OPEN.match(data, position)
    if tag is None or tag["name"] != _LEVERANCERUTER:
        start, end = b"<" + prefix + _LEVERANCERUTER + b">", b"</" + prefix + _LEVERANCERUTER + b">"
        return Edit(position, position, start, end), prefix
    own = tag["prefix"]
    if tag["empty"]:
        return Edit(tag.end() - 2, tag.end(), b">", b"</" + own + _LEVERANCERUTER + b">"), own
    closing = end_tag(data, tag.end())[0]
    return Edit(closing, closing), own
