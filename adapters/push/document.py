"""ModtagBeskedInput: the Haendelsesbesked in the wrapper that a receiver is sent.  Pure: bytes in, bytes out."""

from __future__ import annotations

from broker.kuvert.names import STS

_BOM = b"\xef\xbb\xbf"
_DECLARATIONS = (b"<?xml ", b"<?xml\t", b"<?xml\r", b"<?xml\n")
# A prefix, and no default namespace: the message's own elements without one must stay without one.
_OPEN = f'<sts:ModtagBeskedInput xmlns:sts="{STS}">'.encode()
_CLOSE = b"</sts:ModtagBeskedInput>"


def modtag_besked_input(besked: bytes) -> bytes:
    """The document (AnvendersystemOperationer.xsd) around a message as `broker.kuvert.splice_route` gives it.

    The message stays byte for byte; only its XML declaration (and byte order mark) stands before the wrapper.
    What may stand around a root element (comments, white space) may stand inside the wrapper as well.
    """
    at = len(_BOM) if besked.startswith(_BOM) else 0
    if besked.startswith(_DECLARATIONS, at):
        at = besked.index(b"?>", at) + 2
    view = memoryview(besked)
    return b"".join((view[:at], _OPEN, view[at:], _CLOSE))
