"""RabbitMQ's Java client with tokens, as KOMBIT's samples AfsendBesked and AfhentBesked: `tests/interop/java`.

Compiled here with the JDK's own compiler, once; no build tool.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from broker.tokens import AFSEND, MODTAG
from tests.interop import samples
from tests.interop.token_world import CVR, DUESLAG, P12_PASSWORD, RECEIVER, SENDER, TokenWorld

SOURCES = Path(__file__).with_name("java")
JARS = (Path("/usr/share/java/amqp-client.jar"), Path("/usr/share/java/slf4j-api.jar"))
TOOLS = ("java", "javac", "keytool")
TRUST_PASSWORD = "changeit"

pytestmark = pytest.mark.usefixtures("no_messages")

Line = tuple[str, ...]


def _missing() -> str | None:
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None] + [str(jar) for jar in JARS if not jar.exists()]
    if not lacking:
        return None
    return (
        f"no {', '.join(lacking)}: on Debian, "
        "apt-get install default-jdk-headless librabbitmq-client-java libslf4j-java enables the Java client"
    )


@pytest.fixture(scope="session")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled client; a warning of the compiler is an error."""
    if (missing := _missing()) is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    out = tmp_path_factory.mktemp("classes")
    compiling = ["javac", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-cp", _classpath(), "-d", str(out)]
    done = subprocess.run(
        [*compiling, *map(str, sorted(SOURCES.glob("*.java")))],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


def _classpath(*more: Path) -> str:
    return os.pathsep.join(map(str, (*more, *JARS)))


@dataclass(frozen=True, slots=True)
class Klient:
    """A vendor's Java system: its own key store and trust store, and what it writes line by line."""

    world: TokenWorld
    classes: Path
    directory: Path
    system: str

    def token(self, name: str, entity_id: str) -> Path:
        """A token that Java itself got from the REST STS, in a file."""
        sts = f"https://localhost:{self.world.emulator.https_port}"
        file = self.directory / name
        lines = self.run("token", sts=sts, cvr=CVR, token=file, audience=entity_id)
        assert [line[0] for line in lines] == ["token"]
        return file

    def file(self, name: str, content: bytes) -> Path:
        path = self.directory / name
        path.write_bytes(content)
        return path

    def run(self, what: str, *, code: int = 0, certificate: bool = True, **settings: object) -> list[Line]:
        """One run of the program; the facts that it told."""
        amqps = {"host": "localhost", "port": self.world.emulator.amqps_port}
        arguments = [f"{name}={value}" for name, value in {**amqps, **self._stores(certificate), **settings}.items()]
        done = subprocess.run(
            [
                "java",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                _classpath(self.classes),
                "Klient",
                what,
                *arguments,
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def _stores(self, certificate: bool) -> dict[str, object]:
        trust: dict[str, object] = {"truststore": self._truststore(), "truststore-password": TRUST_PASSWORD}
        if not certificate:
            return trust
        return {**trust, "keystore": self.world.p12(self.system), "keystore-password": P12_PASSWORD}

    def _truststore(self) -> Path:
        """The exported CA as Java's own tool takes it in."""
        path = self.directory / "trust.p12"
        if not path.exists():
            importing = ["keytool", "-importcert", "-noprompt", "-alias", "beskedfordeler", "-file", str(self.world.ca)]
            stored = ["-keystore", str(path), "-storetype", "PKCS12", "-storepass", TRUST_PASSWORD]
            subprocess.run([*importing, *stored], check=True, capture_output=True, timeout=60)
        return path


@pytest.fixture
def sender(token_emulator: TokenWorld, classes: Path, tmp_path: Path) -> Klient:
    return Klient(token_emulator, classes, _own(tmp_path, "afsender"), SENDER)


@pytest.fixture
def receiver(token_emulator: TokenWorld, classes: Path, tmp_path: Path) -> Klient:
    return Klient(token_emulator, classes, _own(tmp_path, "modtager"), RECEIVER)


def _own(directory: Path, name: str) -> Path:
    made = directory / name
    made.mkdir()
    return made


def test_a_token_by_java_s_own_http_client(sender: Klient) -> None:
    """The exported PKCS#12 is a key store that Java takes: mutual TLS to the STS, and the token is an assertion."""
    token = sender.token("afsend.xml", AFSEND).read_bytes()
    assert b"Assertion" in token[:200]
    assert AFSEND.encode() in token
    given = sender.world.spor(what="token")[-1]
    assert given["system_navn"] == SENDER
    assert given["detail"]["certifikat"] == sender.world.serial(SENDER)


@pytest.mark.parametrize("certificate", [True, False], ids=["client certificate", "no client certificate"])
def test_sent_and_fetched(sender: Klient, receiver: Klient, certificate: bool) -> None:
    """AfsendBesked: confirmed, not returned, 20; AfhentBesked: consumed with manual ack, nothing left."""
    sent = samples.extern_test_besked()
    afsend, modtag = sender.token("afsend.xml", AFSEND), receiver.token("modtag.xml", MODTAG)
    besked = sender.file("besked.xml", sent.xml)
    lines = sender.run("afsend", certificate=certificate, besked=besked, login=afsend, tokens=afsend)
    assert lines == [("mekanismer", "EXTERNAL"), lines[1], ("bekraeftet", "true"), ("svar", "20", "")]
    assert lines[1][0] == "forbundet"
    found = fetch(receiver, modtag, 1, certificate=certificate)
    samples.check_delivered(sent, found[0])


def fetch(receiver: Klient, login: Path, count: int, *, certificate: bool = True) -> list[bytes]:
    """That many messages, each for the first time, and not one more."""
    lines = receiver.run(
        "afhent", certificate=certificate, login=login, dueslag=DUESLAG, antal=count, ud=receiver.directory
    )
    beskeder = [line for line in lines if line[0] == "besked"]
    assert [redelivered for *_rest, redelivered in beskeder] == ["false"] * count
    assert lines[-1] == ("tilbage", "0")
    return [Path(line[1]).read_bytes() for line in beskeder]


def test_expired_41_new_token_20_delivered_once(sender: Klient, receiver: Klient) -> None:
    """41: it reads its next token, reconnects, sends the same message: 20; once more: 20; delivered once."""
    sent = samples.extern_test_besked()
    new = sender.token("ny.xml", AFSEND)
    expired = sender.file("udloebet.xml", sender.world.token(SENDER, "--expired"))
    besked = sender.file("besked.xml", sent.xml)
    lines = sender.run("afsend", besked=besked, login=new, tokens=f"{expired},{new}", gange=1)
    assert [line[1] for line in lines if line[0] == "svar"] == ["41", "20", "20"]
    assert [line for line in lines if line[0] == "retur"] == []
    assert [record["what"] for record in sender.world.spor(besked_id=sent.besked_id)] == [
        "refused",
        "accepted",
        "known",
    ]
    [body] = fetch(receiver, receiver.token("modtag.xml", MODTAG), 1)
    samples.check_delivered(sent, body)


def test_a_login_with_an_expired_token(sender: Klient) -> None:
    """The library's own exception for a refused login, with the 403 in its text."""
    expired = sender.file("udloebet.xml", sender.world.token(SENDER, "--expired"))
    besked = sender.file("besked.xml", samples.extern_test_besked().xml)
    lines = sender.run("afsend", code=1, besked=besked, login=expired, tokens=expired)
    assert lines[-1][0] == "fejl"
    assert "AuthenticationFailureException" in lines[-1][1]
    assert "ACCESS_REFUSED" in lines[-1][1]


def test_another_s_dueslag(receiver: Klient) -> None:
    """403 ACCESS_REFUSED on the channel, as the library tells it."""
    lines = receiver.run(
        "afhent",
        code=1,
        login=receiver.token("modtag.xml", MODTAG),
        dueslag=samples.PKO_DUESLAG,
        antal=1,
        ud=receiver.directory,
    )
    assert lines[-1][0] == "fejl"
    assert "reply-code=403" in lines[-1][2]
