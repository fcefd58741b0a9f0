"""SOAP answers, signed as the real STS signs them: Body, Action, RelatesTo and Timestamp, by the key of the tokens.

The answer is put together of octets, so that an assertion stands in it exactly as it was signed.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import cast
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from adapters.sts.assertion import Signer
from adapters.sts.faults import SoapFault
from adapters.sts.names import SOAP_11, WSA, WSSE, WSU, X509_SKI
from broker.clock import iso
from broker.kuvert.text import xml_text
from broker.tokens.names import DS, EXC_C14N, RSA_SHA256
from broker.tokens.names import SHA256 as SHA256_NAME

_VALID = 300.0
"""Seconds that an answer's Timestamp spans, as the real one's."""
_HERE = "<!-- signature -->"
_with_id = etree.XPath("//*[@u:Id]", namespaces={"u": WSU})


def answer(soap: str, action: str, relates_to: str | None, body: bytes, *, now: float, signer: Signer | None) -> bytes:
    """An envelope around ``body``; signed where there is a ``signer``.  ``soap`` is the namespace of the version."""
    related = "" if relates_to is None else f'<a:RelatesTo u:Id="_3">{escape(relates_to)}</a:RelatesTo>'
    opening = (
        f'<s:Envelope xmlns:s="{soap}" xmlns:a="{WSA}" xmlns:u="{WSU}"><s:Header>'
        f'<a:Action s:mustUnderstand="1" u:Id="_2">{action}</a:Action>{related}'
        f"{_security(now) if signer is not None else ''}"
        f'</s:Header><s:Body u:Id="_1">'
    )
    whole = opening.encode() + body + b"</s:Body></s:Envelope>"
    if signer is None:
        return whole
    # the place is in the opening, before anything that a client had a say in could look like it
    return whole.replace(_HERE.encode(), _signature(whole, signer), 1)


def _security(now: float) -> str:
    return (
        f'<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}"><u:Timestamp u:Id="_4">'
        f"<u:Created>{iso(now)}</u:Created><u:Expires>{iso(now + _VALID)}</u:Expires></u:Timestamp>{_HERE}</o:Security>"
    )


def _signature(whole: bytes, signer: Signer) -> bytes:
    """The Signature element; SignedInfo is written in its canonical form at once."""
    elements = cast("list[etree._Element]", _with_id(etree.fromstring(whole)))
    references = "".join(_reference(element) for element in elements)
    inner = (
        f'<CanonicalizationMethod Algorithm="{EXC_C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{RSA_SHA256}"></SignatureMethod>{references}'
    )
    signed = f'<SignedInfo xmlns="{DS}">{inner}</SignedInfo>'.encode()
    value = base64.b64encode(signer.key.sign(signed, PKCS1v15(), SHA256())).decode()
    return (
        f'<Signature xmlns="{DS}"><SignedInfo>{inner}</SignedInfo><SignatureValue>{value}</SignatureValue><KeyInfo>'
        f'<o:SecurityTokenReference><o:KeyIdentifier ValueType="{X509_SKI}">{_key_identifier(signer.certificate)}'
        f"</o:KeyIdentifier></o:SecurityTokenReference></KeyInfo></Signature>"
    ).encode()


def _reference(element: etree._Element) -> str:
    canonical = etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    digest = base64.b64encode(sha256(canonical).digest()).decode()
    return (
        f'<Reference URI="#{element.get(f"{{{WSU}}}Id")}"><Transforms><Transform Algorithm="{EXC_C14N}"></Transform>'
        f'</Transforms><DigestMethod Algorithm="{SHA256_NAME}"></DigestMethod><DigestValue>{digest}</DigestValue>'
        f"</Reference>"
    )


def _key_identifier(certificate: x509.Certificate) -> str:
    """SubjectKeyIdentifier of the certificate, made of its key where it has none."""
    try:
        digest = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    return base64.b64encode(digest).decode()


def fault_body(soap: str, fault: SoapFault) -> bytes:
    """A fault as a Body holds it, in either version of SOAP."""
    namespace, name = fault.code.value
    text = xml_text(str(fault))
    if soap == SOAP_11:
        code = f'<faultcode xmlns:w="{namespace}">w:{name}</faultcode>'
        return f"<s:Fault>{code}<faultstring>{text}</faultstring></s:Fault>".encode()
    subcode = f'<s:Subcode><s:Value xmlns:w="{namespace}">w:{name}</s:Value></s:Subcode>'
    return (
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value>{subcode}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>'
    ).encode()
