"""Tokens by REST, over mutual TLS, as the public Python and PHP clients ask for them."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from broker.core.model import Service
from broker.tokens import AFSEND, MODTAG
from broker.trace import Query
from tests.unit.sts.office import KOMMUNE, RECEIVER, REST, SENDER, STRANGER, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_token_as_the_public_clients_read_it(office: Office) -> None:
    """Assertion in base64 that the verifier takes; Lifetime as one text in local time, eight hours ahead."""
    reply = await office.rest()
    assert reply.status == 200, reply.content
    answer = reply.json
    raw = base64.b64decode(answer["RequestedSecurityToken"]["Assertion"])
    der = office.identity(SENDER).certificate.public_bytes(Encoding.DER)
    token = office.verifier.verify(raw, office.clock.now(), der)
    assert (token.cvr, token.audience, token.service) == (KOMMUNE.cvr, AFSEND, Service.AFSEND)
    assert token.holder.serienummer == SENDER.serienummer
    assert token.not_on_or_after == office.clock.now() + 8 * 3600
    end = datetime.strptime(answer["Lifetime"], "%m/%d/%Y %H:%M:%S")
    assert end == datetime.fromtimestamp(token.not_on_or_after)
    assert answer["AppliesTo"]["EndpointReference"]["Address"] == AFSEND
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize("form", ["plain", "lines", "pem"])
async def test_keys_in_any_case_and_usekey_in_any_form(office: Office, form: str) -> None:
    """``Anvenderkontekst``, line breaks in UseKey and PEM armour are taken: clients in use send them."""
    certificate = office.identity(SENDER).certificate
    text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    use_key = {
        "plain": text,
        "lines": "\r\n".join(text[i : i + 64] for i in range(0, len(text), 64)),
        "pem": certificate.public_bytes(Encoding.PEM).decode(),
    }[form]
    changes: dict[str, Any] = {"UseKey": use_key, "AnvenderKontekst": None, "Anvenderkontekst": {"CVR": KOMMUNE.cvr}}
    changes = {key: value for key, value in changes.items() if value is not None}
    wish = office.wish(SENDER)
    del wish["AnvenderKontekst"]
    reply = await office.call("POST", REST, _json(wish | changes), system=SENDER)
    assert reply.status == 200, reply.content


async def test_what_a_token_request_leaves_in_the_trace(office: Office) -> None:
    """Who (system, CVR, certificate), for what, from where, until when."""
    await office.token()
    noted = await office.noted("token")
    assert noted["cvr"] == KOMMUNE.cvr
    assert noted["audience"] == AFSEND
    assert noted["certifikat"] == str(office.identity(SENDER).certificate.serial_number)
    assert (noted["fra"], noted["via"]) == ("127.0.0.1", "sts-rest")
    assert "udløber" in noted


@pytest.mark.parametrize(
    ("changes", "status", "kode", "told"),
    [
        ({"TokenType": "urn:jwt"}, 400, "unsupported", "TokenType 'urn:jwt'"),
        ({"RequestType": "urn:renew"}, 400, "unsupported", "RequestType"),
        ({"RequestType": None}, 400, "bad_request", "RequestType is missing"),
        ({"KeyType": "urn:bearer"}, 400, "unsupported", "KeyType"),
        ({"OnBehalfOf": "x"}, 400, "unsupported", "OnBehalfOf"),
        ({"UseKey": None}, 400, "use_key", "UseKey is missing"),
        ({"UseKey": "%%%"}, 400, "use_key", "not base64"),
        ({"UseKey": "AAAA"}, 400, "use_key", "not the certificate"),
        ({"UseKey": "A" * 20_000}, 400, "use_key", "longer"),
        ({"AnvenderKontekst": None}, 400, "bad_request", "CVR number is missing"),
        ({"AnvenderKontekst": "x"}, 400, "bad_request", "AnvenderKontekst is not a JSON object"),
        ({"AnvenderKontekst": {"Cvr": ["x"]}}, 400, "bad_request", "Cvr is not a text"),
        ({"AnvenderKontekst": {"Cvr": "99999999"}}, 400, "unknown_cvr", "myndigheder[].cvr"),
        ({"AnvenderKontekst": {"Cvr": 22222222}}, 403, "no_serviceaftale", "serviceaftaler[].afsendende_myndigheder"),
        ({"AppliesTo": None}, 400, "bad_request", "AppliesTo.EndpointReference.Address is missing"),
        ({"AppliesTo": {"EndpointReference": {"Address": "urn:other"}}}, 400, "unknown_applies_to", "urn:other"),
        ({"AppliesTo": {"EndpointReference": {"Address": MODTAG}}}, 403, "no_serviceaftale", "about 'modtag'"),
    ],
)
async def test_every_refusal_says_what_is_wrong(
    office: Office, changes: dict[str, Any], status: int, kode: str, told: str
) -> None:
    """HTTP status, ``message`` (which the PHP client shows) and ``kode``; the same reason in the trace."""
    reply = await office.rest(changes)
    assert reply.refusal[:2] == (status, kode)
    assert told in reply.refusal[2]
    record = (await office.service.trace.find(Query(what="denied")))[-1]
    assert (record.detail["grund"], record.detail["kode"], record.system) == (reply.refusal[2], kode, SENDER.id)


def _field(name: str, text: str) -> dict[str, Any]:
    """The changes that put ``text`` into one field of a request."""
    if name == "Cvr":
        return {"AnvenderKontekst": {"Cvr": text}}
    return {"AppliesTo": {"EndpointReference": {"Address": text}}} if name == "Address" else {name: text}


FIELDS = ("TokenType", "RequestType", "KeyType", "Cvr", "Address")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("character", ["\ud800", "\x00", "\x0b", "\ufffe"])
async def test_text_that_xml_cannot_carry(office: Office, name: str, character: str) -> None:
    """A lone surrogate, a NUL: 400 names the field and the code point, and neither answer nor trace repeats it."""
    reply = await office.rest(_field(name, f"http://x{character}/service/afsend/1"))
    assert reply.refusal[:2] == (400, "bad_request")
    assert reply.refusal[2].startswith(f"{name} holds the character U+{ord(character):04X}")
    noted = await office.noted("denied")
    assert noted["grund"] == reply.refusal[2]
    assert character not in str(dict(noted))


@pytest.mark.parametrize("name", FIELDS)
async def test_text_without_end(office: Office, name: str) -> None:
    """More than 1,000 characters: 400; an Address of that many still gives a token that holds."""
    address = f"http://{'&' * 976}/service/afsend/1"
    assert len(address) == 1000
    reply = await office.rest(_field(name, address + "1"))
    assert reply.refusal == (400, "bad_request", f"{name} is 1001 characters long; expected at most 1000")
    assert len(await office.token()) < 10_000
    for character in "&\U0001f600":
        reply = await office.rest(_field("Address", address.replace("&", character)))
        raw = base64.b64decode(reply.json["RequestedSecurityToken"]["Assertion"])
        assert (
            office.verifier.verify(raw, office.clock.now()).audience
            == reply.json["AppliesTo"]["EndpointReference"]["Address"]
        )


async def test_without_a_client_certificate_there_is_no_token(office: Office) -> None:
    """Mutual TLS: 401 says which certificate to use."""
    reply = await office.rest(system=None)
    assert reply.refusal[:2] == (401, "no_certificate")
    assert "certs export" in reply.refusal[2]


async def test_a_certificate_of_nobody_in_the_register(office: Office) -> None:
    """It comes from the CA, yet no anvendersystem has it: the sentence names its SERIALNUMBER and the register path."""
    reply = await office.rest(office.wish(STRANGER), system=STRANGER)
    assert reply.refusal[:2] == (401, "unknown_certificate")
    assert STRANGER.serienummer in reply.refusal[2]
    assert "anvendersystemer[].certifikat" in reply.refusal[2]


async def test_usekey_must_be_the_certificate_of_the_connection(office: Office) -> None:
    """A system cannot get a token bound to another's certificate."""
    reply = await office.rest({"UseKey": office.wish(RECEIVER)["UseKey"]})
    assert reply.refusal[:2] == (400, "use_key")


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"UseKey": 1e400}'])
async def test_junk_is_answered_in_one_sentence(office: Office, body: bytes) -> None:
    """Whatever is sent: 400, and the STS goes on."""
    reply = await office.call("POST", REST, body, system=SENDER)
    assert reply.refusal[0] == 400
    assert (await office.rest()).status == 200


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()
