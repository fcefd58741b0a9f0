"""Push over mutual TLS: who calls, whom the Beskedfordeler trusts, and what it says where it does not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.interop.push_world import Lane, World, world_in
from tests.support.receiver import Receiver, receiving

NAME = "localhost"


@dataclass(slots=True)
class Trust:
    """A world whose emulator trusts ``receivers`` beside its own CA."""

    world: World
    receivers: trustme.CA

    def context(self, by: trustme.CA | None = None, name: str = NAME, clients: Path | None = None) -> ssl.SSLContext:
        """A receiver's: certificate of ``by`` for ``name``; callers must have one of the development CA."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (by or self.receivers).issue_cert(name).configure_cert(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients or self.development_ca)
        return context

    @property
    def development_ca(self) -> Path:
        path = self.world.folder / "ca.pem"
        if not path.exists():
            self.world.run("certs", "export", "--format", "ca", "--out", str(path))
        return path


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trust]:
    """One for all tests of the module."""
    folder, receivers = tmp_path_factory.mktemp("push-tls"), trustme.CA()
    receivers.cert_pem.write_to_path(str(folder / "receivers.pem"))
    with world_in(folder, "--push-ca", str(folder / "receivers.pem"), callbacks=False) as world:
        yield Trust(world, receivers)


@pytest.fixture
def secure(trust: Trust) -> Iterator[Receiver]:
    """A receiver with a certificate that the emulator trusts."""
    with receiving(trust.context()) as receiver:
        yield receiver


async def test_mutual_tls(trust: Trust, secure: Receiver) -> None:
    """The receiver is shown the function certificate of the Beskedfordeler, on one connection that is kept."""
    lane = trust.world.lane()
    await trust.world.set_callback(lane, secure.url(lane.path))
    sent = await trust.world.send_new(lane, 20)
    receipts = await secure.takes(lane.path, sent)
    (shown,) = {one.caller for one in receipts.arrivals}
    assert shown is not None
    certificate = x509.load_der_x509_certificate(shown)
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "Beskedfordeler (funktionscertifikat)"
    (serial,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert str(serial.value).startswith("CVR:")
    assert len({one.connection for one in receipts.arrivals}) == 1


async def not_delivered(trust: Trust, receiver: Receiver, url: str) -> tuple[Lane, list[str], str]:
    """Three are sent to who cannot be delivered to: by which lane, their BeskedIds, and why not, by the trace.

    Another dueslag is pushed to meanwhile as if nothing were.
    """
    world = trust.world
    lane, other = world.lane(), world.lane()
    await world.set_callback(lane, url + lane.path)
    await world.set_callback(other, world.receiver.url(other.path))
    ids = await world.send_new(lane, 3)
    await world.receiver.takes(other.path, await world.send_new(other, 3))
    reason = await world.reason(ids[0])
    assert receiver.receipts(lane.path).arrivals == ()
    assert (await world.depth(lane))["dead"] == 0
    return lane, ids, reason


@pytest.mark.parametrize(("wrong", "advice"), [("CA", "--push-ca"), ("name", "a name that is in its certificate")])
async def test_wrong_certificate_is_not_delivered_to(trust: Trust, secure: Receiver, wrong: str, advice: str) -> None:
    """Nothing leaves, it is said what to set, others go on; with the right certificate all comes, in order."""
    secure.tls = trust.context(by=trustme.CA()) if wrong == "CA" else trust.context(name="andet.example")
    lane, ids, reason = await not_delivered(trust, secure, secure.url(""))
    assert "certificate" in reason
    assert advice in reason
    assert secure.refused
    assert advice in trust.world.emulator.log
    secure.tls = trust.context()
    await secure.takes(lane.path, ids)


async def test_receiver_that_does_not_trust_us(trust: Trust, secure: Receiver) -> None:
    """A receiver that does not know the development CA lets nobody in: said, and delivered when it does."""
    stranger = trust.world.folder / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    secure.tls = trust.context(clients=stranger)
    lane, ids, reason = await not_delivered(trust, secure, secure.url(""))
    assert "certs export --format ca" in reason
    secure.tls = trust.context()
    await secure.takes(lane.path, ids)


async def test_https_where_there_is_no_tls(trust: Trust) -> None:
    """A callback with https:// to a plain receiver, and the other way round: each says what to change."""
    world = trust.world
    *_, reason = await not_delivered(trust, world.receiver, f"https://localhost:{world.receiver.port}")
    assert "http://" in reason
    with receiving(trust.context()) as secure:
        *_, reason = await not_delivered(trust, secure, f"http://localhost:{secure.port}")
        assert secure.refused
        assert str(secure.port) in reason
