"""What a hostile client may show instead of a token: no assertion at all, or XML that is to hurt its reader."""

from __future__ import annotations

import base64
from random import Random


class LongString(str):
    """Any octets, such as a header of type long string may hold and no client library would let one write."""

    octets: bytes

    def __new__(cls, octets: bytes) -> LongString:
        made = super().__new__(cls, octets.decode("latin-1"))
        made.octets = octets
        return made

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.octets


_BARE = b'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

JUNK: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t ",
    "no xml": b"ikke et token " * 400,
    "binary": Random(1514).randbytes(5000),
    "zeros": bytes(5000),
    "not decoded": base64.b64encode(_BARE),
    "another document": b'<Haendelsesbesked xmlns="urn:oio:besked:kuvert:1.0"/>',
    "bare assertion": _BARE,
    "cut short": b'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Issuer>',
    "xml bomb": f'<!DOCTYPE a [<!ENTITY l0 "lol">{_LAUGHS}]><a>&l9;</a>'.encode(),
    "quadratic bomb": f'<!DOCTYPE a [<!ENTITY e "{"x" * 20_000}">]><a>{"&e;" * 10_000}</a>'.encode(),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "external dtd": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "deep": b"<a>" * 20_000,
    "many attributes": b"<a " + b" ".join(b'a%d=""' % n for n in range(7_000)) + b"/>",
    "many namespaces": b"<a " + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(3_000)) + b"/>",
    "utf-16": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    "unknown encoding": b'<?xml version="1.0" encoding="x-findes-ikke"?><a/>',
    "over the limit": b"<a>" + b"x" * 100_000 + b"</a>",
}
"""Each fits into one AMQP frame."""

MEGABYTE = b"<a>" + b"x" * 1024 * 1024 + b"</a>"
"""Fits into none."""
