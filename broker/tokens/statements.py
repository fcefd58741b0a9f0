"""What a signed assertion says, element by element (SF1514, domain.md section 5).

Only ever called with the subtree that the signature covers; so each refusal may say all it knows.
"""

from __future__ import annotations

import base64
import binascii
import re

from lxml import etree

from broker.core.model import Service
from broker.errors import TokenRefused
from broker.tokens.certificate import read_certificate
from broker.tokens.moment import read_moment
from broker.tokens.names import CVR_NUMBER_IDENTIFIER, HOLDER_OF_KEY, ds, saml
from broker.tokens.refusals import quoted
from broker.tokens.token import AFSEND, MODTAG, Certificate, Token, service_of

_CVR = re.compile(r"[0-9]{8}")
_CONDITIONS = (saml("AudienceRestriction"),)


def read_token(assertion: etree._Element, issuer: str | None) -> Token:
    """The token that ``assertion`` is, whenever it holds; ``issuer`` is what Issuer must say (None: anything).

    Raises TokenRefused, naming element, value and what was expected.
    """
    if assertion.get("Version") != "2.0":
        raise TokenRefused(f"the token's Version is {quoted(assertion.get('Version'))}, expected '2.0'")
    named = _text(_only(assertion, "Issuer"))
    if issuer is not None and named != issuer:
        raise TokenRefused(f"the token's Issuer is {quoted(named)}, expected {quoted(issuer)}")
    confirmation = _confirmation(assertion)
    data = _only(confirmation, "SubjectConfirmationData")
    conditions = _only(assertion, "Conditions")
    audience, service = _audience(conditions)
    if (recipient := data.get("Recipient")) is not None and recipient != audience:
        raise TokenRefused(f"the token's Recipient is {quoted(recipient)}, but its Audience is {quoted(audience)}")
    not_before, not_on_or_after = _required_times(conditions)
    earliest, latest = _moment(data, "NotBefore"), _moment(data, "NotOnOrAfter")
    return Token(
        id=assertion.get("ID", ""),
        issuer=named,
        audience=audience,
        service=service,
        cvr=_cvr(assertion),
        holder=_holder(data),
        not_before=not_before if earliest is None else max(not_before, earliest),
        not_on_or_after=not_on_or_after if latest is None else min(not_on_or_after, latest),
    )


def _confirmation(assertion: etree._Element) -> etree._Element:
    confirmation = _only(_only(assertion, "Subject"), "SubjectConfirmation")
    if (method := confirmation.get("Method")) != HOLDER_OF_KEY:
        raise TokenRefused(f"the token's SubjectConfirmation Method is {quoted(method)}, expected '{HOLDER_OF_KEY}'")
    return confirmation


def _audience(conditions: etree._Element) -> tuple[str, Service]:
    for condition in conditions.iterchildren("*"):
        if condition.tag not in _CONDITIONS:
            raise TokenRefused(f"the token has a condition that is not known here: {quoted(str(condition.tag))}")
    audience = _text(_only(_only(conditions, "AudienceRestriction"), "Audience"))
    service = service_of(audience)
    if service is None:
        raise TokenRefused(
            f"the token is for {quoted(audience)}, not for the Beskedfordeler: expected the Audience "
            f"'{AFSEND}' (to send) or '{MODTAG}' (to fetch); ask the STS with that AppliesTo"
        )
    return audience, service


def _required_times(conditions: etree._Element) -> tuple[float, float]:
    not_before, not_on_or_after = _moment(conditions, "NotBefore"), _moment(conditions, "NotOnOrAfter")
    if not_before is None or not_on_or_after is None:
        raise TokenRefused("the token's Conditions say no NotBefore and NotOnOrAfter, expected both")
    return not_before, not_on_or_after


def _moment(element: etree._Element, attribute: str) -> float | None:
    text = element.get(attribute)
    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise TokenRefused(f"the token's {_local(element)} {attribute} is {quoted(text)}: {error}") from None


def _holder(data: etree._Element) -> Certificate:
    certificate = _only(_only(_only(data, ds("KeyInfo")), ds("X509Data")), ds("X509Certificate"))
    try:
        return read_certificate(base64.b64decode("".join(_text(certificate).split()), validate=True))
    except binascii.Error:
        raise TokenRefused("the certificate of the token's holder is not base64") from None
    except ValueError as error:
        raise TokenRefused(f"the token's holder: {quoted(str(error))}") from None


def _cvr(assertion: etree._Element) -> str:
    found = [
        attribute
        for attribute in assertion.iterfind(f"{saml('AttributeStatement')}/{saml('Attribute')}")
        if attribute.get("Name") == CVR_NUMBER_IDENTIFIER
    ]
    if len(found) != 1:
        raise TokenRefused(f"the token has {len(found)} attributes {CVR_NUMBER_IDENTIFIER}, expected one")
    cvr = _text(_only(found[0], "AttributeValue"))
    if _CVR.fullmatch(cvr) is None:
        raise TokenRefused(f"the token's CvrNumberIdentifier is {quoted(cvr)}, expected eight digits")
    return cvr


def _only(parent: etree._Element, name: str) -> etree._Element:
    """The one child of that name (SAML's, where it has no namespace)."""
    found = parent.findall(name if name.startswith("{") else saml(name))
    if len(found) != 1:
        local = name.rpartition("}")[2]
        raise TokenRefused(f"the token's {_local(parent)} has {len(found)} {local}, expected one")
    return found[0]


def _text(element: etree._Element) -> str:
    """The value of an element: whole, or refused."""
    if len(element):
        raise TokenRefused(f"the token's {_local(element)} holds more than text")
    return (element.text or "").strip()


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
