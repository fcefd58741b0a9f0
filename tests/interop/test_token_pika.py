"""pika with tokens (SF1514) against `serve --auth=token`: the public Python client's way, and a sender's."""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pika
import pika.exceptions
import pytest
import trustme

from broker.tokens import AFSEND, MODTAG
from consumers.retur import StandardRetur
from tests.interop import samples
from tests.interop.token_client import (
    Sender,
    TokenCredentials,
    drained,
    logged_in,
    parameters,
    sent,
)
from tests.interop.token_world import CVR, DUESLAG, OTHER_SENDER, RECEIVER, SENDER, TokenWorld, token_world

OTHER_CVR = "11111111"


pytestmark = pytest.mark.usefixtures("no_messages")


# --- the public Python client's way -------------------------------------------------------------------


@pytest.mark.parametrize("auto_ack", [True, False], ids=["auto_ack", "ack"])
def test_polling_with_a_token_from_the_sts(token_emulator: TokenWorld, auto_ack: bool) -> None:
    """A token from the REST STS, EXTERNAL, no client certificate: basic_get until the dueslag is empty."""
    world = token_emulator
    batch = sent(world, 3)
    token = world.rest_token(CVR, world.pem(RECEIVER), MODTAG)
    with logged_in(world, token) as connection:
        bodies = drained(connection.channel(), DUESLAG, auto_ack=auto_ack)
    for message, body in zip(batch, bodies, strict=True):
        samples.check_delivered(message, body)
    with logged_in(world, token) as connection:
        assert drained(connection.channel(), DUESLAG, auto_ack=auto_ack) == []


def test_a_token_is_long_and_comes_whole(token_emulator: TokenWorld) -> None:
    """An assertion beyond the 4,096 octets that AMQP allows before tune is taken: the real ones are that long."""
    assert len(token_emulator.modtag()) > 4096
    with logged_in(token_emulator, token_emulator.modtag()) as connection:
        assert connection.channel().queue_declare(DUESLAG, passive=True).method.message_count == 0


def test_a_client_that_trusts_another_ca_does_not_connect(token_emulator: TokenWorld, tmp_path: Path) -> None:
    """The server certificate is verified for real: without the exported CA there is no connection."""
    other = tmp_path / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    context = ssl.create_default_context(cafile=str(other))
    wrong = parameters(token_emulator, TokenCredentials(token_emulator.modtag()))
    wrong.ssl_options = pika.SSLOptions(context=context, server_hostname="localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        pika.BlockingConnection(wrong)


# --- sending ------------------------------------------------------------------------------------------


def test_sent_with_the_header_token(token_emulator: TokenWorld) -> None:
    """Header token, mandatory, confirms, direct reply-to: 20; the delivery names the sender's certificate."""
    world = token_emulator
    [message] = sent(world)
    with logged_in(world, world.modtag()) as connection:
        [body] = drained(connection.channel(), DUESLAG)
    root = samples.check_delivered(message, body)
    credentials = root.findtext(".//{*}KildesystemAkkreditiver")
    assert credentials is not None
    subject, number, _issuer = (base64.b64decode(part).decode() for part in credentials.split("."))
    assert number == world.serial(SENDER)
    assert f"CVR:{CVR}-FID:" in subject


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who is logged in by which token, what the header says, and the words that the answer must have."""

    system: str
    login: Callable[[TokenWorld], bytes]
    header: Callable[[TokenWorld], object]
    words: tuple[str, ...]
    of: str | None = None
    """Whose token the header holds; None = nobody's, or that of the login."""

    @property
    def shown(self) -> str:
        """Whose certificate the trace names: that of the message's own token where there is one."""
        return self.of or self.system


REFUSALS = {
    "no token": Refusal(SENDER, TokenWorld.afsend, lambda world: None, ("header", "token")),
    "a number": Refusal(SENDER, TokenWorld.afsend, lambda world: 7, ("header", "token", "string")),
    "octets": Refusal(SENDER, TokenWorld.afsend, TokenWorld.afsend, ("header", "token", "string")),
    "another system's": Refusal(
        SENDER,
        TokenWorld.afsend,
        lambda world: world.afsend(OTHER_SENDER).decode(),
        (SENDER, OTHER_SENDER),
        of=OTHER_SENDER,
    ),
    "for fetching": Refusal(RECEIVER, TokenWorld.modtag, lambda world: world.modtag().decode(), (AFSEND,)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_with_40_and_a_sentence(token_emulator: TokenWorld, name: str) -> None:
    """No token, another system's or one for fetching: 40, a sentence that says what to do, nothing delivered."""
    world, case = token_emulator, REFUSALS[name]
    message = samples.extern_test_besked()
    with logged_in(world, case.login(world)) as connection:
        sender = Sender(connection)
        answers = [sender.send(message.xml, case.header(world)) for _ in range(2)]
    for answer in answers:
        assert answer.status_kode == 40
        assert [word for word in case.words if word not in answer.fejlbesked_tekst] == []
    for refused in world.spor(what="refused"):
        assert (refused["system_navn"], refused["besked_id"]) == (case.system, message.besked_id)
        assert refused["detail"]["kode"] == 40
        assert refused["detail"]["certifikat"] == world.serial(case.shown)
    with logged_in(world, world.modtag()) as connection:
        assert drained(connection.channel(), DUESLAG) == []


def test_a_message_for_another_myndighed_is_refused(token_emulator: TokenWorld) -> None:
    """ObjektAnsvarligMyndighed other than the token's CVR: 40, naming element, value and what was expected."""
    world = token_emulator
    message = samples.extern_test_besked()
    foreign = message.xml.replace(f"cvr-nr:{CVR}".encode(), f"cvr-nr:{OTHER_CVR}".encode())
    assert foreign != message.xml
    with logged_in(world, world.afsend()) as connection:
        answer = Sender(connection).send(foreign, world.afsend().decode())
    assert answer.status_kode == 40
    for word in ("ObjektAnsvarligMyndighed", OTHER_CVR, CVR):
        assert word in answer.fejlbesked_tekst
    refused = world.the_one("refused")
    assert refused["detail"]["cvr"] == CVR
    assert refused["detail"]["certifikat"] == world.serial(SENDER)


def test_expired_41_then_a_new_token_20(token_emulator: TokenWorld) -> None:
    """41 on an expired token; the same message with a new one on the same connection: 20, delivered once."""
    world = token_emulator
    message = samples.extern_test_besked()
    with logged_in(world, world.afsend()) as connection:
        sender = Sender(connection)
        assert sender.send(message.xml, world.token(SENDER, "--expired").decode()).status_kode == 41
        new = world.rest_token(CVR, world.pem(SENDER), AFSEND).decode()
        assert sender.send(message.xml, new) == StandardRetur(20, "")
        assert sender.send(message.xml, new) == StandardRetur(20, ""), "a resend is answered alike"
    with logged_in(world, world.modtag()) as connection:
        [body] = drained(connection.channel(), DUESLAG)
    samples.check_delivered(message, body)
    assert [record["what"] for record in world.spor(besked_id=message.besked_id)][:3] == [
        "refused",
        "accepted",
        "known",
    ]


def test_a_token_that_held_expires_while_connected(tmp_path: Path) -> None:
    """What is open stays: the token's time passes, the next send gets 41, a new token 20, all on one connection."""
    with token_world(tmp_path, "--token-lifetime", "3") as world:
        pem = world.pem(SENDER)
        for _ in range(5):  # a machine so slow that the first token is over before it is used gets another try
            old = world.rest_token(CVR, pem, AFSEND)
            with logged_in(world, old) as connection:
                sender = Sender(connection)
                first = sender.send(samples.extern_test_besked().xml, old.decode()).status_kode
                if first == 41:
                    continue
                assert first == 20
                time.sleep(3.1)
                message = samples.extern_test_besked()
                assert sender.send(message.xml, old.decode()).status_kode == 41
                assert sender.send(message.xml, world.rest_token(CVR, pem, AFSEND).decode()).ok
                return
        pytest.fail("five tokens in a row were over before they were used")
