"""The journal: each message once, and whether the repetition was announced."""

from __future__ import annotations

from consumers.demo.journal import Indgaaet, Journal, Sendt
from consumers.retur import StandardRetur


def test_repetition_makes_no_second_entry() -> None:
    """A message that comes again is not entered twice; flagged ones and unflagged ones are counted apart."""
    journal = Journal()
    assert journal.receive(Indgaaet("b1", "t", "a", False))
    assert not journal.receive(Indgaaet("b1", "t", "a", True))
    assert not journal.receive(Indgaaet("b1", "t", "a", False))
    assert list(journal.modtaget) == ["b1"]
    assert (journal.again_redelivered, journal.again_unflagged) == (1, 1)


def test_answers_are_counted_by_status() -> None:
    """20 is taken, all else refused; what has no answer yet is neither."""
    journal = Journal()
    journal.sendt = [
        Sendt("1", "x", StandardRetur(20, "")),
        Sendt("2", "x", StandardRetur(40, "nej")),
        Sendt("3", "x"),
    ]
    assert (journal.taken, journal.refused) == (1, 1)
