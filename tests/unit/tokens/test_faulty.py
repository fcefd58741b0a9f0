"""The faulty tokens that a tester can ask for: each wrong in its own way, as the name says."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.sts.assertion import Claims, Signer
from adapters.sts.faulty import FAULTS, faulty, other_cvr
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import Token
from broker.tokens.refusals import NOT_ACCEPTED
from broker.tokens.verifier import Verifier
from tests.support.keys import Keys
from tests.unit.tokens.claims import NOON, judged
from tests.unit.tokens.parts import ATTRIBUTE, part

REFUSED = {
    "not-yet-valid": "is valid from 2026-11-21T13:00:00.000Z until 2026-11-21T21:00:00.000Z",
    "wrong-signature": "the signature does not hold",
    "unsigned": "is not signed",
    "wrapped": "signature wrapping",
    "wrong-audience": "demoservicerest/1', not for the Beskedfordeler",
    "wrong-issuer": "a certificate that is not trusted here",
    "no-cvr": "0 attributes dk:gov:saml:attribute:CvrNumberIdentifier",
    "bearer": "cm:bearer', expected",
}
UNSOUND = {"wrong-signature", "unsigned", "wrapped", "wrong-issuer"}
"""Those without a signature that holds: the client is not told why."""


@pytest.mark.parametrize("fault", REFUSED)
def test_a_faulty_token_is_refused_for_its_fault(
    fault: str, claims: Claims, signer: Signer, verifier: Verifier
) -> None:
    """40, with the reason that the name of the fault promises."""
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(faulty(fault, claims, signer), NOON)
    assert REFUSED[fault] in refused.value.reason
    assert (str(refused.value) == NOT_ACCEPTED) is (fault in UNSOUND)


def test_an_expired_token_was_valid_until_an_hour_ago(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """41; and it was fine before: valid for eight hours."""
    raw = faulty("expired", claims, signer)
    with pytest.raises(TokenExpired, match=r"2026-11-21T11:00:00\.000Z"):
        verifier.verify(raw, NOON)
    token = verifier.verify(raw, NOON - 3700)
    assert token.not_on_or_after - token.not_before == 8 * 3600


def test_a_token_for_another_cvr_holds(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """It is genuine, and refused only where its CVR number is held against a message or an agreement."""
    assert verifier.verify(faulty("other-cvr", claims, signer), NOON).cvr == "99999999"


def test_a_token_with_another_holder_needs_no_certificate(
    claims: Claims, signer: Signer, verifier: Verifier, keys: Keys
) -> None:
    """It names the same system, and is refused where a client certificate is presented: that is not the one."""
    raw = faulty("wrong-holder", claims, signer)
    assert verifier.verify(raw, NOON).holder.serienummer == "CVR:11111111-FID:1000000000002"
    with pytest.raises(TokenRefused, match="certificate presented"):
        verifier.verify(raw, NOON, keys.sender.der)


def test_each_fault_has_a_line_of_help_and_a_test() -> None:
    """The list that the command line shows is the list that is tested."""
    assert set(FAULTS) == {*REFUSED, "expired", "other-cvr", "wrong-holder"}
    assert all(text and "\n" not in text for text in FAULTS.values())


def test_each_fault_differs_from_the_others(claims: Claims, signer: Signer, verifier: Verifier) -> None:
    """Each refusal names its own cause: no two faults fail for the same reason."""
    answers = [judged(verifier, faulty(fault, claims, signer)) for fault in FAULTS]
    reasons = [answer.reason if isinstance(answer, TokenRefused) else str(answer) for answer in answers]
    assert len(set(reasons)) == len(reasons)
    assert sum(isinstance(answer, Token) for answer in answers) == 2


def test_an_unknown_fault_names_the_known_ones(claims: Claims, signer: Signer) -> None:
    """A slip on the command line is answered with what there is."""
    with pytest.raises(ValueError, match="unknown fault 'expird', expected one of expired, not-yet-valid"):
        faulty("expird", claims, signer)


def test_the_altered_cvr_number_is_another_one(claims: Claims, signer: Signer) -> None:
    """A tester's own number is never the one that it is altered to."""
    assert other_cvr("99999999") == "88888888"
    root = etree.fromstring(faulty("wrong-signature", claims, signer))
    assert part(root, ATTRIBUTE + "/AttributeValue").text == "99999999"
