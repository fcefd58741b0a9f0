"""Messages of one form and one length: what is the same in all of them so far is compared, the rest is read.

Most texts of a message are UUIDs, URNs and times, so most messages of a system agree in the length of every text, and
everything in them stands at a fixed offset.  Of the texts, too, most are those of the message before: types,
myndigheder, emner.  A layout begins by taking all texts but the BeskedId for constant; a text that turns out to vary
is read from then on.  A message is then cut into few pieces, and what its constant texts say is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from struct import Struct
from typing import Final, NamedTuple

from broker.core.besked import Besked
from broker.core.identifiers import is_uuid
from broker.kuvert.form import Form, is_time, value_of
from broker.kuvert.outline import Outline

_UUID: Final = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


class Known(NamedTuple):
    """What is known of a message by its likes: what it says, where to write in it, where its root element starts."""

    besked: Besked
    outline: Outline
    root: int


class Layout:
    """A form with texts of certain lengths, and which of them vary."""

    __slots__ = ("_form", "_outline", "_parts", "_root", "_stencil", "_unpack", "_varying")

    def __init__(self, form: Form, parts: Sequence[bytes], besked: Besked, root: int) -> None:
        """``parts``: of a message that says ``besked`` by this form."""
        self._form = form
        self._outline = form.outline(parts).to_share()
        self._root = root
        self._parts = _bracketed(parts)
        self._unpack = _cutter(self._parts)
        self._varying = frozenset((form.besked_id,))
        self._stencil = _Stencil(form, self._parts, besked, self._varying)

    def read(self, data: bytes) -> Known | None:
        """What a message of this length says, if its layout is this one."""
        besked = self._stencil.read(data) or self._read_all(data)
        return None if besked is None else Known(besked, self._outline, self._root)

    @property
    def depth(self) -> int:
        """Levels of elements."""
        return self._form.depth

    def _read_all(self, data: bytes) -> Besked | None:
        """Text by text; one that is another than it has been is taken to vary from now on."""
        parts = self._unpack(data)
        if parts[::2] != self._parts[::2]:
            return None
        besked = self._form.read(parts[1::2])
        if besked is not None:
            other = [n // 2 for n in range(1, len(parts), 2) if parts[n] != self._parts[n]]
            if not self._varying.issuperset(other):
                self._varying = self._varying.union(other)
                self._stencil = _Stencil(self._form, parts, besked, self._varying)
        return besked


class _Stencil:
    """Reads messages of a layout that differ in certain texts only, the BeskedId among them."""

    __slots__ = (
        "_besked",
        "_besked_id",
        "_constant",
        "_expires",
        "_felter",
        "_form",
        "_lists_vary",
        "_numbers",
        "_others",
        "_times",
        "_unpack",
        "_uuids",
        "_values",
    )

    def __init__(self, form: Form, parts: Sequence[bytes], besked: Besked, varying: frozenset[int]) -> None:
        """``parts``: of a message that says ``besked``; ``varying``: numbers of texts."""
        numbers = sorted(varying)
        pieces = tuple(_joined_but(parts, varying))
        self._form = form
        self._besked = besked
        self._unpack = _cutter(pieces)
        self._constant = pieces[::2]
        self._values = form.values(parts[1::2]) or []
        self._besked_id = numbers.index(form.besked_id)
        """Where it stands among the varying texts; ``_others``, ``_times``: where others stand; else text numbers."""
        self._others = tuple([at for at, number in enumerate(numbers) if number != form.besked_id])
        self._times = tuple([at for at in self._others if numbers[at] in form.times])
        self._numbers = tuple([numbers[at] for at in self._others])
        self._uuids = tuple([number for number in self._numbers if number in form.uuids])
        self._felter = tuple([(path, of) for path, of in form.felter if not varying.isdisjoint(of)])
        self._lists_vary = not varying.isdisjoint(form.tilladt_modtager + form.ansvarlig_myndighed + form.opgave_emne)
        self._expires = form.gyldig_til in varying

    def read(self, data: bytes) -> Besked | None:
        """What the message says; None where it differs in more, or must take the long way."""
        parts = self._unpack(data)
        if parts[::2] != self._constant:
            return None
        texts = parts[1::2]
        besked_id = _besked_id(texts[self._besked_id], self._form)
        if besked_id is None:
            return None
        values = self._values.copy()
        values[self._form.besked_id] = besked_id
        return self._said(values) if not self._others or self._fill(values, texts) else None

    def _fill(self, values: list[str], texts: Sequence[bytes]) -> bool:
        """Write what else varies into ``values``; whether it can be read this way."""
        for at in self._times:
            if not is_time(texts[at]):
                return False
        for number, at in zip(self._numbers, self._others, strict=True):
            value = value_of(texts[at])
            if value is None:
                return False
            values[number] = value
        for number in self._uuids:
            if not is_uuid(values[number]):
                return False
        return bool(values[self._form.beskedtype])

    def _said(self, values: list[str]) -> Besked:
        form, like = self._form, self._besked
        felter = like.felter
        if self._felter:
            felter = {**felter, **{path: tuple([values[number] for number in of]) for path, of in self._felter}}
        tilladt, ansvarlig, emne = like.tilladt_modtager, like.ansvarlig_myndighed, like.opgave_emne
        if self._lists_vary:
            tilladt, ansvarlig, emne = form.lists(values)
        sikkerhed = form.sikkerhedsklassificering
        return Besked(
            values[form.besked_id],
            values[form.beskedtype],
            felter,
            tilladt,
            ansvarlig,
            emne,
            None if sikkerhed is None else values[sikkerhed],
            form.expires(values) if self._expires else like.gyldig_til,
        )


def _besked_id(text: bytes, form: Form) -> str | None:
    """As `value_of`, which would remember it: no other message has the same."""
    if _UUID.match(text) is not None:
        return text.decode().lower()
    return None if form.besked_id in form.uuids else value_of(text) or None


def _cutter(pieces: Sequence[bytes]) -> Callable[[bytes], tuple[bytes, ...]]:
    """Cuts a document of the same length into pieces as long as these."""
    return Struct("".join([f"{len(piece)}s" for piece in pieces])).unpack


def _bracketed(parts: Sequence[bytes]) -> tuple[bytes, ...]:
    """The parts of a document, the byte on either side of a text added to the markup."""
    last = len(parts) - 1
    return tuple([part if n % 2 else b"<" * (n > 0) + part + b">" * (n < last) for n, part in enumerate(parts)])


def _joined_but(parts: Sequence[bytes], varying: Container[int]) -> Iterator[bytes]:
    """The parts of a document, texts that do not vary joined with the markup around them."""
    run: list[bytes] = []
    for n, part in enumerate(parts):
        if n % 2 and n // 2 in varying:
            yield b"".join(run)
            yield part
            run = []
        else:
            run.append(part)
    yield b"".join(run)
