"""Protocol header, login, tune, open: as RabbitMQ does it, with room for a SAML assertion."""

from __future__ import annotations

from typing import Any

import pytest
from pamqp import commands, encode

from broker.amqp import frames
from broker.amqp.handshake import CAPABILITIES
from tests.wire.fake_front import FREMMED, KOMMUNE
from tests.wire.playbook import Play, Stage, publish, raw_method, start_ok


async def greeted(stage: Stage) -> Play:
    """A client that has got connection.start."""
    play = stage.play()
    await play.send(frames.PROTOCOL_HEADER)
    play.expect(0, commands.Connection.Start)
    return play


async def tuned(stage: Stage) -> Play:
    """A client that has got tune."""
    play = await greeted(stage)
    await play.say(0, start_ok("PLAIN", f"\0{KOMMUNE.id}\0hemmelig"))
    play.expect(0, commands.Connection.Tune, channel_max=2047, frame_max=131072, heartbeat=60)
    return play


async def test_start_says_what_clients_look_for(stage: Stage) -> None:
    """A client finds product, version and all nine capabilities of RabbitMQ, and that this is an emulator."""
    play = stage.play()
    await play.send(frames.PROTOCOL_HEADER)
    start = play.expect(0, commands.Connection.Start, version_major=0, version_minor=9, locales="en_US").method
    assert isinstance(start, commands.Connection.Start)
    properties: dict[str, Any] = dict(start.server_properties)
    assert properties["product"] == "RabbitMQ"
    assert properties["version"].startswith("3.10.")
    assert properties["emulator"] == "beskedfordeler"
    assert properties["capabilities"] == dict.fromkeys(CAPABILITIES, True)
    assert len(CAPABILITIES) == 9
    assert start.mechanisms == "PLAIN AMQPLAIN EXTERNAL"


@pytest.mark.parametrize("greeting", [b"GET / HTTP/1.1\r\n", b"AMQP\x00\x01\x00\x00", b"AMQP\x01\x01\x08\x00", b"\x16"])
async def test_wrong_protocol_header_is_told_the_right_one(stage: Stage, greeting: bytes) -> None:
    """Whoever speaks another protocol is sent the header of AMQP 0-9-1, and the socket is closed."""
    play = stage.play()
    await play.send(greeting)
    assert play.raw == frames.PROTOCOL_HEADER
    assert play.link.asked == ["finish"]


async def test_amqplain_logs_in(stage: Stage) -> None:
    """php-amqplib and py-amqp log in with a table of LOGIN and PASSWORD."""
    play = await greeted(stage)
    table = encode.field_table({"LOGIN": FREMMED.navn, "PASSWORD": "hemmelig"})[4:]
    await play.say(0, start_ok("AMQPLAIN", table.decode("latin-1")))
    play.expect(0, commands.Connection.Tune)
    assert [login.system for login in stage.front.logins] == [FREMMED]


async def test_external_takes_an_assertion_of_two_hundred_thousand_octets(stage: Stage) -> None:
    """KOMBIT's clients send the decoded SAML assertion as the response of EXTERNAL, whatever its size."""
    play = await greeted(stage)
    size = 20_000 if stage.octet_by_octet else 200_000
    await play.say(0, start_ok("EXTERNAL", "<saml:Assertion>" + "x" * size))
    play.expect(0, commands.Connection.Tune)
    assert stage.front.logins[0].mechanism == "EXTERNAL"


async def test_start_ok_beyond_256_kib_is_refused(stage: Stage) -> None:
    """A start-ok larger than the limit before tune is not read: no frame, and the socket goes."""
    play = await greeted(stage)
    await play.send(frames.HEAD.pack(1, 0, 256 * 1024 + 1) + b"\x00")
    play.expect_nothing()
    assert play.link.asked == ["linger"]


REFUSED = "ACCESS_REFUSED - Login was refused using authentication mechanism {}. For details see the broker logfile."


@pytest.mark.parametrize(
    ("mechanism", "response"),
    [
        ("PLAIN", "\0nobody\0hemmelig"),
        ("PLAIN", f"\0{KOMMUNE.id}\0wrong"),
        ("PLAIN", "no separators"),
        ("AMQPLAIN", "\x05LOGIN"),
        ("AMQPLAIN", "\x05LOGINS\x00\x00\x00\x01x"),
        ("EXTERNAL", "not an assertion"),
    ],
)
async def test_refused_login_is_told_to_clients_that_understand(stage: Stage, mechanism: str, response: str) -> None:
    """Bad credentials: 403 at once where the client has authentication_failure_close; closed soon after."""
    play = await greeted(stage)
    await play.say(0, start_ok(mechanism, response))
    text = REFUSED.format(mechanism)
    play.expect(0, commands.Connection.Close, reply_code=403, reply_text=text, class_id=0, method_id=0)
    assert play.link.asked == ["linger"]
    await play.say(0, commands.Connection.CloseOk())
    assert play.link.asked == ["linger", "finish"]
    play.expect_nothing()


async def test_refused_login_is_silent_for_other_clients(stage: Stage) -> None:
    """Without that capability nothing is sent; the socket is closed after a while."""
    play = await greeted(stage)
    await play.say(0, start_ok("PLAIN", "\0nobody\0x", {"basic.nack": True}))
    play.expect_nothing()
    assert play.link.asked == ["linger"]
    await play.say(0, commands.Connection.TuneOk(2047, 131072, 60), commands.Connection.Open("BF"))
    play.expect_nothing()


async def test_mechanism_not_on_offer_is_refused_without_a_frame(stage: Stage) -> None:
    """As RabbitMQ: an unknown mechanism gets no answer, and the socket is closed after a while."""
    stage.front.offers = ("EXTERNAL",)
    play = await greeted(stage)
    await play.say(0, start_ok("PLAIN", f"\0{KOMMUNE.id}\0hemmelig"))
    play.expect_nothing()
    assert play.link.asked == ["linger"]
    assert stage.front.turned_away == ["mechanism 'PLAIN' is not on offer here, but EXTERNAL"]


@pytest.mark.parametrize(
    ("channel_max", "frame_max", "taken"),
    [
        (2047, 131072, True),
        (16, 4096, True),
        (1, 70000, True),
        (0, 131072, False),
        (2048, 131072, False),
        (2047, 0, False),
        (2047, 4095, False),
        (2047, 131073, False),
    ],
)
async def test_tune_ok_must_keep_within_the_offer(stage: Stage, channel_max: int, frame_max: int, taken: bool) -> None:
    """tune-ok beyond what tune offered, or unlimited, is refused without a frame."""
    play = await tuned(stage)
    await play.say(0, commands.Connection.TuneOk(channel_max, frame_max, 10), commands.Connection.Open("BF"))
    if taken:
        play.expect(0, commands.Connection.OpenOk)
        assert play.link.heartbeat == 10
    else:
        play.expect_nothing()
        assert play.link.asked == ["linger"]


@pytest.mark.parametrize("vhost", ["/", "bf", "prod"])
async def test_unknown_vhost(stage: Stage, vhost: str) -> None:
    """Only BF exists; any other virtual host closes the connection with 530."""
    play = await tuned(stage)
    await play.say(0, commands.Connection.TuneOk(2047, 131072, 60), commands.Connection.Open(vhost))
    text = f"NOT_ALLOWED - vhost {vhost} not found"
    play.expect(0, commands.Connection.Close, reply_code=530, reply_text=text, class_id=10, method_id=40)
    await play.say(0, commands.Connection.CloseOk())
    assert play.link.asked == ["linger", "finish"]


async def test_methods_out_of_order_are_met_with_silence(stage: Stage) -> None:
    """Before the connection runs a mistake is not answered, as RabbitMQ: the socket is closed after a while."""
    play = await greeted(stage)
    await play.say(0, commands.Connection.Open("BF"))
    play.expect_nothing()
    assert play.link.asked == ["linger"]
    play = await greeted(stage)
    await play.send(publish(b"x"))
    play.expect_nothing()
    assert play.link.asked == ["linger"]


async def test_malformed_start_ok_is_met_with_silence(stage: Stage) -> None:
    """A start-ok whose table goes beyond its frame cannot be read."""
    play = await greeted(stage)
    await play.send(raw_method(0, 10, 11, b"\x00\x00\x10\x00abc"))
    play.expect_nothing()
    assert play.link.asked == ["linger"]


async def test_client_says_goodbye(stage: Stage) -> None:
    """connection.close is answered with close-ok, and the socket is closed."""
    play = await stage.client()
    await play.say(0, commands.Connection.Close(200, "Goodbye", 0, 0))
    play.expect(0, commands.Connection.CloseOk)
    assert play.link.asked == ["finish"]
    play.expect_nothing()


async def test_update_secret_is_accepted(stage: Stage) -> None:
    """A client that renews its token on a running connection gets update-secret-ok."""
    play = await stage.client()
    await play.send(raw_method(0, 10, 70, b"\x00\x00\x00\x05token\x07renewed"))
    play.expect(0, commands.Connection.UpdateSecretOk)


async def test_refused_secret_closes_the_connection(stage: Stage) -> None:
    """A renewed token that does not hold: 530 NOT_ALLOWED, as RabbitMQ closes then."""
    play = await stage.client()
    await play.send(raw_method(0, 10, 70, b"\x00\x00\x00\x07forkert\x07renewed"))
    close = play.expect(0, commands.Connection.Close).method
    assert isinstance(close, commands.Connection.Close)
    assert (close.reply_code, close.class_id, close.method_id) == (530, 10, 70)
    assert "secret was refused" in close.reply_text


async def test_heartbeats_are_welcome_at_any_time(stage: Stage) -> None:
    """A heartbeat frame is answered with nothing, before and after login."""
    play = await greeted(stage)
    await play.send(frames.HEARTBEAT_FRAME)
    play.expect_nothing()
    play = await stage.client()
    await play.send(frames.HEARTBEAT_FRAME * 3)
    play.expect_nothing()
    assert play.link.asked == []


async def test_no_secret_in_reprs(stage: Stage) -> None:
    """What may end in a log shows no password and no token."""
    from broker.amqp import sasl
    from broker.amqp.events import LoginAsked, SecretUpdated

    shown = repr(sasl.read("PLAIN", b"\0me\0hemmelig")) + repr(LoginAsked("PLAIN", b"hemmelig", {}))
    shown += repr(SecretUpdated(b"hemmelig", "renewed"))
    assert "hemmelig" not in shown
    assert "me" in shown
