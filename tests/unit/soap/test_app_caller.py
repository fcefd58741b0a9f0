"""Who is let in, and as whom: by password, by certificate, by the assertion in WS-Security."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.clock import FakeClock, iso
from broker.tokens import AFSEND, MODTAG
from tests.support import soap
from tests.support.keys import Keys, Pair, keys
from tests.support.soap import SOAP_12, basic, envelope
from tests.unit.soap.counter import OTHER, SENDER, SYSTEM, Counter, header_of_basic, open_counter
from tests.unit.tokens.claims import NOON, claims_of, verifier_of

__all__ = ["keys"]

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = _WSS + "wssecurity-secext-1.0.xsd"
WSU = _WSS + "wssecurity-utility-1.0.xsd"
STR_TRANSFORM = _WSS + "soap-message-security-1.0#STR-Transform"
SAML_ID = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
NOT_ACCEPTED = "the token is not one that this Beskedfordeler accepts; the trace of the emulator says why"


# --- by password, by certificate ----------------------------------------------------------------------


async def test_by_password_in_open_mode() -> None:
    """A system is known by id or navn; where the register names no password any is taken, else that one."""
    async with open_counter() as counter:
        for user in (SYSTEM.navn, SYSTEM.navn.upper(), SYSTEM.id):
            assert (await counter.post(envelope(soap.soeg()), basic(user, "hvad som helst"))).kode == 20, user
        assert (await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "åben"))).kode == 20
        assert (await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "lukket"))).status == 401


@pytest.mark.parametrize("auth", ["open", "plain"])
async def test_who_does_not_say_who_calls_is_told_how(auth: str) -> None:
    """A call that names nobody is answered 401, with a fault that says the ways to be known."""
    async with open_counter(auth=auth) as counter:  # type: ignore[arg-type]
        reply = await counter.post(envelope(soap.opret("Ny")))
        assert (reply.status, reply.fault[0]) == (401, "Client")
        assert reply.headers["www-authenticate"].startswith("Basic ")
        for way in ("HTTP Basic", "certificate", "SAML assertion"):
            assert way in reply.fault[1]
        assert counter.state()["lists"] == {}


@pytest.mark.parametrize(
    "headers",
    [
        basic("Ukendt"),
        basic(SENDER.navn, "forkert"),
        header_of_basic(b"no colon"),
        header_of_basic(b"\xff:\xff"),
        {"authorization": "Basic ¤¤¤"},
        {"authorization": "Basic"},
        {"authorization": "Bearer abc"},
        {"authorization": ""},
    ],
)
async def test_a_wrong_login_is_refused(headers: dict[str, str]) -> None:
    """An unknown user, a wrong password or an Authorization that is none: 401, and the register is not touched."""
    async with open_counter(auth="plain") as counter:
        reply = await counter.post(envelope(soap.opret("Ny")), headers)
        assert (reply.status, reply.fault[0]) == (401, "Client")
        assert counter.state()["lists"] == {}


async def test_plain_mode_wants_the_password_of_the_register() -> None:
    """With --auth=plain a system without adgangskode is not let in, one with it by that alone."""
    async with open_counter(auth="plain") as counter:
        assert (await counter.post(envelope(soap.soeg()), basic(SYSTEM.navn))).status == 401
        assert (await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "åben"))).kode == 20


async def test_a_login_is_in_the_trace_once() -> None:
    """The trace has one line for a caller, not one for each call, and one for each that is turned away."""
    async with open_counter() as counter:
        for _ in range(3):
            await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "åben"))
        for _ in range(2):
            await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "forkert"))
        assert len(await counter.noted("login")) == 1
        denied = await counter.noted("denied")
        assert len(denied) == 2
        assert "forkert" not in str(denied)


async def test_by_client_certificate(keys: Keys) -> None:
    """Over TLS a system is known by its function certificate; one that is nobody's here needs a password as well."""
    async with open_counter(auth="plain") as counter:
        await counter.service.put([replace(SYSTEM, certifikat="CVR:11111111-FID:1111111111111")])
        holder = _serienummer(keys.sender)
        await counter.service.put([replace(SYSTEM, certifikat=holder)])
        reply = await counter.post(envelope(soap.opret("Min")), certificate=keys.sender.der)
        assert reply.kode == 20
        assert counter.service.content.vaerdilister[reply.uuid].anvendersystem == SYSTEM.id
        stranger = await counter.post(envelope(soap.soeg()), certificate=keys.receiver.der)
        assert stranger.status == 401
        assert _serienummer(keys.receiver) in stranger.fault[1]
        both = await counter.post(envelope(soap.soeg()), basic(SENDER.navn, "åben"), certificate=keys.receiver.der)
        assert both.kode == 20


def _serienummer(pair: Pair) -> str:
    from broker.tokens.certificate import describe

    return describe(pair.certificate).serienummer


# --- by assertion -------------------------------------------------------------------------------------


class Issued:
    """The sending system's assertions, and calls that carry them."""

    def __init__(self, counter: Counter, keys: Keys) -> None:
        self.counter = counter
        self.keys = keys
        self.claims = replace(claims_of(keys), audience=MODTAG)

    def token(self, signer: Pair | None = None, **changes: object) -> bytes:
        trusted = signer or self.keys.sts
        claims: Claims = replace(self.claims, **changes)  # type: ignore[arg-type]
        return Signer(trusted.key, trusted.certificate).sign(build(claims))

    def call(self, content: str, token: bytes, *, more: str = "", soap_version: str = soap.SOAP_11) -> bytes:
        return envelope(content, header=security(token, more), soap=soap_version)


def security(token: bytes, more: str = "") -> bytes:
    assertion = token.partition(b"?>")[2] if token.startswith(b"<?xml") else token
    return (
        f'<o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}" e:mustUnderstand="1">'.encode()
        + assertion
        + more.encode()
        + b"</o:Security>"
    )


@pytest.fixture
async def issued(keys: Keys) -> AsyncIterator[Issued]:
    """An emulator with --auth=token, where Fagsystem has the certificate of the tokens' holder."""
    async with open_counter(auth="token", verifier=verifier_of(keys), clock=FakeClock(NOON)) as counter:
        await counter.service.put([replace(SYSTEM, certifikat=_serienummer(keys.sender))])
        yield Issued(counter, keys)


@pytest.mark.parametrize("audience", [AFSEND, MODTAG])
@pytest.mark.parametrize("version", [soap.SOAP_11, SOAP_12])
async def test_by_assertion(issued: Issued, audience: str, version: str) -> None:
    """With the STS's assertion in the Security header the holder's system calls, for either service, in both SOAPs."""
    token = issued.token(audience=audience)
    reply = await issued.counter.post(issued.call(soap.opret("Min"), token, soap_version=version))
    assert reply.kode == 20
    assert issued.counter.service.content.vaerdilister[reply.uuid].anvendersystem == SYSTEM.id
    (noted, *_) = [one for one in await issued.counter.noted("register") if "via" in one]
    assert noted["via"] == "soap, token"


async def test_by_assertion_in_open_mode_too(keys: Keys) -> None:
    """Where tokens can be judged, one that is sent is judged, and decides, also without --auth=token."""
    async with open_counter(verifier=verifier_of(keys), clock=FakeClock(NOON)) as counter:
        await counter.service.put([replace(SYSTEM, certifikat=_serienummer(keys.sender))])
        issued = Issued(counter, keys)
        good = await counter.post(issued.call(soap.opret("Min"), issued.token()), basic(OTHER.navn))
        assert counter.service.content.vaerdilister[good.uuid].anvendersystem == SYSTEM.id
        forged = await counter.post(issued.call(soap.soeg(), issued.token(keys.stranger)), basic(OTHER.navn))
        assert forged.fault[0] == "FailedAuthentication"


async def test_an_assertion_that_nobody_judges_is_told_of(keys: Keys) -> None:
    """An emulator without TLS and tokens says that it did not look at the assertion; with a password it goes on."""
    async with open_counter(clock=FakeClock(NOON)) as counter:
        issued = Issued(counter, keys)
        reply = await counter.post(issued.call(soap.soeg(), issued.token()))
        assert reply.status == 401
        assert "assertion was not looked at" in reply.fault[1]
        assert (await counter.post(issued.call(soap.soeg(), issued.token()), basic(SYSTEM.navn))).kode == 20


async def test_token_mode_wants_an_assertion(issued: Issued) -> None:
    """With --auth=token a call without assertion is a fault that says how to give one; no password helps."""
    for body in (envelope(soap.opret("Ny")), envelope(soap.opret("Ny"), header=f'<o:Security xmlns:o="{WSSE}"/>')):
        reply = await issued.counter.post(body, basic(SENDER.navn, "åben"), certificate=issued.keys.sender.der)
        assert (reply.status, reply.fault[0]) == (500, "InvalidSecurity")
        assert MODTAG in reply.fault[1]
    assert issued.counter.state()["lists"] == {}
    assert len(await issued.counter.noted("denied")) == 2


@pytest.mark.parametrize(
    ("make", "code", "tells"),
    [
        (lambda one: one.token(not_on_or_after=NOON - 100), "InvalidSecurityToken", "expired at"),
        (lambda one: one.token(not_before=NOON + 100), "InvalidSecurityToken", "not valid yet"),
        (
            lambda one: one.token(holder=one.keys.receiver.certificate),
            "InvalidSecurityToken",
            "belongs to no anvendersystem",
        ),
        (lambda one: one.token(one.keys.stranger), "FailedAuthentication", NOT_ACCEPTED),
        (lambda one: one.token().replace(b"11111111", b"22222222"), "FailedAuthentication", NOT_ACCEPTED),
        (lambda one: etree.tostring(build(one.claims)), "FailedAuthentication", NOT_ACCEPTED),
        (lambda one: one.token() * 2, "InvalidSecurity", "2 assertions"),
    ],
    ids=["expired", "too early", "of nobody here", "forged", "altered", "unsigned", "two"],
)
async def test_an_assertion_that_does_not_hold(
    issued: Issued, make: Callable[[Issued], bytes], code: str, tells: str
) -> None:
    """An honest mistake is told in full, a forgery nothing; the trace has the reason, and the register is as it was."""
    reply = await issued.counter.post(issued.call(soap.opret("Ny"), make(issued)))
    assert (reply.status, reply.fault[0]) == (500, code)
    assert tells in reply.fault[1]
    assert issued.counter.state()["lists"] == {}
    (denied,) = await issued.counter.noted("denied")
    assert denied["via"] == "soap"
    if code == "FailedAuthentication":
        assert reply.fault[1] == NOT_ACCEPTED
        assert denied["grund"] != NOT_ACCEPTED


async def test_the_certificate_shown_must_be_the_holders(issued: Issued) -> None:
    """Over TLS with a client certificate, the assertion must be issued to that certificate."""
    body = issued.call(soap.soeg(), issued.token())
    assert (await issued.counter.post(body, certificate=issued.keys.sender.der)).kode == 20
    reply = await issued.counter.post(body, certificate=issued.keys.receiver.der)
    assert reply.fault[0] == "InvalidSecurityToken"
    assert "certificate presented" in reply.fault[1]


async def test_a_second_security_header_is_refused(issued: Issued) -> None:
    """Two Security headers leave it in doubt which counts: a fault."""
    twice = security(issued.token()) * 2
    reply = await issued.counter.post(envelope(soap.soeg(), header=twice))
    assert reply.fault == ("InvalidSecurity", "the Header holds 2 Security; expected one")


async def test_an_assertion_that_cannot_be_read(issued: Issued) -> None:
    """An encrypted assertion, or a Timestamp that is none, is a fault that says what was expected."""
    encrypted = b'<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>'
    reply = await issued.counter.post(issued.call(soap.soeg(), encrypted))
    assert reply.fault == ("InvalidSecurity", "the assertion is encrypted; expected Assertion, as the STS gives it")
    stamp = "<u:Timestamp><u:Created>today</u:Created></u:Timestamp>"
    reply = await issued.counter.post(issued.call(soap.soeg(), issued.token(), more=stamp))
    assert reply.fault == ("InvalidSecurity", "Timestamp: Created is not a dateTime")


@pytest.mark.parametrize(
    ("created", "expires", "code"),
    [
        (NOON - 10, NOON + 290, None),
        (NOON - 400, NOON - 100, "MessageExpired"),
        (NOON + 100, NOON + 400, "MessageExpired"),
    ],
)
async def test_a_timestamp_must_span_now(issued: Issued, created: float, expires: float, code: str | None) -> None:
    """A Timestamp that is over, or not begun, is a fault; clocks may differ by a minute."""
    stamp = f"<u:Timestamp><u:Created>{iso(created)}</u:Created><u:Expires>{iso(expires)}</u:Expires></u:Timestamp>"
    reply = await issued.counter.post(issued.call(soap.soeg(), issued.token(), more=stamp))
    assert (reply.kode == 20) if code is None else (reply.fault[0] == code)


# --- signed calls -------------------------------------------------------------------------------------


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def signed(
    issued: Issued,
    content: str,
    *,
    by: Pair | None = None,
    parts: Sequence[str] = ("body", "ts"),
    token_ref: bool = True,
) -> bytes:
    """A call with its Body signed by the holder, and the assertion by STR-Transform, as CXF and WCF do."""
    token = issued.token()
    assertion_id = etree.fromstring(token).get("ID")
    reference = (
        f'<o:SecurityTokenReference u:Id="str"><o:KeyIdentifier ValueType="{SAML_ID}">{assertion_id}'
        "</o:KeyIdentifier></o:SecurityTokenReference>"
    )
    period = f"<u:Created>{iso(NOON)}</u:Created><u:Expires>{iso(NOON + 300)}</u:Expires>"
    stamp = f'<u:Timestamp u:Id="ts">{period}</u:Timestamp>'
    unsigned = issued.call(content, token, more=stamp + reference + "<!--here-->")
    unsigned = unsigned.replace(b"<e:Body>", f'<e:Body xmlns:u="{WSU}" u:Id="body">'.encode())
    root = etree.fromstring(unsigned)
    references = "".join(_reference(part, canonical(_by_id(root, part))) for part in parts)
    if token_ref:
        (assertion,) = root.iter("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
        inner = (
            f'<ds:Transform Algorithm="{STR_TRANSFORM}"><o:TransformationParameters xmlns:o="{WSSE}">'
            f'<ds:CanonicalizationMethod Algorithm="{EXC}"/></o:TransformationParameters></ds:Transform>'
        )
        references += _reference("str", canonical(assertion), inner)
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{EXC}"/>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>{references}'
    )
    key = (by or issued.keys.sender).key
    value = key.sign(
        canonical(etree.fromstring(f'<ds:SignedInfo xmlns:ds="{DS}">{info}</ds:SignedInfo>')), PKCS1v15(), SHA256()
    )
    signature = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}</ds:SignedInfo>'
        f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue></ds:Signature>"
    )
    return unsigned.replace(b"<!--here-->", signature.encode())


def _by_id(root: etree._Element, name: str) -> etree._Element:
    return next(element for element in root.iter() if element.get(f"{{{WSU}}}Id") == name)


def _reference(name: str, octets: bytes, transform: str = f'<ds:Transform Algorithm="{EXC}"/>') -> str:
    digest = base64.b64encode(sha256(octets).digest()).decode()
    return (
        f'<ds:Reference URI="#{name}"><ds:Transforms>{transform}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference>"
    )


@pytest.mark.parametrize("token_ref", [True, False])
async def test_a_signed_call(issued: Issued, token_ref: bool) -> None:
    """A call signed with the holder's key is taken, with or without the assertion among what is signed."""
    assert (await issued.counter.post(signed(issued, soap.opret("Min"), token_ref=token_ref))).kode == 20


async def test_a_signature_over_a_large_body(issued: Issued) -> None:
    """A list of 20,000 values is signed like any other."""
    content = soap.opret("Min", [f"{number:040d}" for number in range(20_000)])
    assert (await issued.counter.post(signed(issued, content))).kode == 20


@pytest.mark.parametrize(
    "forge",
    [
        lambda one: signed(one, soap.opret("Min")).replace(b">Min<", b">Mit<"),
        lambda one: signed(one, soap.opret("Min"), by=one.keys.receiver),
        lambda one: signed(one, soap.opret("Min"), parts=("ts",)),
        lambda one: signed(one, soap.opret("Min"), parts=("body",)),
        lambda one: b"xmldsig#rsa-sha1".join(signed(one, soap.opret("Min")).rsplit(b"xmldsig-more#rsa-sha256", 1)),
        lambda one: signed(one, soap.opret("Min")).replace(b'u:Id="ts"', b'u:Id="body"'),
        lambda one: signed(one, soap.opret("Min")).replace(iso(NOON + 300).encode(), iso(NOON + 400).encode()),
        lambda one: signed(one, soap.opret("Min")).replace(b"SignatureValue>", b"SignatureValue>!", 1),
        lambda one: signed(one, soap.opret("Min")).replace(b"#STR-Transform", b"#Other"),
    ],
    ids=[
        "altered",
        "other key",
        "Body not covered",
        "Timestamp not covered",
        "sha1",
        "an id twice",
        "Timestamp altered",
        "no base64",
        "transform",
    ],
)
async def test_a_signature_that_does_not_hold(issued: Issued, forge: Callable[[Issued], bytes]) -> None:
    """A signature that does not hold, or not over the Body, is a fault that tells nothing; the trace says why."""
    reply = await issued.counter.post(forge(issued))
    assert reply.fault == (
        "FailedCheck",
        "the signature over the request does not hold; the trace of the emulator says why",
    )
    assert issued.counter.state()["lists"] == {}
    (denied,) = await issued.counter.noted("denied")
    assert denied["grund"] not in reply.fault[1]
