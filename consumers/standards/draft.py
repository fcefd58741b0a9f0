"""A letter's document taken apart, so that one thing in it can be made wrong, in XML or in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from consumers.standards.fields import Blok
from consumers.standards.json_form import write_json
from consumers.standards.letters import Brev
from consumers.standards.paths import Form, Loc, path
from consumers.standards.shape import NS, Leaf, Member, Shape, shape_of
from consumers.standards.xml_form import write_xml

AGAIN = "\ue000"
"""Marks a name in JSON that is to stand a second time: a dict has each once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field that is there: a value, a block, a list, or one entry of a list."""

    loc: Loc
    member: Member
    owner: Shape
    """The block that it is a field of."""

    @property
    def is_list(self) -> bool:
        return self.member.many and isinstance(self.loc[-1], str)

    @property
    def leaf(self) -> Leaf | None:
        """What the value is; None for a block and for a list as a whole."""
        return None if self.is_list else self.member.leaf

    @property
    def block(self) -> Shape | None:
        return None if self.is_list else self.member.block


def places(blok: Blok, shape: Shape, loc: Loc = ()) -> Iterator[Place]:
    """All that is there, in the order of the document."""
    for member in shape.members:
        value = getattr(blok, member.name)
        if value is None or (member.many and not value):
            continue
        here = (*loc, member.json)
        yield Place(here, member, shape)
        for at, one in [((*here, i), each) for i, each in enumerate(value)] if member.many else [(here, value)]:
            if member.many:
                yield Place(at, member, shape)
            if member.block:
                yield from places(one, member.block, at)


class Draft:
    """The document of a letter, to be changed in place."""

    def __init__(self, brev: Brev, form: Form) -> None:
        self.form, self.shape = form, shape_of(type(brev))
        self.places = tuple(places(brev, self.shape))
        self._last = {place.loc[:-1]: place.member.place for place in self.places}
        self._root = etree.fromstring(write_xml(brev)) if form == "xml" else None
        self._data: dict[str, Any] = {} if form == "xml" else json.loads(write_json(brev))

    def path(self, loc: Loc) -> str:
        """As findings write it."""
        return path(self.shape, loc, self.form)

    def document(self) -> bytes:
        if self._root is not None:
            return etree.tostring(self._root, encoding="UTF-8", xml_declaration=False)
        text = json.dumps(self._data, ensure_ascii=False, separators=(",", ":"))
        return text.replace(AGAIN, "").encode("utf-8", "surrogatepass")

    @property
    def root(self) -> etree._Element:
        """Of the XML form."""
        assert self._root is not None
        return self._root

    @property
    def data(self) -> dict[str, Any]:
        """Of the JSON form."""
        return self._data

    def elements(self, loc: Loc) -> list[etree._Element]:
        """What stands at a place in XML; all entries of a list."""
        found, shape = [self.root], self.shape
        for step in loc:
            if isinstance(step, int):
                found = [found[step]]
                continue
            member = shape.by_json[step]
            found = found[0].findall(f"{{{NS}}}{member.element}")
            shape = member.block or shape
        return found

    def holder(self, loc: Loc) -> Any:
        """The object or list in JSON in which the last step of ``loc`` is found."""
        value: Any = self._data
        for step in loc[:-1]:
            value = value[step]
        return value

    def put(self, loc: Loc, value: Any) -> None:
        """Another value; in XML its text."""
        if self._root is None:
            self.holder(loc)[loc[-1]] = value
        else:
            self.elements(loc)[0].text = str(value)

    def remove(self, loc: Loc) -> None:
        """The field, or all entries of the list."""
        if self._root is None:
            del self.holder(loc)[loc[-1]]
            return
        for element in self.elements(loc):
            _parent(element).remove(element)

    def add(self, owner: Loc, json_name: str, element_name: str, text: str) -> str:
        """A field that the standard does not have, last in its block; the name by which this form knows it."""
        if self._root is None:
            self.holder((*owner, ""))[json_name] = text
            return json_name
        etree.SubElement(self.elements(owner)[0], f"{{{NS}}}{element_name}").text = text
        return element_name

    def double(self, loc: Loc) -> None:
        """The field a second time."""
        if self._root is None:
            holder, name = self.holder(loc), str(loc[-1])
            holder[f"{name}{AGAIN}"] = holder[name]
            return
        (element,) = self.elements(loc)
        element.addnext(deepcopy(element))

    def repeat(self, loc: Loc, count: int) -> None:
        """The first entry of a list, so often that there are ``count``."""
        if self._root is None:
            entries = self.holder(loc)[loc[-1]]
            entries += [entries[0]] * (count - len(entries))
            return
        entries = self.elements(loc)
        for _ in range(count - len(entries)):
            entries[-1].addnext(deepcopy(entries[0]))

    def followed(self, place: Place) -> bool:
        """Whether another field stands after it in its block."""
        return self._last[place.loc[:-1]] > place.member.place

    def swap(self, loc: Loc) -> None:
        """XML: the field and the next in its block change places."""
        (element,) = self.elements(loc)
        following = element.getnext()
        assert following is not None
        following.addnext(element)


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent
