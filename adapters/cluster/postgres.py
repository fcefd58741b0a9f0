"""A PostgreSQL of one's own: Debian's programs, a data directory, a free port of 127.0.0.1."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

from adapters.cluster import programs
from adapters.cluster.errors import ClusterError
from adapters.cluster.ports import HOST, free_port
from adapters.cluster.process import POLL, Process
from adapters.cluster.watchdog import Watchdog

USER = "beskedfordeler"
DATABASE = "beskedfordeler"
READY_TIMEOUT = 60.0


def server_user() -> tuple[int, int] | None:
    """User and group of PostgreSQL, which does not run as root: those that Debian's package makes, or nobody.

    None = ours will do.  Raises ClusterError.
    """
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise ClusterError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


class Postgres:
    """One data directory and the server that serves it now; the port stays the same over restarts."""

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        self.port = free_port()
        self._programs = programs.found(programs.postgres(), "postgresql")
        self._user = server_user()
        self._folder = folder
        self._data = folder / "data"
        self.process = Process("postgresql", folder / "log", watchdog)

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make data directory and database where they are missing.  Raises ClusterError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            os.chown(self._folder, *self._user)
        if (self._data / "PG_VERSION").exists():
            return
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        single = ("--single", "-D", str(self._data), "postgres")
        self._run("postgres", *single, given=f"CREATE DATABASE {DATABASE}\n")

    def launch(self) -> None:
        """Start it, without waiting.  Raises ClusterError."""
        options: list[str] = [f"listen_addresses={HOST}", f"port={self.port}", "unix_socket_directories="]
        options += ["max_connections=200", "shared_buffers=32MB"]
        words = [part for one in options for part in ("-c", one)]
        self.process.start(
            [self._programs / "postgres", "-D", self._data, *words],
            {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            self._folder,
            self._user,
        )

    def wait(self) -> None:
        """Raises ClusterError."""
        self.process.wait_until(self._answers, READY_TIMEOUT)

    def start(self) -> None:
        """Returns when it answers.  Raises ClusterError."""
        self.launch()
        self.wait()

    def kill(self) -> None:
        """As a power cut.  Returns when the last of its processes is gone: a new server is refused before."""
        self.process.kill()
        deadline = time.monotonic() + READY_TIMEOUT
        while self._has_processes() and time.monotonic() < deadline:
            time.sleep(POLL)

    def stop(self) -> None:
        """In order: clients are cut off, what was promised is kept."""
        self.process.stop(signal.SIGINT)

    def sql(self, statement: str, database: str = DATABASE) -> str:
        """What psql answers, without headings.  Raises ClusterError."""
        where = ("-h", HOST, "-p", str(self.port), "-U", USER)
        return self._run("psql", "-XAtq", *where, "-v", "ON_ERROR_STOP=1", "-c", statement, database)

    def _answers(self) -> bool:
        where = ["-h", HOST, "-p", str(self.port), "-U", USER, "-d", DATABASE, "-q"]
        done = subprocess.run([str(self._programs / "pg_isready"), *where], check=False, timeout=30)  # noqa: S603
        return done.returncode == 0

    def _has_processes(self) -> bool:
        return any(_points_to(path, self._data) for path in Path("/proc").glob("[0-9]*/cwd"))

    def _run(self, program: str, *arguments: str, given: str = "") -> str:
        uid, gid = self._user or (None, None)
        try:
            done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, arguments that are ours
                [str(self._programs / program), *arguments],
                input=given,
                capture_output=True,
                text=True,
                timeout=READY_TIMEOUT,
                cwd=self._folder,
                check=False,
                user=uid,
                group=gid,
                extra_groups=None if self._user is None else [],
            )
        except PermissionError:
            raise ClusterError(
                f"{self._folder}: the user that PostgreSQL runs as cannot get there; choose a folder that others may "
                "enter: --data"
            ) from None
        except subprocess.TimeoutExpired:
            raise ClusterError(f"{program} is not done after {READY_TIMEOUT:g} s") from None
        if done.returncode:
            raise ClusterError(f"{program}: {done.stderr.strip()[-1000:]}")
        return done.stdout


def _points_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:
        return False
