"""An operator's day at the command line: the real command, against a real emulator, message by message."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulator import Emulator, command, running

MESSAGE = Path(__file__).parents[3] / "shared" / "reference" / "kombit" / "messages" / "externTestBesked.xml"
BESKED_ID = "01157488-c45c-4fd2-b076-1de12effbf66"
CPR = "251248"


def run(*arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """One command, with an environment that names no emulator."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
    return subprocess.run(
        [*command(), *arguments], capture_output=True, input=stdin or b"", timeout=60, check=False, env=environment
    )


class Operator:
    """Types commands at one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._where = ("--data", str(emulator.data))

    def run(self, *arguments: str, code: int = 0, stdin: bytes | None = None) -> str:
        """What the command prints; it must end with ``code``, and with one line on stderr where that is not 0."""
        done = run(*arguments, *self._where, stdin=stdin)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        if code:
            assert done.stderr.startswith(b"beskedfordeler: "), done.stderr
            assert b"Traceback" not in done.stderr
        return (done.stderr if code else done.stdout).decode()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def ready(self, dueslag: str = "Testkommune") -> int:
        return int(next(one for one in self.json("dueslag", "list") if one["navn"] == dueslag)["depth"]["ready"])


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """One with the built-in register, for this test alone."""
    with running(tmp_path / "data") as started:
        yield started


@pytest.fixture
def operator(emulator: Emulator) -> Operator:
    """At an emulator with the built-in register."""
    return Operator(emulator)


@pytest.fixture(scope="module")
def message() -> bytes:
    """KOMBIT's own sample message."""
    if not MESSAGE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{MESSAGE} is missing: the sample message of wire-contract section 2")
        pytest.skip(f"{MESSAGE} is not here: the reference messages lie beside the project")
    return MESSAGE.read_bytes()


def test_from_sender_to_receiver(operator: Operator, message: bytes, tmp_path: Path) -> None:
    """KOMBIT's sample message: sent, looked at, fetched, traced; a resend is answered alike and not delivered again."""
    file = tmp_path / "besked.xml"
    file.write_bytes(message)
    assert operator.run("wait", "--timeout", "5") == "ready\n"
    assert operator.run("send", str(file)).split() == ["20", BESKED_ID]
    assert operator.run("send", "-", stdin=message).split() == ["20", BESKED_ID]
    assert operator.json("send", str(file))["status_kode"] == 20

    first = operator.json("kig", "Testkommune", "--body")
    assert [one["besked"]["besked_id"] for one in first["beskeder"]] == [BESKED_ID]
    assert f"{CPR}-****" in first["beskeder"][0]["besked"]["body"]
    assert operator.json("kig", "testkommune", "--body") == first

    out = tmp_path / "modtaget"
    fetched = operator.json("hent", "Testkommune", "--out", str(out))
    assert (fetched["besked_id"], fetched["redelivered"]) == (BESKED_ID, False)
    body = (out / f"{BESKED_ID}.xml").read_bytes()
    payload = message[message.index(b"Beskeddata>") :]
    assert payload in body
    assert operator.ready() == 0

    spor = [one["what"] for one in operator.json("spor", "--besked-id", BESKED_ID)]
    assert spor[0] == "accepted"
    assert {"known", "delivered", "ack"} <= set(spor)
    assert BESKED_ID in operator.run("spor", "--what", "accepted", "--since", "5m")


def test_subscription_stopped_paused_filtered_while_it_runs(operator: Operator, message: bytes) -> None:
    """Stop, start, pause, resume and a new filter, each in force for the next message; explain says why."""
    send = ("send", "-", "--new-id")
    operator.run("abonnement", "stop", "Testbeskeder")
    operator.run(*send, stdin=message)
    assert operator.ready() == 0
    assert "stoppet" in operator.run("abonnement", "explain", "Testbeskeder", "--file", "-", stdin=message)
    operator.run("abonnement", "start", "Testbeskeder")
    operator.run(*send, stdin=message)
    assert operator.ready() == 1
    operator.run("abonnement", "pause", "Testbeskeder")
    operator.run(*send, stdin=message)
    assert operator.ready() == 1
    assert len(operator.json("kig", "Testkommune", "--state", "held")["beskeder"]) == 1
    operator.run("abonnement", "resume", "Testbeskeder")
    assert operator.ready() == 2
    field = "Beskedkuvert.Filtreringsdata.ObjektRegistrering.OpgaveEmne.URNIdentifikator"
    operator.run("abonnement", "filter", "Testbeskeder", f"{field} LIKE 'urn:oio:kle:99.%'")
    operator.run(*send, stdin=message)
    assert operator.ready() == 2
    why = operator.run("abonnement", "explain", "--file", "-", stdin=message)
    assert "false" in why
    assert "urn:oio:kle:" in why
    assert "position" in operator.run("abonnement", "filter", "Testbeskeder", "x = ", code=4)
    created = operator.json("abonnement", "create", "Alt", "--dueslag", "Testkommune")
    operator.run(*send, stdin=message)
    assert operator.ready() == 3
    assert created["id"] in operator.run("abonnement", "list")
    operator.run("abonnement", "delete", "Alt")
    operator.run("abonnement", "show", "Alt", code=7)


def test_fejlkoe_and_reset(operator: Operator, message: bytes) -> None:
    """Rejected messages are seen with their reason, moved back or deleted; reset empties everything."""
    operator.run("send", "-", "--count", "3", stdin=message)
    rejected = operator.run("hent", "Testkommune", "--reject", "--json").splitlines()
    assert len(rejected) == 3
    dead = operator.json("dueslag", "fejlkoe", "list", "Testkommune")["beskeder"]
    assert [one["besked"]["besked_id"] for one in dead] == [json.loads(line)["besked_id"] for line in rejected]
    assert all(one["reason"] for one in dead)
    one = str(dead[0]["id"])
    assert "Haendelsesbesked" in operator.run("dueslag", "fejlkoe", "show", "Testkommune", one)
    operator.run("dueslag", "fejlkoe", "revive", "Testkommune", one)
    assert operator.ready() == 1
    again = operator.json("hent", "Testkommune", "--requeue")
    assert again["redelivered"] is True
    assert operator.ready() == 1
    assert operator.json("dueslag", "fejlkoe", "delete", "Testkommune", "--all") == {"count": 2}
    assert operator.json("dueslag", "purge", "Testkommune") == {"count": 1}
    operator.run("send", "-", "--new-id", stdin=message)
    operator.run("reset")
    assert operator.ready() == 0
    assert operator.json("spor", "--what", "accepted") == []


def test_register_out_changed_and_in(operator: Operator, tmp_path: Path) -> None:
    """Exported, checked, changed, imported; a værdiliste filled from a file; a broken file is refused line by line."""
    file = tmp_path / "register.yaml"
    operator.run("register", "export", str(file))
    assert run("register", "check", str(file)).returncode == 0
    assert operator.json("register", "import", str(file)) == {"put": {}, "values": 0}
    file.write_text(file.read_text().replace("tilstand: stoppet", "tilstand: aktiv"))
    assert operator.json("register", "import", str(file))["put"] == {"abonnementer": 1}
    assert {one["tilstand"] for one in operator.json("abonnement", "list")} == {"aktiv"}
    values = tmp_path / "cpr.txt"
    values.write_text("".join(f"urn:oio:cpr-nr:01010100{n:02d}\n" for n in range(1, 50)))
    assert operator.json("vaerdiliste", "add", "Fulgte borgere", "--file", str(values)) == {"count": 51}
    assert "0101010001" not in operator.run("vaerdiliste", "show", "Fulgte borgere")
    assert "0101010001" in operator.run("vaerdiliste", "show", "Fulgte borgere", "--vis-cpr")
    file.write_text(file.read_text().replace("tilstand: aktiv", "tilstand: sover"))
    broken = run("register", "import", str(file))
    assert broken.returncode == 5
    assert all(line.startswith(f"{file}:") for line in broken.stderr.decode().splitlines())


def test_a_list_and_a_callback_are_set_and_stay(emulator: Emulator, tmp_path: Path) -> None:
    """A CSV of 20,000 in and out again; one that breaks off changes nothing; all of it there after kill -9."""
    operator = Operator(emulator)
    values = [f"urn:oio:cpr-nr:{n:010}" for n in range(20_000)]
    file, out = tmp_path / "borgere.csv", tmp_path / "ud.txt"
    file.write_text("navn;cpr\n" + "".join(f"n;{value}\n" for value in values))
    taken = ("vaerdiliste", "import", "Fulgte borgere", str(file), "--header", "--column", "cpr")
    assert operator.json(*taken) == {
        "added": 20_000,
        "removed": 2,
        "unchanged": 0,
        "duplicate": 0,
        "blank": 0,
        "count": 20_000,
    }
    with file.open("ab") as broken:
        broken.write(b"n;\xe6\n")
    assert "0xe6 is not UTF-8" in operator.run(*taken, "--add", code=4)
    operator.run("dueslag", "callback", "Eksempelby", "http://127.0.0.1:9/besked")
    emulator.kill()
    emulator.start()
    operator.run("vaerdiliste", "export", "Fulgte borgere", str(out))
    assert out.read_text().splitlines() == values
    assert operator.json("dueslag", "show", "Eksempelby")["callback"] == "http://127.0.0.1:9/besked"


def test_refusals_have_their_exit_codes(operator: Operator, message: bytes, tmp_path: Path) -> None:
    """4 with element and rule for a message that cannot be accepted; 7 for what is not there; 3 with nobody there."""
    bad = message.replace(b"BeskedVersion>1.0<", b"BeskedVersion>2.0<")
    done = run("send", "-", "--new-id", "--data", operator._where[1], stdin=bad)
    assert done.returncode == 4
    assert done.stdout.startswith(b"55 ")
    assert b"BeskedVersion" in done.stdout
    operator.run("hent", "Testkommun", code=7)
    operator.run("send", "-", "--system", "nobody", stdin=message, code=4)
    operator.run("hent", "Testkommune", "--system", "Afsendersystem", code=4)
    operator.run("send", str(tmp_path / "none.xml"), code=7)
    assert run("status", "--data", str(tmp_path)).returncode == 3
    assert run("wait", "--timeout", "0.1", "--data", str(tmp_path)).returncode == 1


def test_what_was_answered_20_is_there_after_a_restart(emulator: Emulator, message: bytes) -> None:
    """Stopped with SIGTERM (exit code 0, serve.json gone) and started again: message, tilstand and trace are there."""
    operator = Operator(emulator)
    operator.run("send", "-", stdin=message)
    operator.run("abonnement", "pause", "Testbeskeder")
    assert emulator.stop() == 0
    assert not (emulator.data / "serve.json").exists()
    operator.run("status", code=3)
    emulator.start()
    assert operator.ready() == 1
    assert operator.json("abonnement", "show", "Testbeskeder")["tilstand"] == "pause"
    assert operator.json("spor", "--besked-id", BESKED_ID)[0]["what"] == "accepted"
    status = operator.json("status")
    assert (status["pid"], status["ready"]) == (emulator.pid, True)


def test_hent_waits_and_follows(emulator: Emulator, message: bytes) -> None:
    """``--wait`` takes a message that comes while it waits."""
    operator = Operator(emulator)
    waiting = subprocess.Popen(
        [*command(), "hent", "Testkommune", "--count", "1", "--wait", "30", "--json", "--data", str(emulator.data)],
        stdout=subprocess.PIPE,
    )
    time.sleep(0.5)
    operator.run("send", "-", stdin=message)
    out, _ = waiting.communicate(timeout=40)
    assert waiting.returncode == 0
    assert json.loads(out)["besked_id"] == BESKED_ID


def test_serve_says_in_one_line_why_it_cannot_start(emulator: Emulator, tmp_path: Path) -> None:
    """Port in use, data directory in use or not usable, register file broken, no certificate: exit codes 6, 5."""
    free = ("--amqp-port", "0", "--admin-port", "0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        cases = [
            (("--data", str(tmp_path / "a"), "--amqp-port", port, "--admin-port", "0"), 6, port),
            (("--data", str(tmp_path / "b"), "--amqp-port", "0", "--admin-port", port), 6, port),
            (("--data", str(emulator.data), *free), 6, "in use"),
            (("--data", "/dev/null/x", *free), 6, "/dev/null/x"),
            (("--data", str(tmp_path / "c"), *free, "--amqps-port", "0", "--tls-cert", "/none.pem"), 6, "/none.pem"),
        ]
        with ThreadPoolExecutor(2) as starts:
            ends = starts.map(lambda case: run("serve", *case[0]), cases)
        for (_, code, word), done in zip(cases, ends, strict=True):
            said = done.stderr.decode()
            assert (done.returncode, len(said.splitlines())) == (code, 1), said
            assert word in said
            assert done.stdout == b""
    broken = tmp_path / "broken.yaml"
    broken.write_text("dueslag:\n  - {navn: x, anvendersystem: nobody}\nabonnementer: 7\n")
    done = run("serve", "--data", str(tmp_path / "a"), *free, "--register-file", str(broken))
    assert done.returncode == 5
    places = [line.split("  ")[0].rpartition(":")[0] for line in done.stderr.decode().splitlines()]
    assert places == [f"{broken}:2", f"{broken}:3"]
