"""WS-Trust 1.3: the RequestSecurityToken in a signed Body, and the collection that answers it."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from lxml import etree

from adapters.sts.assertion import Claims
from adapters.sts.certificates import read_der
from adapters.sts.envelope import text_of
from adapters.sts.faults import Code, SoapFault
from adapters.sts.issuing import TokenRequest
from adapters.sts.names import (
    AUTH,
    DIALECT,
    KEY_TYPE,
    REQUEST_TYPE,
    SAML_ID,
    TOKEN_TYPE,
    WSA,
    WSP,
    WSSE,
    WSSE_11,
    WST,
    WSU,
)
from adapters.sts.text import checked
from broker.clock import iso
from broker.kuvert.tidspunkt import read_date_time
from broker.tokens.names import CVR_NUMBER_IDENTIFIER, DS

_ADDRESS = f"{{{WSP}}}AppliesTo/{{{WSA}}}EndpointReference/{{{WSA}}}Address"
_CLAIM = f"{{{WST}}}Claims[@Dialect='{DIALECT}']/{{{AUTH}}}ClaimType[@Uri='{CVR_NUMBER_IDENTIFIER}']/{{{AUTH}}}Value"
_USE_KEYS = (f".//{{{WSSE}}}BinarySecurityToken", f".//{{{DS}}}X509Certificate")
_ON_BEHALF_OF = (f"{{{WST}}}OnBehalfOf", "{http://docs.oasis-open.org/ws-sx/ws-trust/200802}ActAs")


def request_in(body: etree._Element) -> etree._Element:
    """The RequestSecurityToken, which is all that the Body holds.  Raises SoapFault."""
    if len(body) != 1 or body[0].tag != f"{{{WST}}}RequestSecurityToken":
        raise SoapFault(Code.INVALID_REQUEST, "the Body holds no RequestSecurityToken (WS-Trust 1.3), or more than it")
    return body[0]


def read_request(request: etree._Element, certificate: x509.Certificate, to: str) -> TokenRequest:
    """What is asked for.  Raises SoapFault, TokenDenied.

    An empty AppliesTo means what the header ``to`` says (ours: a public PHP client writes the service there).
    """
    has_address = request.find(_ADDRESS) is not None
    return TokenRequest(
        certificate=certificate,
        audience=_text(request, "AppliesTo", _ADDRESS) or (checked("To", to) if has_address else None),
        cvr=_text(request, "Claims", _CLAIM),
        use_key=_use_key(request),
        token_type=_text(request, "TokenType"),
        request_type=_text(request, "RequestType"),
        key_type=_text(request, "KeyType"),
        on_behalf_of=any(request.find(name) is not None for name in _ON_BEHALF_OF),
        expires=_expires(request),
    )


def context_of(request: etree._Element) -> str | None:
    """What the answer is to bear again.  Raises TokenDenied."""
    context = request.get("Context")
    return None if context is None else checked("Context", context)


def _text(request: etree._Element, name: str, path: str | None = None) -> str | None:
    text = text_of(request.find(path or f"{{{WST}}}{name}"))
    return None if text is None else checked(name, text)


def _use_key(request: etree._Element) -> bytes | None:
    use_key = request.find(f"{{{WST}}}UseKey")
    if use_key is None:
        return None
    shown = [element for path in _USE_KEYS for element in use_key.iterfind(path)]
    if len(shown) != 1:
        raise SoapFault(Code.INVALID_REQUEST, "UseKey holds no certificate, or several; expected a BinarySecurityToken")
    try:
        return read_der(text_of(shown[0]) or "")
    except ValueError as error:
        raise SoapFault(Code.INVALID_REQUEST, f"UseKey: {error}") from None


def _expires(request: etree._Element) -> float | None:
    expires = text_of(request.find(f"{{{WST}}}Lifetime/{{{WSU}}}Expires"))
    if expires is None:
        return None
    try:
        return read_date_time(expires)
    except (ValueError, OverflowError):
        raise SoapFault(Code.INVALID_TIME_RANGE, "Lifetime: Expires is not a dateTime") from None


def write_answer(claims: Claims, assertion: bytes, context: str | None) -> bytes:
    """The RequestSecurityTokenResponseCollection, in the order of the real STS; ``assertion`` goes in as it is."""
    identity = etree.fromstring(assertion).get("ID", "")
    reference = (
        f'<o:SecurityTokenReference xmlns:o="{WSSE}" xmlns:k="{WSSE_11}" k:TokenType="{TOKEN_TYPE}">'
        f'<o:KeyIdentifier ValueType="{SAML_ID}">{escape(identity)}</o:KeyIdentifier></o:SecurityTokenReference>'
    )
    opening = (
        f'<t:RequestSecurityTokenResponseCollection xmlns:t="{WST}">'
        f"<t:RequestSecurityTokenResponse{'' if context is None else ' Context=' + quoteattr(context)}>"
        f'<t:Lifetime><u:Created xmlns:u="{WSU}">{iso(claims.not_before)}</u:Created>'
        f'<u:Expires xmlns:u="{WSU}">{iso(claims.not_on_or_after)}</u:Expires></t:Lifetime>'
        f'<p:AppliesTo xmlns:p="{WSP}"><a:EndpointReference xmlns:a="{WSA}">'
        f"<a:Address>{escape(claims.audience)}</a:Address></a:EndpointReference></p:AppliesTo>"
        f"<t:RequestedSecurityToken>"
    )
    closing = (
        f"</t:RequestedSecurityToken>"
        f"<t:RequestedAttachedReference>{reference}</t:RequestedAttachedReference>"
        f"<t:RequestedUnattachedReference>{reference}</t:RequestedUnattachedReference>"
        f"<t:TokenType>{TOKEN_TYPE}</t:TokenType><t:RequestType>{REQUEST_TYPE}</t:RequestType>"
        f"<t:KeyType>{KEY_TYPE}</t:KeyType>"
        f"</t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>"
    )
    return opening.encode() + assertion + closing.encode()
