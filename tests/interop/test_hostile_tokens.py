"""Hostile tokens at the login and in the header of a message: each refused with its code, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pika
import pika.exceptions
import pytest

from adapters.sts.faulty import FAULTS
from consumers.retur import StandardRetur
from tests.interop import samples
from tests.interop.bystander import Bystander
from tests.interop.hostile import JUNK, MEGABYTE, LongString
from tests.interop.token_client import Sender, TokenCredentials, logged_in, login_refused, parameters
from tests.interop.token_world import SENDER, TokenWorld

NAMES = (*FAULTS, *JUNK)
FORGED = ("wrong-signature", "unsigned", "wrapped", "wrong-issuer", *JUNK)
"""Not known to come from a trusted STS: all answered alike, so that nobody learns how to forge one."""
EXPIRED = "expired"
WRONG_HOLDER = "wrong-holder"
"""Wrong only where the client presents its certificate."""
LOGIN_REFUSED = "ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL."


@pytest.fixture(scope="module")
def bystander(token_emulator: TokenWorld) -> Iterator[Bystander]:
    """Sends while all tests of this module run."""
    with Bystander(token_emulator).sending() as bystander:
        yield bystander


def hostile(world: TokenWorld, name: str) -> bytes:
    return JUNK[name] if name in JUNK else world.token(SENDER, "--fault", name)


def presented(world: TokenWorld, name: str) -> Path | None:
    return world.pem(SENDER) if name == WRONG_HOLDER else None


def is_well(world: TokenWorld, bystander: Bystander) -> None:
    """The bystander goes on, and no bug came to light."""
    bystander.goes_on()
    assert world.emulator.running
    assert "amqp.bug" not in world.emulator.log
    assert "Traceback" not in world.emulator.log


@pytest.mark.parametrize("name", NAMES)
def test_at_the_login(token_emulator: TokenWorld, bystander: Bystander, name: str) -> None:
    """403 with the same words whatever was wrong; the trace says what."""
    world = token_emulator
    before = len(world.spor(what="denied"))
    text = login_refused(world, TokenCredentials(hostile(world, name)), presented(world, name))
    assert LOGIN_REFUSED in text
    is_well(world, bystander)
    [denied] = world.spor(what="denied")[before:]
    assert len(denied["detail"]["grund"]) > 10
    assert denied["detail"]["grund"] not in text


@pytest.mark.parametrize("name", NAMES)
def test_in_the_header_of_a_message(token_emulator: TokenWorld, bystander: Bystander, name: str) -> None:
    """41 where it has expired, 40 for all else; the connection stays, and a good token gets 20 on it."""
    world = token_emulator
    message = samples.extern_test_besked()
    with logged_in(world, world.afsend(), presented(world, name)) as connection:
        sender = Sender(connection)
        answer = sender.send(message.xml, LongString(hostile(world, name)))
        assert answer.status_kode == (41 if name == EXPIRED else 40)
        is_well(world, bystander)
        [refused] = world.spor(besked_id=message.besked_id)
        assert refused["what"] == "refused"
        if name in FORGED:
            assert answer.fejlbesked_tekst == _told_of_forged(sender)
            assert len(refused["detail"]["grund"]) > 10
            assert refused["detail"]["grund"] not in answer.fejlbesked_tekst
        assert sender.send(message.xml, world.afsend().decode()) == StandardRetur(20, "")


def _told_of_forged(sender: Sender) -> str:
    """What is said of the plainest forgery."""
    return sender.send(samples.extern_test_besked().xml, "<a/>").fejlbesked_tekst


def test_a_megabyte_at_the_login(token_emulator: TokenWorld, bystander: Bystander) -> None:
    """More than any frame may hold: the connection ends, nobody is logged in, the emulator goes on."""
    world = token_emulator
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        pika.BlockingConnection(parameters(world, TokenCredentials(MEGABYTE)))
    is_well(world, bystander)


def test_a_megabyte_in_the_header(token_emulator: TokenWorld, bystander: Bystander) -> None:
    """A header frame beyond frame-max is an error of the client: 501 FRAME_ERROR, and only its connection ends."""
    world = token_emulator
    message = samples.extern_test_besked()
    with logged_in(world, world.afsend()) as connection:
        sender = Sender(connection)
        with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as caught:
            sender.send(message.xml, MEGABYTE.decode())
        assert caught.value.reply_code == 501
    assert world.spor(besked_id=message.besked_id) == []
    is_well(world, bystander)
    with logged_in(world, world.afsend()) as connection:
        assert Sender(connection).send(message.xml, world.afsend().decode()) == StandardRetur(20, "")
