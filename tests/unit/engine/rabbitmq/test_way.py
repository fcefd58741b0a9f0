"""The way to RabbitMQ: back to the same node at once, over TLS by the URL's own words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from broker.clock import FakeClock
from broker.engine.rabbitmq import line as line_module
from broker.engine.rabbitmq import open_rabbitmq_engine
from broker.engine.rabbitmq.address import Address
from broker.errors import StoreError
from tests.conformance.engine.parts import D, names, send, take, to, until
from tests.support.keys import FROM
from tests.support.proxy import Proxy
from tests.support.rabbitmq import SharedNode
from tests.unit.engine.rabbitmq.conftest import NewFront


async def test_a_connection_that_is_cut_is_made_again_without_a_pause(
    fronts: NewFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node is still there, so that no queue looks for a leader: senders need not wait for elections."""
    one = await fronts()
    monkeypatch.setattr(line_module, "ELECTIONS", 3_600.0)
    for line in (one._sending, one._taking._all[0]):
        assert line.link is not None
        line.link.abort("cut by the test")
    await send(one, ["a"], to(D))
    assert names(await take(one, D, 1)) == ["a"]


async def test_a_node_that_is_gone_is_given_time_for_elections(
    fronts: NewFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next node is tried after the pause, and after that the first again."""
    one = await fronts()
    monkeypatch.setattr(line_module, "ELECTIONS", 0.2)
    line = one._sending
    good = line._address.nodes[0]
    line._address = Address((("127.0.0.1", 1), good))
    line._node = 1  # connected to the first of them, as it seems
    assert line.link is not None
    line.link.abort("cut by the test")
    await until(lambda: line.link is not None)
    assert line._node % 2 == 0
    await send(one, ["a"], to(D))
    assert names(await take(one, D, 1)) == ["a"]


@asynccontextmanager
async def terminated(port: int, certificate: Path) -> AsyncIterator[int]:
    """TLS in front of a RabbitMQ that has none; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    proxy = Proxy("127.0.0.1", port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        proxy.cut()
        server.close()


def self_signed(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1, in one file, as a CA of one's own would have made them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rabbitmq.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(FROM)
        .not_valid_after(FROM + timedelta(days=30 * 365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "node.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


async def test_tls_with_a_ca_of_ones_own(rabbitmq_node: SharedNode, tmp_path: Path) -> None:
    """amqps:// with the CA's file in the URL, as RabbitMQ's own URIs have it; without it the node is not believed."""
    certificate = self_signed(tmp_path)
    async with terminated(rabbitmq_node().port, certificate) as port:
        place = f"amqps://guest:guest@127.0.0.1:{port}/"
        engine = open_rabbitmq_engine(f"{place}?cacertfile={certificate}", FakeClock())
        await engine.open()
        assert engine.blocked is None
        await engine.close()
        unbelieved = open_rabbitmq_engine(place, FakeClock())
        with pytest.raises(StoreError, match=r"is not reached: .*(?i:certificate.verify.failed)"):
            await unbelieved.open()
        trusting = open_rabbitmq_engine(f"{place}?verify=verify_none", FakeClock())
        await trusting.open()
        await trusting.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqps://h/?cacert=x", "an option 'cacert'; expected cacertfile, certfile, keyfile, verify"),
        ("amqp://h/?cacertfile=x", "an option 'cacertfile', which is for amqps://"),
        ("amqps://h/?verify=perhaps", "says verify=perhaps; expected verify_peer or verify_none"),
        ("amqps://h/?cacertfile=/nowhere/ca.pem", r"files that cannot be used \(/nowhere/ca.pem\)"),
    ],
)
def test_what_is_wrong_with_an_address(url: str, said: str) -> None:
    """One sentence, with what was found and what is expected."""
    with pytest.raises(StoreError, match=said):
        Address.parse(url)


def test_options_beside_the_rest_of_an_address(tmp_path: Path) -> None:
    """Nodes, login and virtual host are read as without options; verify_none asks no name."""
    address = Address.parse(f"amqps://u:p@one,two:1/bf?cacertfile={self_signed(tmp_path)}&verify=verify_none")
    assert (address.nodes, address.user, address.vhost) == ((("one", 5671), ("two", 1)), "u", "bf")
    assert address.tls is not None
    assert address.tls.verify_mode is ssl.CERT_NONE
