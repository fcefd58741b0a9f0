"""The values of a request: up to a million, so nothing is done per value that can be done for all."""

from __future__ import annotations

from lxml import etree

from adapters.soap.documents.leaves import whole_text
from adapters.soap.documents.place import place_of
from broker.errors import Refused

MOST_VALUES = 1_000_000
"""In one request (ours)."""
LONGEST_VALUE = 10_000
"""Characters (ours)."""


def read_values(container: etree._Element, tag: str) -> tuple[str, ...]:
    """The texts of all children called ``tag``, as sent.  Raises Refused: too many, or one too long."""
    values = tuple([(whole_text(leaf) or "") if len(leaf) else leaf.text or "" for leaf in container.iterchildren(tag)])
    check_number(container, len(values))
    if values and max(map(len, values)) > LONGEST_VALUE:
        raise _too_long(container, tag, values)
    return values


def check_number(container: etree._Element, number: int) -> None:
    """Raises Refused where a request has more values than `MOST_VALUES`."""
    if number > MOST_VALUES:
        raise Refused(
            f"{place_of(container)}: {number} values are too many for one request; expected at most {MOST_VALUES}: "
            "send the rest by tilfoejvaerdier or fjernvaerdier"
        )


def _too_long(container: etree._Element, tag: str, values: tuple[str, ...]) -> Refused:
    index, value = next((index, value) for index, value in enumerate(values) if len(value) > LONGEST_VALUE)
    leaf = next(leaf for position, leaf in enumerate(container.iterchildren(tag)) if position == index)
    return Refused(
        f"{place_of(leaf)}: the value has {len(value)} characters; expected at most {LONGEST_VALUE} in one value"
    )
