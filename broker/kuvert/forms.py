"""The forms and layouts that were learnt, and what is known by them of a message at hand."""

from __future__ import annotations

import re
from threading import Lock
from typing import Final

from lxml import etree

from broker.core.besked import Besked
from broker.kuvert.form import Form, learn
from broker.kuvert.layout import Known, Layout

_LARGEST: Final = 64 * 1024
"""Bytes up to which a message is looked at for its form; larger ones are rare and take their time anyhow."""
_MOST_FORMS: Final = 256
"""Forms kept, the oldest go: 16 MB of markup at the very most."""
_MOST_LENGTHS: Final = 256
_MOST_LAYOUTS: Final = 4
"""Layouts kept for messages of one length, the newest first: each costs the others a comparison."""
_MOST_SEEN: Final = 4096
_TEXT: Final = re.compile(rb">([ \t\n]*+[^<>&\s\x00-\x1f][^<>&\x00-\x08\x0b-\x1f]*+)<")


class Forms:
    """The forms and layouts learnt so far.  May be used from any thread."""

    def __init__(self) -> None:
        # By the lengths of the pieces of markup: cheaper to make than a hash of their bytes, which are compared then.
        self._forms: dict[tuple[int, ...], Form] = {}
        self._layouts: dict[int, tuple[Layout, ...]] = {}
        self._seen: set[int] = set()
        self._lock = Lock()

    def find(self, data: bytes, max_depth: int) -> Known | None:
        """What the message says, where its layout is known.  The bytes need not have been looked at before."""
        for layout in self._layouts.get(len(data), ()):
            known = layout.read(data)
            if known is not None and layout.depth <= max_depth:
                return known
        return None

    def find_form(self, data: bytes, parts: list[bytes], root: int, max_depth: int) -> Known | None:
        """What the message cut into ``parts`` says, where its form is known; its layout is, from then on."""
        markup = parts[::2]
        form = self._forms.get(tuple(map(len, markup)))
        if form is None or form.markup != markup or form.depth > max_depth:
            return None
        besked = form.read(parts[1::2])
        if besked is None:
            return None
        self._learn_layout(data, form, parts, besked, root)
        return Known(besked, form.outline(parts), root)

    def learn(self, data: bytes, parts: list[bytes], root: etree._Element, start: int, besked: Besked) -> None:
        """Learn from a message that took the long way and was found valid, the second time its form is seen."""
        markup = parts[::2]
        key = tuple(map(len, markup))
        with self._lock:
            known = self._forms.get(key)
            if known is not None and known.markup == markup:
                return
            if not self._again(hash(tuple(markup))):
                return
            form = learn(data, parts, root, start, besked)
            if form is not None:
                if len(self._forms) >= _MOST_FORMS and key not in self._forms:
                    del self._forms[next(iter(self._forms))]
                self._forms[key] = form

    def _learn_layout(self, data: bytes, form: Form, parts: list[bytes], besked: Besked, root: int) -> None:
        size = len(data)
        with self._lock:
            if not self._again(hash((id(form), *map(len, parts)))):
                return
            if len(self._layouts) >= _MOST_LENGTHS and size not in self._layouts:
                del self._layouts[next(iter(self._layouts))]
            self._layouts[size] = (Layout(form, parts, besked, root), *self._layouts.get(size, ()))[:_MOST_LAYOUTS]

    def _again(self, seen: int) -> bool:
        """Whether this was seen before."""
        if seen in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(seen)
        return False


def is_plain(data: bytes) -> bool:
    """Whether a message may be looked at for its form: small, and without U+FFFE and U+FFFF, which XML forbids."""
    return len(data) <= _LARGEST and (b"\xef" not in data or b"\xef\xbf" not in data)


def cut(data: bytes) -> list[bytes]:
    """Markup and texts in turn, markup first and last; the ">" before and the "<" after each text left out."""
    return _TEXT.split(data)
