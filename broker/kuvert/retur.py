"""StandardRetur: the answer to a sender, written and read."""

from __future__ import annotations

from broker.errors import Refused
from broker.kuvert.limits import Limits
from broker.kuvert.names import SAGDOK
from broker.kuvert.prolog import check_prolog
from broker.kuvert.text import xml_text
from broker.kuvert.tree import read_tree

_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<StandardRetur xmlns="{SAGDOK}"><StatusKode>%d</StatusKode>'
    "<FejlbeskedTekst>%s</FejlbeskedTekst></StandardRetur>"
)
_OK = 20
_LIMITS = Limits(max_bytes=1024 * 1024)


def standard_retur(status_kode: int, text: str) -> bytes:
    """The document: StatusKode and FejlbeskedTekst directly under the root, where the sample clients read them.

    FejlbeskedTekst is empty with 20, whatever ``text`` says; characters that XML cannot hold become U+FFFD.
    """
    return (_DOCUMENT % (status_kode, "" if status_kode == _OK else xml_text(text))).encode()


def read_standard_retur(document: bytes) -> tuple[int, str]:
    """StatusKode and FejlbeskedTekst ("" where there is none), whatever the root is called.

    Also found one level down, inside StandardRetur, as push receivers write it.  Raises Refused where the
    document is no XML or has no StatusKode that is a number.
    """
    check_prolog(document, _LIMITS)
    root = read_tree(document, _LIMITS)
    retur = root if root.find(f"{{{SAGDOK}}}StatusKode") is not None else root.find(f"{{{SAGDOK}}}StandardRetur")
    kode = retur.findtext(f"{{{SAGDOK}}}StatusKode") if retur is not None else None
    if retur is None or kode is None:
        raise Refused("the answer has no StatusKode; expected it directly under the root or in StandardRetur")
    try:
        number = int(kode)
    except ValueError:
        raise Refused(f"StatusKode: '{kode[:40]}' is not a number; expected 20, 40, 41, 44, 51, 53 or 55") from None
    return number, retur.findtext(f"{{{SAGDOK}}}FejlbeskedTekst") or ""
