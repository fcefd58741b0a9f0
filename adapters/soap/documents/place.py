"""Where an element stands, as a sentence begins: the path from the request down, and the line."""

from __future__ import annotations

from lxml import etree

from adapters.soap.documents.operation import is_request

_LONGEST_NAME = 100


def place_of(element: etree._Element) -> str:
    """As ``ImportInput/Vaerdiliste/Registrering[2] (line 14)``."""
    steps = [_step(element)]
    above = element
    while not is_request(above) and (parent := above.getparent()) is not None:
        above = parent
        steps.append(_step(above))
    line = f" (line {element.sourceline})" if element.sourceline else ""
    return "/".join(reversed(steps)) + line


def _step(element: etree._Element) -> str:
    name = local(element)
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = before == 0 and next(element.itersiblings(element.tag), None) is None
    return name if alone else f"{name}[{before + 1}]"


def local(element: etree._Element) -> str:
    """The local name, shortened where it is absurdly long."""
    return etree.QName(element).localname[:_LONGEST_NAME]
