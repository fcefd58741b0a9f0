"""Push over mutual TLS: who is let in, and what is said when it fails."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from tests.unit.push.receiver import Receiver, kode
from tests.unit.push.world import besked_id, dueslag, world

CA = trustme.CA()
STRANGER = trustme.CA()


def client(trusts: trustme.CA = CA, certificate: trustme.CA | None = CA) -> ssl.SSLContext:
    """As the composition root makes it: our certificate, and the roots of receivers."""
    context = ssl.create_default_context()
    trusts.configure_trust(context)
    if certificate is not None:
        certificate.issue_cert("beskedfordeler.example").configure_cert(context)
    return context


def server(name: str = "localhost", by: trustme.CA = CA) -> ssl.SSLContext:
    """A receiver that asks for a certificate of CA."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    by.issue_cert(name).configure_cert(context)
    CA.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def test_both_sides_show_a_certificate() -> None:
    """Messages come over one connection, which is kept."""
    async with Receiver(tls=server()) as receiver, world([receiver.url], client) as here:
        sent = await here.send(5)
        seen = await receiver.got(5)
        assert [besked_id(one.body) for one in seen] == sent
        assert {one.connection for one in seen} == {1}


async def test_a_callback_that_becomes_https_is_pushed_there() -> None:
    """The keys are loaded when they are needed first, and nothing goes to the old one meanwhile."""
    async with (
        Receiver([kode(40)] * 2) as plain,
        Receiver(tls=server()) as secure,
        world([plain.url], client, push_first_delay=60, push_longest_delay=60) as here,
    ):
        sent = await here.send(2)
        await plain.got(1)
        await here.callback(1, secure.url)
        assert [besked_id(one.body) for one in await secure.got(2)] == sent
        assert len(plain.seen) == 1


async def reason_of(url: str, ours: ssl.SSLContext) -> str:
    """Why pushing there fails, some attempts on; nothing goes to the fejlkø."""
    async with world([url], lambda: ours) as here:
        await here.send()
        one = dueslag(1, url).id
        await here.until(lambda: (standing := here.push.standing(one)) and standing.failures > 3)
        standing = here.push.standing(one)
        assert standing is not None
        assert await here.dead() == []
        return standing.reason


NOT_TRUSTED = {
    "unknown CA": (server(by=STRANGER), "local issuer certificate; give the CA of the receiver's", "--push-ca"),
    "other name": (server(name="andet.example"), "Hostname mismatch", "connect by a name that is in its certificate"),
}


@pytest.mark.parametrize("case", NOT_TRUSTED)
async def test_a_receiver_that_is_not_trusted_gets_nothing(case: str) -> None:
    """Its certificate and its name are verified; the reason says what to set."""
    theirs, what, hint = NOT_TRUSTED[case]
    async with Receiver(tls=theirs) as receiver:
        reason = await reason_of(receiver.url, client())
        assert f"TLS with localhost:{receiver.port} fails: the certificate of" in reason
        assert what in reason
        assert hint in reason
        assert receiver.seen == []


REFUSALS = {
    "our CA unknown there": (client(certificate=STRANGER), "the receiver does not trust our certificate"),
    "no certificate of ours": (client(certificate=None), "asks for a client certificate, and we have shown none"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_receiver_that_does_not_trust_us_is_understood(case: str) -> None:
    """Its alert comes after our side of the handshake (TLS 1.3), and is told all the same."""
    ours, hint = REFUSALS[case]
    with alerting(server()) as port:
        reason = await reason_of(f"https://localhost:{port}/", ours)
        assert f"TLS with localhost:{port} fails" in reason
        assert hint in reason


async def test_a_receiver_that_resets_instead_of_an_alert_is_suspected_of_it() -> None:
    """As servers on asyncio do."""
    async with Receiver(tls=server()) as receiver:
        reason = await reason_of(receiver.url, client(certificate=STRANGER))
        assert "who do not take our certificate" in reason
        assert receiver.seen == []


async def test_https_to_a_port_without_tls_says_so() -> None:
    """The web server there answers 400 to what it takes for a bad request."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        port = listener.sockets[0].getsockname()[1]
        assert "is the callback to be http://?" in await reason_of(f"https://localhost:{port}/", client())
    finally:
        listener.close()


async def test_plain_http_to_a_tls_port_is_not_delivered() -> None:
    """It is tried for ever, like any receiver that is not reached."""
    async with Receiver(tls=server()) as receiver:
        reason = await reason_of(f"http://localhost:{receiver.port}/", client())
        assert reason
        assert receiver.seen == []


@contextmanager
def alerting(context: ssl.SSLContext) -> Iterator[int]:
    """A receiver that does its handshakes as OpenSSL does, alerts and all; its port.

    It takes what comes after an alert: to close upon unread bytes resets the connection, and a
    reset may overtake the alert.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shake() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    plain.settimeout(1)
                    with plain.dup() as rest, suppress(OSError):
                        with plain, suppress(ssl.SSLError):
                            context.wrap_socket(plain, server_side=True).close()
                        rest.settimeout(1)
                        rest.shutdown(socket.SHUT_WR)
                        while rest.recv(4096):
                            pass

        thread = threading.Thread(target=shake, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(3)
