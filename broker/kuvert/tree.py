"""From bytes to an element tree: no DTD, no entities, no network; size and depth bounded."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from lxml import etree

from broker.errors import Refused
from broker.kuvert.limits import Limits

_LIBRARY_DEPTH = 256
"""libxml2 refuses deeper documents by itself, unless told that the tree may be huge."""
_LIBRARY_TEXT = 10_000_000
"""libxml2 refuses longer text nodes by itself (bytes), unless told that the tree may be huge."""
_WHERE = re.compile(r",? line \d+, column \d+$")


def make_parser(huge: bool, schema: etree.XMLSchema | None = None) -> etree.XMLParser:
    """A parser that resolves, loads and fetches nothing; with ``schema`` it validates as it reads."""
    return etree.XMLParser(
        schema=schema,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        collect_ids=False,
        huge_tree=huge,
    )


class _Parsers(threading.local):
    """Parsers are locked while in use: each thread has its own, so that a large message holds nobody up."""

    def __init__(self) -> None:
        self.usual = make_parser(huge=False)
        self.huge = make_parser(huge=True)


_parsers = _Parsers()


def read_tree(data: bytes, limits: Limits) -> etree._Element:
    """The root element of a UTF-8 document without DOCTYPE (`check_prolog`), comments and PIs left out.

    Raises Refused: malformed (line, column, what is wrong), or deeper than ``limits.max_depth``.
    """
    huge = len(data) > _LIBRARY_TEXT or limits.max_depth > _LIBRARY_DEPTH
    try:
        root = etree.fromstring(data, _parsers.huge if huge else _parsers.usual)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, limits) from None
    if (huge or limits.max_depth < _LIBRARY_DEPTH) and _deeper_than(limits.max_depth)(root):
        raise _too_deep(limits)
    return root


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _too_deep(limits: Limits) -> Refused:
    return Refused(f"the document is nested too deep; expected at most {limits.max_depth} levels of elements")


def _malformed(error: etree.XMLSyntaxError, limits: Limits) -> Refused:
    what = _WHERE.sub("", (error.msg or "").strip()).strip().replace("\n", " ")
    if what.startswith("Excessive depth"):
        return _too_deep(limits)
    line, column = error.position
    return Refused(
        f"malformed XML at line {line}, column {column}: {what or 'cannot be read'}; expected well-formed XML"
    )
