"""Messages of one system look alike: the same markup around other values.  What was found of one serves the next.

A message is cut into markup and texts.  Where the markup, byte for byte, is that of a message that was parsed and
found valid, the new one is well-formed and valid too as long as its texts are plain characters and its typed values
(times) are of their type; which text is which field, and where the Beskedfordeler writes, is known.  What is not
known, or not plain, takes the long way through the parser and the schema: nothing is ever refused here.

What makes it exact:
- A text holds no "<", ">", "&", control character, carriage return or noncharacter, and a form is learnt
  only from a document without CDATA and processing instructions whose comments hold neither "<" nor ">".  So every
  text stands in element content, and other characters in its place change no markup.
- A form is learnt only where the texts are those of the tree, one by one, and where what it reads off the message
  that it was learnt from is what the long way read.
- Values that the schema types otherwise than as string must be unchanged; times may also be other times of a shape
  that no calendar refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, cast

from lxml import etree

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING, Besked
from broker.core.identifiers import canonical, is_uuid
from broker.kuvert.names import KUVERT, TIDSSTEMPEL, URN_IDENTIFIKATOR, UUID_IDENTIFIKATOR
from broker.kuvert.outline import Edit, Outline, Span, read_outline
from broker.kuvert.tidspunkt import read_date_time

_LONGEST_CACHED: Final = 64

_PLAIN: Final = re.compile(rb"[ \t\n]*+[^<>&\s\x00-\x1f][^<>&\x00-\x08\x0b-\x1f]*+\Z")
"""What `_TEXT` takes between two tags."""
_COMMENT: Final = re.compile(rb"<!--[^<>]*-->")
_BLANK: Final = " \t\r\n"
_TIME: Final = re.compile(
    rb"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
    rb"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?\Z"
)
_BESKEDDATA: Final = f"{{{KUVERT}}}Beskeddata"
_STRINGS: Final = frozenset(
    (
        UUID_IDENTIFIKATOR,
        URN_IDENTIFIKATOR,
        f"{{{KUVERT}}}KildesystemIPAdresse",
        f"{{{KUVERT}}}KildesystemAkkreditiver",
    )
)
"""Leaves of the envelope that the schema takes any string in."""
_BESKED_ID: Final = "BeskedId."
_BESKEDTYPE: Final = FILTRERINGSDATA + "Beskedtype."
_TILLADT_MODTAGER: Final = FILTRERINGSDATA + "TilladtModtager."
_ANSVARLIG: Final = FILTRERINGSDATA + "ObjektRegistrering.ObjektAnsvarligMyndighed."
_OPGAVE_EMNE: Final = FILTRERINGSDATA + "ObjektRegistrering.OpgaveEmne."
_GYLDIG_TIL: Final = "Beskedkuvert.GyldighedTil.TidsstempelDatoTid"

Texts = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """What messages with the same markup have in common; numbers are positions among the texts."""

    markup: list[bytes]
    depth: int
    uuids: tuple[int, ...]
    """BeskedId and Beskedtype, where they are UUIDs: usable only if they are."""
    fixed: tuple[tuple[int, bytes], ...]
    times: tuple[int, ...]
    besked_id: int
    beskedtype: int
    felter: tuple[tuple[str, tuple[int, ...]], ...]
    """Which texts are the values of a path."""
    tilladt_modtager: tuple[int, ...]
    ansvarlig_myndighed: tuple[int, ...]
    opgave_emne: tuple[int, ...]
    sikkerhedsklassificering: int | None
    gyldig_til: int | None
    spans: tuple[tuple[_Place, _Place], ...]
    source: tuple[_Place, _Place, Edit]
    route: tuple[_Place, _Place, Edit]
    prefix: bytes
    route_prefix: bytes

    def read(self, texts: Sequence[bytes]) -> Besked | None:
        """What the message with these texts says; None where it must take the long way."""
        values = self.values(texts)
        return None if values is None else self._besked(values)

    def values(self, texts: Sequence[bytes]) -> list[str] | None:
        """The canonical value of each text, where the form holds for all of them."""
        for number, text in self.fixed:
            if texts[number] != text:
                return None
        for number in self.times:
            if not is_time(texts[number]):
                return None
        read = [value_of(text) for text in texts]
        if None in read:
            return None
        values = cast(list[str], read)
        for number in self.uuids:
            if not is_uuid(values[number]):
                return None
        if not values[self.besked_id] or not values[self.beskedtype]:
            return None
        return values

    def _besked(self, values: Sequence[str]) -> Besked:
        sikkerhed = self.sikkerhedsklassificering
        return Besked(
            values[self.besked_id],
            values[self.beskedtype],
            {path: tuple([values[number] for number in numbers]) for path, numbers in self.felter},
            *self.lists(values),
            None if sikkerhed is None else values[sikkerhed],
            self.expires(values),
        )

    def lists(self, values: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """TilladtModtager, ObjektAnsvarligMyndighed and OpgaveEmne."""
        return (
            tuple([values[number] for number in self.tilladt_modtager]),
            tuple([values[number] for number in self.ansvarlig_myndighed]),
            tuple([values[number] for number in self.opgave_emne]),
        )

    def expires(self, values: Sequence[str]) -> float | None:
        """GyldighedTil."""
        return None if self.gyldig_til is None else read_date_time(values[self.gyldig_til])

    def outline(self, parts: Sequence[bytes]) -> Outline:
        """Where the Beskedfordeler writes in the message cut into ``parts``."""
        starts = list(accumulate(map(len, parts), initial=0))

        def at(place: _Place) -> int:
            part, beyond = place
            return starts[part] + part + beyond

        source_start, source_end, source = self.source
        route_start, route_end, route = self.route
        return Outline(
            tuple([(at(start), at(end)) for start, end in self.spans]),
            Edit(at(source_start), at(source_end), source.before, source.after),
            Edit(at(route_start), at(route_end), route.before, route.after),
            self.prefix,
            self.route_prefix,
        )


_Place = tuple[int, int]
"""An offset in a document: number of the part, bytes from its start.  One byte stands between two parts."""


def _value(text: bytes) -> str | None:
    if _PLAIN.match(text) is None or b"\xef\xbf" in text:
        return None
    try:
        return canonical(text.decode())
    except UnicodeDecodeError:
        return None


_short_value = lru_cache(maxsize=16384)(_value)
"""About half the values of a message are those of the one before (types, myndigheder, emner)."""


def value_of(text: bytes) -> str | None:
    """The canonical value of a text; None where it is not plain."""
    return _short_value(text) if len(text) <= _LONGEST_CACHED else _value(text)


@lru_cache(maxsize=1024)
def is_time(text: bytes) -> bool:
    """Whether it is a time of a shape that no calendar refuses."""
    return _TIME.match(text) is not None


def learn(data: bytes, parts: Sequence[bytes], root: etree._Element, start: int, besked: Besked) -> Form | None:
    """The form of a valid message, or None where it is not one to be sure of."""
    declared = data.startswith(b"<?xml") or data.startswith(b"\xef\xbb\xbf<?xml")
    if b"<![" in data or data.count(b"<?") != declared:
        return None
    if len(_COMMENT.findall(data)) != data.count(b"<!--"):
        return None
    owners = [(element, text) for element, text in _texts(root) if text.strip(_BLANK)]
    texts = parts[1::2]
    if [text.encode() for _, text in owners] != list(texts):
        return None
    outline = read_outline(data, start, len(besked.tilladt_modtager))
    try:
        form = _compose(parts, [_path(element) for element, _ in owners], root, outline)
    except ValueError:
        return None
    if form is None or form.read(texts) != besked or form.outline(parts) != outline:
        return None
    return form


def _texts(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Every text of the tree with the element whose content it is, in document order."""
    if element.text:
        yield element, element.text
    for child in element:
        yield from _texts(child)
        if child.tail:
            yield element, child.tail


def _path(element: etree._Element) -> tuple[str, str]:
    """The names from below the root, joined by dots, and the tag; path "" for what the schema takes any text in."""
    names: list[str] = []
    holder: etree._Element | None = element
    while holder is not None and (parent := holder.getparent()) is not None:
        if holder.tag == _BESKEDDATA:
            return "", ""
        names.append(str(holder.tag).rpartition("}")[2])
        holder = parent
    return ".".join(reversed(names)), str(element.tag)


def _compose(
    parts: Sequence[bytes], fields: Sequence[tuple[str, str]], root: etree._Element, outline: Outline
) -> Form | None:
    by_path: dict[str, list[int]] = {}
    fixed: list[tuple[int, bytes]] = []
    times: list[int] = []
    for number, (path, tag) in enumerate(fields):
        if not path:
            continue
        if tag == TIDSSTEMPEL and "LokalUdvidelse." not in path:
            times.append(number)
        elif tag not in _STRINGS or "LokalUdvidelse." in path:
            fixed.append((number, parts[2 * number + 1]))
        by_path.setdefault(path, []).append(number)
    felter = {
        path: numbers
        for path, numbers in by_path.items()
        if path.startswith((FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING + ".")) and "LokalUdvidelse." not in path
    }

    def under(prefix: str) -> tuple[int, ...]:
        return tuple(sorted(n for path, numbers in by_path.items() if path.startswith(prefix) for n in numbers))

    def either(prefix: str) -> tuple[int, ...]:
        """UUIDs, then URNs, each in document order: as `broker.kuvert.parse` gives them."""
        return (*by_path.get(prefix + "UUIDIdentifikator", ()), *by_path.get(prefix + "URNIdentifikator", ()))

    ids = under(_BESKED_ID) + under(_BESKEDTYPE)
    if len(ids) != 2:
        return None
    sikkerhed = either(SIKKERHEDSKLASSIFICERING + ".")
    gyldig_til = by_path.get(_GYLDIG_TIL)

    starts = list(accumulate(map(len, parts), initial=0))

    def place(offset: int) -> _Place:
        part = max(p for p in range(0, len(parts), 2) if starts[p] + p <= offset)
        beyond = offset - starts[part] - part
        if beyond > len(parts[part]):
            raise ValueError("an offset in a text")
        return part, beyond

    def places(edit: Edit | Span) -> tuple[_Place, _Place]:
        start, end = (edit.start, edit.end) if isinstance(edit, Edit) else edit
        return place(start), place(end)

    return Form(
        markup=list(parts[::2]),
        depth=_depth(root),
        uuids=tuple(n for n in ids if fields[n][1] == UUID_IDENTIFIKATOR),
        fixed=tuple(fixed),
        times=tuple(times),
        besked_id=ids[0],
        beskedtype=ids[1],
        felter=tuple((path, tuple(numbers)) for path, numbers in felter.items()),
        tilladt_modtager=under(_TILLADT_MODTAGER),
        ansvarlig_myndighed=either(_ANSVARLIG),
        opgave_emne=either(_OPGAVE_EMNE),
        sikkerhedsklassificering=sikkerhed[0] if sikkerhed else None,
        gyldig_til=gyldig_til[0] if gyldig_til else None,
        spans=tuple(places(span) for span in outline.tilladt_modtager),
        source=(*places(outline.source), outline.source),
        route=(*places(outline.route), outline.route),
        prefix=outline.prefix,
        route_prefix=outline.route_prefix,
    )


def _depth(element: etree._Element) -> int:
    return 1 + max((_depth(child) for child in element), default=0)
