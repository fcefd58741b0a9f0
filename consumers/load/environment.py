"""What a run was made on: figures without it are worth nothing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def environment() -> dict[str, str]:
    """Now."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return {
        "cpu": f"{_cpu()}, {os.cpu_count()} cores",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load at the start (1, 5, 15 min)": load,
        **{name: _version(name) for name in ("beskedfordeler", "hdrhistogram", "pamqp")},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory() -> str:
    try:
        first = Path("/proc/meminfo").read_text().split("\n", 1)[0]
    except OSError:
        return "unknown"
    return f"{int(first.split()[1]) * 1024 / 1e9:.1f} GB"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
