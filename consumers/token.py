"""A token as a client sees it: a SAML assertion that it shows and does not judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from lxml import etree

from consumers.xml import read_xml

AFSEND = "http://entityid.kombit.dk/service/bfo_afsend/2"
"""Entity id of the service that takes messages (SF1462)."""
MODTAG = "http://entityid.kombit.dk/service/bfo_modtag/2"
"""Entity id of the service that hands them out (SF1461)."""

_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A SAML assertion, decoded.  Times are seconds since the epoch."""

    xml: bytes = field(repr=False)
    expires: float
    """Conditions/@NotOnOrAfter."""
    lasts: float | None = None
    """Seconds from Conditions/@NotBefore until then, where both are told."""

    @property
    def text(self) -> str:
        """As it is shown: the SASL EXTERNAL response, the header ``token``."""
        return self.xml.decode()


class TokenSource(Protocol):
    """Where one client's tokens come from.  Both raise NoToken and StsUnreachable."""

    async def token(self, audience: str) -> str:
        """A token for a service, by its entity id; kept ones are given out again."""
        ...

    async def renew(self, audience: str, refused: str) -> str:
        """Another one instead of ``refused``."""
        ...


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A `TokenSource` that has one token, whatever it is worth."""

    text: str = field(repr=False)

    async def token(self, audience: str) -> str:
        return self.text

    async def renew(self, audience: str, refused: str) -> str:
        return self.text


def read_assertion(xml: bytes) -> Assertion:
    """When it ends, read from the assertion itself.  Raises ValueError where it is none, or does not say."""
    try:
        root = read_xml(xml)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    if root.tag != f"{{{_SAML}}}Assertion":
        raise ValueError(f"expected an Assertion in {_SAML}, got {root.tag}")
    conditions = root.find(f"{{{_SAML}}}Conditions")
    end = None if conditions is None else conditions.get("NotOnOrAfter")
    if conditions is None or end is None:
        raise ValueError("the assertion has no Conditions with NotOnOrAfter")
    expires, start = _seconds(end), conditions.get("NotBefore")
    return Assertion(xml, expires, None if start is None else expires - _seconds(start))


def _seconds(moment: str) -> float:
    read = datetime.fromisoformat(moment)
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
