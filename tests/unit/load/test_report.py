"""The report: well-formed, whole, and safe to open."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from consumers.load.histogram import Histogram
from consumers.load.ledger import Ledger, Row
from consumers.load.limit import judge
from consumers.load.report.axes import linear_ticks, log_range, log_ticks, milliseconds, number
from consumers.load.report.page import page
from consumers.load.report.svg import Line, Plot
from consumers.load.result import MEASURED, Result
from consumers.load.series import Bin
from consumers.load.session import Session
from consumers.load.thresholds import parse
from consumers.load.usage import Shares
from tests.unit.load.made import workload

_POINTS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1e7)), max_size=20)


def _result(target: str = "mål <1>", number: int = 1, reasons: list[str] | None = None) -> Result:
    histogram = Histogram()
    histogram.add({value * 10: 5 for value in range(1, 2000)})
    hops = dict.fromkeys(("accept", "queue", "deliver", "e2e", "lag", "own_lag"), histogram)
    latency = dict.fromkeys(hops, (1.0, 20.0, 300.0))
    return Result(
        target,
        number,
        about={"product": "x & y"},
        started="2026-11-21T13:00:00+00:00",
        reasons=reasons or [],
        ledger=Ledger(100, 100, 99, 1, rows=[Row("r <&>", 99, 0, 98, 1)], refusals={"40 <no>": 1}),
        histograms={MEASURED: dict(hops), "hold": dict(hops), "spike": dict(hops)},
        windows={"hold": (0, 1), "spike": (1, 2), MEASURED: (0, 2)},
        bins=[Bin(n / 2, 100, 100, 99, 1, 98, 5, 2, 0.5, 90.0, dict(latency)) for n in range(4)],
        marks=[(0.0, "hold"), (1.0, "spike <>")],
        limit=judge({"process 1": 0.99}, 80.0, 90.0),
        peak_mb=100.0,
    )


def _session(*results: Result) -> Session:
    return Session(workload(), "name: x # <&>", {"workload": "x"}, (parse("e2e.p99>250ms"),), results=list(results))


@pytest.mark.parametrize(
    "results",
    [
        (),
        (_result(),),
        (Result("never begun", 1, reasons=["no emulator at http://x: <refused>"]),),
        (_result("a"), _result("b"), _result("b", 2), Result("c", 1, reasons=["died"]), _result("a", 2)),
    ],
    ids=["nothing", "one", "never begun", "several"],
)
def test_report_is_well_formed_and_needs_no_network(results: tuple[Result, ...]) -> None:
    """It opens anywhere: no script, no address to load from, every text escaped."""
    text = page(_session(*results))
    root = etree.fromstring(text.removeprefix("<!DOCTYPE html>\n").encode())
    assert root.find("body/main/h1") is not None
    assert not list(root.iter("script", "link", "img", "iframe"))
    assert "http-equiv" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert len(list(root.iter("svg"))) >= 6 * sum(bool(result.bins) for result in results)


def test_report_tells_the_verdict_and_why() -> None:
    """The word on top, the broken threshold with its value, the reasons, and that the generator was the limit."""
    root = etree.fromstring(page(_session(_result())).removeprefix("<!DOCTYPE html>\n").encode())
    told = "".join(map(str, root.itertext()))
    assert "Threshold broken" in told
    assert "Yes: the figures are partly the generator's" in told
    assert "r <&>" in told
    assert "Incomplete" not in told
    told = page(_session(_result(reasons=["after 2.0 s: killed"])))
    assert "Incomplete" in told
    assert "after 2.0 s: killed" in told


def test_report_says_that_others_had_the_machine_and_what_the_rates_were() -> None:
    """A crowded machine is told beside the generator's own limit; a scaled workload is not told as it stands."""
    result = _result()
    result.shares = Shares(machine=0.97, target=0.3, generator=0.1)
    session = _session(result)
    session.settings["scale"] = 2.0
    told = page(session)
    assert "The machine was 97% busy, and others took 57% of it" in told
    assert "Here: all rates times 2." in told
    assert result.as_json()["machine"]["crowded"] is True
    result.shares = Shares(machine=0.97, target=0.7, generator=0.2)
    session.settings["scale"] = 1.0
    told = page(session)
    assert "busy, and others took" not in told
    assert "Here:" not in told


def test_json_says_the_same() -> None:
    """Verdict, thresholds, ledger, latencies and the histograms in HdrHistogram's own form."""
    found = _session(_result()).as_json()
    assert found["verdict"] == "broken"
    result = found["results"][0]
    assert result["ledger"]["totals"]["lost"] == 1
    assert result["latency_ms"][MEASURED]["e2e"]["max"] > 19
    assert result["hdr"]["e2e"].startswith("HISTF")
    assert result["generator"]["was_limit"] is True


@settings(max_examples=50, deadline=None)
@given(st.lists(_POINTS, max_size=4), st.booleans(), st.text(max_size=20))
def test_plots_are_well_formed_whatever_they_show(
    lines: list[list[tuple[float, float]]], log: bool, title: str
) -> None:
    """No number and no text breaks a plot, and nothing is drawn outside of it."""
    title = "".join(character for character in title if character.isprintable())
    plot = Plot(title, [Line(title, "s0", points, area=True) for points in lines], "x", x_high=100, y_log=log)
    root = etree.fromstring(plot.draw().encode())
    for shape in root.iter("polyline"):
        for pair in shape.get("points", "").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= 600
            assert 0 <= y <= 270


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_ticks_lie_within(low: float, width: float) -> None:
    """Round values, in order, few, and none outside."""
    for ticks in (linear_ticks(low, low + width), log_ticks(low, low + width)):
        assert ticks == sorted(ticks)
        assert len(ticks) <= 13
        assert all(low * 0.99 <= tick <= (low + width) * 1.01 for tick in ticks)
    bottom, top = log_range([low, low + width], 0.01)
    assert bottom <= max(low, 0.01) * 1.001
    assert top >= low + width
    assert math.isfinite(top)


def test_latencies_read_as_people_say_them() -> None:
    """Each in the unit that suits it."""
    assert [milliseconds(value) for value in (0, 0.35, 12.34, 1500, 300_000)] == [
        "0",
        "350 µs",
        "12.3 ms",
        "1.5 s",
        "5 min",
    ]
    assert [number(value) for value in (0, 0.05, 12, 1500)] == ["0", "0.05", "12", "1,500"]
