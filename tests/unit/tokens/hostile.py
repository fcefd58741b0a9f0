"""Tokens that someone made up: each a genuine one turned against the verifier in one way.

``HOSTILE``: name → (how it is made, what its reason names).  None of them has a signature that holds over what it
says, so to the client they all look alike.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, cast

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.tokens.names import ENVELOPED, EXC_C14N, ds, saml
from tests.support.keys import Keys
from tests.unit.tokens.forging import (
    C14N,
    C14N_COMMENTS,
    HMAC_SHA256,
    RSA_SHA1,
    SHA1_URI,
    XPATH,
    XSLT,
    Way,
    sign_by_hand,
)
from tests.unit.tokens.parts import ATTRIBUTE, HOLDER, part


class Setting(NamedTuple):
    """What an attacker has: a genuine token of their own and the public keys (and, for some, the STS itself)."""

    claims: Claims
    signer: Signer
    keys: Keys

    def genuine(self) -> etree._Element:
        return etree.fromstring(self.signer.sign(build(self.claims)))

    def forged(self) -> etree._Element:
        """Unsigned, for another myndighed."""
        return build(replace(self.claims, cvr="22222222"))

    def by_hand(self, way: Way) -> bytes:
        """Signed by the trusted key, in another way than the one that is taken."""
        return sign_by_hand(build(self.claims), self.keys.sts.key, way)


def _octets(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8")


def _altered(setting: Setting, path: str, text: str) -> bytes:
    root = setting.genuine()
    part(root, path).text = text
    return _octets(root)


def _later(setting: Setting) -> bytes:
    root = setting.genuine()
    part(root, "Conditions").set("NotOnOrAfter", "2099-01-01T00:00:00Z")
    return _octets(root)


def _other_holder(setting: Setting) -> bytes:
    der = setting.keys.receiver.der
    return _altered(setting, HOLDER, base64.b64encode(der).decode())


def _unsigned_twin(setting: Setting) -> bytes:
    root = setting.genuine()
    part(root, "").remove(part(root, "ds:Signature"))
    return _octets(root)


def _genuine_inside(setting: Setting) -> bytes:
    forged = setting.forged()
    etree.SubElement(forged, saml("Advice")).append(setting.genuine())
    return _octets(forged)


def _signature_moved_up(setting: Setting) -> bytes:
    forged, genuine = setting.forged(), setting.genuine()
    forged.insert(1, part(genuine, "ds:Signature"))
    etree.SubElement(forged, saml("Advice")).append(genuine)
    return _octets(forged)


def _genuine_in_object(setting: Setting) -> bytes:
    forged, genuine = setting.forged(), setting.genuine()
    signature = part(genuine, "ds:Signature")
    forged.insert(1, signature)
    etree.SubElement(signature, ds("Object")).append(genuine)
    return _octets(forged)


def _same_id(setting: Setting) -> bytes:
    forged, genuine = setting.forged(), setting.genuine()
    forged.set("ID", str(genuine.get("ID")))
    forged.insert(1, part(genuine, "ds:Signature"))
    genuine.tag = saml("Statement")
    forged.append(genuine)
    return _octets(forged)


def _same_id_in_other_case(setting: Setting) -> bytes:
    forged, genuine = setting.forged(), setting.genuine()
    identity = str(genuine.get("ID"))
    forged.set("ID", identity)
    forged.insert(1, part(genuine, "ds:Signature"))
    del genuine.attrib["ID"]
    genuine.set("Id", identity)
    genuine.tag = saml("Statement")
    forged.append(genuine)
    return _octets(forged)


def _around(setting: Setting, name: str) -> bytes:
    root = etree.Element(name)
    root.append(setting.genuine())
    return _octets(root)


def _signed_element_elsewhere(setting: Setting) -> bytes:
    forged = setting.forged()
    extra = etree.SubElement(forged, saml("Advice"), {"ID": "_small"})
    return sign_by_hand(forged, setting.keys.sts.key, Way(), payload=extra)


def _whole_document(setting: Setting) -> bytes:
    return setting.by_hand(Way(uri=""))


def _signature_deeper(setting: Setting) -> bytes:
    root = build(setting.claims)
    return sign_by_hand(root, setting.keys.sts.key, Way(), parent=part(root, "Conditions"))


def _two_signatures(setting: Setting) -> bytes:
    root = setting.genuine()
    signature = part(root, "ds:Signature")
    signature.addnext(etree.fromstring(etree.tostring(signature, with_tail=False)))
    return _octets(root)


def _signature_in_signature(setting: Setting) -> bytes:
    root = setting.genuine()
    signature = part(root, "ds:Signature")
    etree.SubElement(signature, ds("Object")).append(etree.fromstring(etree.tostring(signature)))
    return _octets(root)


def _object(setting: Setting) -> bytes:
    root = setting.genuine()
    etree.SubElement(part(root, "ds:Signature"), ds("Object")).text = "x"
    return _octets(root)


def _hmac_with_public_key(setting: Setting) -> bytes:
    public = setting.keys.sts.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    way = Way(method=HMAC_SHA256, certificate=setting.keys.sts.der)
    return sign_by_hand(setting.forged(), public, way)


def _hmac_of_no_length(setting: Setting) -> bytes:
    root = setting.genuine()
    etree.SubElement(part(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod"), ds("HMACOutputLength")).text = "0"
    return _octets(root)


def _own_key(setting: Setting) -> bytes:
    return Signer(setting.keys.stranger.key, setting.keys.stranger.certificate).sign(setting.forged())


def _own_key_trusted_name(setting: Setting) -> bytes:
    return sign_by_hand(setting.forged(), setting.keys.stranger.key, Way(certificate=setting.keys.sts.der))


def _own_key_in_key_value(setting: Setting) -> bytes:
    root = etree.fromstring(sign_by_hand(setting.forged(), setting.keys.stranger.key, Way()))
    numbers = setting.keys.stranger.key.public_key().public_numbers()
    info = etree.SubElement(part(root, "ds:Signature"), ds("KeyInfo"))
    value = etree.SubElement(etree.SubElement(info, ds("KeyValue")), ds("RSAKeyValue"))
    etree.SubElement(value, ds("Modulus")).text = base64.b64encode(numbers.n.to_bytes(256, "big")).decode()
    etree.SubElement(value, ds("Exponent")).text = "AQAB"
    return _octets(root)


def _signature_of_another(setting: Setting) -> bytes:
    forged, genuine = setting.forged(), setting.genuine()
    forged.set("ID", str(genuine.get("ID")))
    forged.insert(1, part(genuine, "ds:Signature"))
    return _octets(forged)


def _new_digest(setting: Setting) -> bytes:
    """The digest made to fit the altered text, SignatureValue left as it was."""
    forged = etree.fromstring(sign_by_hand(setting.forged(), setting.keys.stranger.key, Way()))
    genuine = setting.genuine()
    value = part(genuine, "ds:Signature/ds:SignatureValue").text
    part(forged, "ds:Signature/ds:SignatureValue").text = value
    return _octets(forged)


def _signature_value(text: str | None) -> Callable[[Setting], bytes]:
    def make(setting: Setting) -> bytes:
        root = setting.genuine()
        part(root, "ds:Signature/ds:SignatureValue").text = text
        return _octets(root)

    return make


def _instruction_in_signature(setting: Setting) -> bytes:
    root = setting.genuine()
    part(root, "ds:Signature/ds:SignedInfo").append(etree.ProcessingInstruction("x"))
    return _octets(root)


def _prefixed_twin(setting: Setting) -> bytes:
    """A second SignedInfo, in another namespace, for parsers that look at local names."""
    root = setting.genuine()
    twin = etree.Element("{urn:evil}SignedInfo", nsmap=cast("dict[str, str]", {None: "urn:evil"}))
    part(root, "ds:Signature").insert(0, twin)
    return _octets(root)


def _no_id(setting: Setting) -> bytes:
    root = setting.genuine()
    del root.attrib["ID"]
    return _octets(root)


HOSTILE: Mapping[str, tuple[Callable[[Setting], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "not XML": (lambda _: b"a.b.c", "not well-formed"),
    "only an end": (lambda _: b"</Assertion>", "not well-formed"),
    "NUL": (lambda s: _octets(s.genuine()) + b"\0", "not well-formed"),
    "not UTF-8": (lambda s: _octets(s.genuine()).replace(b"11111111", b"\xff1111111"), "not well-formed"),
    "UTF-16": (lambda s: _octets(s.genuine()).decode().encode("utf-16"), "not well-formed"),
    "two documents": (lambda s: _octets(s.genuine()) * 2, "not well-formed"),
    "unsigned": (lambda s: _octets(s.forged()), "not signed"),
    "signature taken out": (_unsigned_twin, "not signed"),
    "altered CVR number": (lambda s: _altered(s, ATTRIBUTE + "/AttributeValue", "22222222"), "does not hold"),
    "altered audience": (lambda s: _altered(s, "Conditions/AudienceRestriction/Audience", "x"), "does not hold"),
    "altered issuer": (lambda s: _altered(s, "Issuer", "https://evil.example"), "does not hold"),
    "altered time": (_later, "does not hold"),
    "altered holder": (_other_holder, "does not hold"),
    "wrapped: genuine one inside": (_genuine_inside, "Assertion within the Assertion"),
    "wrapped: its signature moved up": (_signature_moved_up, "Assertion within the Assertion"),
    "wrapped: genuine one in Object": (_genuine_in_object, "Assertion within the Assertion"),
    "wrapped: the same ID twice": (_same_id, "an ID is there twice"),
    "wrapped: the same ID as Id": (_same_id_in_other_case, "an ID is there twice"),
    "wrapped: in a Response": (
        lambda s: _around(s, "{urn:oasis:names:tc:SAML:2.0:protocol}Response"),
        "not a SAML 2.0 Assertion",
    ),
    "wrapped: in another Assertion": (lambda s: _around(s, saml("Assertion")), "no usable ID"),
    "another element signed": (_signed_element_elsewhere, "Reference is to '#_small'"),
    "the whole document signed": (_whole_document, "Reference is to ''"),
    "an external reference": (lambda s: s.by_hand(Way(uri="http://evil.example/")), "'http://evil.example/'"),
    "an xpointer reference": (lambda s: s.by_hand(Way(uri="#xpointer(/)")), "'#xpointer(/)'"),
    "signature not at the top": (_signature_deeper, "not a child of the Assertion"),
    "two signatures": (_two_signatures, "2 Signature elements"),
    "signature in the signature": (_signature_in_signature, "2 Signature elements"),
    "Object in the signature": (_object, "SignatureValue, KeyInfo, Object"),
    "two references": (lambda s: s.by_hand(Way(references=2)), "Reference, Reference"),
    "no reference": (lambda s: s.by_hand(Way(references=0)), "expected CanonicalizationMethod"),
    "SignedInfo of another namespace": (_prefixed_twin, "Signature holds"),
    "no ID": (_no_id, "no usable ID"),
    "processing instruction in the signature": (_instruction_in_signature, "processing instruction"),
    "SHA-1 signature": (lambda s: s.by_hand(Way(method=RSA_SHA1)), "rsa-sha1"),
    "SHA-1 digest": (lambda s: s.by_hand(Way(digest=SHA1_URI)), "xmldsig#sha1"),
    "HMAC with the public key": (_hmac_with_public_key, "hmac-sha256"),
    "HMACOutputLength": (_hmac_of_no_length, "has parameters"),
    "inclusive c14n": (lambda s: s.by_hand(Way(c14n=C14N)), "CanonicalizationMethod is"),
    "c14n with comments": (lambda s: s.by_hand(Way(c14n=C14N_COMMENTS)), "WithComments"),
    "XSLT transform": (lambda s: s.by_hand(Way(transforms=(ENVELOPED, XSLT, EXC_C14N))), "Transforms holds"),
    "XPath instead of enveloped": (lambda s: s.by_hand(Way(transforms=(XPATH, EXC_C14N))), "REC-xpath"),
    "no enveloped transform": (lambda s: s.by_hand(Way(transforms=(EXC_C14N,))), "Transforms holds"),
    "transforms the other way round": (lambda s: s.by_hand(Way(transforms=(EXC_C14N, ENVELOPED))), "Transform is"),
    "key of one's own": (_own_key, "not trusted"),
    "key of one's own, trusted certificate": (_own_key_trusted_name, "does not hold"),
    "key of one's own in KeyValue": (_own_key_in_key_value, "does not hold"),
    "signature of another token": (_signature_of_another, "does not hold"),
    "digest made to fit": (_new_digest, "does not hold"),
    "no SignatureValue": (_signature_value(None), "signature"),
    "SignatureValue that is no base64": (_signature_value("æ"), "signature"),
    "SignatureValue of one octet": (_signature_value("AA=="), "does not hold"),
}
