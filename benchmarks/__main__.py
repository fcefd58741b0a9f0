"""`make bench`: everything that must be fast or small, in one run, beside RabbitMQ, as a table and a file."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from adapters.cluster import ClusterError, programs
from benchmarks import memory, push, soap, tokens
from benchmarks.emulator import EmulatorError
from benchmarks.figures import Figures, Goal
from benchmarks.match import run_all, run_match
from benchmarks.payload import Payload, sample
from benchmarks.process import environment, on_disk
from benchmarks.rounds import Rounds
from benchmarks.wire import Invalid

PARTS = ("wire", "memory", "match", "engine", "tokens", "push", "soap", "backlog")
_ROUTED = ("routed_per_s", "latency_p99_ms_at_half")
_NOT_INSTALLED = "not installed (apt-get install rabbitmq-server)"
_RABBIT = ("rabbitmq_hop_per_s", "routed_vs_rabbitmq_hop", "aio_pika_worker_per_s")
_IDLE = ("idle_mb_10k_dueslag", "idle_mb_1k_connections")
_ROOT = Path(__file__).resolve().parents[1]
_QUIET = 0.1
"""Share of the machine that others may take before a figure is called into question."""
_Part = Callable[[], Mapping[str, float | None]]


class Bench:
    """One run of the benchmarks: collects figures, says what it does, goes on when a part fails."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self._options = options
        self._console = console
        self._folder: Path = options.dir or on_disk()
        self.figures = Figures()
        self.failed = False

    def run(self, payload: Payload) -> None:
        """All parts that were asked for."""
        chosen = self._options.only or [part for part in PARTS if part != "backlog"]
        if "wire" in chosen:
            self._wire(payload)
        if "memory" in chosen:
            self._memory(payload)
        if "match" in chosen:
            self._part("matching", ("match_100k_p99_us", "match_1m_mean_us", "match_1m_mb"), self._match)
        if "engine" in chosen:
            self._part("engine alone", ("engine",), self._engine)
        if "tokens" in chosen:
            self._tokens(payload)
        if "push" in chosen:
            self.figures.goals |= push.GOALS
            self._part("push", tuple(push.GOALS), self._push)
        if "soap" in chosen:
            self.figures.goals |= soap.GOALS
            self._part("VærdilisteRediger", tuple(soap.GOALS), self._soap)
        if "backlog" in chosen:
            count = self._options.backlog
            self._part("backlog", ("backlog_peak_mb",), lambda: memory.backlog(self._folder, payload, count))

    def _wire(self, payload: Payload) -> None:
        options = self._options
        seconds = options.seconds or (3.0 if options.quick else 8.0)
        rounds = Rounds(payload, self._folder, seconds, 4_000 if options.quick else 12_000, options.durability)
        installed = programs.rabbitmq() is not None
        if not installed:
            self.figures.missing(_RABBIT, _NOT_INSTALLED)
        for number in range(1, self._runs + 1):
            parts: list[tuple[str, Sequence[str], _Part]] = [(f"run {number}: emulator", _ROUTED, rounds.emulator)]
            if installed:
                parts.append((f"run {number}: RabbitMQ and the worker", _RABBIT, rounds.rabbitmq))
            for title, names, part in parts if number % 2 else reversed(parts):
                self._part(title, names, part)
        self._warn_of_others("others_cpu_share", "rabbitmq_others_cpu_share")
        self.figures.ratio("routed_vs_rabbitmq_hop", "routed_per_s", "rabbitmq_hop_per_s")
        self.figures.ratio("routed_vs_aio_pika_worker", "routed_per_s", "aio_pika_worker_per_s")

    def _warn_of_others(self, *names: str) -> None:
        """Say so when something else kept the machine busy: such figures are too low, and not all by as much."""
        for name in names:
            share = self.figures.median(name) or 0.0
            if share > _QUIET:
                self.figures.missing((name,), f"other processes took {share:.0%} of the machine: measure again alone")

    def _memory(self, payload: Payload) -> None:
        for number in range(1, self._runs + 1):
            self._part(f"run {number}: start", ("ready_s",), lambda: memory.ready(self._folder))
        self._part("10,000 dueslag, 1,000 connections", _IDLE, lambda: memory.idle(self._folder, payload))

    def _tokens(self, payload: Payload) -> None:
        """What security costs a sender."""
        options = self._options
        bursts = round(2 * options.seconds) if options.seconds else 5 if options.quick else 15
        rounds = tokens.TokenRounds(payload, self._folder, max(1, bursts), options.durability)
        some = 50 if options.quick else 300
        for number in range(1, self._runs + 1):
            title = f"run {number}: sending without tokens and with"
            self._part(title, tuple(tokens.RATIOS), rounds.sendings)
            self._part(f"run {number}: judging", tokens.VERIFIED, lambda: rounds.verification(some))
        self._part("the STS", tokens.ISSUED, lambda: rounds.issuing(some // 3))
        self._warn_of_others("token_others_cpu_share")

    def _match(self) -> Mapping[str, float | None]:
        if not self._options.quick:
            found = run_all()
            self.figures.goals["match_1m_mean_us"] = Goal(50 + 1.5 * found["match_1m_hits"], False)
            return found
        broad = run_match(100_000)
        self.figures.missing(("match_1m_mean_us", "match_1m_mb"), "left out with --quick")
        return {"match_100k_p99_us": broad["p99_us"], "match_100k_mean_us": broad["mean_us"]}

    def _engine(self) -> Mapping[str, float | None]:
        """The engine without a wire, in a process of its own, so that its memory is its own."""
        messages, queued = ("20000", "0") if self._options.quick else ("50000", "100000")
        found = self._alone("benchmarks.engine", "--messages", messages, "--queued", queued)
        return {f"engine_{name}": value for name, value in found.items()}

    def _push(self) -> Mapping[str, float | None]:
        """Push to a receiver in a process of its own."""
        return self._alone("benchmarks.push", *(("--messages", "5000", "--rounds", "1") if self._options.quick else ()))

    def _soap(self) -> Mapping[str, float | None]:
        """Calls of VærdilisteRediger from a process of its own."""
        return self._alone("benchmarks.soap", *(("--calls", "800", "--rounds", "1") if self._options.quick else ()))

    def _alone(self, module: str, *arguments: str) -> dict[str, float]:
        """The figures that a module prints, run as a process."""
        command = [sys.executable, "-m", module, *arguments]
        place = {**os.environ, "TMPDIR": str(self._folder)}
        done = subprocess.run(command, cwd=_ROOT, env=place, capture_output=True, text=True, timeout=900)
        if done.returncode:
            raise Invalid(done.stderr.strip() or f"exit code {done.returncode}")
        lines = [line.split() for line in done.stdout.splitlines()]
        return {line[0]: float(line[1]) for line in lines if len(line) == 2}

    @property
    def _runs(self) -> int:
        runs: int = self._options.runs or (1 if self._options.quick else 5)
        return runs

    def _part(self, title: str, names: Sequence[str], part: _Part) -> None:
        """Run a part; where it fails, say so in the table instead of a figure, and in the exit code."""
        self._console.print(f"… {title}", highlight=False)
        try:
            found = part()
        except (Invalid, EmulatorError, ClusterError, OSError, subprocess.SubprocessError) as error:
            self.failed = True
            self._console.print(f"  failed: {error}", style="red", highlight=False, markup=False)
            lines = str(error).strip().splitlines() or [type(error).__name__]
            self.figures.missing(names, f"{title} failed: " + " … ".join(dict.fromkeys((lines[0], lines[-1])))[:300])
            return
        self.figures.add(found)
        brief = ", ".join(f"{name} {value:.4g}" for name, value in found.items() if value is not None)
        self._console.print(f"  {brief}", style="dim", highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the file; 1 where a part failed."""
    options = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 110)
    payload = sample()
    scripts = programs.rabbitmq()
    surroundings: dict[str, object] = {
        **environment(options.dir or on_disk()),
        "message": f"{payload.source}, {payload.size} octets",
        "rabbitmq": programs.rabbitmq_version(scripts) if scripts else _NOT_INSTALLED,
        "durability": options.durability,
    }
    for name, value in surroundings.items():
        console.print(f"{name:15} {value}", highlight=False)
    bench = Bench(options, console)
    bench.run(payload)
    bench.figures.show(console)
    bench.figures.write(options.output, surroundings)
    console.print(f"written to {options.output}", highlight=False)
    return int(bench.failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="this part (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="one short run, no million abonnementer")
    parser.add_argument("--runs", type=int, help="repetitions (5; 1 with --quick)")
    parser.add_argument("--seconds", type=float, help="seconds of each sending after the first (8; 3 with --quick)")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="messages of --only backlog (4.7 kB each)")
    parser.add_argument("--durability", choices=("full", "relaxed", "memory"), default="full")
    parser.add_argument("--dir", type=Path, help="folder for data (the system's temporary folder, if on disk)")
    parser.add_argument("--output", type=Path, default=Path("bench-results.json"), help="results file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
