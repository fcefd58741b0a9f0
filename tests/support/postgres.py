"""A PostgreSQL of our own, from Debian's packages: a cluster in a temporary folder, on a free port of 127.0.0.1.

`postgres_cluster` is started once for all tests of a run, without fsync; `postgres_url` is a fresh database in it.
A test that kills the server makes a cluster of its own (`Cluster`).  Where PostgreSQL is not installed these tests are
skipped; with CI=true they fail.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.cluster.ports import free_port
from adapters.cluster.postgres import server_user
from adapters.cluster.programs import postgres as programs

NOT_INSTALLED = (
    "PostgreSQL is not installed: `apt-get install postgresql` (the programs are enough, no service need run), "
    "or name the folder of initdb and postgres in PG_BIN"
)
READY_TIMEOUT = 60.0
USER = "beskedfordeler"
_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests that do not kill the server: nothing of theirs has to survive it."""


def _user() -> tuple[int, int] | tuple[None, None]:
    return server_user() or (None, None)


@dataclass(slots=True)
class Cluster:
    """One data directory and the server that serves it now; the port stays the same over restarts."""

    safe: bool = True
    """With fsync, as in production."""
    port: int = 0
    last_database: str | None = None
    """The name of the newest database."""
    folder: Path = field(init=False)
    _server: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), init=False)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bfpg-"))
        user, group = _user()
        if user is not None and group is not None:
            os.chown(self.folder, user, group)
        data = ("-D", str(self.folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", *data)

    def start(self) -> None:
        """Returns when it answers."""
        bin_ = programs()
        assert bin_ is not None
        self.port = self.port or free_port()
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        options += ["max_connections=60", "shared_buffers=32MB", *(() if self.safe else _UNSAFE)]
        user, group = _user()
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [bin_ / "postgres", "-D", self.folder / "data", *(part for one in options for part in ("-c", one))],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,
                user=user,
                group=group,
            )
        deadline = time.monotonic() + READY_TIMEOUT
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut: the server and all its processes, at once."""
        server, self._server = self._server, None
        if server is not None:
            os.killpg(server.pid, signal.SIGKILL)  # its children die of its death, too, but not at once
            server.wait()
            self._wait_for_children()

    def stop(self) -> None:
        """At once, in order: clients are cut off, what was promised is kept."""
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(signal.SIGINT)
            server.wait()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        self.last_database = f"t{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {self.last_database}")
        return self.url(self.last_database)

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql answers, without headings."""
        host = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER)
        return self._run("psql", "-XAtq", *host, "-v", "ON_ERROR_STOP=1", "-c", statement, database)

    def _answers(self) -> bool:
        try:
            return self.sql("SELECT 1").strip() == "1"
        except RuntimeError:
            return False

    def _wait_for_children(self) -> None:
        """A new server is refused while an old process has the shared memory."""
        deadline = time.monotonic() + READY_TIMEOUT
        while time.monotonic() < deadline:
            alive = [path for path in Path("/proc").glob("[0-9]*/cwd") if _points_to(path, self.folder / "data")]
            if not alive:
                return
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> str:
        bin_ = programs()
        assert bin_ is not None
        user, group = _user()
        done = subprocess.run(
            [bin_ / program, *arguments],
            capture_output=True,
            text=True,
            timeout=READY_TIMEOUT,
            cwd=self.folder,
            check=False,
            user=user,
            group=group,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")
        return done.stdout


def require_postgres() -> None:
    """Skips, or with CI=true fails, where PostgreSQL is not installed."""
    if programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NOT_INSTALLED)
        pytest.skip(NOT_INSTALLED)


_shared: list[Cluster] = []


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One server for all tests of a run, whichever modules ask for it."""
    require_postgres()
    if _shared:  # the fixture is known by several modules' names; the server is one
        yield _shared[0]
        return
    cluster = Cluster(safe=False)
    _shared.append(cluster)
    try:
        cluster.start()
        yield cluster
    finally:
        _shared.clear()
        cluster.remove()


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> str:
    """The URL of an empty database: the one of the test before, emptied, as making one takes longer than most tests."""
    last = postgres_cluster.last_database
    if last is not None:
        with suppress(RuntimeError):  # somebody still holds on to a table: leave it to them
            postgres_cluster.sql("SET lock_timeout = '1s'; DROP SCHEMA IF EXISTS beskedfordeler CASCADE", last)
            return postgres_cluster.url(last)
    return postgres_cluster.new_database()


def _points_to(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:
        return False
