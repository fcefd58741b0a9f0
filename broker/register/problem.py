"""One thing that is wrong in a register, said about an item and a field.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Myndighed, Serviceaftale, Vaerdiliste
from broker.errors import RegisterError
from broker.ports import Item

SECTIONS: dict[type[Item], str] = {
    Myndighed: "myndigheder",
    Anvendersystem: "anvendersystemer",
    Beskedtype: "beskedtyper",
    Serviceaftale: "serviceaftaler",
    Dueslag: "dueslag",
    Abonnement: "abonnementer",
    Vaerdiliste: "vaerdilister",
}
"""Kind of item → its section in a register file, which is also its field in RegisterContent."""


def section_of(item: Item) -> str:
    """The section of a register file that the item belongs to."""
    return SECTIONS[type(item)]


def key_of(item: Item) -> str:
    """What identifies the item within its section: the CVR number of a Myndighed, else the id."""
    return item.cvr if isinstance(item, Myndighed) else item.id


def label_of(item: Item) -> str:
    """The item as a sentence names it, for example ``abonnement 'Indlæggelser' (7b1c…)``."""
    kind = type(item).__name__.lower()
    if isinstance(item, Serviceaftale):
        return f"{kind} {item.id}"
    navn = " ".join(item.navn.split())  # a navn that breaks the rules must not break the line
    return f"{kind} '{navn}' ({key_of(item)})"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of one item; ``str`` is one line."""

    item: Item
    text: str
    """What is wrong; what was expected."""
    field: str = ""
    """Name of the field, ``outer.inner`` for one within another; empty = the item as a whole."""
    index: int | None = None
    """Position in a field that is a list."""
    offset: int | None = None
    """0-based position in a text, where the fault has one."""
    reference: str | None = None
    """The name or id that leads nowhere, where that is the fault."""

    def __str__(self) -> str:
        where = self.field if self.index is None else f"{self.field}[{self.index}]"
        return f"{label_of(self.item)}{', ' if where else ''}{where}: {self.text}"


class RegisterProblems(RegisterError):
    """A register breaks rules; ``problems`` has one line for each, ``str`` is those lines."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (nearest: 'x')`` where something known resembles the word, else nothing."""
    by_lower = {name.lower(): name for name in known}
    hits = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" (nearest: '{by_lower[hits[0]]}')" if hits else ""
