"""What a fagsystem refuses."""

from __future__ import annotations


class NotAllowed(Exception):
    """The system does not do what it is asked: nothing is sent, and nothing is changed.

    ``rule`` is R1 to R10 (docs/parties.md), ``tilstand`` where the forløb's state forbids it, or ``ukendt`` where
    there is no such citizen, forløb or party; ``str`` says why, without CPR numbers.
    """

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule
        self.text = text


class StoreInUse(Exception):
    """The database is open in another party's process: two would send everything twice."""
