"""Tokens that hold, and those that are genuine but not for this, not now, or not from this holder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.core.model import Service
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import AFSEND, MODTAG
from broker.tokens.verifier import Issuer, Verifier
from tests.support.keys import FROM, UNTIL, Keys, ca_name, function_name
from tests.unit.tokens.claims import HOURS, ISSUER, NOON
from tests.unit.tokens.forging import Way, sign_by_hand
from tests.unit.tokens.parts import ATTRIBUTE, DATA, part

MINUTE = 60.0


def test_a_token_that_holds_says_who_and_for_whom(raw: bytes, verifier: Verifier, keys: Keys) -> None:
    """A genuine token gives audience, CVR number, holder and times, as they were signed."""
    token = verifier.verify(raw, NOON)
    assert (token.issuer, token.audience, token.service) == (ISSUER, AFSEND, Service.AFSEND)
    assert token.cvr == "11111111"
    assert token.holder.serienummer == "CVR:11111111-FID:1000000000002"
    assert token.holder.der == keys.sender.der
    assert (token.not_before, token.not_on_or_after) == (NOON, NOON + 8 * HOURS)
    assert token.id == etree.fromstring(raw).get("ID")


@pytest.mark.parametrize(
    ("audience", "service"),
    [
        (AFSEND, Service.AFSEND),
        (MODTAG, Service.MODTAG),
        ("http://beskedfordeler.example/service/afsend/1", Service.AFSEND),
        ("https://beskedfordeler.example/service/afhent/1", Service.MODTAG),
    ],
)
def test_every_entity_id_of_the_beskedfordeler_is_known(
    claims: Claims, signer: Signer, verifier: Verifier, audience: str, service: Service
) -> None:
    """Tokens for sending and for fetching, by the entity ids of today and the older ones."""
    token = verifier.verify(signer.sign(build(replace(claims, audience=audience))), NOON)
    assert token.service is service


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (NOON - MINUTE - 1, False),
        (NOON - MINUTE, True),
        (NOON + 8 * HOURS + MINUTE - 1, True),
        (NOON + 8 * HOURS + MINUTE, False),
    ],
)
def test_clocks_may_differ_by_a_minute(raw: bytes, verifier: Verifier, now: float, holds: bool) -> None:
    """NotBefore and NotOnOrAfter are given a minute of skew, and not a second more."""
    if holds:
        assert verifier.verify(raw, now).cvr == "11111111"
    else:
        with pytest.raises((TokenExpired, TokenRefused)):
            verifier.verify(raw, now)


def test_an_expired_token_says_when_and_what_to_do(raw: bytes, verifier: Verifier) -> None:
    """41: when it expired, and to get a new one and send again."""
    with pytest.raises(TokenExpired) as refused:
        verifier.verify(raw, NOON + 9 * HOURS)
    assert str(refused.value) == (
        "the token expired at 2026-11-21T20:00:00.000Z: get a new one from the STS and send the message again"
    )
    assert refused.value.status_kode == 41


def test_a_token_of_the_future_says_both_clocks(raw: bytes, verifier: Verifier) -> None:
    """A client whose clock, or whose STS's clock, is wrong sees it from the text."""
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(raw, NOON - HOURS)
    assert str(refused.value) == (
        "the token is not valid yet: it is valid from 2026-11-21T12:00:00.000Z until 2026-11-21T20:00:00.000Z, "
        "and the clock of the Beskedfordeler says 2026-11-21T11:00:00.000Z"
    )
    assert refused.value.status_kode == 40


def test_the_certificate_presented_must_be_the_holders(raw: bytes, verifier: Verifier, keys: Keys) -> None:
    """Holder-of-key: with a client certificate on the connection, a token of another system is refused."""
    assert verifier.verify(raw, NOON, keys.sender.der).cvr == "11111111"
    with pytest.raises(TokenRefused, match="CVR:11111111-FID:1000000000002"):
        verifier.verify(raw, NOON, keys.receiver.der)
    with pytest.raises(TokenRefused, match="certificate presented"):
        verifier.verify(raw, NOON, b"")


def test_a_wrong_audience_says_which_are_right(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """A token for another service: the text names the two AppliesTo to ask for."""
    other = "http://entityid.kombit.dk/service/postforespoerg/1"
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(signer.sign(build(replace(claims, audience=other))), NOON)
    assert all(word in str(refused.value) for word in (other, AFSEND, MODTAG, "AppliesTo"))


@pytest.mark.parametrize("attribute", ["NotBefore", "NotOnOrAfter"])
def test_both_pairs_of_times_must_hold(attribute: str, claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """SubjectConfirmationData may be narrower than Conditions, or the other way round: the narrower one counts."""
    for path in ("Conditions", DATA):
        assertion = build(claims)
        part(assertion, path).set(attribute, "2026-11-21T16:00:00Z")
        token = signer.sign(assertion)
        inside, outside = (NOON + 5 * HOURS, NOON) if attribute == "NotBefore" else (NOON, NOON + 5 * HOURS)
        assert verifier.verify(token, inside).cvr == "11111111"
        with pytest.raises((TokenExpired, TokenRefused), match="2026-11-21T16:00:00"):
            verifier.verify(token, outside)


def test_times_and_recipient_of_the_confirmation_may_be_missing(
    claims: Claims, signer: Signer, verifier: Verifier
) -> None:
    """They only ever narrow a token: without them the Conditions say all."""
    assertion = build(claims)
    for attribute in ("NotBefore", "NotOnOrAfter", "Recipient"):
        del part(assertion, DATA).attrib[attribute]
    assert verifier.verify(signer.sign(assertion), NOON).not_on_or_after == NOON + 8 * HOURS


@pytest.mark.parametrize(
    "way",
    [Way(), Way(prefixes="xs xsi"), Way(prefixes="")],
    ids=["no KeyInfo", "InclusiveNamespaces", "InclusiveNamespaces of nothing"],
)
def test_signatures_of_other_libraries_are_taken(way: Way, claims: Claims, keys: Keys, verifier: Verifier) -> None:
    """An external STS need not name its certificate, and may list namespaces: each pinned certificate is tried."""
    both = Verifier([Issuer(keys.stranger.der), Issuer(keys.sts.der, ISSUER)])
    token = sign_by_hand(build(claims), keys.sts.key, way)
    assert verifier.verify(token, NOON).cvr == both.verify(token, NOON).cvr == "11111111"


@pytest.mark.parametrize(
    "written",
    [
        lambda raw: b'<?xml version="1.0" encoding="UTF-8"?>\n' + raw,
        lambda raw: b'<?xml version="1.0" encoding="utf-16"?>\r\n' + raw,
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw + b"\n",
        lambda raw: b"<!-- a comment -->" + raw + b"<!-- another -->",
    ],
    ids=["declaration", "declaration of another encoding", "byte order mark", "trailing newline", "comments around"],
)
def test_what_clients_write_around_a_token_does_not_matter(
    written: Callable[[bytes], bytes], raw: bytes, verifier: Verifier
) -> None:
    """A string of .NET says utf-16 and is sent as UTF-8 (the public sample does): the signature holds all the same."""
    assert verifier.verify(written(raw), NOON).cvr == "11111111"


def test_a_pretty_printed_token_can_be_signed(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """White space between elements and around values, signed like that, changes nothing."""
    assertion = build(claims)
    etree.indent(assertion, "\t")
    part(assertion, "Issuer").text = f"\n  {ISSUER}\n"
    assert verifier.verify(signer.sign(assertion), NOON).issuer == ISSUER


def test_a_comment_does_not_cut_a_value(raw: bytes, verifier: Verifier) -> None:
    """Comments are not signed: one put into a value leaves the value whole."""
    token = verifier.verify(raw.replace(b">11111111<", b">1111<!-- -->1111<"), NOON)
    assert token.cvr == "11111111"


def test_a_comment_cannot_cut_an_audience(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """A token for ``…/bfo_afsend/2.evil`` does not become one for ``…/bfo_afsend/2`` by way of a comment."""
    raw = signer.sign(build(replace(claims, audience=AFSEND + ".evil")))
    cut = raw.replace(b"/2.evil</Audience>", b"/2<!-- -->.evil</Audience>")
    assert cut != raw
    with pytest.raises(TokenRefused, match=r"2\.evil', not for the Beskedfordeler"):
        verifier.verify(cut, NOON)


def test_a_processing_instruction_cannot_cut_a_value(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """Processing instructions are signed; a value with one in it is refused, not cut."""
    assertion = build(claims)
    value = part(assertion, ATTRIBUTE + "/AttributeValue")
    value.text = "11111111"
    instruction = etree.ProcessingInstruction("x")
    instruction.tail = "22222222"
    value.append(instruction)
    with pytest.raises(TokenRefused, match="holds more than text"):
        verifier.verify(signer.sign(assertion), NOON)


def test_any_issuer_name_is_taken_where_none_is_pinned(claims: Claims, signer: Signer, keys: Keys) -> None:
    """An external STS is trusted by its certificate; what it calls itself is noted, not compared."""
    external = Verifier([Issuer(keys.sts.der)])
    token = external.verify(signer.sign(build(replace(claims, issuer="https://saml.elsewhere.example"))), NOON)
    assert token.issuer == "https://saml.elsewhere.example"


def test_each_issuer_name_goes_with_its_certificate(claims: Claims, keys: Keys) -> None:
    """One trusted STS cannot issue tokens in the name of another."""
    both = Verifier([Issuer(keys.sts.der, ISSUER), Issuer(keys.stranger.der, "https://other.example")])
    stranger = Signer(keys.stranger.key, keys.stranger.certificate)
    with pytest.raises(TokenRefused, match=r"expected 'https://other\.example'"):
        both.verify(stranger.sign(build(claims)), NOON)
    assert both.verify(stranger.sign(build(replace(claims, issuer="https://other.example"))), NOON).cvr == "11111111"


def test_a_certificate_of_the_sts_that_is_over_signs_no_more(
    claims: Claims, signer: Signer, verifier: Verifier
) -> None:
    """A pinned certificate is trusted for its own time; the text says which."""
    for now in (UNTIL.timestamp() + HOURS, FROM.timestamp() - HOURS):
        token = signer.sign(build(replace(claims, not_before=now, not_on_or_after=now + HOURS)))
        with pytest.raises(TokenRefused, match=r"certificate that the STS signs with is valid from 2020-01-01"):
            verifier.verify(token, now)


def test_a_known_token_ends_with_the_certificate_of_the_sts(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """The end of the certificate counts for tokens that are known, too."""
    end = UNTIL.timestamp()
    token = signer.sign(build(replace(claims, not_before=end - HOURS, not_on_or_after=end + HOURS)))
    verifier.verify(token, end - 1)
    with pytest.raises(TokenRefused, match="certificate that the STS signs with"):
        verifier.verify(token, end + 2 * MINUTE)


@pytest.mark.parametrize("certificate", [b"", b"no certificate"])
def test_a_certificate_that_cannot_be_pinned_is_an_error(certificate: bytes) -> None:
    """A broken PEM in the settings shows at the start, not with the first token."""
    with pytest.raises(ValueError, match="certificate of the STS cannot be read"):
        Verifier([Issuer(certificate)])


def test_a_certificate_without_an_rsa_key_is_an_error() -> None:
    """Tokens are signed with rsa-sha256: an STS with another kind of key could never be verified."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(function_name("11111111", "1000000000009", "STS", "Test"))
        .issuer_name(ca_name())
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    with pytest.raises(ValueError, match="no RSA key"):
        Verifier([Issuer(certificate.public_bytes(Encoding.DER))])
