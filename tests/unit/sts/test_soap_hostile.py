"""Requests by SOAP that are not what they say: each is refused, and says nothing that would help to forge one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from broker.trace import Query
from tests.support.keys import make_keys
from tests.support.wss import ALL, Rst, sign
from tests.unit.sts.answers import fault
from tests.unit.sts.office import RECEIVER, SENDER, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

GENERIC = "the trace of the emulator says why"


def _moved_body(data: bytes) -> bytes:
    """The signed Body within a header nobody reads, another in its place: signature wrapping."""
    body = data[data.index(b"<soap:Body") : data.index(b"</soap:Envelope>")]
    forged = body.replace(b"11111111", b"22222222").replace(b'wsu:Id="body"', b'wsu:Id="forged"')
    hidden = b"<hidden>" + body + b"</hidden></soap:Header>"
    return data.replace(body, forged).replace(b"</soap:Header>", hidden)


def _doubled_id(data: bytes) -> bytes:
    """The same with the id of the signed one kept on both."""
    return _moved_body(data).replace(b'wsu:Id="forged"', b'wsu:Id="body"')


def _other_id_attribute(data: bytes) -> bytes:
    """The forged Body says its id by another attribute of that name."""
    return _moved_body(data).replace(b'wsu:Id="forged"', b'ID="body"')


def _second_body(data: bytes) -> bytes:
    body = data[data.index(b"<soap:Body") : data.index(b"</soap:Envelope>")]
    forged = body.replace(b"11111111", b"22222222").replace(b'wsu:Id="body"', b'wsu:Id="forged"')
    return data.replace(b"<soap:Body", forged + b"<soap:Body", 1)


def _moved_to(data: bytes) -> bytes:
    """Another To in its place, the signed one within it."""
    to = re.search(rb"<To .*?</To>", data)
    assert to is not None
    forged = to[0].replace(b'wsu:Id="to"', b'wsu:Id="forged"')
    return data.replace(to[0], forged + b"<hidden>" + to[0] + b"</hidden>")


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def replace(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return replace


def _second_signature(data: bytes) -> bytes:
    signature = data[data.index(b"<ds:Signature ") : data.index(b"</ds:Signature>") + len(b"</ds:Signature>")]
    return data.replace(b"</soap:Body>", signature + b"</soap:Body>")


ALTERED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "body moved and replaced": (_moved_body, "InvalidSecurity"),
    "the same id twice": (_doubled_id, "InvalidSecurity"),
    "the same id in another attribute": (_other_id_attribute, "InvalidSecurity"),
    "a second body": (_second_body, "InvalidSecurity"),
    "To moved and replaced": (_moved_to, "InvalidSecurity"),
    "altered CVR": (_replaced(b"<wsfed:Value>11111111", b"<wsfed:Value>22222222"), "FailedCheck"),
    "altered MessageID": (_replaced(b"urn:uuid:", b"urn:uuid:0"), "FailedCheck"),
    "altered signature": (_replaced(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA"), "FailedCheck"),
    "altered digest": (_replaced(b"<ds:DigestValue>", b"<ds:DigestValue>AAAA"), "FailedCheck"),
    "a second signature": (_second_signature, "InvalidSecurity"),
    "reference to the whole": (_replaced(b'URI="#to"', b'URI=""'), "InvalidSecurity"),
    "reference outside": (_replaced(b'URI="#to"', b'URI="http://x.example/"'), "InvalidSecurity"),
    "xpointer": (_replaced(b'URI="#to"', b'URI="#xpointer(/)"'), "InvalidSecurity"),
    "xslt": (_replaced(b'm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>',
                       b'm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>'), "InvalidSecurity"),
    "hmac": (_replaced(b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#hmac-sha1"), "InvalidSecurity"),
    "KeyInfo of another": (_replaced(b'<wsse:Reference URI="#sec-bst"', b'<wsse:Reference URI="#other"'),
                           "InvalidSecurity"),
    "no certificate": (_replaced(b"BinarySecurityToken>", b"x>"), "InvalidRequest"),
    "certificate is junk": (lambda data: re.sub(rb'(X509v3">)[^<]{40}', rb"\1", data, count=1), "InvalidSecurity"),
    "comment in a value": (_replaced(b"<wsfed:Value>111", b"<wsfed:Value>22222222<!--"), "InvalidRequest"),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
async def test_altered_after_signing(office: Office, name: str) -> None:
    """Refused with the same sentence whatever it was; the trace says what."""
    alter, code = ALTERED[name]
    genuine = office.rst().signed(office.identity(SENDER).key)
    reply = await office.soap(alter(genuine))
    assert reply.status == 500
    assert fault(reply.content)[0] == code
    if code != "InvalidRequest":
        assert GENERIC in fault(reply.content)[1]
    assert b"<Signature" not in reply.content
    record = (await office.service.trace.find(Query(what="denied")))[-1]
    assert record.system is None, "nobody has shown that it holds the key"
    noted = record.detail
    assert noted["kode"] == code
    assert noted["grund"] != fault(reply.content)[1] or code == "InvalidRequest"


@pytest.mark.parametrize("missing", ["body", "sec-ts", "to", "msgid", "action"])
async def test_what_is_read_must_be_signed(office: Office, missing: str) -> None:
    """A signature that leaves out the Body, the Timestamp, To, MessageID or Action covers too little."""
    parts = [part for part in ALL if part != missing]
    reply = await office.soap(office.rst().signed(office.identity(SENDER).key, parts))
    assert fault(reply.content)[0] == "InvalidSecurity"
    assert "does not cover" in (await office.noted("denied"))["grund"]


async def test_unsigned(office: Office) -> None:
    """No signature, no token: one public PHP client sends none, and gets none from the real STS either."""
    reply = await office.soap(office.rst().unsigned())
    assert fault(reply.content)[0] == "InvalidSecurity"
    assert "0 Signature" in (await office.noted("denied"))["grund"]


async def test_sha1_is_not_taken(office: Office) -> None:
    """rsa-sha1, though it holds, is refused."""
    reply = await office.soap(sign(office.rst().unsigned(), office.identity(SENDER).key, sha1=True))
    assert fault(reply.content)[0] == "InvalidSecurity"
    assert "rsa-sha1" in (await office.noted("denied"))["grund"]


async def test_signed_with_another_key(office: Office) -> None:
    """The certificate of one system, the key of another."""
    reply = await office.soap(office.rst(SENDER).signed(office.identity(RECEIVER).key))
    assert fault(reply.content)[0] == "FailedCheck"


async def test_a_certificate_of_an_unknown_ca(office: Office) -> None:
    """It says who it is of, and whoever can make such a certificate could say so too."""
    other = make_keys().sender
    reply = await office.soap(Rst(other.certificate, office.clock.now()).signed(other.key))
    assert fault(reply.content)[0] == "FailedAuthentication"
    assert "--client-ca" in fault(reply.content)[1]


async def test_a_certificate_whose_time_is_over(own_office: Office) -> None:
    """Judged by the clock of the Beskedfordeler."""
    own_office.clock.advance(40 * 365 * 86400)
    reply = await own_office.soap(own_office.rst().signed(own_office.identity(SENDER).key))
    assert fault(reply.content)[0] == "FailedAuthentication"
    assert "valid from" in fault(reply.content)[1]


@pytest.mark.parametrize(
    ("created", "valid", "code"),
    [
        (-30, 300, None),
        (50, 300, None),
        (-350, 300, None),
        (0, 600, None),
        (70, 300, "MessageExpired"),
        (-361, 300, "MessageExpired"),
        (0, 601, "InvalidSecurity"),
        (0, 86400, "InvalidSecurity"),
        (0, 0, "InvalidSecurity"),
        (0, -10, "InvalidSecurity"),
    ],
)
async def test_the_timestamp(office: Office, created: float, valid: float, code: str | None) -> None:
    """Five minutes (ten at most), with 60 s of skew; the fault tells the time here, as clocks are what is wrong."""
    now = office.clock.now()
    reply = await office.soap(office.rst(created=now + created, valid=valid).signed(office.identity(SENDER).key))
    if code is None:
        assert reply.status == 200, reply.content
    else:
        assert fault(reply.content)[0] == code
        assert "Timestamp" in fault(reply.content)[1]


async def test_a_request_is_answered_once(office: Office) -> None:
    """The same octets again are refused as long as their Timestamp would let them pass; a new signature is not."""
    data = office.rst().signed(office.identity(SENDER).key)
    assert (await office.soap(data)).status == 200
    written_otherwise = data.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue> %\n")
    for again in (data, written_otherwise, data.replace(b"<soap:Header>", b"<soap:Header> <!-- x -->")):
        reply = await office.soap(again)
        assert fault(reply.content) == (
            "InvalidRequest",
            "this very request was answered before: sign each request anew",
        )
    assert (await office.soap(office.rst().signed(office.identity(SENDER).key))).status == 200


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"<a/>",
        b"\xff\xfe<\x00a\x00",
        b'<?xml version="1.0"?>' + BOMB + b"<a>&b;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<a>" * 200 + b"</a>" * 200,
        b"<a>" * 20_000,
        b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>",
        b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body/></s:Envelope>",
        b"<?x y?><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><?p i?><s:Header/></s:Envelope>",
        b" " * 200_000,
        bytes(range(256)) * 100,
    ],
    ids=[
        "empty",
        "x",
        "other",
        "utf-16",
        "bomb",
        "dtd",
        "deep",
        "open",
        "envelope",
        "no security",
        "pi",
        "large",
        "junk",
    ],
)
async def test_junk_is_answered_with_a_fault(office: Office, body: bytes) -> None:
    """Whatever is sent: a fault, nothing signed, and the STS goes on."""
    reply = await office.soap(body)
    assert reply.status == 500
    assert fault(reply.content)[0] in ("InvalidRequest", "InvalidSecurity")
    assert b"<Signature" not in reply.content
    assert (await office.soap(office.rst().signed(office.identity(SENDER).key))).status == 200


async def test_too_many_references(office: Office) -> None:
    """The work that a request can ask for is bounded."""
    data = office.rst().signed(office.identity(SENDER).key, ["body"] * 17)
    reply = await office.soap(data)
    assert fault(reply.content)[0] == "InvalidSecurity"
    assert "17 references" in (await office.noted("denied"))["grund"]
