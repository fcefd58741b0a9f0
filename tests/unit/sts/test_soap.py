"""Tokens by SOAP (WS-Trust 1.3), over TLS, as the public .NET, Java and PHP clients ask for them."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from broker.clock import iso
from broker.tokens import AFSEND, MODTAG
from tests.support.wss import SOAP_11, SOAP_12, WSSE, WSU, X509_V3, base64_of
from tests.unit.sts.answers import RSTR, assertion_in, fault, find, signed_names, text
from tests.unit.sts.office import ISSUER, KOMMUNE, RECEIVER, SENDER, STRANGER, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _lifetime(end: str) -> str:
    return f'<wst:Lifetime><wsu:Expires xmlns:wsu="{WSU}">{end}</wsu:Expires></wst:Lifetime>'


@pytest.mark.parametrize("soap", [SOAP_12, SOAP_11])
async def test_a_token_by_soap(office: Office, soap: str) -> None:
    """The collection, with a token that verifies as it stands in it, and without a TLS client certificate."""
    rst = office.rst(soap=soap)
    reply = await office.soap(rst.signed(office.identity(SENDER).key))
    assert reply.status == 200, reply.content
    token = office.verifier.verify(assertion_in(reply.content), office.clock.now())
    assert (token.issuer, token.cvr, token.audience) == (ISSUER, KOMMUNE.cvr, AFSEND)
    assert token.holder.der == office.identity(SENDER).certificate.public_bytes(Encoding.DER)
    kind = "text/xml" if soap == SOAP_11 else "application/soap+xml"
    assert reply.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_the_answer_holds_what_clients_read(office: Office) -> None:
    """Lifetime, AppliesTo, references to the token, Context, types; RelatesTo and Action in the header."""
    rst = office.rst()
    content = (await office.soap(rst.signed(office.identity(SENDER).key))).content
    now = office.clock.now()
    assert text(content, f"{RSTR}/t:Lifetime/u:Created") == iso(now)
    assert text(content, f"{RSTR}/t:Lifetime/u:Expires") == iso(now + 8 * 3600)
    assert text(content, f"{RSTR}/p:AppliesTo/a:EndpointReference/a:Address") == AFSEND
    identity = find(content, f"{RSTR}/t:RequestedSecurityToken/saml:Assertion").get("ID")
    for reference in ("RequestedAttachedReference", "RequestedUnattachedReference"):
        assert text(content, f"{RSTR}/t:{reference}/o:SecurityTokenReference/o:KeyIdentifier") == identity
    assert find(content, RSTR).get("Context") == rst.context
    assert text(content, f"{RSTR}/t:TokenType") == rst.token_type
    assert text(content, f"{RSTR}/t:KeyType") == rst.key_type
    assert text(content, f"{RSTR}/t:RequestType") == rst.request_type
    assert text(content, "s:Header/a:RelatesTo") == rst.message_id
    assert text(content, "s:Header/a:Action").endswith("/RSTRC/IssueFinal")


@pytest.mark.parametrize("soap", [SOAP_12, SOAP_11])
async def test_the_answer_is_signed_by_the_sts(office: Office, soap: str) -> None:
    """Body, Action, RelatesTo and Timestamp: the .NET and CXF clients refuse an answer without that."""
    rst = office.rst(soap=soap)
    content = (await office.soap(rst.signed(office.identity(SENDER).key))).content
    names = signed_names(content, office.sts.certificate, soap)
    assert names == {"Body", "Action", "RelatesTo", "Timestamp"}


@pytest.mark.parametrize(
    "parts",
    [
        ("action", "msgid", "to", "sec-ts", "sec-bst", "body"),
        ("sec-ts", "body", "to", "replyto", "msgid", "action"),
        ("msgid", "action", "sec-ts", "body", "to", "replyto", "sec-bst"),
    ],
)
async def test_what_the_public_clients_sign_is_enough(office: Office, parts: tuple[str, ...]) -> None:
    """.NET Core, WCF, and the C# and PHP clients differ in the headers they sign, and in their order."""
    reply = await office.soap(office.rst().signed(office.identity(SENDER).key, parts))
    assert reply.status == 200, reply.content


async def test_usekey_in_its_forms(office: Office) -> None:
    """None, a BinarySecurityToken, or KeyInfo with the certificate."""
    text_of_certificate = base64_of(office.identity(SENDER).certificate)
    key_info = (
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>'
        f"{text_of_certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )
    for use_key in ("", key_info):
        reply = await office.soap(office.rst(use_key=use_key).signed(office.identity(SENDER).key))
        assert reply.status == 200, reply.content


async def test_lifetime_shortens(office: Office) -> None:
    """A client may ask for less than eight hours, and does not get more."""
    now = office.clock.now()
    for asked, given in ((600, 600), (10 * 3600, 8 * 3600)):
        more = _lifetime(iso(now + asked)) + "<wst:Renewing/>"
        content = (await office.soap(office.rst(more=more).signed(office.identity(SENDER).key))).content
        assert office.verifier.verify(assertion_in(content), now).not_on_or_after == now + given


async def test_an_empty_applies_to_means_the_header_to(office: Office) -> None:
    """A public PHP client writes the service there."""
    reply = await office.soap(office.rst(audience="", to=AFSEND).signed(office.identity(SENDER).key))
    assert reply.status == 200, reply.content


async def test_the_tls_certificate_where_one_is_shown_is_the_signer_s(office: Office) -> None:
    """The same is fine; another is refused without saying why, and the trace knows."""
    key = office.identity(SENDER).key
    assert (await office.soap(office.rst().signed(key), system=SENDER)).status == 200
    reply = await office.soap(office.rst().signed(key), system=RECEIVER)
    assert reply.status == 500
    assert fault(reply.content)[0] == "InvalidSecurity"
    assert "TLS" in (await office.noted("denied"))["grund"]


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"audience": MODTAG}, "RequestFailed", "about 'modtag'"),
        ({"audience": "urn:other"}, "InvalidScope", "urn:other"),
        ({"cvr": "99999999"}, "RequestFailed", "myndigheder[].cvr"),
        ({"cvr": ""}, "InvalidRequest", "CVR number is missing"),
        ({"cvr": "22222222"}, "RequestFailed", "serviceaftaler[].afsendende_myndigheder"),
        ({"token_type": "urn:jwt"}, "BadRequest", "TokenType"),
        ({"key_type": "urn:bearer"}, "BadRequest", "KeyType"),
        ({"request_type": ""}, "InvalidRequest", "RequestType is missing"),
        ({"action": "urn:cancel"}, "BadRequest", "Action"),
        ({"more": "<wst:OnBehalfOf/>"}, "BadRequest", "OnBehalfOf"),
        ({"audience": "http://x/" + "x" * 1000}, "InvalidRequest", "AppliesTo is 1009 characters long"),
        ({"audience": "", "to": "http://" + "x" * 1000}, "InvalidRequest", "To is 1007 characters long"),
        ({"token_type": "x" * 1001}, "InvalidRequest", "TokenType is 1001 characters long"),
        ({"cvr": "1" * 1001}, "InvalidRequest", "Claims is 1001 characters long"),
        ({"context": "x" * 1001}, "InvalidRequest", "Context is 1001 characters long"),
        ({"use_key": "<x/>"}, "InvalidRequest", "UseKey holds no certificate"),
        ({"more": _lifetime("x")}, "InvalidTimeRange", "Expires is not a dateTime"),
        ({"more": _lifetime("2020-01-01T00:00:00Z")}, "InvalidTimeRange", "past"),
    ],
)
async def test_every_refusal_is_a_signed_fault(office: Office, changes: dict[str, Any], code: str, told: str) -> None:
    """A code of WS-Trust and one sentence, with status 500, which is what SOAP clients read bodies of."""
    reply = await office.soap(office.rst(**changes).signed(office.identity(SENDER).key))
    assert reply.status == 500
    assert fault(reply.content)[0] == code
    assert told in fault(reply.content)[1]
    assert "Body" in signed_names(reply.content, office.sts.certificate)


async def test_a_message_id_without_end(office: Office) -> None:
    """It would stand in the answer again: more than 1,000 characters are refused."""
    reply = await office.soap(office.rst(message_id="x" * 1001).signed(office.identity(SENDER).key))
    assert fault(reply.content)[0] == "InvalidRequest"
    assert "MessageID is 1001 characters long" in fault(reply.content)[1]


async def test_a_fault_in_soap_1_1(office: Office) -> None:
    """faultcode and faultstring, as that version has them."""
    reply = await office.soap(office.rst(soap=SOAP_11, cvr="99999999").signed(office.identity(SENDER).key))
    assert reply.status == 500
    assert text(reply.content, "s:Body/s:Fault/faultcode", SOAP_11) == "w:RequestFailed"
    assert "99999999" in text(reply.content, "s:Body/s:Fault/faultstring", SOAP_11)


async def test_usekey_of_another(office: Office) -> None:
    """A token is bound to the key that signed, or there is none."""
    other = base64_of(office.identity(RECEIVER).certificate)
    use_key = f'<o:BinarySecurityToken xmlns:o="{WSSE}" ValueType="{X509_V3}">{other}</o:BinarySecurityToken>'
    reply = await office.soap(office.rst(use_key=use_key).signed(office.identity(SENDER).key))
    assert fault(reply.content)[0] == "InvalidRequest"
    assert "UseKey is not the certificate" in fault(reply.content)[1]


async def test_a_certificate_of_nobody_in_the_register(office: Office) -> None:
    """FailedAuthentication, with its SERIALNUMBER and the register path; who it was is in the trace."""
    reply = await office.soap(office.rst(STRANGER).signed(office.identity(STRANGER).key))
    assert fault(reply.content)[0] == "FailedAuthentication"
    assert STRANGER.serienummer in fault(reply.content)[1]
    assert (await office.noted("denied"))["serienummer"] == STRANGER.serienummer
