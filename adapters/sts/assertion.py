"""The assertions of the STS, as SF1514's (domain.md section 5): claims to an element, an element to signed octets."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from broker.clock import iso
from broker.tokens.certificate import name_text
from broker.tokens.names import (
    ASSURANCE_LEVEL,
    BASIC,
    CVR_NUMBER_IDENTIFIER,
    DS,
    ENTITY,
    HOLDER_OF_KEY,
    KOMBIT_SPEC_VER,
    PRIVILEGES_INTERMEDIATE,
    SAML,
    SPEC_VER,
    X509_CONTEXT,
    X509_SUBJECT_NAME,
    XSI,
    ds,
    saml,
)

# default namespaces, as the real STS writes them; the annotations of lxml and signxml know no prefix None
_SAML_ONLY = cast("dict[str, str]", {None: SAML})
_DS_ONLY = cast("dict[str, str]", {None: DS})
_BPP = "http://itst.dk/oiosaml/basic_privilege_profile"
_CVR_SCOPE = "urn:dk:gov:saml:cvrNumberIdentifier:"


@dataclass(frozen=True, slots=True)
class Claims:
    """What an assertion is to say.  Times are seconds since the epoch."""

    issuer: str
    audience: str
    """Entity id of the service that it is for (AppliesTo)."""
    cvr: str
    """The myndighed on whose behalf the holder acts."""
    holder: x509.Certificate
    not_before: float
    not_on_or_after: float
    issued: float
    privileges: tuple[str, ...] = ()
    """Role URIs, for Privileges_intermediate."""
    constraints: tuple[tuple[str, str], ...] = ()
    """Name and value of the constraints on each of them, as ``("http://sts.kombit.dk/constraints/KLE/1", "27.*")``."""


def build(claims: Claims) -> etree._Element:
    """The assertion that says it, not signed yet.  Raises ValueError for text that XML cannot carry."""
    assertion = etree.Element(saml("Assertion"), {"ID": f"_{uuid4()}"}, nsmap=_SAML_ONLY)
    assertion.set("IssueInstant", iso(claims.issued))
    assertion.set("Version", "2.0")
    _add(assertion, "Issuer", claims.issuer, Format=ENTITY)
    _add_subject(assertion, claims)
    conditions = _add(assertion, "Conditions", **_times(claims))
    _add(_add(conditions, "AudienceRestriction"), "Audience", claims.audience)
    statement = _add(assertion, "AttributeStatement")
    for name, value in _attributes(claims):
        _add(_add(statement, "Attribute", Name=name, NameFormat=BASIC), "AttributeValue", value)
    context = _add(_add(assertion, "AuthnStatement", AuthnInstant=iso(claims.issued)), "AuthnContext")
    _add(context, "AuthnContextClassRef", X509_CONTEXT)
    return assertion


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, saml(name), attributes)
    element.text = text
    return element


def _times(claims: Claims) -> dict[str, str]:
    return {"NotBefore": iso(claims.not_before), "NotOnOrAfter": iso(claims.not_on_or_after)}


def _add_subject(assertion: etree._Element, claims: Claims) -> None:
    subject = _add(assertion, "Subject")
    _add(subject, "NameID", name_text(claims.holder.subject), Format=X509_SUBJECT_NAME)
    confirmation = _add(subject, "SubjectConfirmation", Method=HOLDER_OF_KEY)
    data = etree.SubElement(confirmation, saml("SubjectConfirmationData"), nsmap={"xsi": XSI})
    data.set(f"{{{XSI}}}type", "KeyInfoConfirmationDataType")
    for name, value in _times(claims).items():
        data.set(name, value)
    data.set("Recipient", claims.audience)
    key_info = etree.SubElement(data, ds("KeyInfo"), nsmap=_DS_ONLY)
    certificate = etree.SubElement(etree.SubElement(key_info, ds("X509Data")), ds("X509Certificate"))
    certificate.text = base64.b64encode(claims.holder.public_bytes(Encoding.DER)).decode()


def _attributes(claims: Claims) -> Iterable[tuple[str, str]]:
    yield CVR_NUMBER_IDENTIFIER, claims.cvr
    yield ASSURANCE_LEVEL, "3"
    yield SPEC_VER, "DK-SAML-2.0"
    yield KOMBIT_SPEC_VER, "1.0"
    yield PRIVILEGES_INTERMEDIATE, privileges_intermediate(claims.cvr, claims.privileges, claims.constraints)


def privileges_intermediate(cvr: str, privileges: Sequence[str], constraints: Iterable[tuple[str, str]] = ()) -> str:
    """The roles as OIO Basic Privilege Profile XML, in base64: one PrivilegeGroup, whose scope is the CVR number."""
    root = etree.Element(f"{{{_BPP}}}PrivilegeList", nsmap={"bpp": _BPP})
    if privileges:
        group = etree.SubElement(root, "PrivilegeGroup", Scope=_CVR_SCOPE + cvr)
        for privilege in privileges:
            etree.SubElement(group, "Privilege").text = privilege
        for name, value in constraints:
            etree.SubElement(group, "Constraint", Name=name).text = value
    return base64.b64encode(etree.tostring(root, xml_declaration=True, encoding="UTF-8")).decode()


class Signer:
    """The signing key of an STS, with its certificate; signs any number of assertions."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate
        self._text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        self._signer = XMLSigner(
            signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        self._signer.namespaces = _DS_ONLY

    def sign(self, assertion: etree._Element) -> bytes:
        """The signed assertion: UTF-8, no XML declaration, Signature right after Issuer.  The element stays as it is.

        Enveloped, exc-c14n, rsa-sha256, KeyInfo with the certificate.
        """
        unsigned = etree.fromstring(etree.tostring(assertion))
        place = etree.Element(ds("Signature"), {"Id": "placeholder"}, nsmap=_DS_ONLY)
        unsigned.insert(1, place)
        key_info = etree.Element("KeyInfo")
        etree.SubElement(etree.SubElement(key_info, "X509Data"), "X509Certificate").text = self._text
        signed = self._signer.sign(unsigned, key=self.key, key_info=key_info, id_attribute="ID")
        return etree.tostring(signed, encoding="utf-8")
