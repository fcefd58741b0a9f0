"""`beskedfordeler load`: the command itself, against emulators that live, stall, die, or are not there."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.cli.load_targets import COMMAND as OWN
from adapters.cli.main import run as main
from adapters.cluster.alone import Alone
from adapters.cluster.ports import free_port
from adapters.cluster.rabbitmq import BARE
from consumers.admin import Admin, AdminError
from tests.support import rabbitmq
from tests.support.emulator import Emulator, command, running, shared_emulator

__all__ = ["shared_emulator"]

LONG = "LOAD_TESTS_LONG"
"""Set in the environment, the tests that need a RabbitMQ of their own run as well."""

_LOADED = """
name: there already
phases:
  - {phase: hold, seconds: 0.5, rate: 100}
  - {phase: drain, seconds: 60}
types: [{name: a, size: 2000, beskedtype: 7654895c-a3f3-4c77-8afd-4c77330f963c}]
senders: [{name: s, user: Afsendersystem, myndighed: 99999999}]
receivers: [{name: r, user: Testkommune Fagsystem, dueslag: 99999999-9999-9999-9999-999999999999}]
"""
_CHURN = """
name: churn
phases:
  - {phase: hold, seconds: 3, rate: 100}
  - {phase: drain, seconds: 60}
types: [{name: a, size: 2000}, {name: b, size: 2000}]
senders: [{name: s, count: 2}]
receivers:
  - {name: steady, requeue: 0.1}
  - {name: stops}
  - {name: narrows, reconnect_every: 1}
  - {name: stalls, stall: {at: 1, seconds: 1.5}}
churn:
  - {receiver: stops, do: stop, at: 0.5}
  - {receiver: stops, do: start, at: 2}
  - {receiver: narrows, do: filter, types: a, at: 1}
  - {receiver: narrows, do: widen, at: 2}
bystanders: 20
"""


class Run:
    """One run of the command in this process, and what it wrote; ``meanwhile`` goes on in a thread beside it."""

    def __init__(self, folder: Path, *arguments: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        report, out, said = folder / "report.html", folder / "report.json", io.StringIO()
        helper = threading.Thread(target=meanwhile)
        helper.start()
        try:
            with redirect_stdout(said), redirect_stderr(said):
                self.code = main(["load", *arguments, "--report", str(report), "--json", str(out)])
        finally:
            helper.join()
        self.said = said.getvalue()
        self._read(report, out)

    @classmethod
    def ended(cls, code: int, said: str, report: Path, out: Path) -> Run:
        """One that ran in a process of its own."""
        run = cls.__new__(cls)
        run.code, run.said = code, said
        run._read(report, out)
        return run

    def _read(self, report: Path, out: Path) -> None:
        self.json: dict[str, Any] = json.loads(out.read_text("utf-8"))
        self.report = etree.fromstring(report.read_text("utf-8").removeprefix("<!DOCTYPE html>\n").encode())

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["results"][0]
        return found

    @property
    def ledger(self) -> dict[str, Any]:
        found: dict[str, Any] = self.result["ledger"]
        return found

    @property
    def told(self) -> str:
        """The text of the report."""
        return " ".join(map(str, self.report.itertext()))


def _workload(folder: Path, text: str) -> str:
    path = folder / "workload.yaml"
    path.write_text(text)
    return str(path)


def _balanced(run: Run) -> None:
    ledger, totals = run.ledger, run.ledger["totals"]
    assert run.result["complete"] is True, run.said
    assert ledger["balanced"] is True
    assert ledger["meant"] == ledger["attempted"] == ledger["accepted"] > 0
    assert totals["expected"] <= totals["taken"] <= totals["expected"] + totals["either_way"]
    assert (totals["lost"], totals["duplicated"], totals["misrouted"], totals["out_of_order"]) == (0, 0, 0, 0)


def test_run_against_an_emulator_of_its_own(tmp_path: Path) -> None:
    """Without any option it starts what it loads, ends 0 with a ledger that adds up, and writes both reports."""
    report, out = tmp_path / "report.html", tmp_path / "report.json"
    given = [*command(), "load", "smoke", "--stretch", "0.2", "--report", str(report), "--json", str(out)]
    ended = subprocess.run(given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    run = Run.ended(ended.returncode, ended.stdout.decode(), report, out)
    _balanced(run)
    assert (run.code, run.json["verdict"]) == (0, "ok"), run.said
    assert run.ledger["accepted"] == 170
    assert run.ledger["totals"]["taken"] > 170
    assert len(list(run.report.iter("{*}svg", "svg"))) >= 7
    assert "Verdict: ok" in run.said
    assert "\x1b" not in run.said


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory, shared_emulator: Emulator) -> Run:
    """One run in which consumers stall, requeue and reconnect while abonnementer change."""
    folder = tmp_path_factory.mktemp("eventful")
    before = shared_emulator.admin.request("GET", "/register?format=json")
    admin = ("--admin", shared_emulator.admin_url, "--fail-if", "e2e.max>=1s")
    run = Run(folder, _workload(folder, _CHURN), *admin)
    assert shared_emulator.admin.request("GET", "/register?format=json") == before, "what it made is removed"
    return run


def test_stalled_consumer_is_charged_for_all_that_wait(eventful: Run) -> None:
    """Coordinated omission: a consumer that stands still for 1.5 s delays each message that was due meanwhile.

    A generator that waits would have sent one message in that time, and shown one slow one among hundreds.
    """
    latency = eventful.result["latency_ms"]["measured"]
    assert latency["e2e"]["max"] >= 1000
    assert latency["queue"]["p95"] >= 300  # 1 in 10 of all deliveries waited for that: 1.2 s of 4 times 3 s
    assert (eventful.code, eventful.json["verdict"]) == (1, "broken")
    assert [one["text"] for one in eventful.json["thresholds"] if one["broken"]] == ["e2e.max>=1s"]


def test_churn_requeue_and_reconnect_lose_nothing(eventful: Run) -> None:
    """Abonnementer stop, start and narrow under load: what must come comes, what must not does not."""
    _balanced(eventful)
    rows = {row["navn"]: row for row in eventful.ledger["destinations"]}
    for navn in ("steady", "stalls"):
        assert rows[navn]["taken"] == rows[navn]["expected"] == eventful.ledger["accepted"] == 300
    assert rows["steady"]["redelivered"] > 0
    assert rows["stops"]["taken"] < 300
    assert rows["narrows"]["taken"] < 300
    assert {mark["text"] for mark in eventful.result["marks"]} >= {"stop stops", "start stops", "filter narrows"}


def test_beskedfordeler_without_admin_api(tmp_path: Path, shared_emulator: Emulator) -> None:
    """By AMQP alone, with the users and dueslag that the workload names."""
    run = Run(tmp_path, _workload(tmp_path, _LOADED), "--amqp", f"127.0.0.1:{shared_emulator.port}")
    _balanced(run)
    assert run.code == 0
    assert run.ledger["accepted"] == 50


@pytest.mark.parametrize(
    ("text", "reason"),
    [(_LOADED, "refused"), (_CHURN, "missing: types[0].beskedtype, types[1].beskedtype, senders[0].user")],
    ids=["nobody listens", "workload says too little"],
)
def test_target_that_refuses_is_told_in_the_report(tmp_path: Path, text: str, reason: str) -> None:
    """Nobody at the address, or a workload that does not do there: report written, incomplete, exit code 8."""
    run = Run(tmp_path, _workload(tmp_path, text), "--amqp", f"127.0.0.1:{free_port()}")
    assert run.code == 8, run.said
    assert run.json["verdict"] == "incomplete"
    assert reason in run.result["reasons"][0].lower()
    assert "Incomplete" in run.told


def _child(pid: int, word: str) -> int | None:
    """The process that ``pid`` started with ``word`` in its command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                line = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if parent == pid and word.encode() in line:
                return int(entry.name)
    return None


def test_run_that_is_killed_leaves_no_emulator(tmp_path: Path) -> None:
    """After kill -9 of the command nobody is left to stop what it had started: that ends when its stdin closes."""
    given = [*OWN, "serve", "--json", "--amqp-port", "0", "--admin-port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(given, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["admin"]["url"]
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the emulator by /proc")
def test_target_that_is_killed_leaves_a_report(tmp_path: Path) -> None:
    """kill -9 in the middle: what was seen until then is written, marked incomplete, exit code 8."""

    def kill() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            emulator = _child(os.getpid(), OWN[-1])
            if emulator is not None and _accepted(emulator) >= 50:
                os.kill(emulator, signal.SIGKILL)
                return
            time.sleep(0.05)

    run = Run(tmp_path, "smoke", "--stretch", "10", "--patience", "1", meanwhile=kill)
    assert run.code == 8, run.said
    assert run.json["verdict"] == "incomplete"
    assert run.result["reasons"]
    ledger = run.ledger
    assert 0 < ledger["attempted"] < ledger["meant"]
    assert ledger["attempted"] == ledger["accepted"] + ledger["refused"] + ledger["unanswered"]
    assert ledger["totals"]["lost"] == 0
    assert "Incomplete" in run.told


def _accepted(pid: int) -> int:
    """How many messages an emulator has taken; 0 where it does not answer yet."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        where = json.loads((Path(arguments[arguments.index(b"--data") + 1].decode()) / "serve.json").read_text())
        return int(Admin(where["admin"]["url"]).request("GET", "/status")["accepted"])
    except (OSError, ValueError, AdminError):
        return 0


def test_emulator_that_comes_back_has_lost_nothing(tmp_path: Path) -> None:
    """Killed and started again on its data: what had no answer is sent again, and all of it is delivered."""
    with running(tmp_path / "data") as emulator:

        def restart() -> None:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                if emulator.admin.request("GET", "/status")["accepted"] >= 60:
                    emulator.kill()
                    emulator.start()
                    return
                time.sleep(0.05)

        admin = ("--admin", emulator.admin_url, "--patience", "60")
        run = Run(tmp_path, "smoke", "--stretch", "0.4", *admin, meanwhile=restart)
    assert run.code == 0, run.said
    ledger = run.ledger
    assert ledger["accepted"] == ledger["meant"]
    assert (ledger["totals"]["lost"], ledger["totals"]["duplicated"], ledger["totals"]["misrouted"]) == (0, 0, 0)
    assert run.result["reconnects"] >= 4
    assert run.result["latency_ms"]["measured"]["e2e"]["max"] > 200  # a start takes longer; those that waited show it


def test_broken_workload_is_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """FILE:LINE:COLUMN, path and what was expected, on stderr; exit code 2."""
    path = _workload(tmp_path, _CHURN.replace("seconds: 3", "secnds: 3"))
    assert main(["load", path]) == 2
    said = capsys.readouterr()
    told = said.err.splitlines()
    assert any(line.startswith(f"{path}:4:") and "phases[0].secnds" in line and "expected" in line for line in told)
    assert not said.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nowhere.yaml"], 7, "no such file"),
        (["smoke", "--fail-if", "lots>0"], 2, "is not measured; expected one of"),
        (["smoke", "--fail-if", "spike:e2e.p99>1s"], 2, "has no phase 'spike'"),
        (["smoke", "--rabbitmq", "nowhere"], 2, "expected HOST:PORT"),
        (["smoke", "--amqp", "a:1", "--rabbitmq", "b:2"], 2, "exclude each other"),
        (["smoke", "--vs", "other"], 2, "is no target; expected own"),
        (["smoke", "--senders", "9"], 2, "--senders 9"),
        (["smoke", "--check", "--vs", "own:--durability memory"], 0, ""),
        (["steady", "--scale", "10000", "--stretch", "10000"], 2, "expected at most 200,000,000"),
        (["smoke", "--report", "."], 2, "expected a file that can be written"),
    ],
)
def test_options_that_will_not_do(
    arguments: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that says what was expected, before anything is started."""
    assert main(["load", *arguments]) == code
    assert told in capsys.readouterr().err


def test_report_that_cannot_be_written_does_not_take_the_other_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk: the other report and the summary come all the same, and the exit code says that one is missing."""
    out, full = tmp_path / "report.json", Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    path = _workload(tmp_path, _LOADED)
    code = main(["load", path, "--amqp", f"127.0.0.1:{free_port()}", "--report", str(full), "--json", str(out)])
    said = capsys.readouterr()
    assert code == 8
    assert "No space left on device; it is not written" in said.err
    assert "Verdict: incomplete" in said.out
    assert json.loads(out.read_text())["verdict"] == "incomplete"
    assert full.is_char_device()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["report.json", "workload.yaml"]


@pytest.mark.skipif(LONG not in os.environ, reason=f"takes 20 s; runs where {LONG} is set")
def test_emulator_and_rabbitmq_beside_each_other(tmp_path: Path) -> None:
    """--vs: both are loaded with the same workload in one run, each with a ledger that adds up, in one report."""
    rabbitmq.needed()
    with Alone(BARE) as node:
        vs = ("--vs", f"rabbitmq=127.0.0.1:{node.port},classic", "--rounds", "1")
        run = Run(tmp_path, _workload(tmp_path, _CHURN.replace("bystanders: 20", "")), *vs)
    assert run.code == 0, run.said
    ours, theirs = run.json["results"]
    assert "beskedfordeler" in ours["about"]["product"]
    assert "RabbitMQ" in theirs["about"]["product"]
    for result in (ours, theirs):
        assert result["ledger"]["balanced"] is True
        assert result["ledger"]["accepted"] == 300
    assert "Beside each other" in run.told
