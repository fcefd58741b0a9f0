"""Answers by SOAP, read and verified as a careful client does: with signxml, and without our own code."""

from __future__ import annotations

from cryptography import x509
from lxml import etree
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from tests.support.wss import SOAP_12, WSA, WSSE, WSU

NAMES = {
    "a": WSA,
    "t": "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    "u": WSU,
    "o": WSSE,
    "p": "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
}
RSTR = "s:Body/t:RequestSecurityTokenResponseCollection/t:RequestSecurityTokenResponse"


def find(content: bytes, path: str, soap: str = SOAP_12) -> etree._Element:
    """The only element at ``path`` below the Envelope."""
    (found,) = etree.fromstring(content).findall(path, NAMES | {"s": soap})
    return found


def text(content: bytes, path: str, soap: str = SOAP_12) -> str:
    return find(content, path, soap).text or ""


def assertion_in(content: bytes) -> bytes:
    """The octets of the assertion, cut out as they stand."""
    start, end = content.index(b"<Assertion "), content.index(b"</Assertion>") + len(b"</Assertion>")
    return content[start:end]


def signed_names(content: bytes, certificate: x509.Certificate, soap: str = SOAP_12) -> set[str]:
    """Local names of what the answer's signature covers; raises where it does not hold."""
    config = SignatureConfiguration(location=f"./{{{soap}}}Header/{{{WSSE}}}Security/", expect_references=True)
    count = content.split(b"</SignedInfo>")[0].count(b"<Reference ")
    config = SignatureConfiguration(location=config.location, expect_references=count)
    results = XMLVerifier().verify(content, x509_cert=certificate, expect_config=config)
    assert isinstance(results, list)
    return {etree.QName(_xml(result)).localname for result in results}


def _xml(result: VerifyResult) -> etree._Element:
    assert result.signed_xml is not None
    return result.signed_xml


def fault(content: bytes) -> tuple[str, str]:
    """Local name of the subcode, and the reason, of a SOAP 1.2 fault."""
    value = text(content, "s:Body/s:Fault/s:Code/s:Subcode/s:Value")
    return value.partition(":")[2], text(content, "s:Body/s:Fault/s:Reason/s:Text")
