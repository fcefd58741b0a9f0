"""Synthetic attachments: PDF files of the size that one wants."""

from __future__ import annotations

from base64 import b64encode

SMALLEST = 400
"""Bytes; below that there is no room for a page with a line on it."""
LARGEST = 10 * 1024 * 1024
"""Bytes of one attachment at most."""


def pdf(tekst: str, size: int = SMALLEST) -> bytes:
    """One page that says ``tekst`` (ASCII letters, digits, spaces, full stops), ``size`` bytes long or a little more.

    What fills it up is a comment that counts, so that a part that is lost or doubled shows.
    """
    page = f"BT /F1 14 Tf 72 760 Td ({tekst}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font"
        b"/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
    )
    body, offsets = b"%PDF-1.4\n", []
    for count, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (count, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    xref = b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n"
    filler = _filler(size - len(body) - len(xref) - 12)
    return body + filler + xref + b"%d\n%%%%EOF\n" % (len(body) + len(filler))


def _filler(size: int) -> bytes:
    lines = -(-size // 16)
    return b"".join(b"%% %013d\n" % line for line in range(max(0, lines)))


def data(tekst: str, size: int = SMALLEST) -> str:
    """The file in base64, as a Dokument holds it."""
    return b64encode(pdf(tekst, size)).decode("ascii")
