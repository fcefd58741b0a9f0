"""The XSD that the product ships, and the check of a tree against it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

from lxml import etree

from broker.errors import Refused, VersionNotSupported
from broker.kuvert.complaint import complain, complain_briefly
from broker.kuvert.names import HAENDELSESBESKED, KUVERT, STS, STS_BESKEDFORDELER
from broker.kuvert.streaming import MANY_PARTS, first_breach

SCHEMA_FILE = Path(__file__).with_name("haendelsesbesked.xsd")
BESKED_VERSION = "1.0"
_LARGE = MANY_PARTS * len("<a/>")
"""Bytes; a smaller document cannot have that many parts."""
_envelope_size = etree.XPath(
    "count(/*/@*) + count(/*/*) + count(/*/k:Beskeddata/@*)"
    " + count(/*/*[not(self::k:Beskeddata)]//*) + count(/*/*[not(self::k:Beskeddata)]//@*)",
    namespaces={"k": KUVERT},
)
"""Elements and attributes of the envelope: all but those in Beskeddata, which the schema does not look at."""
_VERSION_TAG = f"{{{KUVERT}}}BeskedVersion"
_WRAPPERS = {
    f"{{{STS}}}ModtagBeskedInput": "what a receiver gets by push",
    f"{{{STS_BESKEDFORDELER}}}AfsendBeskedInput": "the wrapper of the SOAP service",
    f"{{{STS_BESKEDFORDELER}}}FlytBeskedTilFejlkoeInput": "the wrapper of the SOAP service",
}


def load_schema(file: Path = SCHEMA_FILE) -> etree.XMLSchema:
    """The schema in a file, with what it imports; nothing is fetched by network."""
    return etree.XMLSchema(etree.parse(file, etree.XMLParser(no_network=True, resolve_entities=False)))


class _Schema(threading.local):
    """A schema object keeps the errors of its last check: each thread has its own."""

    def __init__(self) -> None:
        self.loaded = load_schema()


_schema = _Schema()


def check_envelope(root: etree._Element, data: bytes) -> None:
    """Check root element, XSD and BeskedVersion of a tree and the bytes it was read from.

    A BeskedVersion other than "1.0" is told before any other breach of the schema: what the schema says of
    another version is not known here.  Raises Refused, VersionNotSupported.
    """
    if root.tag != HAENDELSESBESKED:
        raise _wrong_root(root)
    schema = _schema.loaded
    breach = None
    if len(data) > _LARGE and cast(float, _envelope_size(root)) > MANY_PARTS:
        breach = first_breach(data, schema)
        valid = breach is None
    else:
        valid = schema.validate(root)
    version = root[1] if valid else root.find(_VERSION_TAG)
    if version is not None and len(version) == 0:
        value = version.text or ""
        if value != BESKED_VERSION and value.strip() != BESKED_VERSION:
            raise VersionNotSupported(
                f"Haendelsesbesked/BeskedVersion: version '{value.strip()[:40]}' is not supported; "
                f"expected '{BESKED_VERSION}'"
            )
    if not valid:
        raise Refused(complain_briefly(root, breach) if breach is not None else complain(root, schema.error_log))


def _wrong_root(root: etree._Element) -> Refused:
    name = etree.QName(root)
    if wrapper := _WRAPPERS.get(str(root.tag)):
        return Refused(
            f"the root element is {name.localname} ({wrapper}); over AMQP the body is the Haendelsesbesked inside "
            f"it, without a wrapper; expected root element Haendelsesbesked in namespace {KUVERT}"
        )
    where = f"in namespace {name.namespace[:100]}" if name.namespace else "in no namespace"
    return Refused(
        f"the root element is {name.localname[:100]} {where}; expected Haendelsesbesked in namespace {KUVERT}"
    )
