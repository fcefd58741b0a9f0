"""Tokens that the trusted STS has signed, each saying one thing that does not go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.errors import TokenRefused
from broker.tokens import AFSEND, MODTAG
from broker.tokens.names import saml
from broker.tokens.verifier import Verifier
from tests.unit.tokens.claims import NOON
from tests.unit.tokens.parts import ATTRIBUTE, DATA, HOLDER, part


def _set(path: str, attribute: str, value: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        part(root, path).set(attribute, value)

    return change


def _drop(path: str, attribute: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        del part(root, path).attrib[attribute]

    return change


def _write(path: str, text: str | None) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        part(root, path).text = text

    return change


def _double(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        element = part(root, path)
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))

    return change


def _remove(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        element = part(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def _add(path: str, name: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        etree.SubElement(part(root, path), saml(name))

    return change


GENUINE_BUT_WRONG: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "version 1.1": (_set("", "Version", "1.1"), "Version is '1.1', expected '2.0'"),
    "no version": (_drop("", "Version"), "Version is nothing, expected '2.0'"),
    "another issuer": (_write("Issuer", "https://other.example"), "Issuer is 'https://other.example', expected"),
    "two issuers": (_double("Issuer"), "Assertion has 2 Issuer, expected one"),
    "no subject": (_remove("Subject"), "Assertion has 0 Subject, expected one"),
    "two subjects": (_double("Subject"), "Assertion has 2 Subject, expected one"),
    "two confirmations": (_double("Subject/SubjectConfirmation"), "has 2 SubjectConfirmation, expected one"),
    "sender-vouches": (
        _set("Subject/SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"),
        "sender-vouches', expected 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key'",
    ),
    "another recipient": (_set(DATA, "Recipient", MODTAG), f"Recipient is '{MODTAG}', but its Audience is"),
    "no certificate": (_remove(DATA + "/ds:KeyInfo"), "SubjectConfirmationData has 0 KeyInfo, expected one"),
    "two certificates": (_double(HOLDER), "X509Data has 2 X509Certificate, expected one"),
    "certificate that is no base64": (_write(HOLDER, "!!!"), "certificate of the token's holder is not base64"),
    "certificate that is none": (_write(HOLDER, "AAAA"), "the token's holder:"),
    "empty certificate": (_write(HOLDER, None), "the token's holder:"),
    "no conditions": (_remove("Conditions"), "Assertion has 0 Conditions, expected one"),
    "no end": (_drop("Conditions", "NotOnOrAfter"), "Conditions say no NotBefore and NotOnOrAfter"),
    "no beginning": (_drop("Conditions", "NotBefore"), "Conditions say no NotBefore and NotOnOrAfter"),
    "a time that is none": (_set("Conditions", "NotBefore", "noon"), "Conditions NotBefore is 'noon'"),
    "a time of no date": (_set(DATA, "NotOnOrAfter", "2026-02-30T00:00:00Z"), "NotOnOrAfter is '2026-02-30"),
    "no audience": (_remove("Conditions/AudienceRestriction"), "Conditions has 0 AudienceRestriction, expected one"),
    "two audiences": (_double("Conditions/AudienceRestriction/Audience"), "has 2 Audience, expected one"),
    "two restrictions": (_double("Conditions/AudienceRestriction"), "has 2 AudienceRestriction, expected one"),
    "a condition not known": (_add("Conditions", "OneTimeUse"), "a condition that is not known here"),
    "an audience that is not the recipient": (
        _write("Conditions/AudienceRestriction/Audience", MODTAG),
        f"Recipient is '{AFSEND}', but its Audience is '{MODTAG}'",
    ),
    "no attributes": (_remove("AttributeStatement"), "0 attributes dk:gov:saml:attribute:CvrNumberIdentifier"),
    "the CVR number twice": (_double(ATTRIBUTE), "2 attributes dk:gov:saml:attribute:CvrNumberIdentifier"),
    "two CVR numbers": (_double(ATTRIBUTE + "/AttributeValue"), "has 2 AttributeValue, expected one"),
    "a short CVR number": (_write(ATTRIBUTE + "/AttributeValue", "1111111"), "'1111111', expected eight digits"),
    "digits of another script": (_write(ATTRIBUTE + "/AttributeValue", "١١١١١١١١"), "expected eight digits"),
    "no CVR number": (_write(ATTRIBUTE + "/AttributeValue", None), "'', expected eight digits"),
    "elements for a CVR number": (_add(ATTRIBUTE + "/AttributeValue", "x"), "AttributeValue holds more than text"),
}


@pytest.mark.parametrize("case", GENUINE_BUT_WRONG)
def test_a_signed_token_that_says_something_else_is_refused(
    case: str, claims: Claims, signer: Signer, verifier: Verifier
) -> None:
    """Signed by the STS, so the client may be told: element, value and what was expected."""
    change, expected = GENUINE_BUT_WRONG[case]
    assertion = build(claims)
    change(assertion)
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(signer.sign(assertion), NOON)
    assert expected in str(refused.value)
    assert len(str(refused.value)) < 500
