"""One program that runs: a process group of its own, watched, its output in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from adapters.cluster.errors import ClusterError
from adapters.cluster.watchdog import Watchdog

POLL = 0.05
_LOG_SHOWN = 2000
"""Characters of a log in an error."""


class Process:
    """May be started again after it has ended."""

    def __init__(self, name: str, log: Path, watchdog: Watchdog) -> None:
        self.name = name
        self.log = log
        self._watchdog = watchdog
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<Process {self.name} {self.pid if self.alive else 'down'}>"

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last; 0 = never started."""
        return 0 if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """As `subprocess.Popen.returncode`."""
        return None if self._process is None else self._process.poll()

    def start(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        user: tuple[int, int] | None = None,
    ) -> None:
        """``user``: user and group to run as, None = ours.  Raises ClusterError where it cannot be executed."""
        assert not self.alive, f"{self.name} runs already"
        uid, gid = user or (None, None)
        try:
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(  # noqa: S603 - programs that we have looked up
                    [str(part) for part in command],
                    env=dict(environment),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=uid,
                    group=gid,
                    extra_groups=None if user is None else [],
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise ClusterError(f"{self.name} cannot be started: {command[0]}: {error}") from None
        self._watchdog.watch(self._process.pid)

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Raises ClusterError, with the end of the log, where it ends before, or takes longer."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive:
                raise ClusterError(
                    f"{self.name} ended when it was started (exit code {self.exit_code}):\n{self.tail()}"
                )
            if time.monotonic() > deadline:
                raise ClusterError(f"{self.name} is not ready after {timeout:g} s:\n{self.tail()}")
            time.sleep(POLL)

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-_LOG_SHOWN:] if self.log.exists() else ""

    def ask(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, without waiting."""
        if self.alive:
            self.resume()
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout: float = 15.0) -> None:
        """Ask, wait, and kill what is left of its group."""
        self.ask(number)
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """As a power cut: the whole group, at once.  Returns when it is gone."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._watchdog.forget(self._process.pid)

    def pause(self) -> None:
        """It stands still, its connections stay open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
