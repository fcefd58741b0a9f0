"""What processes and the machine spend, as Linux tells it; None elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

BUSY, OTHERS = 0.9, 0.2
"""Shares of all cores from which on latencies are partly the machine's."""


def family(pid: int) -> list[int]:
    """A process and those that it has started and that run: an emulator writes in one of its own."""
    try:
        children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        children = []
    return [pid, *(one for child in children for one in family(child))]


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process and its family so far."""
    spent = [spent for one in family(pid) if (spent := _cpu_seconds(one)) is not None]
    return sum(spent) if spent else None


def _cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float | None:
    """Resident memory of a process and its family, MB (10^6 octets)."""
    sizes = [size for one in family(pid) if (size := _resident_mb(one)) is not None]
    return sum(sizes) if sizes else None


def _resident_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line for line in lines if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) * 1024 / 1e6 if found else None


def machine_seconds() -> float | None:
    """CPU time of everything on the machine so far."""
    try:
        first = Path("/proc/stat").read_text().split("\n", 1)[0]
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq, *_ = map(int, first.split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Shares:
    """Of all cores together, 0 to 1; None where it is not told."""

    machine: float | None = None
    target: float | None = None
    generator: float = 0.0

    @property
    def others(self) -> float | None:
        """What neither the target nor the generator took."""
        if self.machine is None or self.target is None:
            return None
        return max(0.0, self.machine - self.target - self.generator)

    @property
    def crowded(self) -> str:
        """What to say where others had so much of a busy machine that the figures are partly theirs; or nothing."""
        others = self.others
        if others is None or self.machine is None or self.machine < BUSY or others < OTHERS:
            return ""
        return (
            f"The machine was {self.machine:.0%} busy, and others took {others:.0%} of it: "
            "what waited for a core is charged to the target"
        )
