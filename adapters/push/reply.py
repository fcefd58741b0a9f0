"""StatusKode and FejlbeskedTekst in the body of an answer, which may be anything.  Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from broker.kuvert.names import SAGDOK

_KODE = f"{{{SAGDOK}}}StatusKode"
_TEXT = f"{{{SAGDOK}}}FejlbeskedTekst"
_RETUR = f"{{{SAGDOK}}}StandardRetur"
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_SMALL = 2048
"""Octets of a body worth remembering: receivers say the same over and over."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the body says; ``kode`` None = nothing that can be made out, and ``problem`` says what is there."""

    kode: int | None
    text: str = ""
    problem: str = ""


def read_reply(body: bytes, charset: str | None = None) -> Reply:
    """StatusKode directly under the root, or in a StandardRetur there, whatever the root is called.

    ``charset``: of the Content-Type, used where the document cannot be read by what it says itself.  A DTD is
    refused; entities are not resolved; nothing is fetched.
    """
    return _known(body, charset) if len(body) <= _SMALL else _read(body, charset)


def _read(body: bytes, charset: str | None) -> Reply:
    if not body or body.isspace():
        return Reply(None, problem="the body is empty")
    try:
        root = _root(body, charset)
    except etree.XMLSyntaxError as error:
        return Reply(None, problem=f"the body is no XML ({error.msg})")
    if root.getroottree().docinfo.internalDTD is not None:
        return Reply(None, problem="the body has a DOCTYPE, which is not accepted")
    retur = root if root.find(_KODE) is not None else root.find(_RETUR)
    kode = None if retur is None else retur.findtext(_KODE)
    if retur is None or kode is None:
        return Reply(None, problem=_instead(root))
    if not _INTEGER.fullmatch(kode.strip()):
        return Reply(None, problem=f"StatusKode is '{kode.strip()[:40]}', which is no number")
    return Reply(int(kode), (retur.findtext(_TEXT) or "").strip())


_known = lru_cache(maxsize=256)(_read)


def _root(body: bytes, charset: str | None) -> etree._Element:
    try:
        return etree.fromstring(body, _parser(None))
    except etree.XMLSyntaxError:
        if charset is None:
            raise
        with suppress(LookupError):  # no such charset
            return etree.fromstring(body, _parser(charset))
        raise


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        collect_ids=False,
        huge_tree=False,
    )


def _instead(root: etree._Element) -> str:
    """What stands where StatusKode should."""
    for element in root.iter():
        name = etree.QName(element) if isinstance(element.tag, str) else None
        if name is None or name.localname != "StatusKode":
            continue
        if name.namespace == SAGDOK:
            return f"StatusKode stands too deep in {_named(root)}"
        return f"StatusKode is in {_namespace(name)}, not in namespace '{SAGDOK}'"
    return f"the body is {_named(root)} without StatusKode"


def _named(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"<{name.localname[:60]}> in {_namespace(name)}"


def _namespace(name: etree.QName) -> str:
    return f"namespace '{name.namespace[:100]}'" if name.namespace else "no namespace"
