"""The assertion that our STS issues, row by row as SF1514's (domain.md section 5)."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from adapters.sts.assertion import Claims, Signer, build, privileges_intermediate
from broker.tokens import AFSEND
from broker.tokens.names import DS, SAML
from tests.support.keys import Keys
from tests.unit.tokens.claims import ISSUER

_NAMES = {"s": SAML, "ds": DS, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_FROM, _UNTIL = "2026-11-21T12:00:00.000Z", "2026-11-21T20:00:00.000Z"
_DSIG_XSD = Path(__file__).parents[3] / "../shared/reference/kombit/xsd/cached/xmldsig-core-schema.xsd"


@pytest.fixture
def root(raw: bytes) -> etree._Element:
    return etree.fromstring(raw)


def _value(root: etree._Element, path: str) -> str:
    found = root.xpath(f"string({path})", namespaces=_NAMES)
    return str(found)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/s:Assertion/@Version", "2.0"),
        ("/s:Assertion/@IssueInstant", _FROM),
        ("/s:Assertion/s:Issuer", ISSUER),
        ("/s:Assertion/s:Issuer/@Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"),
        ("//ds:CanonicalizationMethod/@Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#"),
        ("//ds:SignatureMethod/@Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("//ds:DigestMethod/@Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256"),
        ("//ds:Transform[1]/@Algorithm", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        ("//ds:Transform[2]/@Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#"),
        ("//s:Subject/s:NameID/@Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"),
        (
            "//s:Subject/s:NameID",
            "SERIALNUMBER=CVR:11111111-FID:1000000000002 + CN=Afsender (funktionscertifikat), "
            "O=Testkommune // CVR:11111111, C=DK",
        ),
        ("//s:SubjectConfirmation/@Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
        ("//s:SubjectConfirmationData/@xsi:type", "KeyInfoConfirmationDataType"),
        ("//s:SubjectConfirmationData/@NotBefore", _FROM),
        ("//s:SubjectConfirmationData/@NotOnOrAfter", _UNTIL),
        ("//s:SubjectConfirmationData/@Recipient", AFSEND),
        ("//s:Conditions/@NotBefore", _FROM),
        ("//s:Conditions/@NotOnOrAfter", _UNTIL),
        ("//s:Conditions/s:AudienceRestriction/s:Audience", AFSEND),
        ("//s:AuthnStatement/@AuthnInstant", _FROM),
        ("//s:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"),
    ],
)
def test_assertion_says(root: etree._Element, path: str, expected: str) -> None:
    """Each value stands where the public sample of the real STS has it."""
    assert _value(root, path) == expected


def test_parts_come_in_the_order_of_the_sample(root: etree._Element) -> None:
    """Schema-checking clients want the order of SAML: Signature second, AuthnStatement last."""
    assert [etree.QName(child).localname for child in root] == [
        "Issuer",
        "Signature",
        "Subject",
        "Conditions",
        "AttributeStatement",
        "AuthnStatement",
    ]


def test_attributes_are_the_five_of_the_sample(root: etree._Element) -> None:
    """CVR number, assurance level, the two versions and the privileges, all in the basic name format."""
    attributes = root.findall(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute")
    prefix = "dk:gov:saml:attribute:"
    said = {str(attribute.get("Name")).removeprefix(prefix): attribute[0].text for attribute in attributes}
    assert list(said) == [
        "CvrNumberIdentifier",
        "AssuranceLevel",
        "SpecVer",
        "KombitSpecVer",
        "Privileges_intermediate",
    ]
    assert list(said.values())[:4] == ["11111111", "3", "DK-SAML-2.0", "1.0"]
    assert {attribute.get("NameFormat") for attribute in attributes} == {
        "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
    }


def test_holder_is_named_by_certificate(root: etree._Element, keys: Keys) -> None:
    """Holder-of-key: the certificate that the token was issued to stands in it, whole and on one line."""
    text = _value(root, "//s:SubjectConfirmationData/ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    assert base64.b64decode(text, validate=True) == keys.sender.der


def test_signer_is_named_by_certificate(root: etree._Element, keys: Keys) -> None:
    """A client that pins the certificate of the STS finds it in the signature's KeyInfo."""
    text = _value(root, "/s:Assertion/ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    assert base64.b64decode(text, validate=True) == keys.sts.der


def test_octets_are_written_as_the_real_ones(raw: bytes) -> None:
    """No XML declaration (the text goes into SASL and headers as it is), default namespaces, no prefixes but xsi."""
    assert raw.startswith(b'<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_')
    assert b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>' in raw
    assert b"ds:" not in raw
    assert 4000 < len(raw) < 7000


def test_ids_are_new_each_time(claims: Claims) -> None:
    """Two tokens with the same claims are two tokens."""
    first, second = build(claims).get("ID"), build(claims).get("ID")
    assert first != second


def test_signing_leaves_the_element_alone(claims: Claims, signer: Signer) -> None:
    """One element can be signed more than once, by several signers."""
    assertion = build(claims)
    before = etree.tostring(assertion)
    assert signer.sign(assertion) == signer.sign(assertion)
    assert etree.tostring(assertion) == before


def test_signature_holds_for_another_implementation_settings(raw: bytes, keys: Keys) -> None:
    """A client that checks signatures with signxml as it comes (schema and all) is content."""
    config = SignatureConfiguration(location="./")
    result = XMLVerifier().verify(raw, x509_cert=keys.sts.certificate, expect_config=config)
    assert isinstance(result, VerifyResult)
    assert result.signed_xml is not None
    assert result.signed_xml.tag == f"{{{SAML}}}Assertion"


def test_signature_is_valid_by_the_schema_of_w3c(root: etree._Element) -> None:
    """The Signature, and the KeyInfo of the holder, follow xmldsig-core-schema.xsd."""
    if not _DSIG_XSD.exists():
        assert os.environ.get("CI") != "true", f"{_DSIG_XSD} is missing"
        pytest.skip(f"{_DSIG_XSD} is missing")
    schema = etree.XMLSchema(etree.parse(str(_DSIG_XSD), etree.XMLParser(load_dtd=False, no_network=True)))
    signature = root.find(f"{{{DS}}}Signature")
    assert signature is not None
    schema.assertValid(etree.fromstring(etree.tostring(signature)))


def test_privileges_are_a_basic_privilege_profile() -> None:
    """Roles and constraints come as OIO Basic Privilege Profile: one group, scoped to the CVR number."""
    text = privileges_intermediate(
        "11111111", ("urn:r:1", "urn:r:2"), (("http://sts.kombit.dk/constraints/KLE/1", "27.*"),)
    )
    profile = etree.fromstring(base64.b64decode(text))
    assert profile.tag == "{http://itst.dk/oiosaml/basic_privilege_profile}PrivilegeList"
    group = profile[0]
    assert (group.tag, group.get("Scope")) == ("PrivilegeGroup", "urn:dk:gov:saml:cvrNumberIdentifier:11111111")
    assert [(child.tag, child.get("Name"), child.text) for child in group] == [
        ("Privilege", None, "urn:r:1"),
        ("Privilege", None, "urn:r:2"),
        ("Constraint", "http://sts.kombit.dk/constraints/KLE/1", "27.*"),
    ]


def test_no_privileges_are_an_empty_list() -> None:
    """A system without roles gets the attribute all the same, as a list of nothing."""
    assert len(etree.fromstring(base64.b64decode(privileges_intermediate("11111111", ())))) == 0


def test_danish_names_and_markup_survive(claims: Claims, signer: Signer) -> None:
    """Text that XML would take as markup is escaped, letters beyond ASCII are UTF-8."""
    raw = signer.sign(build(replace(claims, issuer="https://sts/æøå?a=1&b=<2>")))
    assert "https://sts/æøå?a=1&amp;b=&lt;2&gt;".encode() in raw


def test_text_that_xml_cannot_carry_is_refused(claims: Claims) -> None:
    """A NUL in a name is the caller's mistake: a ValueError, not a broken document."""
    with pytest.raises(ValueError, match="XML compatible"):
        build(replace(claims, issuer="nul\0"))
