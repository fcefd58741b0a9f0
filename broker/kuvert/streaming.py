"""A large document checked against a schema as text, as far as the first breach.

In a tree libxml2 works out the path of every error, at the cost of all siblings before the element, and keeps every
error: 45,000 faults in 1 MB took 4 seconds, a million in 20 MB half a gigabyte.  While reading there is no tree yet
and no path to work out, and one can stop.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from broker.kuvert.tree import make_parser

MANY_PARTS: Final = 10_000
"""Elements and attributes that there can be errors about, from which on a document is better checked as text."""
_CHUNK: Final = 64 * 1024
"""Bytes; no more errors are kept than one piece can hold."""


def first_breach(text: bytes, schema: etree.XMLSchema) -> etree._LogEntry | None:
    """The first breach of the schema in a well-formed UTF-8 document, or None; it has neither path nor line.

    It comes from the parser's own log: the error_log of an XMLSyntaxError is that of the whole thread, with what
    earlier senders wrote.  Raises XMLSyntaxError where the document is not well-formed and nothing else is wrong.
    """
    parser = make_parser(huge=True, schema=schema)
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            if len(parser.feed_error_log):
                break
        else:
            parser.close()
            return None
    except etree.XMLSyntaxError:
        if not len(parser.feed_error_log):
            raise  # not well-formed
    return parser.feed_error_log[0]
