"""Our own clients and commands against the real emulator with `--auth=token`: certificates, STS, EXTERNAL, header."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consumers.client import (
    AFSEND,
    MODTAG,
    Afhent,
    Afsend,
    Endpoint,
    GivenToken,
    NoToken,
    NotPermitted,
    Sts,
    TokenSource,
    client_context,
)
from consumers.errors import NotOffered
from tests.interop import samples
from tests.support.emulator import Emulator, command, running

CVR = "99999999"
SENDER, RECEIVER, DUESLAG = samples.SENDER, samples.TEST_RECEIVER, samples.TEST_DUESLAG
LIFETIME = 5.0
"""Seconds that the short-lived tokens of `briefly` are valid."""


@dataclass(frozen=True, slots=True)
class World:
    """An emulator with --auth=token, and the certificates that its systems were given."""

    emulator: Emulator
    folder: Path

    @property
    def ca(self) -> Path:
        assert self.emulator.ca is not None
        return self.emulator.ca

    def certificate(self, system: str) -> Path:
        """Key and certificate, exported as a vendor is given them."""
        path = self.folder / f"{system}.pem"
        if not path.exists():
            self.run("certs", "export", system, "--out", str(path))
        return path

    def sts(self, system: str) -> Sts:
        return Sts("localhost", self.emulator.https_port, ca=self.ca, certificate=self.certificate(system))

    def endpoint(self, system: str, tokens: TokenSource | None = None, *, show_certificate: bool = False) -> Endpoint:
        """Over TLS; by tokens of its own from the STS unless others are given."""
        tls = client_context(self.ca, self.certificate(system) if show_certificate else None)
        source = tokens or self.sts(system).on_behalf_of(CVR)
        return Endpoint("localhost", self.emulator.amqps_port, system, tls=tls, tokens=source)

    def run(self, *arguments: str, code: int = 0, stdin: bytes = b"") -> tuple[str, str]:
        """A command at this emulator; what it writes on stdout and on stderr."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
        done = subprocess.run(
            [*command(), *arguments, "--data", str(self.emulator.data)],
            capture_output=True,
            input=stdin,
            timeout=60,
            check=False,
            env=environment,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(), done.stderr.decode()


def world_in(folder: Path, *arguments: str) -> Iterator[World]:
    certificates = folder / "certificates"
    certificates.mkdir()
    with running(folder / "data", "--auth=token", "--amqps-port", "0", "--https-port", "0", *arguments) as emulator:
        yield World(emulator, certificates)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests of the module."""
    yield from world_in(tmp_path_factory.mktemp("token"))


@pytest.fixture
def briefly(tmp_path: Path) -> Iterator[World]:
    """One whose tokens end soon, to the second."""
    yield from world_in(tmp_path, "--token-lifetime", str(LIFETIME), "--token-skew", "0")


async def drain(world: World) -> list[str]:
    """Everything in the test dueslag, acked."""
    came: list[str] = []
    async with Afhent(world.endpoint(RECEIVER), DUESLAG) as afhent:
        while (modtaget := await afhent.get()) is not None:
            came.append(modtaget.kuvert.besked_id)
            await modtaget.ack()
    return came


async def test_send_and_fetch(world: World) -> None:
    """A token for each service from the STS; 50 messages with it in the header; by subscription, then by polling."""
    batch = [samples.extern_test_besked() for _ in range(50)]
    async with Afsend(world.endpoint(SENDER)) as afsend:
        returns = await asyncio.gather(*(afsend.send(sent.xml) for sent in batch))
    assert {retur.status_kode for retur in returns} == {20}
    came: list[str] = []
    async with Afhent(world.endpoint(RECEIVER), DUESLAG) as afhent:
        async for modtaget in afhent:
            came.append(modtaget.kuvert.besked_id)
            await modtaget.ack()
            if len(came) == 25:
                afhent.stop()
    came += await drain(world)
    assert sorted(came) == sorted(sent.besked_id for sent in batch)


async def test_expired_renewed_sent_again(briefly: World) -> None:
    """A token that ends while the connection is open: 41, a new one from the STS, the same message, 20; once only."""
    sts = Sts(
        "localhost",
        briefly.emulator.https_port,
        ca=briefly.ca,
        certificate=briefly.certificate(SENDER),
        now=lambda: 0.0,  # a clock that stands still holds every token for good
    )
    async with Afsend(briefly.endpoint(SENDER, sts.on_behalf_of(CVR))) as afsend:
        first = await sts.token(CVR, AFSEND)
        await asyncio.sleep(max(0.0, first.expires - time.time()) + 0.1)
        sent = samples.extern_test_besked()
        assert (await afsend.send(sent.xml)).status_kode == 20
        assert afsend.resent == 1
        assert (await sts.token(CVR, AFSEND)).xml != first.xml
    spor = await briefly.emulator.admin.spor(sent.besked_id)
    assert [(record["what"], record["detail"].get("kode")) for record in spor] == [("refused", 41), ("accepted", None)]
    assert len({record["transaktions_id"] for record in spor}) == 1
    assert await drain(briefly) == [sent.besked_id]


async def test_expired_token_at_the_login(briefly: World) -> None:
    """What is kept has ended when the receiver connects: refused, renewed, logged in."""
    sts = Sts(
        "localhost",
        briefly.emulator.https_port,
        ca=briefly.ca,
        certificate=briefly.certificate(RECEIVER),
        now=lambda: 0.0,
    )
    kept = await sts.token(CVR, MODTAG)
    await asyncio.sleep(max(0.0, kept.expires - time.time()) + 0.1)
    async with Afhent(briefly.endpoint(RECEIVER, sts.on_behalf_of(CVR)), DUESLAG) as afhent:
        assert await afhent.get() is None
    assert (await sts.token(CVR, MODTAG)).xml != kept.xml


async def test_with_the_certificate_presented(world: World) -> None:
    """Holder of key: the token's own certificate on the connection does, another system's does not."""
    async with Afsend(world.endpoint(SENDER, show_certificate=True)) as afsend:
        assert (await afsend.send(samples.extern_test_besked().xml)).ok
    tokens = world.sts(SENDER).on_behalf_of(CVR)
    with pytest.raises(NotPermitted, match="EXTERNAL"):
        async with Afsend(world.endpoint(RECEIVER, tokens, show_certificate=True)):
            pass
    await drain(world)


async def test_no_way_in(world: World) -> None:
    """A password, a token for nobody, a dueslag of another system, a service that was not agreed on: each refused."""
    by_password = Endpoint("127.0.0.1", world.emulator.port, SENDER)
    with pytest.raises(NotOffered, match="offers EXTERNAL"):
        async with Afsend(by_password):
            pass
    with pytest.raises(NotPermitted, match="EXTERNAL"):
        async with Afsend(world.endpoint(SENDER, GivenToken("<saml:Assertion/>"))):
            pass
    with pytest.raises(NotPermitted, match="ACCESS_REFUSED"):
        async with Afhent(world.endpoint(RECEIVER), samples.PKO_DUESLAG) as afhent:
            await afhent.get()
    with pytest.raises(NoToken, match="serviceaftale"):
        await world.sts(RECEIVER).token(CVR, AFSEND)


async def test_restart_with_the_same_data(tmp_path: Path) -> None:
    """The emulator is killed and started again while a receiver waits: it logs in again with the token it has."""
    for world in world_in(tmp_path):
        async with Afhent(world.endpoint(RECEIVER), DUESLAG, attempts=100) as afhent:
            assert await afhent.get() is None
            await asyncio.to_thread(world.emulator.kill)
            await asyncio.to_thread(restart, world.emulator)
            async with Afsend(world.endpoint(SENDER)) as afsend:
                sent = samples.extern_test_besked()
                assert (await afsend.send(sent.xml)).ok
            modtaget = await afhent.get()
            assert modtaget is not None
            assert modtaget.kuvert.besked_id == sent.besked_id
            await modtaget.ack()


def restart(emulator: Emulator) -> None:
    """On the same ports."""
    emulator.arguments = (
        "--auth=token",
        "--amqps-port",
        str(emulator.amqps_port),
        "--https-port",
        str(emulator.https_port),
    )
    emulator.start()


def test_commands_find_their_way(world: World, tmp_path: Path) -> None:
    """`send` and `hent` with nothing but the data directory; `--token` for the refusals; `token show` says why."""
    sent = samples.extern_test_besked()
    out, _ = world.run("send", "-", stdin=sent.xml)
    assert out.split()[:2] == ["20", sent.besked_id]
    out, _ = world.run("hent", "Testkommune", "--json")
    assert sent.besked_id in out
    expired = tmp_path / "expired.xml"
    assert world.run("token", SENDER, "--expired", "--out", str(expired)) == ("", "")
    out, _ = world.run("send", "-", "--token", str(expired), stdin=sent.xml, code=4)
    assert out.startswith("41")
    _, said = world.run("hent", "Testkommune", "--token", str(expired), code=4)
    assert "EXTERNAL" in said
    assert "; why: the token expired at" in said
    foreign = tmp_path / "wrong-holder.xml"
    world.run("token", SENDER, "--fault", "wrong-holder", "--out", str(foreign))
    shown = ["--token", str(foreign), "--cert", str(world.certificate(SENDER))]
    out, _ = world.run("send", "-", *shown, stdin=sent.xml, code=4)
    assert out.startswith("40")
    assert "the certificate presented is not the one" in out
    out, _ = world.run("send", "-", *shown[:2], stdin=sent.xml)
    assert out.startswith("20"), "without a certificate on the connection it cannot be seen"
    _, said = world.run("token", "show", str(expired), code=4)
    assert said.startswith("beskedfordeler: 41: the token expired")
    good, _ = world.run("token", SENDER, "--from-sts", "--format", "base64")
    out, _ = world.run("token", "show", "-", stdin=good.encode())
    assert out.split()[-1] == "yes"


def test_commands_from_elsewhere(world: World, tmp_path: Path) -> None:
    """Without the admin API: address, STS, certificate and CA are named, as for an emulator on another machine."""
    sent = samples.extern_test_besked()
    where = ["--amqps", f"localhost:{world.emulator.amqps_port}", "--sts", f"localhost:{world.emulator.https_port}"]
    by = ["--ca", str(world.ca), "--cvr", CVR]
    as_sender = ["--system", SENDER, "--cert", str(world.certificate(SENDER))]
    as_receiver = ["--system", RECEIVER, "--cert", str(world.certificate(RECEIVER))]
    out, _ = world.run("send", "-", *where, *by, *as_sender, stdin=sent.xml)
    assert out.split()[:2] == ["20", sent.besked_id]
    out, _ = world.run("hent", DUESLAG, *where, *by, *as_receiver)
    assert sent.besked_id in out
    _, said = world.run("send", "-", *where[:2], "--system", SENDER, *by[:2], stdin=sent.xml, code=4)
    assert "offers EXTERNAL" in said
    assert "--sts, --cert and --cvr" in said


def test_commands_where_passwords_do(tmp_path: Path) -> None:
    """The same commands against an emulator without tokens: by the plain port, and with a password over TLS."""
    with running(tmp_path / "data", "--amqps-port", "0") as emulator:
        world = World(emulator, tmp_path)
        over_tls = ["--amqps", f"localhost:{emulator.amqps_port}", "--ca", str(world.ca)]
        for where in ([], over_tls, [*over_tls, "--system", SENDER]):
            sent = samples.extern_test_besked()
            out, _ = world.run("send", "-", *where, stdin=sent.xml)
            assert out.split()[:2] == ["20", sent.besked_id]
            out, _ = world.run("hent", "Testkommune", *where[:4])
            assert sent.besked_id in out
