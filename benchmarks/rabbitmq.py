"""A RabbitMQ of one's own: started on free ports in a folder that goes away with it.

Used by the benchmarks, to measure beside it, and by tests that hold our server to what RabbitMQ does.  It needs
Debian's ``rabbitmq-server`` (or any other on the PATH) and touches neither the system's node, its data, its epmd
nor its cookie.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ports import HOST, free_port, wait_for_listener

NOT_INSTALLED = "not installed (apt-get install rabbitmq-server)"

# Debian's /usr/sbin/rabbitmq-server is a wrapper that changes to the user "rabbitmq"; the script behind it does not.
_SCRIPTS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server")


class RabbitMQError(RuntimeError):
    """RabbitMQ did not start; the text ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class RabbitMQ:
    """A running node.  ``pid`` is that of the Erlang VM; login guest/guest, virtual host ``/``."""

    port: int
    pid: int
    version: str
    data: Path

    @property
    def url(self) -> str:
        """The AMQP URL for clients that take one."""
        return f"amqp://guest:guest@{HOST}:{self.port}/"


def script() -> str | None:
    """The start script of an installed RabbitMQ, or None."""
    for path in _SCRIPTS:
        if os.access(path, os.X_OK):
            return path
    return shutil.which("rabbitmq-server")


def version(start_script: str) -> str:
    """The version that the script belongs to, off the folder it lies in; "unknown" where that does not say."""
    home = Path(start_script).resolve().parent.parent.name
    return home.rpartition("-")[2] if "-" in home else "unknown"


@contextmanager
def running(*, parent: Path | None = None, ready_timeout: float = 60.0) -> Iterator[RabbitMQ]:
    """Start a node, yield it when it takes connections, stop it and every process it started.

    ``parent`` is the folder in which the data folder is made (None = the system's temporary folder).
    Raises RabbitMQError where RabbitMQ is not installed or does not get ready in ``ready_timeout`` seconds.
    """
    start_script = script()
    if start_script is None:
        raise RabbitMQError(NOT_INSTALLED)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-rabbitmq-", dir=parent)))
        values = environment(home)
        stack.enter_context(epmd(values))
        port = int(values["RABBITMQ_NODE_PORT"])
        pid = stack.enter_context(node(start_script, values, home, ready_timeout))
        yield RabbitMQ(port, pid, version(start_script), home / "mnesia")


def environment(home: Path) -> dict[str, str]:
    """Everything that keeps the node to ``home``, to 127.0.0.1 and to ports of its own; writes the files it names."""
    (home / "plugins").write_text("[].\n")
    (home / "rabbitmq-env.conf").write_text("")
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = {HOST}:{(port := free_port())}\n")
    cookie = home / ".erlang.cookie"
    cookie.write_text("BENCHCOOKIE")
    cookie.chmod(0o400)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_NODENAME": f"bench{os.getpid()}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        # The script then becomes the Erlang VM instead of staying its parent, and no rabbitmqctl is run to stop it.
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_SERVER_START_ARGS": "-noinput",
    }


@contextmanager
def epmd(environment: dict[str, str]) -> Iterator[None]:
    """Erlang's name daemon in the foreground, so that it is ours to stop (the VM would start one that stays)."""
    executable = shutil.which("epmd")
    if executable is None:
        raise RabbitMQError("epmd, Erlang's name daemon, is not on the PATH")
    port = environment["ERL_EPMD_PORT"]
    daemon = subprocess.Popen(
        [executable, "-address", HOST, "-port", port],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not wait_for_listener(int(port), 10.0):
            raise RabbitMQError(f"epmd does not listen on {HOST}:{port}")
        yield
    finally:
        daemon.terminate()
        daemon.wait(10.0)


@contextmanager
def node(script_path: str, environment: dict[str, str], home: Path, timeout: float) -> Iterator[int]:
    """Start the node of a home and an environment, or start it again; its process id.  It is stopped at the end."""
    port = int(environment["RABBITMQ_NODE_PORT"])
    log = home / "start.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [script_path],
            env=environment,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, port, log, timeout)
        yield process.pid
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path, timeout: float) -> None:
    """The listener is the last step of RabbitMQ's start, so a connection means that it is ready."""
    deadline = time.monotonic() + timeout
    while not wait_for_listener(port, 0.2):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RabbitMQError("RabbitMQ did not start:\n" + log.read_text(errors="replace")[-2000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, then kill what is left of the session, which is ours alone."""
    process.terminate()
    try:
        process.wait(15.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10.0)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
