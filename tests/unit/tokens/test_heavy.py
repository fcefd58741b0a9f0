"""Tokens that are heavy: bombs, junk, nesting.  Each is judged in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from adapters.sts.assertion import Claims, Signer, build
from broker.errors import TokenRefused
from broker.tokens.refusals import NOT_ACCEPTED
from broker.tokens.verifier import Issuer, Verifier
from tests.support.keys import Keys
from tests.unit.tokens.claims import NOON
from tests.unit.tokens.forging import Way, sign_by_hand

HANG = 2.0
"""Seconds after which a judgement counts as a hang; the slowest takes some hundredths."""


def _doctype(declarations: str, value: str) -> bytes:
    text = f'<!DOCTYPE a [{declarations}]><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{value}</Assertion>'
    return text.encode()


def _laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    return _doctype(f'<!ENTITY l0 "ha">{levels}', "&l11;")


def _blowup() -> bytes:
    return _doctype(f'<!ENTITY a "{"a" * 30_000}">', "&a;" * 10_000)


def _external() -> bytes:
    return _doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")


def _signed_noise(noise: str) -> Callable[[Keys, Claims], bytes]:
    """An assertion of proper form with up to 60 kB of something in it, and a signature that does not hold."""

    def make(keys: Keys, claims: Claims) -> bytes:
        raw = Signer(keys.sts.key, keys.sts.certificate).sign(build(claims))
        return raw.replace(b"</AttributeStatement>", b"</AttributeStatement>" + noise.encode())

    return make


def _namespaces(keys: Keys, claims: Claims) -> bytes:
    raw = Signer(keys.sts.key, keys.sts.certificate).sign(build(claims))
    many = "".join(f' xmlns:n{i}="urn:{i}"' for i in range(1_700))
    return raw.replace(b"<Assertion ", f"<Assertion{many} ".encode())


def _inclusive(keys: Keys, claims: Claims) -> bytes:
    prefixes = " ".join(f"n{i}" for i in range(1_700))
    method = b'<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"'
    inclusive = f'<x:InclusiveNamespaces xmlns:x="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="{prefixes}"/>'
    return _namespaces(keys, claims).replace(
        method + b"/>", method + b">" + inclusive.encode() + b"</CanonicalizationMethod>"
    )


def _certificates(keys: Keys, claims: Claims) -> bytes:
    raw = Signer(keys.sts.key, keys.sts.certificate).sign(build(claims))
    return raw.replace(b"<X509Data>", b"<X509Data>" + b"<X509Certificate>AAAA</X509Certificate>" * 1_400, 1)


HEAVY: dict[str, tuple[Callable[[Keys, Claims], bytes], str]] = {
    "1 MB of junk": (lambda _k, _c: b"\x00\xff<a" * 262_144, "more than 65536"),
    "1 MB of XML": (lambda _k, _c: b"<a>" + b"<b/>" * 262_144 + b"</a>", "more than 65536"),
    "a genuine token and 1 MB of blanks": (
        lambda k, c: Signer(k.sts.key, k.sts.certificate).sign(build(c)) + b" " * 1_048_576,
        "more than 65536",
    ),
    "billion laughs": (lambda _k, _c: _laughs(), "DOCTYPE"),
    "quadratic blowup": (lambda _k, _c: _blowup(), "DOCTYPE"),
    "external entity": (lambda _k, _c: _external(), "DOCTYPE"),
    "an entity that nobody declared": (lambda _k, _c: b"<a>&x;</a>", "not well-formed"),
    "a DOCTYPE in small letters": (lambda _k, _c: b"<!doctype a><a/>", "not well-formed"),
    "nested 20,000 deep": (lambda _k, _c: b"<a>" * 20_000, "not well-formed"),
    "nested 9,000 deep and closed": (lambda _k, _c: b"<a>" * 9_000 + b"</a>" * 9_000, "not well-formed"),
    "nested 100 deep": (lambda _k, _c: b"<a>" * 100 + b"</a>" * 100, "32 elements deep"),
    "many attributes": (
        lambda _k, _c: b"<a " + b" ".join(b'a%d="1"' % i for i in range(6_000)) + b"/>",
        "not a SAML 2.0 Assertion",
    ),
    "many IDs": (
        _signed_noise("".join(f'<x ID="i{i}"/>' for i in range(3_500))),
        "does not hold",
    ),
    "one long text": (_signed_noise("x" * 58_000), "does not hold"),
    "many namespaces, all of them inclusive": (_inclusive, "a very long one"),
}

HARMLESS: dict[str, Callable[[Keys, Claims], bytes]] = {
    "many comments": _signed_noise("<!---->" * 7_000),
    "many certificates": _certificates,
    "many namespaces": _namespaces,
}
"""Comments, KeyInfo and namespaces that are not used are not signed: the token holds as well with them."""


@pytest.mark.parametrize("case", HEAVY)
def test_a_heavy_token_is_refused_in_bounded_time(case: str, keys: Keys, claims: Claims, verifier: Verifier) -> None:
    """However a token is blown up, nobody waits for it: it is refused, and nothing of it is loaded or expanded."""
    make, expected = HEAVY[case]
    octets = make(keys, claims)
    started = time.perf_counter()
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(octets, NOON)
    assert time.perf_counter() - started < HANG
    assert str(refused.value) == NOT_ACCEPTED
    assert expected in refused.value.reason


@pytest.mark.parametrize("case", HARMLESS)
def test_a_heavy_token_that_holds_is_taken_in_bounded_time(
    case: str, keys: Keys, claims: Claims, verifier: Verifier
) -> None:
    """What can be added to a token without breaking its signature costs nobody time either."""
    octets = HARMLESS[case](keys, claims)
    started = time.perf_counter()
    assert verifier.verify(octets, NOON).cvr == "11111111"
    assert time.perf_counter() - started < HANG


def test_many_issuers_are_tried_in_bounded_time(claims: Claims, keys: Keys) -> None:
    """Where KeyInfo names nobody, each pinned certificate is tried once."""
    verifier = Verifier([Issuer(keys.stranger.der)] * 50 + [Issuer(keys.sts.der)])
    started = time.perf_counter()
    assert verifier.verify(sign_by_hand(build(claims), keys.sts.key, Way()), NOON).cvr == "11111111"
    assert time.perf_counter() - started < HANG


def test_the_limit_can_be_set(raw: bytes, keys: Keys) -> None:
    """A token that is larger than the limit given is refused before it is looked at."""
    small = Verifier([Issuer(keys.sts.der)], max_size=len(raw) - 1)
    with pytest.raises(TokenRefused) as refused:
        small.verify(raw, NOON)
    assert refused.value.reason == f"the token is {len(raw)} bytes, more than {len(raw) - 1}"
    assert Verifier([Issuer(keys.sts.der)], max_size=len(raw)).verify(raw, NOON).cvr == "11111111"
