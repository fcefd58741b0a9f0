"""CPU and memory of the parts of a cluster, and of what loads it, while something goes on."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from adapters.cluster import Topology

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """CPU and memory of all parts of a cluster, and of the generator (the rest of this process's children)."""

    def __init__(self, cluster: Topology) -> None:
        self._cluster = cluster
        self._began = time.monotonic()
        self._memory: dict[str, float] = {}
        self._spent: dict[str, dict[int, float]] = {}
        self._first: dict[str, dict[int, float]] = {}
        self._stopped = threading.Event()
        self._look()
        self._first = {name: dict(spent) for name, spent in self._spent.items()}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> tuple[dict[str, float], dict[str, float]]:
        """Cores and the most MB, by part."""
        self._stopped.set()
        self._thread.join()
        self._look()
        took = time.monotonic() - self._began
        cpu = {
            name: round(sum(now - self._first[name].get(pid, 0.0) for pid, now in spent.items()) / took, 3)
            for name, spent in self._spent.items()
        }
        return cpu, {name: round(most) for name, most in self._memory.items()}

    def _run(self) -> None:
        while not self._stopped.wait(1.0):
            self._look()

    def _look(self) -> None:
        """What a process that has ended took since is missed: a second at most."""
        parents: dict[int, int] = {}
        spent: dict[int, tuple[float, float]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(path.parent.name)
            parents[pid] = int(fields[1])
            spent[pid] = (
                (int(fields[11]) + int(fields[12])) / _TICK,
                int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
            )
        tops = {process.pid: process.name for process in self._cluster.processes}
        tops |= {pid: "generator" for pid, parent in parents.items() if parent == os.getpid() and pid not in tops}
        memory: dict[str, float] = {}
        for pid, (seconds, mb) in spent.items():
            top = pid
            while top and top not in tops:
                top = parents.get(top, 0)
            if name := tops.get(top, ""):
                self._spent.setdefault(name, {})[pid] = seconds
                self._first.setdefault(name, {})
                memory[name] = memory.get(name, 0.0) + mb
        for name, mb in memory.items():
            self._memory[name] = max(self._memory.get(name, 0.0), mb)
