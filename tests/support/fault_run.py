"""A cluster under load while a part of it fails: the load generator keeps the ledger, and this reads its report."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.cluster import Topology, programs
from tests.support.faults import Fault
from tests.support.spent import Watch

WARM_UP, RAMP, DRAIN = 5, 5, 240
PATIENCE = 120
"""Seconds for which the generator's clients try to connect again."""
SLOW = 0.25
"""Seconds of end-to-end p99 from which on a bin is not as before, where it was less before."""
FEW = 0.8
"""Of what was delivered before: where it is less, it is not as before, either."""
SOON, STEADY = 20.0, 5.0
"""Seconds within which a fault shows, and for which all has to be as before until it is over."""

WORKLOAD = """\
name: fault-{name}
description: {what}
phases:
  - {{phase: warm-up, seconds: {warm_up}, rate: {slow}}}
  - {{phase: ramp, seconds: {ramp}, from: {slow}, to: {rate}}}
  - {{phase: hold, seconds: {seconds}, rate: {rate}}}
  - {{phase: drain, seconds: {drain}}}
types:
  - {{name: CPR, size: {size}, to: north}}
  - {{name: post, size: {size}, to: south}}
senders:
  - {{name: fagsystem, count: 4}}
receivers:
  - {{name: north, prefetch: 500}}
  - {{name: south, prefetch: 500}}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run showed; times in seconds."""

    fault: Fault
    did: str
    code: int
    complete: bool
    reasons: tuple[str, ...]
    attempted: int
    accepted: int
    refused: int
    unanswered: int
    resent: int
    lost: int
    duplicated: int
    redelivered: int
    out_of_order: int
    misrouted: int
    accepted_rate: float
    worst_accept: float
    """The longest that a message waited for its answer 20, from the moment at which it was meant to go."""
    worst_e2e: float
    back: float
    """From the fault until end-to-end p99 is, and stays, as before."""
    e2e_ms: Mapping[str, float]
    cpu: Mapping[str, float]
    """Cores, by part, over the hold."""
    memory_mb: Mapping[str, float]
    limited: str
    """Why the generator was the limit, or nothing."""

    @property
    def row(self) -> str:
        """Of the table in docs/cluster.md."""
        counts = f"{self.accepted:,} | {self.lost} | {self.duplicated} | {self.redelivered:,}"
        waits = f"{self.worst_accept:.1f} s | {self.worst_e2e:.1f} s | {self.back:.0f} s"
        return f"| {self.fault.what}: {self.did} | {counts} | {waits} |"


def meet(cluster: Topology, fault: Fault, rate: float, seconds: float, folder: Path, size: int = 4700) -> Figures:
    """Load the cluster by its balancer, break it a third into the hold, and read the report.

    Writes workload, HTML, JSON and what `load` said into ``folder``.
    """
    file, report, told = (folder / f"{fault.name}.{end}" for end in ("yaml", "html", "json"))
    words = {"name": fault.name, "what": fault.what, "rate": rate, "slow": rate / 2, "seconds": seconds, "size": size}
    file.write_text(WORKLOAD.format(**words, warm_up=WARM_UP, ramp=RAMP, drain=DRAIN))
    host, port = cluster.amqp
    command = [*map(str, programs.beskedfordeler()), "load", str(file)]
    command += ["--admin", cluster.admin_url, "--amqp", f"{host}:{port}", "--patience", str(PATIENCE)]
    command += ["--report", str(report), "--json", str(told)]
    with (folder / f"{fault.name}.out").open("wb") as output:
        load = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            began = _begun(cluster, load)
            _until(began + WARM_UP + RAMP)
            watch = Watch(cluster)
            _until(began + WARM_UP + RAMP + seconds / 3)
            at, did = time.monotonic() - began, fault.does(cluster)
            _until(began + WARM_UP + RAMP + seconds)
            cpu, memory = watch.end()
            code = load.wait(DRAIN + 60)
        finally:
            load.kill()
            load.wait()
    found = figures(fault, did, code, json.loads(told.read_text()), at, cpu, memory)
    return found


def figures(
    fault: Fault, did: str, code: int, told: Any, at: float, cpu: Mapping[str, float], memory: Mapping[str, float]
) -> Figures:
    """From the JSON of `load`; ``at``: when it was broken, s since the start of the run."""
    result = told["results"][0]
    ledger, totals = result["ledger"], result["ledger"]["totals"]
    hops = result["latency_ms"].get("measured", {})
    generator = result["generator"] or {}
    return Figures(
        fault=fault,
        did=did,
        code=code,
        complete=result["complete"],
        reasons=tuple(result["reasons"]),
        **{name: ledger[name] for name in ("attempted", "accepted", "refused", "unanswered", "resent")},
        **{name: totals[name] for name in ("lost", "duplicated", "redelivered", "out_of_order", "misrouted")},
        accepted_rate=result["rates"]["hold"]["accepted"],
        worst_accept=hops["accept"]["max"] / 1000,
        worst_e2e=hops["e2e"]["max"] / 1000,
        back=_back(result["series"], at),
        e2e_ms={name: hops["e2e"][name] for name in ("p50", "p99", "p99.9", "max")},
        cpu=cpu,
        memory_mb=memory,
        limited="; ".join(generator.get("reasons", ())),
    )


def _back(series: Any, at: float) -> float:
    """0.0 = it never was otherwise."""
    width, bins = series["width_s"], series["bins"]
    before = [one for one in bins if WARM_UP + RAMP < one["at"] < at - width]
    slow = max(SLOW, 2 * max(map(_p99, before), default=0.0))
    few = FEW * min((one["delivered"] for one in before), default=0.0)
    bad = [one["at"] for one in bins if one["at"] >= at - width and (_p99(one) > slow or one["delivered"] < few)]
    if not bad or bad[0] > at + SOON:
        return 0.0
    last = bad[0]
    for moment in bad:
        if moment - last <= STEADY:
            last = moment
    return float(last + width - at)


def _p99(one: Any) -> float:
    """Of the messages that were taken in one bin, end to end, in seconds."""
    return float(one["latency"]["e2e"][1] / 1000) if "e2e" in one["latency"] else 0.0


def _begun(cluster: Topology, load: subprocess.Popen[bytes]) -> float:
    """When the first messages were accepted."""
    while load.poll() is None:
        with urllib.request.urlopen(f"{cluster.admin_url}/dueslag?soeg=belastning", timeout=30) as answer:
            if any(one["depth"]["out"] + one["depth"]["ready"] for one in json.load(answer)["dueslag"]):
                return time.monotonic()
        time.sleep(0.05)
    raise AssertionError("the generator ended before it had begun")


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
