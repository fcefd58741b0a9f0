"""The XSDs that the product ships for the eleven operations, and the check of a request against them.

Loaded when first asked for: a Beskedfordeler that nobody speaks SOAP with never does.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

from lxml import etree

from adapters.soap.documents.complaint import complain, complain_briefly
from adapters.soap.documents.operation import Operation
from broker.errors import Refused
from broker.kuvert.schema import load_schema
from broker.kuvert.streaming import MANY_PARTS, first_breach

FOLDER = Path(__file__).parent.parent / "schema"
VAERDILISTE_FILE = FOLDER / "vaerdiliste.xsd"
FEJLKOE_FILE = FOLDER / "fejlkoe.xsd"
_MANY_PARTS = MANY_PARTS
_size = etree.XPath("count(.//*) + count(.//@*)")
"""Elements and attributes: what there can be errors about."""


class _Schemas(threading.local):
    """A schema object keeps the errors of its last check: each thread has its own."""

    def __init__(self) -> None:
        self._loaded: dict[Path, etree.XMLSchema] = {}

    def of(self, operation: Operation) -> etree.XMLSchema:
        file = FEJLKOE_FILE if operation is Operation.FLYT_TIL_FEJLKOE else VAERDILISTE_FILE
        if (schema := self._loaded.get(file)) is None:
            schema = self._loaded[file] = load_schema(file)
        return schema


_schemas = _Schemas()


def check_request(operation: Operation, element: etree._Element) -> None:
    """Check a request against the XSD of its operation.  Raises Refused: path, line, value, rule, what to do."""
    schema = _schemas.of(operation)
    if cast(float, _size(element)) > _MANY_PARTS:
        if (breach := first_breach(_alone(element), schema)) is not None:
            raise Refused(complain_briefly(element, breach))
    elif not schema.validate(element):
        raise Refused(complain(element, schema.error_log))


def _alone(element: etree._Element) -> bytes:
    """The element as a document of its own, in which each line has the number it had."""
    above = cast(int, element.sourceline or 1) - 1
    return b"\n" * above + etree.tostring(element, encoding="utf-8", with_tail=False)
