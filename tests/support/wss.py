"""Requests for tokens by SOAP, written and signed as the public clients do, without our own code."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import cast
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSU = _WSS + "wssecurity-utility-1.0.xsd"
WSSE = _WSS + "wssecurity-secext-1.0.xsd"
X509_V3 = _WSS + "x509-token-profile-1.0#X509v3"
BASE64 = _WSS + "soap-message-security-1.0#Base64Binary"
WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
ENDPOINT = "https://adgangsstyring.example/runtime/services/kombittrust/14/certificatemixed"
AFSEND = "http://entityid.kombit.dk/service/bfo_afsend/2"

ALL = ("action", "msgid", "to", "replyto", "sec-ts", "sec-bst", "body")
"""Ids of what the public clients sign."""


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def base64_of(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


@dataclass(slots=True)
class Rst:
    """A request, before it is signed; each part may be replaced."""

    certificate: x509.Certificate
    now: float
    cvr: str = "11111111"
    audience: str = AFSEND
    soap: str = SOAP_12
    to: str = ENDPOINT
    action: str = WST + "/RST/Issue"
    request_type: str = WST + "/Issue"
    key_type: str = WST + "/PublicKey"
    token_type: str = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"
    created: float | None = None
    valid: float = 300
    use_key: str | None = None
    """Inside of UseKey; None = the certificate, "" = no UseKey."""
    more: str = ""
    """Further elements of the RequestSecurityToken."""
    message_id: str = field(default_factory=lambda: f"urn:uuid:{uuid4()}")
    context: str = "ctx-1"

    def token(self) -> str:
        """The RequestSecurityToken."""
        inside = self.use_key
        if inside is None:
            inside = (
                f'<wsse:BinarySecurityToken xmlns:wsse="{WSSE}" EncodingType="{BASE64}" ValueType="{X509_V3}">'
                f"{base64_of(self.certificate)}</wsse:BinarySecurityToken>"
            )
        use_key = f"<wst:UseKey>{inside}</wst:UseKey>" if inside else ""
        return (
            f'<wst:RequestSecurityToken xmlns:wst="{WST}" Context="{self.context}">'
            f"<wst:TokenType>{self.token_type}</wst:TokenType><wst:RequestType>{self.request_type}</wst:RequestType>"
            '<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy">'
            f'<adr:EndpointReference xmlns:adr="{WSA}"><adr:Address>{self.audience}</adr:Address>'
            "</adr:EndpointReference></wsp:AppliesTo>"
            '<wst:Claims Dialect="http://docs.oasis-open.org/wsfed/authorization/200706/authclaims">'
            '<wsfed:ClaimType xmlns:wsfed="http://docs.oasis-open.org/wsfed/authorization/200706" '
            f'Uri="dk:gov:saml:attribute:CvrNumberIdentifier" Optional="false"><wsfed:Value>{self.cvr}</wsfed:Value>'
            f"</wsfed:ClaimType></wst:Claims><wst:KeyType>{self.key_type}</wst:KeyType>{use_key}{self.more}"
            "</wst:RequestSecurityToken>"
        )

    def unsigned(self) -> bytes:
        """The envelope with an empty place for the signature."""
        created = self.now if self.created is None else self.created
        return (
            f'<soap:Envelope xmlns:soap="{self.soap}"><soap:Header>'
            f'<Action xmlns="{WSA}" xmlns:wsu="{WSU}" wsu:Id="action">{self.action}</Action>'
            f'<MessageID xmlns="{WSA}" xmlns:wsu="{WSU}" wsu:Id="msgid">{self.message_id}</MessageID>'
            f'<To xmlns="{WSA}" xmlns:wsu="{WSU}" wsu:Id="to">{self.to}</To>'
            f'<ReplyTo xmlns="{WSA}" xmlns:wsu="{WSU}" wsu:Id="replyto"><Address>{WSA}/anonymous</Address></ReplyTo>'
            f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" soap:mustUnderstand="1">'
            f'<wsse:BinarySecurityToken wsu:Id="sec-bst" EncodingType="{BASE64}" ValueType="{X509_V3}">'
            f"{base64_of(self.certificate)}</wsse:BinarySecurityToken>"
            f'<wsu:Timestamp wsu:Id="sec-ts"><wsu:Created>{stamp(created)}</wsu:Created>'
            f"<wsu:Expires>{stamp(created + self.valid)}</wsu:Expires></wsu:Timestamp>"
            f"</wsse:Security></soap:Header>"
            f'<soap:Body xmlns:wsu="{WSU}" wsu:Id="body">{self.token()}</soap:Body></soap:Envelope>'
        ).encode()

    def signed(self, key: RSAPrivateKey, parts: Sequence[str] = ALL) -> bytes:
        """The envelope as it is sent."""
        return sign(self.unsigned(), key, parts)


def sign(envelope: bytes, key: RSAPrivateKey, parts: Sequence[str] = ALL, *, sha1: bool = False) -> bytes:
    """Put a signature over the elements with these ids at the end of the Security header."""
    root = etree.fromstring(envelope)
    references = "".join(_reference(root, part) for part in parts)
    method = RSA_SHA1 if sha1 else RSA_SHA256
    inner = f'<ds:CanonicalizationMethod Algorithm="{EXC_C14N}"/><ds:SignatureMethod Algorithm="{method}"/>{references}'
    signed_info = etree.fromstring(f'<ds:SignedInfo xmlns:ds="{DS}">{inner}</ds:SignedInfo>')
    value = key.sign(canonical(signed_info), PKCS1v15(), SHA1() if sha1 else SHA256())
    signature = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{inner}</ds:SignedInfo>'
        f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue><ds:KeyInfo>"
        f'<wsse:SecurityTokenReference xmlns:wsse="{WSSE}"><wsse:Reference URI="#sec-bst" ValueType="{X509_V3}"/>'
        "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    )
    return envelope.replace(b"</wsse:Security>", signature.encode() + b"</wsse:Security>")


def _reference(root: etree._Element, part: str) -> str:
    (element,) = cast("list[etree._Element]", root.xpath("//*[@wsu:Id=$part]", part=part, namespaces={"wsu": WSU}))
    digest = base64.b64encode(sha256(canonical(element)).digest()).decode()
    return (
        f'<ds:Reference URI="#{part}"><ds:Transforms><ds:Transform Algorithm="{EXC_C14N}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGEST}"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>'
    )


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
