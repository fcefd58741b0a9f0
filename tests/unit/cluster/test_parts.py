"""What a cluster is started with: urls, HAProxy's configuration, what is said where something is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.cluster import ClusterError, programs
from adapters.cluster.__main__ import main
from adapters.cluster.balancer import Server, configuration
from adapters.cluster.plan import rabbitmq_url
from adapters.cluster.process import Process
from adapters.cluster.watchdog import Watchdog
from broker.engine.rabbitmq.address import Address

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def test_each_front_begins_with_another_node() -> None:
    """All nodes are in every address; their order differs, so that fronts are spread over them."""
    nodes = ["a:1", "b:2", "c:3"]
    assert rabbitmq_url(nodes, "u:p", 1) == "amqp://u:p@b:2,c:3,a:1/"
    read = [Address.parse(rabbitmq_url(nodes, "u:p", first)).nodes for first in range(4)]
    assert read[0] == (("a", 1), ("b", 2), ("c", 3))
    assert read[3] == read[0]
    assert {each[0][0] for each in read} == {"a", "b", "c"}


def test_the_balancer_asks_each_front_whether_it_is_ready() -> None:
    """Every service of every front is there, checked by its admin API."""
    fronts = [Server(f"front{one}", "127.0.0.1", {"amqp": 10 + one, "admin": 20 + one}) for one in (1, 2)]
    made = configuration({"amqp": "127.0.0.1:5672"}, fronts)
    assert "GET uri /health/ready" in made
    assert "    server front1 127.0.0.1:11 port 21\n    server front2 127.0.0.1:12 port 22\n" in made
    assert "resolvers" not in made


def test_what_is_missing_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to find out what a cluster needs."""
    monkeypatch.setattr(programs, "haproxy", lambda: None)
    monkeypatch.setattr(programs, "rabbitmq", lambda: None)
    with pytest.raises(ClusterError, match=r"apt-get install .* rabbitmq-server .*haproxy"):
        programs.require()


@pytest.mark.parametrize("wrong", [["up", "--fronts", "0"], ["up", "--amqp-port", "70000"], ["up", "--auth", "x"], []])
def test_a_wrong_option_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_program_that_ends_at_once_is_told_of_with_its_log(tmp_path: Path) -> None:
    """And not waited for until time is up."""
    watchdog = Watchdog()
    process = Process("x", tmp_path / "log", watchdog)
    process.start(["sh", "-c", "echo det gik galt; exit 3"], ENVIRONMENT, tmp_path)
    with pytest.raises(ClusterError, match=r"(?s)exit code 3.*det gik galt"):
        process.wait_until(lambda: False, 60.0)
    process.kill()
    watchdog.close()


def test_nothing_is_left_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    """Not even what a program of the cluster has started itself, nor the temporary folder."""
    folder = tmp_path / "away"
    folder.mkdir()
    program = (
        "import time; from pathlib import Path; from adapters.cluster.process import Process\n"
        "from adapters.cluster.watchdog import Watchdog\n"
        f"w = Watchdog(); w.remove(Path({str(folder)!r})); p = Process('x', Path({str(folder / 'log')!r}), w)\n"
        f"p.start(['sh', '-c', 'sleep 600 & sleep 600'], {ENVIRONMENT!r}, Path({str(folder)!r}))\n"
        "print(p.pid, flush=True); time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    group = int(starter.stdout.readline())
    os.killpg(group, 0)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 30
    while (_lives(group) or folder.exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _lives(group)
    assert not folder.exists()


def _lives(group: int) -> bool:
    """Whether a process of the group is more than a zombie that nobody has waited for."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(of) == group and state != "Z":
            return True
    return False
