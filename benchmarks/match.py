"""What matching costs: time a message by number of abonnementer, memory, subscribing, and the size of a værdiliste.

`python -m benchmarks.match` prints all figures; each run is a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles

from benchmarks.subscriptions import RELATERET, TYPE, beskeder, cpr, expressions, uuid, world
from broker.core.besked import Besked
from broker.core.filter import parse_filter
from broker.core.matcher import Matcher

_ROOT = Path(__file__).parent.parent
_CHURN = 10_000
_MESSAGES = 5_000
_PASSES = 5


def run_match(count: int, profile: str = "broad") -> dict[str, float]:
    """Measure in a fresh process: ``count`` abonnementer of a profile ("broad" or "selective").

    Times in µs (of matching: the median of five passes), memory in MB (all of the process, interpreter included).
    """
    return _run(["matching", profile, str(count)])


def run_lists() -> dict[str, float]:
    """Measure in a fresh process: µs a message with a værdiliste of 10 citizens, with one of 500,000, and with
    1,000 lists of 100 that all must be asked."""
    return _run(["lists"])


def run_all() -> dict[str, float]:
    """All figures of this module, by the names in ``bench-results.json``."""
    broad, selective, lists = run_match(100_000), run_match(1_000_000, "selective"), run_lists()
    return {
        "match_100k_p99_us": broad["p99_us"],
        "match_100k_mean_us": broad["mean_us"],
        "match_100k_hits": broad["hits"],
        "match_1m_mean_us": selective["mean_us"],
        "match_1m_p99_us": selective["p99_us"],
        "match_1m_hits": selective["hits"],
        "match_1m_mb": selective["mb"],
        "match_1m_load_s": selective["load_s"],
        **{f"match_1m_{name}": figure for name, figure in selective.items() if "subscribe" in name},
        **lists,
    }


def _run(arguments: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.match", *arguments], cwd=_ROOT, check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _matching(profile: str, count: int) -> dict[str, float]:
    within = world(profile)
    texts = expressions(profile, within)
    random = Random(4)
    matcher: Matcher[str] = Matcher()
    begun = time.perf_counter()
    for text in islice(texts, count):
        matcher.put(uuid(random), parse_filter(text), within.lists)
    load_s = time.perf_counter() - begun
    megabytes = _resident_mb()
    gc.collect()
    gc.freeze()  # as the emulator does once its register is loaded
    messages = beskeder(within, _MESSAGES)
    passes = [_match(matcher, messages) for _ in range(_PASSES)]
    hits = passes[0][1]
    new = [(uuid(random), text) for text in islice(texts, 2 * _CHURN)]

    def subscribe(one: tuple[str, str]) -> None:
        matcher.put(one[0], parse_filter(one[1]), within.lists)

    def unsubscribe(one: tuple[str, str]) -> None:
        matcher.remove(one[0])

    subscribing, unsubscribing = _timed(subscribe, new[:_CHURN]), _timed(unsubscribe, new[:_CHURN])
    gc.disable()
    without_gc = max(_timed(subscribe, new[_CHURN:]))
    return {
        "abonnementer": count,
        **_medians([_summary("", times) for times, _ in passes]),
        "hits": round(mean(hits), 1),
        "mb": round(megabytes),
        "load_s": round(load_s, 1),
        **_summary("subscribe_", subscribing),
        "subscribe_max_without_gc_us": round(without_gc, 1),
        **_summary("unsubscribe_", unsubscribing),
    }


def _lists() -> dict[str, float]:
    found: dict[str, float] = {}
    random = Random(5)
    beskedtype = uuid(random)
    messages = [Besked(uuid(random), beskedtype, {TYPE: (beskedtype,), RELATERET: (cpr(n),)}) for n in range(_MESSAGES)]
    for name, size in (("match_list_10_us", 10), ("match_list_500k_us", 500_000)):
        matcher: Matcher[int] = Matcher()
        borgere = {cpr(number) for number in range(size)}
        for key in range(10):
            text = f"{TYPE} = '{beskedtype}' AND {RELATERET} IN VAERDILISTE 'borgere' AND NOT {TYPE} = 'nej {key}'"
            matcher.put(key, parse_filter(text), {"borgere": borgere})
        few = messages[:10] * (_MESSAGES // 10)  # the same ten citizens, who are on both lists
        found[name] = _summary("", _match(matcher, few)[0])["mean_us"]
    matcher = Matcher()
    for key in range(1000):
        borgere = {cpr(random.randrange(100_000)) for _ in range(100)}
        matcher.put(key, parse_filter(f"{RELATERET} IN VAERDILISTE 'borgere'"), {"borgere": borgere})
    found["match_1000_lists_us"] = _summary("", _match(matcher, messages)[0])["mean_us"]
    return found


def _match(matcher: Matcher[str] | Matcher[int], messages: Sequence[Besked]) -> tuple[list[float], list[int]]:
    """µs and hits, by message; the first tenth is a warm-up that does not count."""
    times, hits = [], []
    for besked in messages:
        begun = time.perf_counter_ns()
        found = matcher.match(besked)
        times.append((time.perf_counter_ns() - begun) / 1000)
        hits.append(len(found))
    warm = len(messages) // 10
    return times[warm:], hits[warm:]


def _timed(do: Callable[[tuple[str, str]], None], what: Sequence[tuple[str, str]]) -> list[float]:
    times = []
    for one in what:
        begun = time.perf_counter_ns()
        do(one)
        times.append((time.perf_counter_ns() - begun) / 1000)
    return times


def _summary(prefix: str, times: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(times, n=100)
    return {
        f"{prefix}mean_us": round(mean(times), 1),
        f"{prefix}p50_us": round(cuts[49], 1),
        f"{prefix}p99_us": round(cuts[98], 1),
        f"{prefix}max_us": round(max(times), 1),
    }


def _medians(summaries: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(summary[name] for summary in summaries) for name in summaries[0]}


def _resident_mb() -> float:
    """Memory of this process in MB; the peak where the system does not tell the present figure."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1000 * 1.024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1000 * 1.024


def main(arguments: Sequence[str]) -> None:
    """Without arguments all figures as a table; with, one run as JSON (see `run_match` and `run_lists`)."""
    if not arguments:
        for name, figure in run_all().items():
            print(f"{name:32} {figure:>10}")
    elif arguments[0] == "lists":
        print(json.dumps(_lists()))
    else:
        print(json.dumps(_matching(arguments[1], int(arguments[2]))))


if __name__ == "__main__":
    main(sys.argv[1:])
