"""Latencies as they are counted, and over time."""

from __future__ import annotations

from collections import Counter

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.load.histogram import HIGHEST, Histogram
from consumers.load.news import SendCounts, Tick
from consumers.load.phases import PhaseOf
from consumers.load.plan import changes_of
from consumers.load.series import Series
from consumers.load.tally import Tally, cut, merged, percentiles
from consumers.load.workload import Churn

_VALUES = st.lists(st.integers(1, HIGHEST), min_size=1, max_size=200)


@settings(deadline=None)
@given(_VALUES)
def test_three_digits_hold(values: list[int]) -> None:
    """Every percentile is within a thousandth of the value that a sorted list has there."""
    tally = Tally()
    for value in values:
        tally.add("e2e", 0, value * 1000)
    counts = tally.taken()["e2e", 0]
    assert not tally.taken()
    histogram = Histogram()
    histogram.add(counts)
    ordered = sorted(values)
    assert histogram.count == len(values)
    for percent in (50.0, 90.0, 99.0, 99.9, 100.0):
        exact = ordered[max(1, -(-len(ordered) * round(percent * 10) // 1000)) - 1]
        assert 0 <= histogram.percentile(percent) - exact <= exact * 0.001
        assert abs(percentiles(counts, [percent])[0] - exact) <= exact * 0.001 + 1
    assert histogram.min <= ordered[0] <= ordered[-1] <= histogram.max
    assert [percent for percent, _ in histogram.curve()] == sorted(percent for percent, _ in histogram.curve())


@settings(max_examples=8, deadline=None)
@given(_VALUES)
def test_encoded_form_is_hdrhistograms_own(values: list[int]) -> None:
    """Its own tools read the JSON's histogram, and see the same least, greatest and number of values."""
    histogram = Histogram()
    histogram.add(Counter(values))
    read = HdrHistogram.decode(histogram.encoded())
    assert read.get_total_count() == histogram.count == len(values)
    assert read.get_max_value() == histogram.max
    assert read.get_value_at_percentile(100.0) == histogram.percentile(100.0)
    assert read.get_min_value() == read.get_lowest_equivalent_value(histogram.min)
    assert abs(read.get_mean_value() - histogram.mean) <= histogram.mean * 0.001 + 0.5


@given(st.integers(-5, 1 << 40))
def test_cut_keeps_eleven_bits(value: int) -> None:
    """What a value is counted under is not above it, and off by a thousandth at most."""
    assert cut(value) <= max(value, 1)
    assert cut(value) >= value * 0.999


def test_nothing_measured_is_nothing() -> None:
    """An empty histogram has no curve, and zeros."""
    empty = Histogram()
    assert (empty.count, empty.max, empty.min, empty.mean, empty.percentile(99), empty.curve()) == (0, 0, 0, 0, 0, [])
    assert percentiles({}, (50, 99)) == (0, 0)
    assert merged(({1: 2}, {1: 3, 4: 1})) == {1: 5, 4: 1}


def test_series_counts_what_two_processes_say() -> None:
    """Counts since the start become rates over time, latencies become percentiles, and nothing is told twice."""
    series = Series(10.0)
    assert series.width == 0.5
    for at in (0.5, 1.0, 1.5):
        sent = int(at * 100)
        send = SendCounts(due=sent, sent=sent, accepted=sent - 10)
        series.tick(0, Tick(at, 0.1, {("accept", 0): {2000: 3}}, send=send))
        series.tick(1, Tick(at, 0.1, {("e2e", 0): {4000: 3}}, arrived=sent, taken={0: sent}))
    series.depth(1.2, {"q": 5, "r": 2})
    bins = series.finish()
    assert [one.sent for one in bins] == [100, 100, 100]
    assert [one.accepted for one in bins] == [80, 100, 100]
    assert [one.delivered for one in bins] == [100, 100, 100]
    assert bins[2].depth == 7
    assert bins[1].latency == {"accept": (2.0, 2.0, 2.0), "e2e": (4.0, 4.0, 4.0)}


def test_long_run_has_no_more_bins_than_can_be_drawn() -> None:
    """An hour is told in as many points as four minutes."""
    assert 3600 / Series(3600).width <= 240


@given(st.lists(st.floats(0.1, 5), min_size=1, max_size=6), st.floats(0, 40))
def test_phase_of_a_moment(lengths: list[float], at: float) -> None:
    """The phase in whose time it lies; after the end the last one."""
    of = PhaseOf([(length, 1.0, 1.0) for length in lengths])
    ends = [round(sum(lengths[: n + 1]) * 1e9) for n in range(len(lengths))]
    moment = int(at * 1e9)
    expected = next((n for n, end in enumerate(ends) if moment < end), len(lengths) - 1)
    for _ in range(2):
        assert of(moment) == expected


def test_churn_is_repeated_until_it_ends() -> None:
    """every and until give the moments; nothing happens after the last phase."""
    once = Churn(receiver="r", do="start", at=3)
    often = Churn(receiver="r", do="stop", at=1, every=2, until=6)
    assert [at for at, _ in changes_of([once, often], 100)] == [1, 3, 3, 5]
    assert [at for at, _ in changes_of([once, often], 2)] == [1]
