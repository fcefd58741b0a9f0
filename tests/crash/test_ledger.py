"""The ledger of the crash test finds what it is there to find."""

from __future__ import annotations

from tests.crash.ledger import Arrivals, Ledger


def test_loss_and_strangers_are_found() -> None:
    """What was answered and never came is lost; what came and was never sent is unexpected."""
    ledger, arrivals = Ledger(attempted={"a", "b", "c"}, acknowledged={"a", "b"}), Arrivals()
    arrivals.take("a", False)
    arrivals.take("x", False)
    assert ledger.lost(arrivals) == {"b"}
    assert ledger.unexpected(arrivals) == {"x"}


def test_repetition_is_judged_by_its_flag() -> None:
    """A second delivery is allowed if it is flagged redelivered, and a fault if not; the first may be flagged."""
    arrivals = Arrivals()
    for redelivered in (True, True, False):
        arrivals.take("a", redelivered)
    assert arrivals.recovered == 1
    assert arrivals.duplicated_unflagged == {"a": 1}
