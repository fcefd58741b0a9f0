"""The XSDs that the product ships for the eleven operations, and the check of a request against them.

Loaded when first asked for: a Beskedfordeler that nobody speaks SOAP with never does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from lxml import etree

from adapters.soap.documents.complaint import complain, complain_briefly
from adapters.soap.documents.operation import Operation
from broker.errors import Refused
from broker.kuvert.schema import load_schema
from broker.kuvert.tree import make_parser

FOLDER = Path(__file__).parent.parent / "schema"
VAERDILISTE_FILE = FOLDER / "vaerdiliste.xsd"
FEJLKOE_FILE = FOLDER / "fejlkoe.xsd"
_MANY_ELEMENTS = 10_000
_size = etree.XPath("count(.//*)")


@dataclass(frozen=True, slots=True)
class _Checker:
    schema: etree.XMLSchema
    validating_parser: etree.XMLParser


class _Checkers(threading.local):
    """A schema object keeps the errors of its last check: each thread has its own."""

    def __init__(self) -> None:
        self._loaded: dict[Path, _Checker] = {}

    def of(self, file: Path) -> _Checker:
        if (checker := self._loaded.get(file)) is None:
            schema = load_schema(file)
            checker = self._loaded[file] = _Checker(schema, make_parser(huge=True, schema=schema))
        return checker


_checkers = _Checkers()


def check_request(operation: Operation, element: etree._Element) -> None:
    """Check a request against the XSD of its operation.  Raises Refused: path, line, value, rule, what to do."""
    file = FEJLKOE_FILE if operation is Operation.FLYT_TIL_FEJLKOE else VAERDILISTE_FILE
    checker = _checkers.of(file)
    if cast(float, _size(element)) > _MANY_ELEMENTS:
        _check_streaming(checker, element)
    elif not checker.schema.validate(element):
        raise Refused(complain(element, checker.schema.error_log))


def _check_streaming(checker: _Checker, element: etree._Element) -> None:
    """The same from text.

    libxml2 works out the path of every error in a tree, at the cost of all siblings before it: 100,000 errors would
    take minutes.  While reading there is no tree yet, and no path to work out.
    """
    try:
        etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False), checker.validating_parser)
    except etree.XMLSyntaxError as error:
        raise Refused(complain_briefly(element, error.error_log)) from None
