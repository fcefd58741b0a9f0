"""Whatever octets come in: a token that was signed, or one of the two refusals."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.sts.assertion import Signer, build
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import Token
from broker.tokens.refusals import NOT_ACCEPTED
from tests.support.keys import make_keys
from tests.unit.tokens.claims import NOON, claims_of, judged, verifier_of

Mutation = tuple[str, int, bytes]

_SNIPPETS = st.sampled_from(
    [b"<", b">", b"/>", b"&", b"&#0;", b"]]>", b"<!--", b"-->", b"<?x?>", b'"', b"\0", b"\xff", b"<Assertion>", b"\xc3"]
)
_MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "write", "cut", "double"]), st.integers(0, 7000), _SNIPPETS | st.binary(max_size=30)
    ),
    min_size=1,
    max_size=6,
)


@cache
def _signer() -> Signer:
    keys = make_keys()
    return Signer(keys.sts.key, keys.sts.certificate)


@cache
def _genuine() -> tuple[bytes, Token]:
    raw = _signer().sign(build(claims_of(make_keys())))
    return raw, verifier_of(make_keys()).verify(raw, NOON)


def _mutated(raw: bytes, mutations: list[Mutation]) -> bytes:
    for what, place, octets in mutations:
        at = place % (len(raw) + 1)
        width = len(octets)
        match what:
            case "put":
                raw = raw[:at] + octets + raw[at:]
            case "write":
                raw = raw[:at] + octets + raw[at + width :]
            case "cut":
                raw = raw[:at] + raw[at + width * 7 :]
            case _:
                raw = raw[:at] + raw[max(0, at - width * 7) :]
    return raw


@settings(deadline=None)
@given(octets=st.binary(max_size=2000))
def test_any_octets_are_refused(octets: bytes) -> None:
    """Octets from anywhere: refused, alike to the client."""
    answer = judged(verifier_of(make_keys()), octets)
    assert isinstance(answer, TokenRefused)
    assert str(answer) == NOT_ACCEPTED
    assert answer.reason != NOT_ACCEPTED


@settings(max_examples=300, deadline=None)
@given(mutations=_MUTATIONS)
def test_an_altered_token_says_what_was_signed_or_nothing(mutations: list[Mutation]) -> None:
    """However the octets of a genuine token are altered: it still says what the STS signed, or it is refused."""
    raw, token = _genuine()
    answer = judged(verifier_of(make_keys()), _mutated(raw, mutations))
    if isinstance(answer, Token):
        assert asdict(answer) == asdict(token)
    else:
        assert isinstance(answer, TokenRefused)
        assert str(answer) == NOT_ACCEPTED


@settings(deadline=None)
@given(mutations=_MUTATIONS)
def test_a_known_token_does_not_help_an_altered_one(mutations: list[Mutation]) -> None:
    """The same with a verifier that knows the genuine token already."""
    raw, token = _genuine()
    verifier = verifier_of(make_keys())
    verifier.verify(raw, NOON)
    answer = judged(verifier, _mutated(raw, mutations))
    assert isinstance(answer, TokenRefused) or (isinstance(answer, Token) and asdict(answer) == asdict(token))


_WORDS = st.sampled_from(
    [
        "",
        "2.0",
        "11111111",
        "2026-11-21T12:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "AAAA",
        "æ" * 99,
    ]
) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=30
)


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["text", "attribute", "drop", "move", "double", "name"]), _WORDS),
        min_size=1,
        max_size=4,
    )
)
def test_anything_that_an_sts_signs_is_judged(changes: list[tuple[int, str, str]]) -> None:
    """A trusted STS that writes nonsense gets its tokens refused in words; nothing else is ever raised."""
    root = build(claims_of(make_keys()))
    for number, what, word in changes:
        _change(root, number, what, word)
    raw = _signer().sign(root)
    answer = judged(verifier_of(make_keys()), raw)
    assert isinstance(answer, Token | TokenRefused | TokenExpired)
    assert judged(verifier_of(make_keys()), raw, NOON + 1e9).__class__ in (TokenExpired, TokenRefused)


def _change(root: etree._Element, number: int, what: str, word: str) -> None:
    elements = [element for element in root.iter() if element is not root]
    if not elements:
        return
    element = elements[number % len(elements)]
    parent = element.getparent()
    assert parent is not None
    match what:
        case "text":
            element.text = word
        case "attribute" if element.attrib:
            element.set(str(sorted(element.attrib)[0]), word)
        case "drop" if len(root) > 1:
            parent.remove(element)
        case "move" if element not in root.iterchildren():
            root.append(element)
        case "double":
            element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))
        case "name":
            element.tag = "{urn:elsewhere}x"
        case _:
            pass
