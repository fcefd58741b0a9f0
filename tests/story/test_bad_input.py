"""Bad input at the real emulator, as vendors send it: code and reason to the sender, a trace, nobody else harmed."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from consumers.client import StandardRetur, build_kuvert
from tests.crash.test_kill import BESKEDTYPE, FETCHED, REGISTER
from tests.interop.test_pika import connected, send, sending_channel
from tests.story.test_cli import run
from tests.support.emulator import Emulator, running

MAX_BODY = 300_000
OUTSIDER = "Uden aftale"
Spoil = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for all, with a low limit on size and a system that may do nothing."""
    folder = tmp_path_factory.mktemp("bad")
    register = folder / "register.yaml"
    section = "anvendersystemer:\n"
    register.write_text(REGISTER.replace(section, f"{section}  - {{navn: {OUTSIDER}, cvr: 99000901}}\n"))
    with running(folder / "data", "--max-body", str(MAX_BODY), register=register) as started:
        yield started


def message(besked_id: str, data: str = "<x/>", beskedtype: str = BESKEDTYPE) -> bytes:
    return build_kuvert(data, beskedtype=beskedtype, aktoer=BESKEDTYPE, myndighed="99000901", besked_id=besked_id)


def change(old: bytes, new: bytes) -> Spoil:
    """Replace what must be there."""

    def spoil(xml: bytes) -> bytes:
        assert old in xml
        return xml.replace(old, new, 1)

    return spoil


def without(element: str) -> Spoil:
    return lambda xml: re.sub(rf"<k:{element}>.*?</k:{element}>".encode(), b"", xml, count=1, flags=re.DOTALL)


def spor(emulator: Emulator, *arguments: str) -> list[dict[str, Any]]:
    done = run("spor", *arguments, "--json", "--data", str(emulator.data))
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


CASES: dict[str, tuple[Spoil, int, tuple[str, ...]]] = {
    "empty": (lambda _: b"", 40, ("empty", "expected an XML document")),
    "cut off": (lambda xml: xml[:-10], 40, ("malformed XML at line", "expected")),
    "another document": (lambda _: b"<a/>", 40, ("root element is a", "expected Haendelsesbesked")),
    "missing element": (without("Beskedtype"), 40, ("Filtreringsdata/", "expected Beskedtype")),
    "unknown element": (
        change(b"</k:Beskedkuvert>", b"<k:Ny/></k:Beskedkuvert>"), 40, ("Beskedkuvert/Ny", "expected Modtagerhandling"),
    ),
    "no time": (
        change(b"<s:TidsstempelDatoTid>2", b"<s:TidsstempelDatoTid>i g"),
        40,
        ("Registreringstidspunkt/TidsstempelDatoTid", "'i g", "is not a valid dateTime"),
    ),
    "version": (change(b"BeskedVersion>1.0<", b"BeskedVersion>1.1<"), 55, ("BeskedVersion", "'1.1'", "expected '1.0'")),
    "unknown beskedtype": (
        lambda xml: xml.replace(BESKEDTYPE.encode(), b"00000000-dead-4000-8000-000000000001"),
        40,
        ("Filtreringsdata/Beskedtype", "'00000000-dead-4000-8000-000000000001'", "not a beskedtype of the register"),
    ),
    "DTD": (lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml[xml.index(b"<k:H") :], 40, ("DOCTYPE", "not accepted")),
    "external DTD": (
        lambda xml: b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + xml[xml.index(b"<k:H") :], 40, ("DOCTYPE", "line 1"),
    ),
    "undeclared entity": (change(b"<x/>", b"<x>&a;</x>"), 40, ("Entity 'a' not defined",)),
    "Latin-1": (change(b"<x/>", b"<x>\xe6</x>"), 40, ("not UTF-8", "0xE6", "offset")),
    "UTF-16": (lambda xml: xml.decode().encode("utf-16"), 40, ("not UTF-8", "UTF-16")),
    "declared Latin-1": (
        lambda xml: b"<?xml version='1.0' encoding='iso-8859-1'?>" + xml[xml.index(b"<k:H") :],
        40,
        ("iso-8859-1", "expected UTF-8"),
    ),
    "no UUID": (change(b"BeskedId><s:UUIDIdentifikator>", b"BeskedId><s:UUIDIdentifikator>x"), 40, ("BeskedId", "'x")),
    "nested without end": (change(b"<x/>", b"<x>" * 3000 + b"</x>" * 3000), 40, ("too deep", "expected at most")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_sender_is_told_code_and_reason_and_the_trace_keeps_it(emulator: Emulator, case: str) -> None:
    """StatusKode with element, value and rule; the same in `spor`; the channel goes on, and so does everybody else."""
    spoil, kode, words = CASES[case]
    transaktions_id = str(uuid.uuid4())
    with connected(emulator, "Afsender") as other, connected(emulator, "Afsender") as connection:
        bystander, channel = sending_channel(other), sending_channel(connection)
        retur = send_as(channel, spoil(message(str(uuid.uuid4()))), transaktions_id)
        assert retur.status_kode == kode
        for word in words:
            assert word in retur.fejlbesked_tekst
        for healthy in (channel, bystander):
            assert send(healthy, message(str(uuid.uuid4()))) == StandardRetur(20, "")
    (record,) = spor(emulator, "--transaktions-id", transaktions_id)
    assert record["what"] == "refused"
    assert record["detail"] == {"kode": kode, "tekst": retur.fejlbesked_tekst}


def send_as(channel: BlockingChannel, xml: bytes, transaktions_id: str) -> StandardRetur:
    """`send` with a TransaktionsId that is known."""
    publish = channel.basic_publish

    def known(exchange: str, key: str, body: bytes, properties: pika.BasicProperties, **options: Any) -> None:
        properties.message_id = transaktions_id
        publish(exchange, key, body, properties, **options)

    channel.basic_publish = known
    try:
        return send(channel, xml)
    finally:
        channel.basic_publish = publish


def test_a_refused_message_is_found_by_its_beskedid(emulator: Emulator) -> None:
    """ "Where is my message?" is answered also where it was never accepted; and again when it was, corrected."""
    besked_id = str(uuid.uuid4())
    with connected(emulator, "Afsender") as connection:
        channel = sending_channel(connection)
        assert send(channel, message(besked_id)[:-5]).status_kode == 40
        assert send(channel, message(besked_id)).status_kode == 20
    assert [one["what"] for one in spor(emulator, "--besked-id", besked_id)] == ["refused", "accepted"]


def test_beyond_the_limit_on_size(emulator: Emulator) -> None:
    """40 with size and limit, on a channel that goes on; without a reply_to 406 as RabbitMQ, on that channel alone."""
    xml = message(str(uuid.uuid4()), f"<x>{'y' * MAX_BODY}</x>")
    with connected(emulator, "Afsender") as connection:
        channel = sending_channel(connection)
        retur = send(channel, xml)
        assert retur.status_kode == 40
        assert retur.fejlbesked_tekst == f"the message is {len(xml)} bytes long; expected at most {MAX_BODY} bytes"
        unheard = connection.channel()
        unheard.confirm_delivery()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match=f"configured max size {MAX_BODY}"):
            unheard.basic_publish("AFSEND_BESKED_EXCHANGE", "", xml)
        assert send(channel, message(str(uuid.uuid4()))).ok


def test_who_may_not(emulator: Emulator) -> None:
    """A system without agreement is refused by name; an unknown one at login; an unknown or foreign dueslag by code."""
    with connected(emulator, OUTSIDER) as connection:
        retur = send(sending_channel(connection), message(str(uuid.uuid4())))
        assert retur.status_kode == 40
        assert OUTSIDER in retur.fejlbesked_tekst
        assert "serviceaftale" in retur.fejlbesked_tekst
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            connection.channel().basic_get(FETCHED)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="NOT_FOUND - no queue"):
            connection.channel().basic_get(str(uuid.uuid4()))
    with pytest.raises(pika.exceptions.ProbableAuthenticationError, match="403"), connected(emulator, "Ukendt"):
        pass


def test_nothing_of_it_is_a_bug(emulator: Emulator) -> None:
    """After all that the log holds refusals and closed channels, and no traceback."""
    assert "Traceback" not in emulator.log
    assert "amqp.bug" not in emulator.log
    assert Path(f"/proc/{emulator.pid}").exists() or emulator.running
