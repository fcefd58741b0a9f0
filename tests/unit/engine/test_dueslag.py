"""The state of one dueslag: order and turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broker.engine.dueslag import Box
from broker.engine.store import Entry
from tests.conformance.engine.parts import Notebook


def entry(id: int) -> Entry:
    made = Entry(id, "D", "A", None, 0, False, id)
    made.besked_id, made.expires, made.size = f"m{id}", None, 10
    return made


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=60))
def test_always_the_lowest_that_is_ready(steps: list[tuple[bool, int]]) -> None:
    """Whatever is given back when, the next delivery is the one accepted first."""
    box, ready, out, next_id = Box("D"), set[int](), list[Entry](), 1
    box.live = True
    for new, number in steps:
        if new or not out:
            for _ in range(number):
                box.append(entry(next_id))
                ready.add(next_id)
                next_id += 1
        else:
            back = out.pop(number % len(out))
            box.put_back(back)
            ready.add(back.id)
        if ready and number % 2:
            first = box.first()
            assert first is not None
            assert first.id == min(ready)
            assert box.pop() is first
            ready.remove(first.id)
            out.append(first)
    assert box.in_memory() == len(ready)


def test_what_came_back_waits_for_what_the_store_has_before_it() -> None:
    """A delivery given back does not overtake those before it that must still be read."""
    box = Box("D")
    box.put_back(entry(9))
    assert box.first() is None
    box.append(entry(3))
    first = box.first()
    assert first is not None
    assert first.id == 3
    box.pop()
    assert box.first() is None
    box.live = True
    assert box.first() is not None


def test_turns_go_round_among_those_with_room() -> None:
    """Three consumers of one priority, one of them full: the other two alternate."""
    box = Box("D")
    consumers = [Notebook(), Notebook(room=0), Notebook()]
    for consumer in consumers:
        box.add_consumer(consumer)
    chosen = [box.next_consumer() for _ in range(4)]
    assert chosen == [consumers[0], consumers[2], consumers[0], consumers[2]]
    box.remove_consumer(consumers[0])
    assert box.next_consumer() is consumers[2]


@given(st.lists(st.integers(1, 50), unique=True), st.sets(st.integers(1, 50)))
def test_removed_are_gone_and_the_rest_stay_in_order(ids: list[int], gone: set[int]) -> None:
    """Expired deliveries leave the others in order, and their bytes are given free."""
    box = Box("D")
    box.live = True
    half = len(ids) // 2
    for id in sorted(ids[:half]):
        box.append(entry(id))
    for id in ids[half:]:
        box.put_back(entry(id))
    assert box.remove(gone) == 410 * len(gone & set(ids))
    left = []
    while box.first() is not None:
        left.append(box.pop().id)
    assert left == sorted(set(ids) - gone)
