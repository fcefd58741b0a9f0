"""Namespaces of the envelope, and reading XML that strangers sent."""

from __future__ import annotations

from lxml import etree

KUVERT = "urn:oio:besked:kuvert:1.0"
SAGDOK = "urn:oio:sagdok:3.0.0"


def read_xml(document: bytes) -> etree._Element:
    """The root element; no entities, no DTD, no network.  Raises lxml.etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.fromstring(document, parser)
