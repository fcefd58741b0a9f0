"""A token for an access token, and the demo service that takes it, over mutual TLS."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from adapters.sts.assertion import Claims, Signer, build
from adapters.sts.faulty import FAULTS, faulty
from broker.core.model import Anvendersystem
from broker.tokens import AFSEND, MODTAG
from tests.unit.sts.office import (
    AFTALE,
    DEMO,
    EXCHANGE,
    ISSUER,
    KOMMUNE,
    RECEIVER,
    REGION,
    SENDER,
    STRANGER,
    Office,
    Reply,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}


async def exchange(office: Office, raw: bytes, system: Anvendersystem | None = SENDER) -> Reply:
    body = urlencode({"saml-token": base64.b64encode(raw).decode()}).encode()
    return await office.call("POST", EXCHANGE, body, system=system, headers=FORM)


def claims(office: Office, lifetime: float = 8 * 3600) -> Claims:
    now = office.clock.now()
    return Claims(ISSUER, AFSEND, KOMMUNE.cvr, office.identity(SENDER).certificate, now, now + lifetime, now)


async def test_the_way_of_the_public_clients(office: Office) -> None:
    """Token, access token, call: the answer says who called, and brings the transaction headers back."""
    reply = await exchange(office, await office.token())
    assert reply.status == 200, reply.content
    assert (reply.json["token_type"], reply.json["expires_in"]) == ("Holder-of-key", 3600)
    headers = {
        "Authorization": f"{reply.json['token_type']} {reply.json['access_token']}",
        "x-TransaktionsId": "0d7a7d95-0c4a-4f86-bd98-c599d0b81128",
        "x-TransaktionsTid": "2026-11-21T08:00:00Z",
    }
    for method, path in (("GET", DEMO + "hej%20igen"), ("GET", DEMO), ("POST", DEMO.rstrip("/"))):
        called = await office.call(method, path, system=SENDER, headers=headers)
        assert called.status == 200, called.content
        assert (called.json["anvendersystem"], called.json["cvr"]) == (SENDER.navn, KOMMUNE.cvr)
        assert called.headers["x-transaktionsid"] == headers["x-TransaktionsId"]
        assert called.headers["x-transaktionstid"] == headers["x-TransaktionsTid"]
        assert called.json["besked"] == ("hej igen" if "hej" in path else "")
    assert (await office.noted("token"))["via"] == "access-token"


async def test_an_access_token_is_worth_nothing_without_the_key(own_office: Office) -> None:
    """401 with another certificate, with none, without the header; and when its hour is over."""
    value = (await exchange(own_office, await own_office.token())).json["access_token"]
    headers = {"Authorization": f"Holder-of-key {value}"}
    for system, sent in ((RECEIVER, headers), (None, headers), (SENDER, {})):
        reply = await own_office.call("GET", DEMO, system=system, headers=sent)
        assert reply.refusal[:2] == (401, "token_refused")
        assert reply.headers["www-authenticate"] == "Holder-of-key"
    assert SENDER.serienummer not in reply.refusal[2]
    own_office.clock.advance(3601)
    reply = await own_office.call("GET", DEMO, system=SENDER, headers=headers)
    assert reply.refusal[:2] == (401, "token_expired")


async def test_an_access_token_does_not_outlive_its_token(office: Office) -> None:
    """Of a token that ends in ten minutes it is ten minutes."""
    raw = Signer(office.sts.key, office.sts.certificate).sign(build(claims(office, 600)))
    assert (await exchange(office, raw)).json["expires_in"] == 600


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_faulty_tokens_are_not_exchanged(office: Office, name: str) -> None:
    """Every token of `beskedfordeler token --fault`: for another myndighed there is no serviceaftale."""
    raw = faulty(name, claims(office), Signer(office.sts.key, office.sts.certificate))
    reply = await exchange(office, raw)
    assert reply.refusal[:2] == (401, "token_expired" if name == "expired" else "token_refused")
    assert (await office.noted("denied"))["via"] == "access-token"


@pytest.mark.parametrize(
    ("audience", "cvr", "told"),
    [
        (AFSEND, "87654321", "myndigheder[].cvr"),
        (AFSEND, REGION.cvr, "no serviceaftale about 'afsend'"),
        (MODTAG, KOMMUNE.cvr, "no serviceaftale about 'modtag'"),
    ],
    ids=["nobody", "not agreed", "other service"],
)
async def test_a_token_that_no_serviceaftale_lets_in(office: Office, audience: str, cvr: str, told: str) -> None:
    """Of an STS that is trusted, for a myndighed that its holder may not act for: as at the Beskedfordeler, refused."""
    raw = Signer(office.sts.key, office.sts.certificate).sign(
        build(replace(claims(office), audience=audience, cvr=cvr))
    )
    reply = await exchange(office, raw)
    assert reply.refusal[:2] == (401, "token_refused")
    assert told in reply.refusal[2]
    assert (await office.noted("denied"))["cvr"] == cvr


async def test_a_serviceaftale_that_is_withdrawn_ends_the_exchange(own_office: Office) -> None:
    """The token was good when it was issued; the register of now decides."""
    raw = await own_office.token()
    assert (await exchange(own_office, raw)).status == 200
    await own_office.service.put([replace(AFTALE, godkendt=False)])
    assert (await exchange(own_office, raw)).refusal[:2] == (401, "token_refused")


async def test_only_its_holder_exchanges_a_token(office: Office) -> None:
    """With the certificate of another system, or none: 401."""
    raw = await office.token()
    assert (await exchange(office, raw, system=RECEIVER)).refusal[:2] == (401, "token_refused")
    assert (await exchange(office, raw, system=None)).refusal[:2] == (401, "no_certificate")


async def test_a_token_of_nobody_in_the_register(office: Office) -> None:
    """A good token whose holder the register does not know (another STS issued it): 401 says where to add it."""
    now = office.clock.now()
    holder = office.identity(STRANGER).certificate
    raw = Signer(office.sts.key, office.sts.certificate).sign(
        build(Claims(ISSUER, AFSEND, KOMMUNE.cvr, holder, now, now + 600, now))
    )
    reply = await exchange(office, raw, system=STRANGER)
    assert reply.refusal[:2] == (401, "token_refused")
    assert "anvendersystemer[].certifikat" in reply.refusal[2]


@pytest.mark.parametrize(
    "body",
    [b"", b"saml-token=", b"saml-token=%25%25", b"x=1", b"saml-token=AAAA&saml-token=AAAA", b"\xff", b"a=1&" * 100],
)
async def test_junk_is_answered_in_one_sentence(office: Office, body: bytes) -> None:
    """400, and what was expected."""
    reply = await office.call("POST", EXCHANGE, body, system=SENDER, headers=FORM)
    assert reply.refusal[:2] == (400, "bad_request")
    assert "saml-token" in reply.refusal[2]
