"""What follows from how the attempts have gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.push.course import Course, Step
from adapters.push.verdict import Result, Verdict

TAKEN, REFUSED, UNREACHABLE, DROPPED = (Verdict(result) for result in Result)


def steps(course: Course, verdicts: list[Verdict], head: int = 1) -> list[Step]:
    return [course.follow(verdict, head, number) for number, verdict in enumerate(verdicts)]


def test_refusals_up_to_the_limit() -> None:
    """Twice again, then to the fejlkø; the next message starts anew."""
    course = Course(3)
    assert steps(course, [REFUSED] * 3) == [Step.LATER, Step.LATER, Step.GIVE_UP]
    assert steps(course, [REFUSED] * 3, head=2) == [Step.LATER, Step.LATER, Step.GIVE_UP]


def test_not_being_reached_counts_for_the_delay_only() -> None:
    """In between, before and after: refusals are what the limit is about."""
    course = Course(2)
    assert steps(course, [UNREACHABLE] * 50 + [REFUSED]) == [Step.LATER] * 51
    assert course.failures == 51
    assert course.follow(REFUSED, 1, 51) is Step.GIVE_UP
    assert course.failures == 0


def test_a_dropped_connection_is_tried_again_at_once_and_once() -> None:
    """Then it is a receiver that is not reached."""
    course = Course(3)
    assert steps(course, [DROPPED, DROPPED, DROPPED, TAKEN, DROPPED]) == [
        Step.AT_ONCE,
        Step.LATER,
        Step.LATER,
        Step.NEXT,
        Step.AT_ONCE,
    ]


def test_a_connection_dropped_while_it_fails_anyway_is_not_tried_at_once() -> None:
    """There is no kept connection that it could have been."""
    assert steps(Course(3), [UNREACHABLE, DROPPED]) == [Step.LATER, Step.LATER]


def test_attempts_before_the_start_count_up_to_half_of_the_limit() -> None:
    """30 attempts known to the engine, limit 10: five more refusals."""
    course = Course(10)
    assert [course.follow(REFUSED, 1, 30 + n) for n in range(5)] == [Step.LATER] * 4 + [Step.GIVE_UP]


def test_a_limit_of_one_needs_one_refusal_of_this_run() -> None:
    """An outage before the start alone sends nothing to the fejlkø."""
    course = Course(1)
    assert course.follow(UNREACHABLE, 1, 30) is Step.LATER
    assert course.follow(REFUSED, 1, 31) is Step.GIVE_UP


@given(st.lists(st.sampled_from([REFUSED, UNREACHABLE, DROPPED]), max_size=60), st.integers(0, 8))
def test_given_up_after_exactly_the_limit_of_refusals(verdicts: list[Verdict], limit: int) -> None:
    """Whatever comes between; without a limit never."""
    course = Course(limit)
    refusals = 0
    for number, verdict in enumerate(verdicts):
        step = course.follow(verdict, 1, number)
        refusals += verdict is REFUSED
        assert (step is Step.GIVE_UP) == (limit > 0 and verdict is REFUSED and refusals == limit)
        if step is Step.GIVE_UP:
            return


def test_patience_ends_whatever_failed() -> None:
    """With --push-patience a message whose receiver never answers makes room for the next; each has its own time."""
    course = Course(3, patience=60)
    followed = [course.follow(UNREACHABLE, 1, number, now) for number, now in enumerate((100.0, 130.0, 160.0))]
    assert followed == [Step.LATER, Step.LATER, Step.GIVE_UP]
    assert course.follow(UNREACHABLE, 2, 0, 161.0) is Step.LATER
