"""Ends what a cluster has started when whoever started it dies, however that happens.

Run as a process of its own with a pipe as stdin: a line ``+N`` is a process group to end, ``-N`` one that has ended,
``=PATH`` a folder to remove.  The pipe closes with the death of the one who holds its other end; then all groups that
are left are killed, and the folders removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


class Watchdog:
    """The other end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this file, by the interpreter that runs it
            [sys.executable, "-I", "-S", str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the other end
        )

    def watch(self, group: int) -> None:
        """From now on this process group ends with us."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """It has ended: its number may be another's soon."""
        self._tell(f"-{group}\n")

    def remove(self, folder: Path) -> None:
        """A folder that goes with us."""
        self._tell(f"={folder}\n")

    def close(self) -> None:
        """Kill what is left, remove what goes."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait(60)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()


def _main() -> None:
    groups: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        what, value = line[0], line[1:].rstrip("\n")
        if what == "+":
            groups.add(int(value))
        elif what == "-":
            groups.discard(int(value))
        else:
            folders.append(value)
    for group in groups:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    for folder in folders:
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not Path(folder).exists():
                break
            time.sleep(0.1)  # somebody who was killed just now still wrote there


if __name__ == "__main__":
    _main()
