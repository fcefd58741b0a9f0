"""Workload files, right and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.load.reading import WorkloadError, parse_workload, read_workload, shipped
from consumers.load.scale import scaled

_GOOD = """name: x
phases:
  - {phase: warm-up, seconds: 1, rate: 10}
  - {phase: ramp, seconds: 2, from: 10, to: 30}
  - {phase: drain, seconds: 5}
types:
  - {name: a, to: r, size: 3000}
  - {name: b, size: [{bytes: 2000, weight: 3}, {bytes: 90000}]}
senders: [{name: s, count: 2}]
receivers:
  - {name: r, stall: {at: 1, seconds: 0.5}}
churn:
  - {receiver: r, do: stop, at: 1, every: 2}
"""


def test_good_file_is_read() -> None:
    """One value may stand for a list of one."""
    workload = parse_workload(_GOOD)
    assert workload.types[0].to == ("r",)
    assert workload.receivers[0].stall[0].seconds == 0.5
    assert workload.phases[1].start == 10


def test_workload_in_the_page_is_right() -> None:
    """What docs/load.md shows can be run."""
    page = (Path(__file__).resolve().parents[3] / "docs/load.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert len(parse_workload(example).phases) == 5


@pytest.mark.parametrize("name", shipped())
def test_shipped_workloads_are_right(name: str) -> None:
    """Each can be run by its name."""
    assert read_workload(name)[0].name == name


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("seconds: 1, rate", "secnds: 1, rate", "w.yaml:3:22  phases[0].secnds: unknown field; expected one of phase,"),
        ("seconds: 1, rate", "secnds: 1, rate", "(nearest: 'seconds')"),
        ("seconds: 1, rate", "rate", "w.yaml:3:5  phases[0].seconds: is missing"),
        ("rate: 10", "rate: -1", "w.yaml:3:40  phases[0].rate: '-1' will not do; expected: greater than or equal to 0"),
        ("warm-up", "warmup", "w.yaml:3:13  phases[0].phase: 'warmup' will not do; expected: 'warm-up', 'ramp'"),
        ("from: 10, to: 30", "from: 10", "w.yaml:4:5  phases[1]: has no single way to tell its rate; expected rate,"),
        ("from: 10, to: 30", "rate: 5, from: 10", "phases[1]: has rate beside from or to"),
        ("drain, seconds: 5", "drain, rate: 3, seconds: 5", "w.yaml:5:5  phases[2]: drain sends nothing"),
        ("warm-up, seconds: 1, rate: 10", "drain, seconds: 1", "phases[0]: drain is not the last phase"),
        ("to: r,", "to: q,", "types[0].to: 'q' is not in this file; expected a receiver: r"),
        ("name: b", "name: a", "w.yaml:8:12  types[1].name: 'a' is there twice; expected each name once"),
        ("bytes: 2000", "bytes: 12", "types[1].size[0].bytes: '12' will not do; expected: greater than or equal to"),
        ("size: 3000", "size: big", "types[0].size: 'big' will not do"),
        ("do: stop", "do: filter", "churn[0]: filter without types; expected the types that still come"),
        ("receiver: r,", "receiver: rr,", "churn[0].receiver: 'rr' is not in this file; expected a receiver: r (near"),
        ("count: 2", "count: 2, connections: 0", "senders[0].connections: '0' will not do"),
        ("name: x", "processes: {send: 3}\nname: x", "processes.send: 3 processes for 2 connections"),
        ("name: x", "name: x\nname: y", "w.yaml:2:1  name: is there twice, first on line 1"),
        ("phases:", "phases: [", "cannot be read as YAML"),
        ("name: x", "name: &x x", "anchors, aliases and tags are not read"),
        ("rate: 10", "rate: 1_", "w.yaml:3:40  phases[0].rate: '1_' will not do"),
        ("rate: 10", f"rate: {'9' * 5_000}", "w.yaml:3:40  phases[0].rate: "),
        ("at: 1, seconds: 0.5", "at: 1", "receivers[0].stall.seconds: is missing"),
    ],
)
def test_broken_file_is_told_with_line_path_and_what_was_expected(old: str, new: str, told: str) -> None:
    """Whatever is wrong in a workload, its line says it."""
    assert old in _GOOD
    with pytest.raises(WorkloadError) as caught:
        parse_workload(_GOOD.replace(old, new, 1), "w.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", "name: [", "\t", "a: b: c", "\x00", "42"])
def test_what_is_no_workload_at_all_is_one_line(text: str) -> None:
    """No traceback for a file that is something else."""
    with pytest.raises(WorkloadError) as caught:
        parse_workload(text, "w.yaml")
    assert str(caught.value).startswith("w.yaml:")
    assert "expected" in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    """In the order of their lines, and none twice."""
    text = _GOOD.replace("seconds: 1,", "seconds: x,").replace("size: 3000", "size: 3").replace("do: stop", "do: halt")
    with pytest.raises(WorkloadError) as caught:
        parse_workload(text, "w.yaml")
    lines = [line.split("  ")[1].split(":")[0] for line in str(caught.value).splitlines()]
    assert lines == ["phases[0].seconds", "types[0].size", "churn[0].do"]


def test_scaled_workload_is_faster_and_longer() -> None:
    """Rates by the one factor, times by the other; drain is a limit and stays."""
    found = scaled(parse_workload(_GOOD), 3.0, 2.0)
    assert [phase.seconds for phase in found.phases] == [2, 4, 5]
    assert (found.phases[0].rate, found.phases[1].end) == (30, 90)
    assert found.receivers[0].stall[0].at == 2
    assert found.churn[0].every == 4
