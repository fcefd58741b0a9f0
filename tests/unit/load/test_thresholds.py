"""What a threshold may be, and when it is broken."""

from __future__ import annotations

import pytest

from consumers.load.histogram import Histogram
from consumers.load.ledger import Ledger, Row
from consumers.load.limit import judge as judge_limit
from consumers.load.result import MEASURED, Result
from consumers.load.series import Bin
from consumers.load.thresholds import COUNTS, ThresholdError, check_phases, parse
from consumers.load.verdict import judge


def _result(**counts: int) -> Result:
    """1,000 latencies end to end of 1 to 1,000 ms."""
    result = Result("t", 1, ledger=Ledger(rows=[Row("r", **counts)]))
    histogram = Histogram()
    histogram.add({ms * 1000: 1 for ms in range(1, 1001)})
    result.histograms = {MEASURED: {"e2e": histogram}, "spike": {"e2e": histogram}}
    result.windows, result.bins, result.width = {MEASURED: (0.0, 2.0)}, [Bin(0, accepted=40), Bin(1, accepted=60)], 1.0
    return result


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("e2e.p99>250ms", True),
        ("e2e.p99 > 1.2 s", False),
        ("e2e.max>5min", False),
        ("e2e.p50>=499ms", True),
        ("e2e.p99.9<2s", True),
        ("e2e.min>900us", True),
        ("spike:e2e.mean>400ms", True),
        ("accept.p99>1us", True),
        ("accept.p99<1us", True),
        ("e2e.max>1s", True),
        ("e2e.max>1001ms", False),
        ("lost>=0", True),
        ("lost>0", False),
        ("lost == 0", True),
        ("expected!=0", False),
        ("accepted_rate<51", True),
        ("accepted_rate<50", False),
    ],
)
def test_thresholds_are_judged(text: str, broken: bool) -> None:
    """Latencies with units, counts and rates without; what was not measured is not taken for kept."""
    assert parse(text).broken(_result()) is broken


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no threshold"),
        ("e2e.p99", "expected for example e2e.p99>250ms"),
        ("e2e.p99>250", "expected a duration in us, ms, s or min"),
        ("e2e.p99>250h", "expected a duration"),
        ("e2e.p101>1s", "is no statistic"),
        ("e2e.avg>1s", "expected p50, p99, p99.9, mean, min or max"),
        ("losst>0", "nearest: 'lost'"),
        ("lost>0ms", "expected a number alone"),
        ("hold:lost>0", "without a phase"),
    ],
)
def test_what_is_no_threshold_is_told_with_what_was_expected(text: str, told: str) -> None:
    """A misspelt threshold must not pass for one that is kept."""
    with pytest.raises(ThresholdError, match=told):
        parse(text)


def test_phase_must_be_one_of_the_workload() -> None:
    """A threshold on a phase that there is not would never be broken: it is refused."""
    check_phases([parse("spike:e2e.p99>1s"), parse("lost>0")], ("hold", "spike"))
    with pytest.raises(ThresholdError, match="expected one of hold"):
        check_phases([parse("spike:e2e.p99>1s")], ("hold",))


def test_every_count_of_the_ledger_can_be_named() -> None:
    """Each of the counts is there for a threshold."""
    for name in COUNTS:
        assert parse(f"{name}<0").value(_result()) == 0


def test_ledger_that_does_not_add_up_is_broken_without_being_asked() -> None:
    """lost>0, duplicated>0, misrouted>0 and stray_answers>0 hold for every run; incomplete goes before broken."""
    assert judge([_result()], []).word == "ok"
    for name in ("lost", "duplicated", "misrouted"):
        assert judge([_result(**{name: 1})], []).word == "broken"
    stray = _result()
    stray.ledger.stray_answers = 1
    assert judge([stray], []).word == "broken"
    cut = _result(lost=1)
    cut.reasons.append("after 2 s: killed")
    assert judge([_result(), cut], []).word == "incomplete"


def test_target_that_refuses_is_no_success_unless_that_is_allowed_by_name() -> None:
    """What refuses everything loses nothing and is fast: without a threshold on refused, each refusal breaks."""
    result = _result()
    result.ledger.refused = 3
    assert judge([result], []).word == "broken"
    assert judge([result], [parse("refused>2")]).word == "broken"
    assert judge([result], [parse("refused>3")]).word == "ok"


def test_process_that_stood_still_was_the_limit() -> None:
    """What a receiving process did not read for a while looks like the target's delay: it is named."""
    assert not judge_limit({}, 0.0, 0.0, {"process 2": (0.01, 0.2)}).was_limit
    (reason,) = judge_limit({}, 0.0, 0.0, {"process 1": (0.0, 0.0), "process 2": (0.034, 2.0)}).reasons
    assert reason.startswith("process 2 stood still for 3.4% of the time, up to 2000 ms")


def test_generator_that_was_the_limit_says_so() -> None:
    """A busy process or messages that went late for its own sake are named; a quiet one is not."""
    assert not judge_limit({"process 1": 0.5}, 2.0, 900.0).was_limit
    busy = judge_limit({"process 1": 0.95, "process 2": 0.2}, 80.0, 900.0)
    assert len(busy.reasons) == 2
    assert "process 1 took 95%" in busy.reasons[0]
