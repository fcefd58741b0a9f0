"""Who is let in with a token, to what, and what the trace keeps of it: certificates, dueslag, renewal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest
import trustme

from broker.tokens import AFSEND, MODTAG
from tests.interop import samples
from tests.interop.token_client import Sender, TokenCredentials, drained, logged_in, login_refused, parameters, sent
from tests.interop.token_world import CVR, DUESLAG, OTHER_SENDER, RECEIVER, SENDER, TokenWorld, token_world

pytestmark = pytest.mark.usefixtures("no_messages")


# --- client certificates ------------------------------------------------------------------------------


def test_the_token_s_own_client_certificate(token_emulator: TokenWorld) -> None:
    """Holder-of-key: a client that presents the certificate of its token is let in, and sends."""
    world = token_emulator
    with logged_in(world, world.afsend(), world.pem(SENDER)) as connection:
        assert Sender(connection).send(samples.extern_test_besked().xml, world.afsend().decode()).ok


def test_another_client_certificate_is_refused(token_emulator: TokenWorld) -> None:
    """A token shown with another system's certificate: the login is refused, and the trace tells why."""
    world = token_emulator
    text = login_refused(world, TokenCredentials(world.afsend()), world.pem(OTHER_SENDER))
    assert "403" in text or "ACCESS_REFUSED" in text
    denied = world.the_one("denied")
    assert "certificate presented" in denied["detail"]["grund"]
    assert (denied["system_navn"], denied["detail"]["certifikat"]) == (SENDER, world.serial(SENDER))
    assert world.spor(what="login") == []


def test_an_expired_token_at_the_login(token_emulator: TokenWorld) -> None:
    """Refused as any other; the trace says whose it was."""
    world = token_emulator
    login_refused(world, TokenCredentials(world.token(RECEIVER, "--service", "modtag", "--expired")))
    denied = world.the_one("denied")
    assert denied["system_navn"] == RECEIVER
    assert {"cvr": CVR, "certifikat": world.serial(RECEIVER)}.items() <= denied["detail"].items()
    assert "expired" in denied["detail"]["grund"]


def test_a_client_certificate_of_an_unknown_ca(token_emulator: TokenWorld, tmp_path: Path) -> None:
    """It fails in the TLS handshake; the emulator goes on."""
    world = token_emulator
    pem = tmp_path / "unknown.pem"
    trustme.CA().issue_cert("fremmed.example").private_key_and_cert_chain_pem.write_to_path(str(pem))
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        pika.BlockingConnection(parameters(world, TokenCredentials(world.afsend()), pem))
    assert world.spor(what="login") == []
    sent(world)
    assert world.emulator.running


# --- who may do what ----------------------------------------------------------------------------------


class InsistsOnPlain(pika.PlainCredentials):  # type: ignore[misc]  # pika has no types
    """Does not look at what is on offer."""

    def response_for(self, start: Any) -> tuple[str, bytes]:
        return self.TYPE, f"\0{SENDER}\0lokal".encode()


@pytest.mark.parametrize("credentials", [pika.PlainCredentials, InsistsOnPlain], ids=["honest", "insisting"])
def test_a_password_is_refused(token_emulator: TokenWorld, credentials: Any) -> None:
    """With --auth=token PLAIN is not on offer, on TLS as without, and not taken either."""
    world = token_emulator
    over_tls = parameters(world, credentials(SENDER, "lokal"))
    plain = pika.ConnectionParameters(world.emulator.host, world.emulator.port, "BF", credentials(SENDER, "lokal"))
    with ThreadPoolExecutor() as both:  # who does not look is left waiting for 3 s, as by RabbitMQ
        refused = [both.submit(pika.BlockingConnection, one) for one in (over_tls, plain)]
    for one in refused:
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            one.result()
    assert world.spor(what="login") == []


def closed_by(connection: pika.BlockingConnection, act: Callable[[Any], object]) -> tuple[int, str]:
    channel = connection.channel()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as caught:
        act(channel)
    return caught.value.reply_code, caught.value.reply_text


def test_another_s_dueslag_is_refused(token_emulator: TokenWorld) -> None:
    """A valid token does not open another system's dueslag: 403; one that does not exist: 404; the connection stays."""
    world = token_emulator
    with logged_in(world, world.modtag()) as connection:
        code, text = closed_by(connection, lambda channel: channel.basic_get(samples.PKO_DUESLAG))
        assert (code, text.startswith("ACCESS_REFUSED - ")) == (403, True)
        assert closed_by(connection, lambda channel: channel.basic_get(str(uuid.uuid4())))[0] == 404
        assert drained(connection.channel(), DUESLAG) == []
    denied = world.spor(what="denied")[0]
    assert denied["system_navn"] == RECEIVER
    assert denied["dueslag"] == samples.PKO_DUESLAG
    assert denied["detail"]["certifikat"] == world.serial(RECEIVER)


def test_a_token_for_sending_logs_in_but_does_not_fetch(token_emulator: TokenWorld) -> None:
    """(ours) The dueslag is the system's own, but the token is for bfo_afsend: 403, and the trace names the token."""
    world = token_emulator
    with may_send(world, RECEIVER):
        token = world.rest_token(CVR, world.pem(RECEIVER), AFSEND)
        with logged_in(world, token) as connection:
            assert closed_by(connection, lambda channel: channel.basic_get(DUESLAG))[0] == 403
            code, _text = closed_by(connection, lambda channel: channel.basic_consume(DUESLAG, lambda *_: None))
            assert code == 403
    for denied in world.spor(what="denied"):
        assert denied["dueslag"] == DUESLAG
        assert AFSEND in denied["detail"]["grund"]


@contextmanager
def may_send(world: TokenWorld, system: str) -> Iterator[None]:
    """With an agreement to send, which it has not in the built-in register."""
    path = f"/register/serviceaftaler/{uuid.uuid4()}"
    world.emulator.admin.request("PUT", path, {"anvendersystem": system, "service": "afsend"})
    yield
    world.emulator.admin.request("DELETE", path)


def test_trust_and_tokens_outlive_a_restart(tmp_path: Path) -> None:
    """The CA that was exported, the certificates and the tokens given out before still hold after serve starts anew."""
    with token_world(tmp_path) as world:
        [message] = sent(world)
        token = world.modtag()
        world.emulator.stop()
        world.emulator.start()
        with logged_in(world, token, world.pem(RECEIVER)) as connection:
            [body] = drained(connection.channel(), DUESLAG)
        samples.check_delivered(message, body)
        assert world.rest_token(CVR, world.pem(SENDER), AFSEND)


# --- connection.update-secret ---------------------------------------------------------------------------


def test_a_new_token_on_an_open_connection(token_emulator: TokenWorld) -> None:
    """connection.update-secret with a new token: the connection goes on under it."""
    world = token_emulator
    with logged_in(world, world.modtag()) as connection:
        channel = connection.channel()
        assert drained(channel, DUESLAG) == []
        connection.update_secret(world.rest_token(CVR, world.pem(RECEIVER), MODTAG).decode(), "fornyet")
        assert drained(channel, DUESLAG) == []
    first, second = world.spor(what="login")
    assert second["detail"]["fornyet"] is True
    assert first["detail"]["certifikat"] == second["detail"]["certifikat"] == world.serial(RECEIVER)


@pytest.mark.parametrize("bad", ["expired", "another system", "no token"])
def test_a_bad_new_token_ends_the_connection(token_emulator: TokenWorld, bad: str) -> None:
    """connection.update-secret with one that does not hold, or is another's: 530 NOT_ALLOWED."""
    world = token_emulator
    secret = {
        "expired": world.token(RECEIVER, "--expired"),
        "another system": world.afsend(SENDER),
        "no token": b"ikke et token",
    }[bad]
    with logged_in(world, world.modtag()) as connection:
        with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as caught:
            connection.update_secret(secret.decode(), "fornyet")
        assert caught.value.reply_code == 530
    assert world.the_one("denied")["detail"]["grund"]


# --- the audit ------------------------------------------------------------------------------------------


def test_the_trace_says_who_and_what(token_emulator: TokenWorld) -> None:
    """Login and message, each with system, CVR and the serial number of the certificate; and the tokens given out."""
    world = token_emulator
    world.rest_token(CVR, world.pem(SENDER), AFSEND)
    [message] = sent(world)
    who = {"cvr": CVR, "certifikat": world.serial(SENDER)}
    for record in (world.the_one("login"), world.the_one("accepted"), world.spor(what="token")[-1]):
        assert record["system_navn"] == SENDER, record
        assert who.items() <= record["detail"].items(), record
    assert world.the_one("login")["detail"]["mekanisme"] == "EXTERNAL"
    assert world.the_one("accepted")["besked_id"] == message.besked_id


def test_no_token_is_written_down(token_emulator: TokenWorld) -> None:
    """A token opens doors for hours: neither the log nor the trace holds one, good or bad."""
    world = token_emulator
    login_refused(world, TokenCredentials(world.token(SENDER, "--fault", "wrong-signature")))
    with logged_in(world, world.afsend()) as connection:
        assert Sender(connection).send(samples.extern_test_besked().xml, "<a>" + "hemmeligt" * 9).status_kode == 40
    sent(world)
    for text in (world.emulator.log, str(world.spor())):
        assert SENDER in text
        assert [word for word in ("SignatureValue", "X509Certificate", "hemmeligt") if word in text] == []
