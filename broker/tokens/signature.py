"""The signature of an assertion: the one form that is taken, and the signed subtree as the only thing handed on.

The form is checked first, element by element, so that no other way of signing is ever tried: one Signature, a child
of the Assertion that is the root, over exactly that Assertion, enveloped, exc-c14n, rsa-sha256 (SF1514, domain.md
section 5).  Then signxml verifies it against a pinned certificate and renders what was signed.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidSignature
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from broker.tokens.names import DS, ENVELOPED, EXC_C14N, RSA_SHA256, SHA256, ds, saml
from broker.tokens.refusals import quoted, unsound

_ASSERTION = saml("Assertion")
_SIGNATURE = ds("Signature")
_INCLUSIVE = f"{{{EXC_C14N}}}InclusiveNamespaces"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,255}", re.ASCII)
_LONG = "x" * 512
"""A PrefixList is shorter: with thousands of prefixes c14n takes a tenth of a second."""
_ids = etree.XPath("//@*[local-name()='ID' or local-name()='Id' or local-name()='id']", smart_strings=False)


def check_form(root: etree._Element) -> etree._Element:
    """The Signature of the Assertion ``root``.  Raises TokenRefused where anything is signed in any other way."""
    if root.tag != _ASSERTION:
        raise unsound(f"the root is {quoted(root.tag)}, not a SAML 2.0 Assertion")
    identity = root.get("ID")
    if identity is None or _ID.fullmatch(identity) is None:
        raise unsound(f"the Assertion has no usable ID: {quoted(identity)}")
    if sum(1 for _ in root.iter(_ASSERTION)) != 1:
        raise unsound("an Assertion within the Assertion (signature wrapping)")
    ids = _ids(root)
    assert isinstance(ids, list)
    if len(set(map(str, ids))) != len(ids):
        raise unsound("an ID is there twice (signature wrapping)")
    signatures = list(root.iter(_SIGNATURE))
    if not signatures:
        raise unsound("the Assertion is not signed")
    if len(signatures) > 1:
        raise unsound(f"{len(signatures)} Signature elements, expected one")
    signature = signatures[0]
    if signature.getparent() is not root:
        raise unsound("the Signature is not a child of the Assertion (signature wrapping)")
    if next(signature.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        raise unsound("a comment or processing instruction within the Signature")
    _check_signature(signature, "#" + identity)
    return signature


def _check_signature(signature: etree._Element, uri: str) -> None:
    signed_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo", optional=1)[0]
    c14n, method, reference = _children(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    _check_algorithm(c14n, EXC_C14N, inclusive=True)
    _check_algorithm(method, RSA_SHA256)
    if reference.get("URI") != uri:
        raise unsound(f"the Reference is to {quoted(reference.get('URI'))}, not to the Assertion {quoted(uri)}")
    transforms, digest_method, _ = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    enveloped, last = _children(transforms, "Transform", "Transform")
    _check_algorithm(enveloped, ENVELOPED)
    _check_algorithm(last, EXC_C14N, inclusive=True)
    _check_algorithm(digest_method, SHA256)


def _children(parent: etree._Element, *names: str, optional: int = 0) -> list[etree._Element]:
    """The children, which must be those (the last ``optional`` ones may be missing)."""
    found = list(parent)
    tags = [child.tag for child in found]
    expected = [ds(name) for name in names]
    if tags != expected and tags != expected[: len(expected) - optional]:
        shown = ", ".join(str(tag).rpartition("}")[2] for tag in tags[:8]) or "nothing"
        raise unsound(f"{_local(parent)} holds {quoted(shown)}, expected {', '.join(names)}")
    return found


def _check_algorithm(element: etree._Element, expected: str, *, inclusive: bool = False) -> None:
    algorithm = element.get("Algorithm")
    if algorithm != expected:
        raise unsound(f"{_local(element)} is {quoted(algorithm)}, expected {expected}")
    if len(element) and not (inclusive and len(element) == 1 and element[0].tag == _INCLUSIVE):
        raise unsound(f"{_local(element)} {algorithm} has parameters")
    if len(element) and (len(element[0].get("PrefixList", _LONG)) >= len(_LONG) or len(element[0])):
        raise unsound("InclusiveNamespaces has no PrefixList, or a very long one, or holds elements")


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]


def certificates_shown(signature: etree._Element) -> list[bytes] | None:
    """DER of the certificates in KeyInfo; None where it shows none.  They are claims: good to select by, no more."""
    found = [_decoded(element.text) for element in signature.iterfind(f"{{{DS}}}KeyInfo//{{{DS}}}X509Certificate")]
    return found or None


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def configuration(signer: x509.Certificate) -> SignatureConfiguration:
    """What signxml holds a signature to; whether the certificate is valid now, the verifier says by its own clock."""
    return SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        ignore_ambiguous_key_info=True,
        verification_time=signer.not_valid_before_utc,
    )


def signed_by(
    signer: x509.Certificate,
    config: SignatureConfiguration,
    raw: bytes,
    root: etree._Element,
    parser: etree.XMLParser,
) -> etree._Element | None:
    """The signed Assertion, rendered from what was signed; None where ``signer`` did not sign it like that.

    ``root`` is ``raw`` parsed by ``parser``, and has passed `check_form`.  Raises TokenRefused where the signature
    cannot be read at all.
    """
    try:
        result = XMLVerifier().verify(
            raw, x509_cert=signer, parser=parser, id_attribute="ID", validate_schema=False, expect_config=config
        )
    except InvalidSignature:
        return None
    except Exception as error:
        # signxml answers odd input with whatever its parts raise (ValueError, TypeError, NotImplementedError …):
        # at this border each of them means that nothing was verified.
        raise unsound(f"the signature cannot be read: {type(error).__name__}: {quoted(str(error))}") from None
    signed = result.signed_xml if isinstance(result, VerifyResult) else None
    if signed is None or signed.tag != _ASSERTION or signed.get("ID") != root.get("ID"):
        raise unsound("what is signed is not the Assertion (signature wrapping)")
    return signed
