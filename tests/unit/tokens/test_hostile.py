"""Tokens that someone made up: refused, alike to the client, with the cause in the trace."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.errors import TokenRefused
from broker.tokens.names import ds, saml
from broker.tokens.refusals import NOT_ACCEPTED
from broker.tokens.signature import configuration, signed_by
from broker.tokens.tree import make_parser
from broker.tokens.verifier import Verifier
from tests.support.keys import Keys
from tests.unit.tokens.claims import NOON
from tests.unit.tokens.forging import Way, sign_by_hand
from tests.unit.tokens.hostile import HOSTILE, Setting
from tests.unit.tokens.parts import part


@pytest.fixture
def setting(claims: Claims, signer: Signer, keys: Keys) -> Setting:
    """What an attacker has."""
    return Setting(claims, signer, keys)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_made_up_token_is_refused(case: str, setting: Setting, verifier: Verifier) -> None:
    """40, the same text for all of them, and a reason in the trace that names the cause."""
    make, expected = HOSTILE[case]
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(make(setting), NOON)
    assert str(refused.value) == NOT_ACCEPTED
    assert refused.value.status_kode == 40
    assert expected in refused.value.reason
    assert len(refused.value.reason) < 600


def test_a_reason_is_one_line(setting: Setting, verifier: Verifier) -> None:
    """What an attacker writes into a token cannot write lines of its own into the trace."""
    root = setting.genuine()
    part(root, "ds:Signature/ds:SignedInfo/ds:Reference").set("URI", "#a\n2026-11-21 all is well\x85" + "x" * 5000)
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(etree.tostring(root), NOON)
    assert len(refused.value.reason.splitlines()) == 1
    assert len(refused.value.reason) < 600


def test_an_unknown_sts_is_named_in_the_trace(setting: Setting, verifier: Verifier) -> None:
    """Who wants to trust an external STS finds the print of its certificate, and what it calls itself, in the trace."""
    token = Signer(setting.keys.stranger.key, setting.keys.stranger.certificate).sign(build(setting.claims))
    with pytest.raises(TokenRefused, match="not one that") as refused:
        verifier.verify(token, NOON)
    assert setting.keys.stranger.certificate.fingerprint(SHA256()).hex() in refused.value.reason
    assert setting.claims.issuer in refused.value.reason


def test_nobody_is_trusted_by_default(raw: bytes) -> None:
    """Without a pinned certificate no token holds, signed or not."""
    with pytest.raises(TokenRefused) as refused:
        Verifier([]).verify(raw, NOON)
    assert "not trusted" in refused.value.reason


def test_a_token_without_key_info_needs_a_trusted_key(setting: Setting) -> None:
    """Where nothing says who signed, and nobody is trusted, the reason says so."""
    token = sign_by_hand(build(setting.claims), setting.keys.sts.key, Way())
    with pytest.raises(TokenRefused) as refused:
        Verifier([]).verify(token, NOON)
    assert "no STS is trusted here" in refused.value.reason


def test_only_what_was_signed_is_handed_on(setting: Setting) -> None:
    """Even past the check of the form: another signed element than the Assertion is no token."""
    forged = setting.forged()
    extra = etree.SubElement(forged, saml("Advice"), {"ID": "_small"})
    octets = sign_by_hand(forged, setting.keys.sts.key, Way(), payload=extra)
    parser = make_parser()
    certificate = setting.keys.sts.certificate
    with pytest.raises(TokenRefused) as refused:
        signed_by(certificate, configuration(certificate), octets, etree.fromstring(octets), parser)
    assert "what is signed is not the Assertion" in refused.value.reason


def test_what_is_not_signed_is_not_read(raw: bytes, setting: Setting) -> None:
    """The subtree handed on is rendered from what was signed: no Signature in it, no comments, whole texts."""
    octets = raw.replace(b">11111111<", b">1111<!-- -->1111<")
    certificate = setting.keys.sts.certificate
    signed = signed_by(certificate, configuration(certificate), octets, etree.fromstring(octets), make_parser())
    assert signed is not None
    assert signed.find(ds("Signature")) is None
    assert next(signed.iter(etree.Comment), None) is None
    assert part(signed, "AttributeStatement/Attribute/AttributeValue").text == "11111111"


def test_base64_is_not_decoded_for_the_client(raw: bytes, verifier: Verifier) -> None:
    """What the wire carries is the decoded assertion; the base64 of the STS's answer is refused as what it is."""
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(base64.b64encode(raw), NOON)
    assert "not well-formed" in refused.value.reason
