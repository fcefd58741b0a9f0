"""The ledger against a naive model of the same run, message by message."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.load.ledger import Change, Ledger, draw_up
from consumers.load.news import Done, StreamEnd
from consumers.load.seen import Seen
from tests.unit.load.made import cast

_PARTS = {
    "types": [{"name": "a", "weight": 2}, {"name": "b", "to": ["one"]}],
    "senders": [{"name": "s", "count": 2}],
    "receivers": [{"name": "one"}, {"name": "two"}],
}
_CAST = cast(**_PARTS)


@dataclass
class Naive:
    """Sets of (stream, number), for one destination."""

    expected: set[tuple[int, int]] = field(default_factory=set)
    arrived: set[tuple[int, int]] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)
    misrouted: int = 0
    duplicated: int = 0
    redelivered: int = 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from([0.0, 0.1, 0.5]))
def test_ledger_agrees_with_a_naive_model(seed: int, bad: float) -> None:
    """Accepted, refused, lost, duplicated, misrouted: the same numbers as sets of messages give."""
    chance = random.Random(seed)
    cells = [0] * _CAST.offsets[-1]
    seen = {(d.index, s.index): Seen(s.total) for d in _CAST.destinations for s in _CAST.streams}
    naive = [Naive() for _ in _CAST.destinations]
    accepted = refused = 0
    for stream in _CAST.streams:
        for number in range(stream.total):
            kind = stream.cycle[number % len(stream.cycle)]
            fate = chance.random()
            if fate < bad / 3:
                continue  # no answer
            if fate < bad:
                cells[_CAST.offsets[stream.index] + number] = -40
                refused += 1
                continue
            cells[_CAST.offsets[stream.index] + number] = int(stream.schedule(_CAST.profile).due(number) * 1e9) + 5
            accepted += 1
            for destination, model in zip(_CAST.destinations, naive, strict=True):
                key, book = (stream.index, number), seen[destination.index, stream.index]
                meant = kind in destination.kinds
                if meant:
                    model.expected.add(key)
                if meant != (chance.random() < bad):
                    model.misrouted += not meant
                    book.arrive(number, False)
                    model.arrived.add(key)
                    for flagged in (True, False):
                        if chance.random() < bad:
                            book.arrive(number, flagged)
                            model.redelivered += flagged
                            model.duplicated += not flagged
                    if chance.random() >= bad:
                        book.take(number)
                        model.taken.add(key)
    done = Done({s.index: StreamEnd(s.total, 0, {}) for s in _CAST.streams}, seen)
    ledger = draw_up(_CAST, cells, [done], [], complete=True)
    assert (ledger.accepted, ledger.refused) == (accepted, refused)
    assert ledger.attempted == ledger.accepted + ledger.refused + ledger.unanswered == len(cells)
    for row, model in zip(ledger.rows, naive, strict=True):
        assert row.expected == len(model.expected)
        assert row.taken == len(model.taken)
        assert row.lost == len(model.expected - model.taken)
        assert (row.duplicated, row.redelivered) == (model.duplicated, model.redelivered)
        assert row.misrouted == model.misrouted
    if not bad:
        assert ledger.balanced


def _played(changes: list[Change], came: dict[int, set[int]], late: dict[int, int] | None = None) -> Ledger:
    """One stream of 100 messages in 2 s, each accepted 1 ms after it was due unless ``late`` (ns) says more."""
    made = cast(receivers=[{"name": "r"}])
    stream = made.streams[0]
    schedule = stream.schedule(made.profile)
    cells = [int(schedule.due(n) * 1e9) + (late or {}).get(n, 1_000_000) for n in range(stream.total)]
    books = {}
    for index, numbers in came.items():
        books[index, 0] = book = Seen(stream.total)
        for number in sorted(numbers):
            book.arrive(number, False)
            book.take(number)
    done = Done({0: StreamEnd(stream.total, 0, {})}, books)
    return draw_up(made, cells, [done], changes, complete=True)


def _at(number: int) -> int:
    """ns at which message ``number`` of `_played` is due."""
    return int((number + 0.5) / 50 * 1e9)


_STOP = Change(0, _at(30), _at(40), frozenset())
_START = Change(0, _at(60), _at(70), frozenset({0}))


def test_what_is_sent_to_a_stopped_abonnement_is_not_expected() -> None:
    """Before the stop and after the start messages are expected; around each change they may come or not."""
    sure = set(range(30)) | set(range(70, 100))
    ledger = _played([_STOP, _START], {0: sure})
    row = ledger.rows[0]
    assert (row.lost, row.misrouted) == (0, 0)
    assert row.expected + row.either_way == 80
    assert 18 <= row.either_way <= 22


def test_message_after_the_stop_is_misrouted_and_one_before_it_lost() -> None:
    """A stopped abonnement that delivers is found out, and so is an active one that does not."""
    sure = set(range(30)) | set(range(70, 100))
    ledger = _played([_STOP, _START], {0: (sure | {50}) - {10}})
    assert (ledger.rows[0].lost, ledger.rows[0].misrouted) == (1, 1)
    assert not ledger.balanced


def test_slowly_accepted_message_may_have_met_either_filter() -> None:
    """Due before the stop but accepted after it: it may come or not, and neither counts as a fault."""
    late = {10: _at(50) - _at(10)}
    for came in (True, False):
        sure = set(range(30)) | set(range(70, 100))
        ledger = _played([_STOP, _START], {0: sure if came else sure - {10}}, late)
        assert (ledger.rows[0].lost, ledger.rows[0].misrouted) == (0, 0)


def test_run_that_was_cut_short_says_undelivered_not_lost() -> None:
    """What was not there when a run was cut short may still have been under way."""
    made = cast()
    cells = [1] * made.offsets[-1]
    done = Done({0: StreamEnd(made.streams[0].total, 0, {})}, {})
    for complete, lost, undelivered in ((False, 0, 100), (True, 100, 0)):
        row = draw_up(made, cells, [done], [], complete=complete).rows[0]
        assert (row.lost, row.undelivered) == (lost, undelivered)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=80))
def test_seen_counts_as_a_list_of_arrivals_does(arrivals: list[tuple[int, bool]]) -> None:
    """First arrivals, repetitions by their flag, and what came after a later one."""
    seen, first, again, order, highest = Seen(41), set[int](), [0, 0], 0, -1
    for number, flagged in arrivals:
        assert seen.arrive(number, flagged) == (number not in first)
        if number in first:
            again[flagged] += 1
        elif number < highest:
            order += not flagged
        first.add(number)
        highest = max(highest, number)
    assert (seen.again_unflagged, seen.again_flagged) == tuple(again)
    assert seen.out_of_order == order
    assert int.from_bytes(seen.arrived, "little").bit_count() == len(first)
    assert not seen.arrive(41, False)
    assert seen.strays == 1
