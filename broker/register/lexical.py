"""How the single values of a register must look; each rule answers with what is wrong, or None.

Pure.  The file reader and the checks at run time share these, so both say the same about the same value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from broker.core.identifiers import is_uuid

Rule = Callable[[str], str | None]
"""A rule for one value: what is wrong with it and what was expected, or None."""

UUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
CVR_PATTERN = r"^[0-9]{8}$"
CALLBACK_PATTERN = r"^[Hh][Tt][Tt][Pp][Ss]?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*)?$"
KLE_PATTERN = r"^(\*|(urn:oio:kle:)?[0-9]{1,2}[0-9.*]*)$"
VERSIONS = ("1.0", "2.0")
LONGEST_SERIENUMMER = 64
"""X.520, ub-serial-number."""
LONGEST_CALLBACK = 2_000
"""Characters (ours)."""
LARGEST_PORT = 65_535

EARLIEST = -62135596800.0
"""0001-01-01T00:00:00Z, the first time that ISO 8601 dates of four digits can say."""
LATEST = 253402300799.999
"""9999-12-31T23:59:59.999Z; a millisecond is what a float holds there: ….999999 would be the year 10000."""

_CVR = re.compile(r"[0-9]{8}\Z")
_DIGITS = re.compile(r"[0-9]{1,7}\Z")
_CALLBACK = re.compile(CALLBACK_PATTERN.removesuffix("$") + r"\Z")
_STRAY = re.compile('[\x00-\x20\x7f"\\\\]')
_STRAY_NAMES = {
    " ": "a space (written %20)",
    "\t": "a tabulator",
    "\n": "a line break",
    "\r": "a line break",
    '"': 'a quote " (written %22)',
    "\\": "a backslash (written %5C)",
}
"""Never in a URL, and often there by mistake."""
_TO_PATH = re.compile("[/?]")
_HOST_PORT = re.compile(r"(\[[^\]]*\]?|.*?)(?::([^:\[\]]*))?\Z", re.DOTALL)
_NO_HOST = re.compile(r"[^A-Za-z0-9._-]")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry (section 2.2)."""
_KLE = re.compile(KLE_PATTERN.removesuffix("$") + r"\Z")


def uuid_fault(value: str) -> str | None:
    """A UUID in its 8-4-4-4-12 form."""
    if is_uuid(value):
        return None
    return f"'{value}' is not a UUID; expected hexadecimal digits as 8-4-4-4-12"


def unik_id_fault(value: str) -> str | None:
    """A UnikId (a Beskedtype is one, an AktoerRef is): a UUID or a URN (Beskedkuvert.xsd, SagDokObjekt.xsd)."""
    if is_uuid(value) or re.match(r"urn:[^\s:]+:\S+\Z", value, re.IGNORECASE):
        return None
    return f"'{value}' is neither a UUID nor a URN; expected hexadecimal digits as 8-4-4-4-12, or urn:…"


def cvr_fault(value: str) -> str | None:
    """A CVR number: eight digits, leading zeros included."""
    if _CVR.match(value):
        return None
    if _DIGITS.match(value):
        return f"'{value}' has {len(value)} digits; expected eight, leading zeros included: '{value:0>8}'"
    return f"'{value}' is not a CVR number; expected eight digits"


def kle_fault(value: str) -> str | None:
    """A forvaltningsområde: ``*``, a KLE number or its beginning followed by ``*``."""
    if _KLE.match(value):
        return None
    return f"'{value}' is not a KLE pattern; expected a number as 27.18.02, a pattern as 27.*, or *"


def navn_fault(value: str) -> str | None:
    """A navn: printable, one line, not blank at either end."""
    if not value.strip():
        return "is empty; expected a name"
    if value != value.strip():
        return f"{value!r} begins or ends with a space; expected a name without"
    if not value.isprintable():
        return f"{value!r} holds a character that cannot be shown; expected printable text on one line"
    return None


def certifikat_fault(value: str) -> str | None:
    """SERIALNUMBER in the subject of a certificate (X.520): printable, one line, at most 64 characters."""
    if fault := navn_fault(value):
        return fault.replace("expected a name", "expected the SERIALNUMBER of the certificate's subject")
    if len(value) > LONGEST_SERIENUMMER:
        return (
            f"has {len(value)} characters; expected the SERIALNUMBER of the certificate's subject, "
            f"at most {LONGEST_SERIENUMMER}"
        )
    return None


def callback_fault(value: str) -> str | None:
    """Where a dueslag is pushed to: an http or https URL with a host; no name, password or fragment."""
    if len(value) > LONGEST_CALLBACK:
        return f"has {len(value)} characters; expected a URL of at most {LONGEST_CALLBACK}"
    authority = _AUTHORITY.match(value)
    if authority and "@" in authority[0]:
        return "has a name or password before the host; expected a URL without (push shows a certificate)"
    if "#" in value:
        return f"'{value}' has a fragment (#…), which is never sent; expected a URL without"
    if _CALLBACK.match(value) and _is_reachable(value):
        return None
    what = f": {_callback_reason(value)}" if value else ""
    return f"'{value}' is not a callback{what}; expected http://HOST:PORT/PATH or https://HOST:PORT/PATH"


def _is_reachable(url: str) -> bool:
    """Whether host and port of a URL that has the form are possible."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port over 65535, brackets around what is no IPv6 address
        return False


def _callback_reason(value: str) -> str:
    """What is wrong with a URL that is not a callback."""
    if stray := _STRAY.search(value):
        return f"it holds {_STRAY_NAMES.get(stray[0], f'the control character U+{ord(stray[0]):04X}')}"
    scheme, mark, rest = value.partition("://")
    if not mark or not scheme:
        return "it has no http:// or https:// in front"
    if scheme.lower() not in ("http", "https"):
        return f"its scheme is '{scheme}'"
    authority = _TO_PATH.split(rest, maxsplit=1)[0]
    return _authority_reason(authority) or _path_reason(rest[len(authority) :])


def _authority_reason(authority: str) -> str | None:
    """What is wrong with the HOST:PORT of a URL."""
    host, port = _HOST_PORT.match(authority).groups()  # type: ignore[union-attr]  # matches any text
    if host.startswith("["):
        if not _is_reachable(f"http://{host}") or not _CALLBACK.match(f"http://{host}"):
            return f"'{host}' is not an IPv6 address in brackets"
    elif not host:
        return "it has no host"
    elif ":" in host:
        return f"its host '{host}' holds a colon (an IPv6 address stands in brackets, as [::1])"
    elif not host.isascii():
        return f"its host holds '{_first_beyond_ascii(host)}' (a name beyond ASCII is written in its xn--… form)"
    elif stray := _NO_HOST.search(host):
        return f"its host holds '{stray[0]}'"
    return _port_reason(port) if port is not None else None


def _port_reason(port: str) -> str | None:
    if not port:
        return "its port is empty"
    if not _PORT.match(port) or not 0 < int(port) <= LARGEST_PORT:
        return f"its port is {port}, not a number from 1 to {LARGEST_PORT}"
    return None


def _path_reason(path: str) -> str:
    """What is wrong with what follows the host of a URL."""
    stray = next((sign for sign in path if not _CALLBACK.match(f"http://h/{sign}")), "")
    return f"its path or query holds '{stray}' (written {quote(stray, safe='', errors='replace')})"


def _first_beyond_ascii(text: str) -> str:
    return next(sign for sign in text if not sign.isascii())


def xml_text_fault(value: str) -> str | None:
    """A text that an answer in XML can carry."""
    if found := _NO_XML.search(value):
        return f"holds the character U+{ord(found[0]):04X}, which may not stand in XML; expected text without"
    return None


def version_fault(value: str) -> str | None:
    """The version of SF1461 or SF1462 that an agreement is about."""
    return None if value in VERSIONS else f"'{value}' is not a version; expected '1.0' or '2.0'"


def tid_fault(value: float | None) -> str | None:
    """Seconds since the epoch that a four-digit year can say, or None."""
    if value is None or (math.isfinite(value) and EARLIEST <= value <= LATEST):
        return None
    return f"{value} is outside the years 1 to 9999; expected seconds since 1970-01-01T00:00:00Z"


def value_fault(value: str) -> str | None:
    """One value of a list in an agreement that has no form of its own."""
    return "is empty; expected an identifier or '*'" if not value.strip() else None
