"""Octets of unknown origin to an XML tree, bounded before anything is looked at."""

from __future__ import annotations

from lxml import etree

from broker.tokens.refusals import quoted, unsound

MAX_DEPTH = 32
"""Levels of elements; an assertion has eight."""

_too_deep = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


def make_parser() -> etree.XMLParser:
    """A parser that loads nothing and expands nothing.  Always UTF-8: what the prolog claims does not count."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_blank_text=False,
        strip_cdata=True,
    )


def read_tree(raw: bytes, parser: etree.XMLParser, max_size: int) -> etree._Element:
    """The root element in ``raw``.  Raises TokenRefused: empty, too large, a DOCTYPE, not well-formed, too deep."""
    if not raw:
        raise unsound("the token is empty")
    if len(raw) > max_size:
        raise unsound(f"the token is {len(raw)} bytes, more than {max_size}")
    if b"<!DOCTYPE" in raw:
        raise unsound("the token has a DOCTYPE")
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unsound(f"the token is not well-formed XML: {quoted(str(error))}") from None
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.externalDTD is not None:
        raise unsound("the token has a DOCTYPE")
    if _too_deep(root):
        raise unsound(f"the token is more than {MAX_DEPTH} elements deep")
    return root
