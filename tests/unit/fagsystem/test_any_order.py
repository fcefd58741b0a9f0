"""Letters in any order, some of them twice, and a process that ends at any moment: the books stay exact."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.fagsystem import Myndighed, Outcome, Sagsgang, Tilbud
from tests.unit.fagsystem.post import BIRKELY, HAVBLIK, NORDBY, Post, citizen

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exact(post: Post) -> None:
    """Each letter has one entry where it went and one where it came, and nothing has been refused."""
    for party in post.parties.values():
        entries = party.journal()
        assert len({(entry.besked_id, entry.retning) for entry in entries}) == len(entries)
        assert {entry.udfald for entry in entries} <= {Outcome.MODTAGET, Outcome.SENDT}
        sent = [kuvert.besked_id for kuvert in post.sent if kuvert.aktoer == party.part.aktoer]
        assert sorted(sent) == sorted(entry.besked_id for entry in entries if entry.udfald is Outcome.SENDT)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=60))
def test_any_order(choices: list[tuple[int, bool]]) -> None:
    """Whatever letter overtakes another, and whatever comes twice: all courses end in the right state."""
    post = Post()
    try:
        left = list(choices)

        def pick(letters: list[object]) -> int:
            number, double = left.pop() if left else (0, False)
            chosen = number % len(letters)
            if double:
                post.under_way.append(post.under_way[chosen])
            return chosen

        post.pick = pick  # type: ignore[assignment]
        nordby = post.myndighed(sagsgang=Sagsgang(opfoelgninger=1, ny_bestilling_ved=frozenset({1})))
        post.tilbud(BIRKELY), post.tilbud(HAVBLIK, "refusing")
        for number in (1, 2, 3):
            nordby.match(citizen(number), [BIRKELY, HAVBLIK])
        post.until(lambda: set(nordby.alle_forloeb().values()) == {"AFSLUTTET"})
        exact(post)
    finally:
        post.close()


@QUICK
@given(st.lists(st.integers(0, 300), max_size=12))
def test_ends_at_any_moment(moments: list[int]) -> None:
    """A party that is started anew from its database after any step goes on where it was: nothing lost or doubled."""
    with tempfile.TemporaryDirectory() as folder:
        post = Post(stores={where.aktoer: str(Path(folder) / f"{where.p_nummer}.db") for where in (NORDBY, BIRKELY)})
        try:
            restarting(post, moments)
        finally:
            post.close()


def restarting(post: Post, moments: list[int]) -> None:
    forloeb = post.myndighed(sagsgang=Sagsgang(opfoelgninger=1)).match(citizen(), [BIRKELY])
    post.tilbud(BIRKELY)
    step, ends = 0, set(moments)

    def restart() -> None:
        nonlocal step
        step += 1
        if step in ends:
            again(post, NORDBY.aktoer if step % 2 else BIRKELY.aktoer)

    for _ in range(200):
        moved = True
        while moved:
            moved = False
            for aktoer in (NORDBY.aktoer, BIRKELY.aktoer):
                for act in (post.collect, type(post.parties[aktoer]).run_due):
                    moved = act(post.parties[aktoer]) or moved
                    restart()
            moved = post.deliver() or moved
            restart()
        if post.parties[NORDBY.aktoer].alle_forloeb()[forloeb] == "AFSLUTTET":
            break
        due = [day for party in post.parties.values() if (day := party.next_due()) is not None]
        post.calendar.advance(max(min(due), post.calendar.now()))
    assert [party.alle_forloeb()[forloeb] for party in post.parties.values()] == ["AFSLUTTET", "AFSLUTTET"]
    exact(post)


def again(post: Post, aktoer: str) -> Myndighed | Tilbud:
    """As after kill -9: what was in memory is gone, what was committed is there."""
    post.parties[aktoer].store.close()
    if aktoer == NORDBY.aktoer:
        return post.myndighed(sagsgang=Sagsgang(opfoelgninger=1))
    return post.tilbud(BIRKELY)
