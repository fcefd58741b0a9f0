"""FlytBeskedTilFejlkoeInput: the message inside is judged as one that is sent."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree

from adapters.soap.documents.operation import Operation
from adapters.soap.documents.requests import FlytTilFejlkoe
from adapters.soap.documents.schema import check_request
from broker.core.besked import Besked
from broker.errors import Refused
from broker.kuvert import parse
from broker.kuvert.names import HAENDELSESBESKED

_LINE = re.compile(r"(?<=\bline )\d+")


def read_flyt(element: etree._Element) -> FlytTilFejlkoe:
    """The message as a document of its own.

    A BeskedVersion other than "1.0" is told before any other breach, as over AMQP.  Raises Refused,
    VersionNotSupported.
    """
    message = element.find(HAENDELSESBESKED)
    octets = etree.tostring(message, encoding="utf-8", with_tail=False) if message is not None else b""
    besked = _judged(octets, message) if message is not None else None
    check_request(Operation.FLYT_TIL_FEJLKOE, element)
    assert besked is not None  # by the schema
    return FlytTilFejlkoe(octets, besked.besked_id)


def _judged(octets: bytes, message: etree._Element) -> Besked:
    """What the message says; lines in a refusal are those of the request."""
    try:
        return parse(octets).besked
    except Refused as error:
        above = cast(int, message.sourceline or 1) - 1
        raise type(error)(_LINE.sub(lambda line: str(int(line[0]) + above), str(error))) from None
