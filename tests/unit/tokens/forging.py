"""Signatures in every form but the one that is taken: each genuine, made with a real key, in its own way.

By hand, with lxml and cryptography: signxml refuses to make most of them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import cast

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from lxml import etree

from broker.tokens.names import DS, ENVELOPED, EXC_C14N, RSA_SHA256, ds
from broker.tokens.names import SHA256 as SHA256_URI

RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA1_URI = "http://www.w3.org/2000/09/xmldsig#sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"

_HASHES: dict[str, type[HashAlgorithm]] = {SHA256_URI: SHA256, SHA1_URI: SHA1}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign; as it stands, the one that is taken (without KeyInfo)."""

    uri: str | None = None
    """Reference URI; None = the root's ID."""
    c14n: str = EXC_C14N
    method: str = RSA_SHA256
    digest: str = SHA256_URI
    transforms: tuple[str, ...] = (ENVELOPED, EXC_C14N)
    references: int = 1
    prefixes: str | None = None
    """PrefixList of InclusiveNamespaces."""
    certificate: bytes | None = None
    """DER, for KeyInfo."""


def sign_by_hand(
    root: etree._Element,
    key: RSAPrivateKey | bytes,
    way: Way,
    payload: etree._Element | None = None,
    parent: etree._Element | None = None,
) -> bytes:
    """``root`` with a Signature over ``payload`` (else the root), put into ``parent`` (else second in the root).

    ``key`` as bytes is an HMAC secret.
    """
    target = root if payload is None else payload
    signature = etree.Element(ds("Signature"), nsmap=cast("dict[str, str]", {None: DS}))
    info = etree.SubElement(signature, ds("SignedInfo"))
    _transforming(etree.SubElement(info, ds("CanonicalizationMethod"), {"Algorithm": way.c14n}), way)
    etree.SubElement(info, ds("SignatureMethod"), {"Algorithm": way.method})
    uri = way.uri if way.uri is not None else f"#{target.get('ID')}"
    digest = _digest(_canonical(target, way.transforms[-1] if way.transforms else C14N, way.prefixes), way.digest)
    for _ in range(way.references):
        reference = etree.SubElement(info, ds("Reference"), {"URI": uri})
        transforms = etree.SubElement(reference, ds("Transforms"))
        for algorithm in way.transforms:
            _transforming(etree.SubElement(transforms, ds("Transform"), {"Algorithm": algorithm}), way)
        etree.SubElement(reference, ds("DigestMethod"), {"Algorithm": way.digest})
        etree.SubElement(reference, ds("DigestValue")).text = base64.b64encode(digest).decode()
    value = etree.SubElement(signature, ds("SignatureValue"))
    if way.certificate is not None:
        data = etree.SubElement(etree.SubElement(signature, ds("KeyInfo")), ds("X509Data"))
        etree.SubElement(data, ds("X509Certificate")).text = base64.b64encode(way.certificate).decode()
    (root if parent is None else parent).insert(1, signature)
    value.text = base64.b64encode(_signed(_canonical(info, way.c14n, way.prefixes), key, way.method)).decode()
    return etree.tostring(root, encoding="utf-8")


def _transforming(element: etree._Element, way: Way) -> None:
    if way.prefixes is not None and element.get("Algorithm") == EXC_C14N:
        etree.SubElement(element, f"{{{EXC_C14N}}}InclusiveNamespaces", {"PrefixList": way.prefixes})


def _canonical(element: etree._Element, algorithm: str, prefixes: str | None) -> bytes:
    exclusive = algorithm.startswith(EXC_C14N)
    inclusive = prefixes.split() if prefixes is not None and exclusive else None
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=algorithm.endswith("WithComments"),
        inclusive_ns_prefixes=inclusive,
    )


def _digest(octets: bytes, algorithm: str) -> bytes:
    hasher = Hash(_HASHES[algorithm]())
    hasher.update(octets)
    return hasher.finalize()


def _signed(octets: bytes, key: RSAPrivateKey | bytes, method: str) -> bytes:
    if isinstance(key, bytes):
        code = HMAC(key, SHA256())
        code.update(octets)
        return code.finalize()
    return key.sign(octets, PKCS1v15(), SHA1() if method == RSA_SHA1 else SHA256())
