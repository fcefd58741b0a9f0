"""What a process takes: memory, CPU time, and a place on disk."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_MEMORY_DISKS = {"tmpfs", "ramfs"}


def family(pid: int) -> list[int]:
    """A process and those that it has started and that run; where the system does not tell, the process alone."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    started = [int(one) for one in children.read_text().split()] if children.exists() else []
    return [pid, *(one for child in started for one in family(child))]


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its family in MB (10^6 octets)."""
    return sum(_status_mb(one, "VmRSS:") for one in family(pid))


def peak_mb(pid: int) -> float:
    """The most resident memory that a process and its family have had, in MB; where the system does not tell, what
    they have now."""
    return sum(_status_mb(one, "VmHWM:") for one in family(pid))


def _status_mb(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024 / 1e6
    kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], check=True, capture_output=True, text=True).stdout
    return int(kilobytes) * 1024 / 1e6


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process and its family so far; None where the system does not tell."""
    if not Path(f"/proc/{pid}/stat").exists():
        return None
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float | None:
    """CPU time that the whole machine has spent on anything so far; None where the system does not tell."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _, _, irq, softirq, *_ = map(int, stat.read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """A reading of CPU times, to be compared with a later one."""

    at: float
    server: float | None
    machine: float | None

    @classmethod
    def of(cls, pid: int) -> Usage:
        """Read now; ``pid`` is the server's."""
        return cls(time.monotonic(), cpu_seconds(pid), machine_seconds())

    def since(self, before: Usage, clients: float) -> tuple[float | None, float | None]:
        """CPU seconds of the server, and the share of the machine that neither it nor ``clients`` (s) took."""
        if self.server is None or before.server is None or self.machine is None or before.machine is None:
            return None, None
        server = self.server - before.server
        others = self.machine - before.machine - server - clients
        return server, max(0.0, others) / ((self.at - before.at) * (os.cpu_count() or 1))


def allow_many_files() -> None:
    """Raise the soft limit of open files as far as this user may: 1,000 connections need as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 20_000) if hard != resource.RLIM_INFINITY else 20_000
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def disk(folder: Path) -> str:
    """The kind of file system that a folder lies on, as "ext4"; "unknown" where the system does not tell."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    lines = [line.split() for line in mounts.read_text().splitlines()]
    here = folder.resolve()
    found = [(len(line[1]), line[2]) for line in lines if here.is_relative_to(line[1])]
    return max(found)[1] if found else "unknown"


def on_disk() -> Path:
    """A folder for data that is on a disk: syncing to memory costs nothing, and would measure nothing."""
    folder = Path(tempfile.gettempdir())
    return Path("/var/tmp") if disk(folder) in _MEMORY_DISKS and Path("/var/tmp").is_dir() else folder


def environment(folder: Path) -> dict[str, str]:
    """What the figures were taken on."""
    return {
        "cpu": f"{_cpu_model()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "disk": disk(folder),
        "load_at_start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        **{name: _version(name) for name in ("beskedfordeler", "aio-pika", "pamqp", "lxml")},
        "commit": _commit(),
    }


def _cpu_model() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"
