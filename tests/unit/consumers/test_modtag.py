"""The ready-made push receiver: what it takes, what it refuses, and how it misbehaves when told to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.cli.modtag_keys import self_signed
from consumers.kuvert import build_kuvert
from consumers.modtag import Arrival, Modtag
from consumers.receiver.behaviour import Conduct, How, Plan
from consumers.receiver.document import LIMIT, STS, Unacceptable, read_input, write_output
from consumers.receiver.tls import server_context
from tests.unit.kuvert.reference import reference

SAGDOK = "urn:oio:sagdok:3.0.0"


def pushed(besked_id: str = "00000000-0000-4000-8000-00000000ab01", payload: str = "<x/>") -> bytes:
    """A ModtagBeskedInput, as it is pushed."""
    besked = build_kuvert(
        payload, beskedtype="00000000-0000-4000-8000-000000000001", aktoer="00000000-0000-4000-8000-000000000002",
        myndighed="99000901", besked_id=besked_id,
    )  # fmt: skip
    inner = besked.partition(b"?>")[2]
    return b'<m:ModtagBeskedInput xmlns:m="' + STS.encode() + b'">' + inner + b"</m:ModtagBeskedInput>"


@cache
def output_schema() -> etree.XMLSchema:
    """KOMBIT's schema of what receivers answer."""
    return etree.XMLSchema(etree.parse(reference("xsd/AnvendersystemOperationer.xsd")))


def answer_of(document: bytes) -> tuple[int, str]:
    """StatusKode and FejlbeskedTekst of an answer, which must be valid by KOMBIT's XSD."""
    root = etree.fromstring(document)
    output_schema().assertValid(root)
    return int(root.findtext(f".//{{{SAGDOK}}}StatusKode") or 0), root.findtext(f".//{{{SAGDOK}}}FejlbeskedTekst") or ""


class Receiver:
    """A running Modtag and what it saw."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.refused: asyncio.Queue[str] = asyncio.Queue()
        self.url = ""
        self.stop: Callable[[], None] = lambda: None
        self.task: asyncio.Task[None] | None = None

    async def post(self, body: bytes, path: str = "") -> tuple[int, bytes]:
        """HTTP status and body of the answer."""
        async with aiohttp.ClientSession() as session, session.post(self.url + path, data=BytesIO(body)) as response:
            return response.status, await response.read()


@asynccontextmanager
async def receiving(
    plan: Plan | None = None,
    *,
    path: str = "/",
    count: int | None = None,
    tls: ssl.SSLContext | None = None,
    seen: Callable[[Arrival], None] | None = None,
) -> AsyncIterator[Receiver]:
    """A receiver on a free port within the block."""
    receiver = Receiver()

    def note(arrival: Arrival) -> None:
        receiver.arrivals.append(arrival)
        if seen is not None:
            seen(arrival)

    def refused(_host: str, reason: str) -> None:
        receiver.refused.put_nowait(reason)

    modtag = Modtag(note, plan=plan, path=path, count=count, refused=refused)
    receiver.stop = modtag.stop
    sock = socket.create_server(("127.0.0.1", 0))
    receiver.url = f"http{'s' * (tls is not None)}://127.0.0.1:{sock.getsockname()[1]}/"
    receiver.task = asyncio.create_task(modtag.serve(sock, tls))
    try:
        yield receiver
    finally:
        modtag.stop()
        async with asyncio.timeout(10):
            await receiver.task


async def test_message_is_taken_and_a_replay_is_known() -> None:
    """20 by a body that KOMBIT's XSD accepts; the same BeskedId again is 20 again, and said to be a replay."""
    async with receiving() as receiver:
        for _ in range(2):
            status, body = await receiver.post(pushed(), "eksempelby")
            assert (status, answer_of(body)) == (200, (20, ""))
    assert [(one.number, one.again, one.path) for one in receiver.arrivals] == [
        (1, False, "/eksempelby"),
        (2, True, "/eksempelby"),
    ]
    assert receiver.arrivals[0].besked_id == "00000000-0000-4000-8000-00000000ab01"


async def test_same_message_to_another_dueslag_is_no_replay() -> None:
    """One receiver may serve several dueslag, each with a path of its own."""
    async with receiving() as receiver:
        for path in ("a", "b"):
            await receiver.post(pushed(), path)
    assert [one.again for one in receiver.arrivals] == [False, False]


@pytest.mark.parametrize("name", ["modtag_besked_input.xml", "pko_poststatus_success.xml", "pko_poststatus_error.xml"])
def test_real_pushes_are_read(name: str) -> None:
    """What the real Beskedfordeler pushed to receivers is acceptable."""
    document = reference(f"messages/{name}").read_bytes()
    kuvert = read_input(document)
    assert kuvert.besked_id in document.decode()


CASES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 41, "well-formed"),
    "no XML": (b"hej", 41, "well-formed"),
    "cut off": (pushed()[:-30], 41, "well-formed"),
    "a DTD": (b"<!DOCTYPE a>" + pushed(), 40, "DOCTYPE"),
    "entities": (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + pushed(payload="<x>&e;</x>"), 40, "DOC"),
    "not wrapped": (build_kuvert("<x/>", beskedtype="u", aktoer="u", myndighed="1"), 40, "expected ModtagBeskedInput"),
    "two in one": (
        pushed().replace(b"</m:Modtag", pushed().partition(b">")[2].partition(b"</m:")[0] + b"</m:Modtag"), 40, "one H"
    ),
    "no BeskedId": (pushed().replace(b"BeskedId>", b"BeskedIdent>"), 40, "BeskedId"),
    "another version": (pushed().replace(b"sion>1.0<", b"sion>2.0<"), 55, "'2.0'"),
    "too large": (pushed(payload=f"<x>{'x' * LIMIT}</x>"), 40, "larger than"),
    "much too large": (b"x" * (12 * LIMIT), 40, "larger than"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_bad_input_is_answered_in_the_body(case: str) -> None:
    """HTTP 200 with StatusKode and a sentence, whatever it is that came; the next message on it is taken."""
    document, kode, word = CASES[case]
    async with receiving() as receiver:
        status, body = await receiver.post(document)
        assert status == 200
        answered, text = answer_of(body)
        assert answered == kode
        assert word in text
        assert answer_of((await receiver.post(pushed()))[1]) == (20, "")
    assert receiver.arrivals[0].kuvert is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, 2000), new=st.binary(max_size=6), length=st.integers(0, 6))
def test_any_octets_are_read_or_refused(at: int, new: bytes, length: int) -> None:
    """A message with any octets replaced is either read or refused with a StatusKode; never anything else."""
    document = pushed()
    at %= len(document)
    refusal: Unacceptable | None = None
    try:
        assert read_input(document[:at] + new + document[at + length :]).besked_id
    except Unacceptable as error:
        refusal = error
    if refusal is not None:
        assert refusal.status_kode in (40, 41, 55)
        assert answer_of(write_output(refusal.status_kode, str(refusal)))[0] == refusal.status_kode


@given(st.text())
def test_any_text_can_be_answered(text: str) -> None:
    """FejlbeskedTekst is text: markup and characters that XML cannot hold do no harm."""
    assert answer_of(write_output(40, text))[0] == 40


async def test_answers_as_told() -> None:
    """A StatusKode with its text; an HTTP status; garbage with HTTP 200."""
    async with receiving(Plan(Conduct(51, "ikke <endnu>"))) as receiver:
        assert answer_of((await receiver.post(pushed()))[1]) == (51, "ikke <endnu>")
    async with receiving(Plan(Conduct(http_status=500))) as receiver:
        assert (await receiver.post(pushed()))[0] == 500
    async with receiving(Plan(Conduct(how=How.GARBAGE))) as receiver:
        status, body = await receiver.post(pushed())
        assert status == 200
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(body)


async def test_cuts_the_connection() -> None:
    """With reset, half an answer and then the end."""
    async with receiving(Plan(Conduct(how=How.RESETS))) as receiver:
        with pytest.raises(aiohttp.ClientError):
            await receiver.post(pushed())
    assert not receiver.arrivals[0].again


async def test_hangs() -> None:
    """No answer for as long as anyone waits; it ends all the same."""
    async with receiving(Plan(Conduct(how=How.HANGS))) as receiver:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await receiver.post(pushed())
    assert len(receiver.arrivals) == 1


async def test_delay_comes_before_the_answer() -> None:
    """A slow receiver is slow, and takes the message."""
    loop = asyncio.get_running_loop()
    async with receiving(Plan(Conduct(delay=0.2))) as receiver:
        began = loop.time()
        assert answer_of((await receiver.post(pushed()))[1])[0] == 20
        assert loop.time() - began >= 0.19


async def test_misbehaves_on_some() -> None:
    """Every third, or the first two: the others are taken."""
    for plan, expected in (
        (Plan(Conduct(40), every=3), [20, 20, 40, 20, 20, 40]),
        (Plan(Conduct(40), first=2), [40, 40, 20, 20, 20, 20]),
    ):
        async with receiving(plan) as receiver:
            codes = [answer_of((await receiver.post(pushed(f"urn:test:{n}")))[1])[0] for n in range(6)]
        assert codes == expected


async def test_what_was_refused_is_no_replay() -> None:
    """A message that was answered 40 and comes again is tried again, not taken for one that we have."""
    async with receiving(Plan(Conduct(40), first=1)) as receiver:
        assert [answer_of((await receiver.post(pushed()))[1])[0] for _ in range(3)] == [40, 20, 20]
    assert [one.again for one in receiver.arrivals] == [False, False, True]


async def test_ends_after_count_with_its_answer_given() -> None:
    """The last message is answered before the receiver ends."""
    async with receiving(count=2) as receiver:
        for n in range(2):
            assert answer_of((await receiver.post(pushed(f"urn:test:{n}")))[1])[0] == 20
        assert receiver.task is not None
        async with asyncio.timeout(10):
            await receiver.task
        with pytest.raises(aiohttp.ClientConnectionError):
            await receiver.post(pushed())


async def test_what_cannot_be_kept_is_not_taken() -> None:
    """A full disk at the receiver is 53, so that the message comes again."""

    def full(_: Arrival) -> None:
        raise OSError(28, "No space left on device")

    async with receiving(seen=full) as receiver:
        kode, text = answer_of((await receiver.post(pushed()))[1])
        assert kode == 53
        assert "No space left" in text
        await receiver.post(pushed())
    assert [one.again for one in receiver.arrivals] == [False, False]


async def test_other_paths_and_methods() -> None:
    """404 beside the path, 405 for a GET, and neither counts as a message."""
    async with receiving(path="/modtag/her") as receiver:
        assert (await receiver.post(pushed(), "modtag/herover"))[0] == 404
        assert (await receiver.post(pushed(), "modtag/her"))[0] == 200
        assert (await receiver.post(pushed(), "modtag/her/og/der"))[0] == 200
        async with aiohttp.ClientSession() as session, session.get(receiver.url + "modtag/her") as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert len(receiver.arrivals) == 2


async def test_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages come over one connection, one after the other; it holds nobody up at the end."""
    monkeypatch.setattr("consumers.modtag.ENDING", 3600.0)
    made = 0

    async def count(*_: object) -> None:
        nonlocal made
        made += 1

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(count)
    async with receiving() as receiver, aiohttp.ClientSession(trace_configs=[tracing]) as session:
        for n in range(3):
            async with session.post(receiver.url, data=pushed(f"urn:test:{n}")) as response:
                assert answer_of(await response.read())[0] == 20
        receiver.stop()
        assert receiver.task is not None
        await asyncio.wait_for(asyncio.shield(receiver.task), 30)
    assert made == 1


def ask_blocking(url: str, context: ssl.SSLContext) -> None:
    """As a client of OpenSSL does it: with an alert that says why it goes."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as connection:
        context.wrap_socket(connection, server_hostname=address.hostname).close()


async def test_wrong_certificate_is_told_at_both_ends(tmp_path: Path) -> None:
    """A caller that checks the certificate does not deliver, and the receiver learns why."""
    pem = tmp_path / "wrong.pem"
    pem.write_bytes(self_signed(["127.0.0.1", "localhost"]))
    async with receiving(tls=server_context(pem)) as receiver:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await receiver.post(pushed())
        assert "closed during the handshake" in await asyncio.wait_for(receiver.refused.get(), 5)
        context = ssl.create_default_context()
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(ask_blocking, receiver.url, context)
        assert "unknown ca" in await asyncio.wait_for(receiver.refused.get(), 5)
    assert receiver.arrivals == []


async def test_plain_http_at_a_tls_port_is_told(tmp_path: Path) -> None:
    """A callback with http:// where it should be https:// is seen at the receiver."""
    pem = tmp_path / "wrong.pem"
    pem.write_bytes(self_signed(["127.0.0.1"]))
    async with receiving(tls=server_context(pem)) as receiver:
        receiver.url = receiver.url.replace("https", "http")
        with pytest.raises(aiohttp.ClientConnectionError):
            await receiver.post(pushed())
        assert "http request" in await asyncio.wait_for(receiver.refused.get(), 5)
