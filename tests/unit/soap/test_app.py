"""The service at its edge: both versions of SOAP, headers, actions; what is no call is a fault, and changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.soap.app import create_soap
from adapters.soap.envelope import LIMITS, parse
from adapters.soap.faults import SoapFault
from broker.errors import StoreError
from broker.service import Beskedfordeler
from tests.support import soap
from tests.support.soap import PATH, SOAP_11, SOAP_12, Reply, basic, envelope
from tests.unit.soap.counter import OTHER, SYSTEM, Counter, ask, open_counter

ACTIONS = "http://kombit.dk/sts/beskedfordeler/vaerdiliste/"
WSA = "http://www.w3.org/2005/08/addressing"
KNOWN = "eeeeeeee-0000-4000-8000-00000000000a"
FOREIGN = "eeeeeeee-0000-4000-8000-00000000000b"
UNKNOWN = "eeeeeeee-0000-4000-8000-00000000000c"
AUTH = basic(SYSTEM.navn)


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with open_counter() as opened:
        await opened.call(soap.importer(KNOWN, "Kendt", ["1"]))
        await opened.call(soap.importer(FOREIGN, "Fremmed", ["hemmelig"]), user=OTHER.navn)
        yield opened


@pytest.mark.parametrize(("version", "media"), [(SOAP_11, "text/xml"), (SOAP_12, "application/soap+xml")])
async def test_both_versions_are_answered_in_kind(counter: Counter, version: str, media: str) -> None:
    """A call by SOAP 1.1 or 1.2 is answered, and refused, in its own version, with its content type."""
    good = await counter.post(envelope(soap.laes(KNOWN), soap=version), AUTH)
    assert (good.status, good.kode, good.values, good.soap) == (200, 20, ["1"], version)
    assert good.headers["content-type"] == f"{media}; charset=utf-8"
    bad = await counter.post(envelope("<x/>", soap=version), AUTH)
    assert (bad.status, bad.soap) == (500, version)
    assert bad.headers["content-type"] == f"{media}; charset=utf-8"
    assert bad.fault[0] == ("Client" if version == SOAP_11 else "Sender")


@pytest.mark.parametrize(
    "headers",
    [
        {"soapaction": f'"{ACTIONS}laes"'},
        {"soapaction": f"{ACTIONS}laes"},
        {"soapaction": '""'},
        {"soapaction": ""},
        {},
        {"content-type": f'application/soap+xml; charset=utf-8; action="{ACTIONS}laes"'},
        {"content-type": f"application/soap+xml;action={ACTIONS}laes"},
    ],
)
async def test_the_action_of_the_body_is_taken(counter: Counter, headers: dict[str, str]) -> None:
    """SOAPAction may be quoted, bare, empty or missing, or stand in the content type as SOAP 1.2 has it."""
    version = SOAP_12 if "content-type" in headers else SOAP_11
    assert (await counter.post(envelope(soap.laes(KNOWN), soap=version), AUTH | headers)).kode == 20


@pytest.mark.parametrize(
    "headers",
    [
        {"soapaction": f'"{ACTIONS}slet"'},
        {"soapaction": "laes"},
        {"content-type": f'application/soap+xml; action="{ACTIONS}slet"'},
    ],
)
async def test_another_action_is_a_fault(counter: Counter, headers: dict[str, str]) -> None:
    """A SOAPAction of another operation than the Body's is a fault that names both, and nothing is done."""
    version = SOAP_12 if "content-type" in headers else SOAP_11
    before = counter.state()
    reply = await counter.post(envelope(soap.tilfoej(KNOWN, ["2"]), soap=version), AUTH | headers)
    assert reply.status == 500
    assert "tilfoejvaerdier" in reply.fault[1]
    assert f"expected {ACTIONS}tilfoejvaerdier" in reply.fault[1]
    assert counter.state() == before


def _addressing(action: str, message_id: str = "urn:uuid:1") -> str:
    return (
        f'<a:Action xmlns:a="{WSA}" e:mustUnderstand="1">{action}</a:Action>'
        f'<a:MessageID xmlns:a="{WSA}">{message_id}</a:MessageID><a:To xmlns:a="{WSA}" e:mustUnderstand="1">any</a:To>'
    )


@pytest.mark.parametrize(
    "action",
    [
        f"{ACTIONS}laes",
        "urn:dk:kombit:vl:beskedfordeler:wsdl:1.0.0:BeskedfordelerPortType:laesvaerdilisteRequest",
        "",
    ],
)
async def test_ws_addressing_is_answered(counter: Counter, action: str) -> None:
    """A call with WS-Addressing is answered with Action and RelatesTo, a refused one too."""
    reply = await counter.post(envelope(soap.laes(KNOWN), header=_addressing(action)), AUTH)
    assert reply.kode == 20
    assert reply.root.findtext(f".//{{{WSA}}}RelatesTo") == "urn:uuid:1"
    assert (reply.root.findtext(f".//{{{WSA}}}Action") or "").endswith(":laesvaerdilisteResponse")
    refused = await counter.post(envelope(soap.laes(KNOWN), header=_addressing(action)))
    assert refused.root.findtext(f".//{{{WSA}}}Action") == f"{WSA}/soap/fault"
    assert refused.root.findtext(f".//{{{WSA}}}RelatesTo") == "urn:uuid:1"


async def test_an_action_of_ws_addressing_must_agree(counter: Counter) -> None:
    """Action of another operation is a fault, and so is one that is there twice."""
    other = await counter.post(envelope(soap.laes(KNOWN), header=_addressing(f"{ACTIONS}slet")), AUTH)
    assert other.fault[0] == "ActionMismatch"
    twice = _addressing(f"{ACTIONS}laes") + _addressing(f"{ACTIONS}laes")
    assert (await counter.post(envelope(soap.laes(KNOWN), header=twice), AUTH)).fault[0] == "Client"


async def test_headers_that_must_be_understood(counter: Counter) -> None:
    """A header that must be understood and is not is a fault before anything is done; one for another node, or one that
    need not be, is passed over."""
    before = counter.state()
    strange = '<x:Y xmlns:x="urn:x" e:mustUnderstand="1"/>'
    reply = await counter.post(envelope(soap.tilfoej(KNOWN, ["2"]), header=strange), AUTH)
    assert reply.fault[0] == "MustUnderstand"
    assert "{urn:x}Y" in reply.fault[1]
    assert counter.state() == before
    for fine in (
        '<x:Y xmlns:x="urn:x"/>',
        '<x:Y xmlns:x="urn:x" e:mustUnderstand="0"/>',
        '<x:Y xmlns:x="urn:x" e:mustUnderstand="1" e:actor="urn:another"/>',
        '<x:Framework xmlns:x="urn:liberty:sb:2006-08" e:mustUnderstand="1" version="2.0"/>',
    ):
        assert (await counter.post(envelope(soap.laes(KNOWN), header=fine), AUTH)).kode == 20, fine


class Bad(NamedTuple):
    """A request that must not do anything, and what is said about it."""

    name: str
    body: bytes
    kode: int | str
    """StatusKode of the answer, or the code of the fault."""
    tells: str


_BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_XXE = b'<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_DEEP = "<x>" * 400 + "</x>" * 400
_MANY = "<x/>" * 2_200_000
_LONG = "x" * 10_001
_ONE = soap.egenskab("A")
_TWO = _ONE.replace("</AttributListe>", _ONE.removeprefix("<AttributListe>"))
BAD = [
    Bad("nothing", b"", "Client", "is empty"),
    Bad("blank", b"  \n", "Client", "is empty"),
    Bad("no XML", b"hello", "Client", "malformed XML at line 1"),
    Bad("JSON", b'{"opret": 1}', "Client", "malformed XML"),
    Bad("cut off", envelope(soap.tilfoej(KNOWN, ["2"]))[:-20], "Client", "malformed XML"),
    Bad("no SOAP", soap.tilfoej(KNOWN, ["2"]).encode(), "Client", "expected the Envelope of SOAP"),
    Bad("SOAP of another version", envelope("<x/>", soap="urn:soap:9"), "VersionMismatch", "expected SOAP 1.1"),
    Bad("UTF-16", envelope(soap.tilfoej(KNOWN, ["2"])).decode().encode("utf-16"), "Client", "expected UTF-8"),
    Bad("not UTF-8", envelope(soap.tilfoej(KNOWN, ["2"])).replace(b">2<", b">\xff<"), "Client", "is not UTF-8"),
    Bad("an XML bomb", _BOMB + envelope(soap.tilfoej(KNOWN, ["2"])).replace(b">2<", b">&b;<"), "Client", "DOCTYPE"),
    Bad(
        "an external entity", _XXE + envelope(soap.tilfoej(KNOWN, ["2"])).replace(b">2<", b">&a;<"), "Client", "DOCTYPE"
    ),
    Bad("an unknown entity", envelope(soap.tilfoej(KNOWN, ["2"])).replace(b">2<", b">&a;<"), "Client", "malformed XML"),
    Bad("too deep", envelope(_DEEP), "Client", "nested too deep"),
    Bad("an empty Body", envelope(""), "Client", "holds 0 elements"),
    Bad("two requests", envelope(soap.slet(KNOWN) + soap.slet(KNOWN)), "Client", "holds 2 elements"),
    Bad("no Body", envelope("").replace(b"Body", b"Krop"), "Client", "a Header (or none) and then a Body"),
    Bad("two Bodies", envelope(soap.slet(KNOWN)).replace(b"</e:Body>", b"</e:Body><e:Body/>"), "Client", "then a Body"),
    Bad("an unknown operation", envelope(f'<NedlaegInput xmlns="{soap.LISTE}"/>'), "Client", "NedlaegInput"),
    Bad("no namespace", envelope("<SletInput/>"), "Client", "SletInput in no namespace"),
    Bad("an answer", envelope(f'<SletOutput xmlns="{soap.LISTE}"/>'), "Client", "no request of this service"),
    Bad("a fault", envelope("<e:Fault/>"), "Client", "no request of this service"),
    Bad(
        "too many tags",
        envelope(soap.tilfoej(KNOWN, []).replace("</Tilf", _MANY + "</Tilf")),
        "Client",
        "too many tags",
    ),
    Bad("an invalid UUID", envelope(soap.slet("123")), 40, "'123' is not a UUID"),
    Bad("no UUID", envelope(f'<SletInput xmlns="{soap.LISTE}"/>'), 40, "UUIDIdentifikator"),
    Bad("an element too many", envelope(soap.slet(KNOWN).replace("</Slet", "<x/></Slet")), 40, "x"),
    Bad("no Egenskab", envelope(soap.ret(KNOWN, "<AttributListe/>")), 40, "exactly one"),
    Bad("two Egenskab", envelope(soap.ret(KNOWN, _TWO)), 40, "exactly one"),
    Bad("a blank name", envelope(soap.opret("  ", ["1"])), 40, "name"),
    Bad("a name of 300 characters", envelope(soap.opret("n" * 300, ["1"])), 40, "300 characters"),
    Bad("a value too long", envelope(soap.tilfoej(KNOWN, ["2", _LONG])), 40, "10001 characters"),
    Bad("a missing list", envelope(soap.tilfoej(UNKNOWN, ["2"])), 44, UNKNOWN),
    Bad("another system's list", envelope(soap.tilfoej(FOREIGN, ["2"])), 40, "belongs to another anvendersystem"),
    Bad(
        "another system's list, imported over", envelope(soap.importer(FOREIGN, "Min", ["2"])), 40, "belongs to another"
    ),
    Bad("a name that is taken", envelope(soap.opret("Kendt", ["2"])), 40, KNOWN),
    Bad("no message", envelope(soap.flyt(b"<x/>")), 40, "Haendelsesbesked"),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
async def test_bad_input_changes_nothing(counter: Counter, bad: Bad) -> None:
    """What is no SOAP call is a fault, what is one but cannot be done an answer with its StatusKode; each says why in a
    sentence, and the register is as it was."""
    before = counter.state()
    reply = await counter.post(bad.body, AUTH)
    if isinstance(bad.kode, str):
        code, text = reply.fault
        assert (reply.status, code) == (500, bad.kode)
    else:
        code, text = "", reply.tekst
        assert (reply.status, reply.kode) == (200, bad.kode)
    assert bad.tells in text
    assert "\n" not in text
    assert len(text) < 1000
    assert "hemmelig" not in text
    assert counter.state() == before


async def test_more_values_than_one_call_may_bring(counter: Counter) -> None:
    """A million values in one call are too many only from 1,000,001 on: 40, and none of them is taken."""
    before = counter.state()
    inside = "<Vaerdier>1</Vaerdier>" * 1_000_001
    reply = await counter.post(envelope(soap.tilfoej(KNOWN, []).replace("</Tilf", inside + "</Tilf")), AUTH)
    assert (reply.status, reply.kode) == (200, 40)
    assert "expected at most 1000000" in reply.tekst
    assert counter.state() == before


async def test_a_body_over_the_limit(counter: Counter) -> None:
    """A body of 100 MB is refused with 413 and a fault that says the limit; the service goes on."""
    reply = await counter.post(b" " * 100_000_000, AUTH)
    assert reply.status == 413
    assert reply.fault == ("Client", f"the body of the request is larger than {LIMITS.max_bytes} bytes")
    assert (await counter.call(soap.laes(KNOWN))).kode == 20


async def test_attachments_are_not_taken(counter: Counter) -> None:
    """MTOM is refused with 415 and what to send instead."""
    reply = await counter.post(b"--x", AUTH | {"content-type": "multipart/related; boundary=x"})
    assert reply.status == 415
    assert "without MTOM" in reply.fault[1]


async def test_another_method_is_refused(counter: Counter) -> None:
    """PUT and DELETE are answered 405 with those that are taken."""
    for method in ("PUT", "DELETE", "PATCH"):
        status, headers, _ = await ask(counter.app, method, PATH, b"", {})
        assert (status, headers["allow"]) == (405, "GET, HEAD, POST")


async def test_a_starting_emulator_says_so(counter: Counter) -> None:
    """Before the emulator is ready a call is answered 503, to be tried again."""

    def nobody() -> Beskedfordeler | None:
        return None

    reply = Reply(*await ask(create_soap(nobody, None, "open"), "POST", PATH, envelope(soap.laes(KNOWN)), AUTH))
    assert (reply.status, reply.headers["retry-after"], reply.fault[0]) == (503, "1", "Server")


async def test_a_bug_tells_nothing_of_the_inside(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected failure is a fault Server without internals; the next call is answered."""

    async def broken(self: Beskedfordeler, *arguments: object, **more: object) -> None:
        raise RuntimeError("secret of the inside")

    with monkeypatch.context() as patch:
        patch.setattr(Beskedfordeler, "change_list", broken)
        reply = await counter.call(soap.tilfoej(KNOWN, ["2"]))
    assert (reply.status, reply.fault[0]) == (500, "Server")
    assert "secret" not in reply.fault[1]
    assert (await counter.call(soap.tilfoej(KNOWN, ["2"]))).kode == 20


async def test_a_full_disk_is_53(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the register cannot be written the answer is 53 with the reason; memory is not changed either."""

    async def full(*arguments: object) -> None:
        raise StoreError("the disk is full")

    before = counter.state()
    monkeypatch.setattr(counter.service.register, "change_list", full)
    for content in (soap.tilfoej(KNOWN, ["2"]), soap.opret("Ny", ["2"]), soap.passiver(KNOWN)):
        reply = await counter.call(content)
        assert (reply.status, reply.kode, reply.tekst) == (200, 53, "the disk is full")
    assert counter.state() == before


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_octets_are_an_envelope_or_a_fault(data: st.DataObject) -> None:
    """Whatever is sent, in whole or changed at random, is read or is a fault; nothing else is ever raised."""
    whole = bytearray(envelope(soap.opret("Navn", ["æ", "&<"]), header=_addressing("x")))
    for _ in range(data.draw(st.integers(0, 5))):
        position = data.draw(st.integers(0, len(whole) - 1))
        whole[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    for octets in (bytes(whole), data.draw(st.binary(max_size=60))):
        with contextlib.suppress(SoapFault):
            assert parse(octets).soap in (SOAP_11, SOAP_12)
