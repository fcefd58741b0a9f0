"""Who gets a token: each row one register, one request, one outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sts.issuing import TokenRequest, grant
from adapters.sts.refusals import Kind, TokenDenied
from broker.catalogue import Catalogue
from broker.core.model import Anvendersystem, Myndighed, Service, Serviceaftale
from broker.ports import RegisterContent
from broker.tokens import AFSEND, MODTAG
from tests.support.keys import certify, function_name, make_keys

NOW = 1_700_000_000.0
OWN, OTHER, THIRD = "11111111", "22222222", "33333333"
SYSTEM = Anvendersystem(
    "aaaaaaaa-0000-4000-8000-000000000001", "Et system", OWN, certifikat="CVR:11111111-FID:1000000000002"
)
NEIGHBOUR = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Et andet", OTHER)
ID = "ffffffff-0000-4000-8000-000000000001"
AFSEND_AFTALE = Serviceaftale(ID, SYSTEM.id, Service.AFSEND, afsendende_myndigheder=(OWN,))
MODTAG_AFTALE = Serviceaftale(ID, SYSTEM.id, Service.MODTAG, tilladte_myndigheder=(OWN, OTHER))
OLDER_AFSEND, OLDER_AFHENT = "http://sts.example/service/afsend/1", "https://sts.example/service/afhent/1"


def catalogue(*aftaler: Serviceaftale, system: Anvendersystem = SYSTEM) -> Catalogue:
    return Catalogue(
        RegisterContent(
            myndigheder={cvr: Myndighed(cvr, "syntetisk") for cvr in (OWN, OTHER)},
            anvendersystemer={system.id: system, NEIGHBOUR.id: NEIGHBOUR},
            serviceaftaler={f"{aftale.id}-{i}": aftale for i, aftale in enumerate(aftaler)},
        )
    )


def request(**changes: Any) -> TokenRequest:
    wish = TokenRequest(
        make_keys().sender.certificate,
        AFSEND,
        OWN,
        make_keys().sender.der,
        request_type="http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue",
    )
    return replace(wish, **changes)


def outcome(wish: TokenRequest, known: Catalogue) -> Kind | str:
    """The kind of the refusal, or the CVR number that the token is for."""
    try:
        return grant(wish, known, NOW, "https://issuer.example", 3600).cvr
    except TokenDenied as denied:
        return denied.kind


def test_a_certificate_whose_name_no_token_can_carry() -> None:
    """Of a CA that is given: a control character in its name is refused in a sentence that does not repeat it."""
    keys = make_keys()
    subject = function_name("11111111", "1000000000002", "Af\x01sender", "Testkommune")
    certificate = certify(subject, keys.sender.key, keys.ca.key)
    with pytest.raises(TokenDenied, match=r"subject holds the character U\+0001") as denied:
        grant(request(certificate=certificate, use_key=None), catalogue(AFSEND_AFTALE), NOW, "https://i.example", 3600)
    assert denied.value.kind is Kind.UNKNOWN_CERTIFICATE


@pytest.mark.parametrize(
    ("aftaler", "audience", "cvr", "expected"),
    [
        ([AFSEND_AFTALE], AFSEND, OWN, OWN),
        ([AFSEND_AFTALE], OLDER_AFSEND, OWN, OWN),
        ([replace(AFSEND_AFTALE, afsendende_myndigheder=("*",))], AFSEND, OTHER, OTHER),
        ([AFSEND_AFTALE], AFSEND, OTHER, Kind.NO_SERVICEAFTALE),
        ([AFSEND_AFTALE], AFSEND, THIRD, Kind.UNKNOWN_CVR),
        ([AFSEND_AFTALE], MODTAG, OWN, Kind.NO_SERVICEAFTALE),
        ([AFSEND_AFTALE], OLDER_AFHENT, OWN, Kind.NO_SERVICEAFTALE),
        ([MODTAG_AFTALE], MODTAG, OTHER, OTHER),
        ([MODTAG_AFTALE], OLDER_AFHENT, OTHER, OTHER),
        ([MODTAG_AFTALE], AFSEND, OWN, Kind.NO_SERVICEAFTALE),
        ([replace(MODTAG_AFTALE, tilladte_myndigheder=(OWN,))], MODTAG, OTHER, Kind.NO_SERVICEAFTALE),
        ([replace(MODTAG_AFTALE, tilladte_myndigheder=("*",))], MODTAG, OTHER, OTHER),
        ([], AFSEND, OWN, Kind.NO_SERVICEAFTALE),
        ([replace(AFSEND_AFTALE, anvendersystem=NEIGHBOUR.id)], AFSEND, OWN, Kind.NO_SERVICEAFTALE),
        ([replace(AFSEND_AFTALE, godkendt=False)], AFSEND, OWN, Kind.SERVICEAFTALE_NOT_IN_FORCE),
        ([replace(AFSEND_AFTALE, gyldig_fra=NOW + 1)], AFSEND, OWN, Kind.SERVICEAFTALE_NOT_IN_FORCE),
        ([replace(AFSEND_AFTALE, gyldig_fra=NOW)], AFSEND, OWN, OWN),
        ([replace(AFSEND_AFTALE, gyldig_til=NOW)], AFSEND, OWN, Kind.SERVICEAFTALE_NOT_IN_FORCE),
        ([replace(AFSEND_AFTALE, gyldig_til=NOW + 1)], AFSEND, OWN, OWN),
        ([replace(AFSEND_AFTALE, godkendt=False), AFSEND_AFTALE], AFSEND, OWN, OWN),
        ([AFSEND_AFTALE], "http://entityid.kombit.dk/service/demoservicerest/1", OWN, Kind.UNKNOWN_APPLIES_TO),
        ([AFSEND_AFTALE], "urn:x/service/afsend/1", OWN, Kind.UNKNOWN_APPLIES_TO),
        ([AFSEND_AFTALE], None, OWN, Kind.BAD_REQUEST),
        ([AFSEND_AFTALE], AFSEND, None, Kind.BAD_REQUEST),
    ],
)
def test_the_register_decides(
    aftaler: list[Serviceaftale], audience: str | None, cvr: str | None, expected: Kind | str
) -> None:
    """Service by AppliesTo, myndighed by the list of the agreement for that service, and the agreement in force."""
    assert outcome(request(audience=audience, cvr=cvr), catalogue(*aftaler)) == expected


@pytest.mark.parametrize(
    ("aftale", "told"),
    [
        (replace(AFSEND_AFTALE, godkendt=False), "serviceaftaler[].godkendt"),
        (replace(AFSEND_AFTALE, gyldig_fra=NOW + 1), "serviceaftaler[].gyldig_fra"),
        (replace(AFSEND_AFTALE, gyldig_til=NOW - 1), "serviceaftaler[].gyldig_til"),
        (replace(AFSEND_AFTALE, afsendende_myndigheder=(OTHER,)), "serviceaftaler[].afsendende_myndigheder"),
    ],
)
def test_a_refusal_names_the_agreement_and_what_to_set(aftale: Serviceaftale, told: str) -> None:
    """Its id, and the path in the register."""
    with pytest.raises(TokenDenied) as denied:
        grant(request(), catalogue(aftale), NOW, "i", 1)
    assert ID in str(denied.value)
    assert told in str(denied.value)


def test_an_unknown_certificate_comes_before_all_else() -> None:
    """Nobody learns of agreements by asking with a certificate that belongs to no system."""
    stranger = replace(SYSTEM, certifikat="CVR:11111111-FID:9999999999999")
    wish = request(cvr=THIRD, token_type="urn:x", use_key=b"x")
    assert outcome(wish, catalogue(AFSEND_AFTALE, system=stranger)) is Kind.UNKNOWN_CERTIFICATE
    assert outcome(request(certificate=make_keys().ca.certificate), catalogue()) is Kind.UNKNOWN_CERTIFICATE


def test_a_token_s_role_carries_the_limits_of_the_agreement() -> None:
    """KLE and følsomhed, by their public constraint ids; the role is synthetic and says so by its host."""
    aftale = replace(AFSEND_AFTALE, forvaltningsomraader=("27.*", "32.18.*"), foelsomheder=("31c09910",))
    claims = grant(request(), catalogue(aftale), NOW, "i", 1)
    assert claims.privileges == ("http://entityid.example/roles/servicesystemrole/bfo_afsend/1",)
    assert claims.constraints == (
        ("http://sts.kombit.dk/constraints/KLE/1", "27.*"),
        ("http://sts.kombit.dk/constraints/KLE/1", "32.18.*"),
        ("http://sts.kombit.dk/constraints/foelsomhed/1", "31c09910"),
    )


@given(asked=st.none() | st.floats(NOW + 1e-3, NOW + 1e6), lifetime=st.floats(1, 1e5))
def test_no_token_outlives_what_is_asked_or_allowed(asked: float | None, lifetime: float) -> None:
    """Whatever Lifetime is asked for: the token ends by then, by the limit of the STS, and not before it begins."""
    claims = grant(request(expires=asked), catalogue(AFSEND_AFTALE), NOW, "i", lifetime)
    assert NOW == claims.not_before < claims.not_on_or_after <= min(NOW + lifetime, asked or NOW + lifetime)


@given(asked=st.floats(0, NOW))
def test_a_lifetime_that_is_past_is_none(asked: float) -> None:
    """Rather than a token that is over when it arrives, the client is told what time it is here."""
    assert outcome(request(expires=asked), catalogue(AFSEND_AFTALE)) is Kind.TIME_RANGE
