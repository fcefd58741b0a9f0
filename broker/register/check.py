"""Whether a register holds together, as a whole and after a change.  Pure.

`check` judges everything, `check_change` and `check_delete` only what a change touches: their cost follows the
change, not the size of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from broker.core.identifiers import is_uuid
from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Serviceaftale, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.problem import SECTIONS, Problem, key_of, label_of, section_of
from broker.register.referrers import referrers
from broker.register.rules import FilterCheck, dueslag_faults, faults, filter_faults
from broker.register.view import View

_Mark = tuple[str, str, str]
"""Field, within what it must be unique ("" = the register), and its value."""


def check(content: RegisterContent, check_filter: FilterCheck) -> list[Problem]:
    """All that is wrong in a register, in the order of its sections; empty = consistent."""
    view = View.after(content)
    items = list(all_items(content))
    problems = [problem for item in items for problem in faults(item, view, check_filter)]
    return problems + list(_same_names(items, view))


def change_problems(content: RegisterContent, items: Sequence[Item], check_filter: FilterCheck) -> list[Problem]:
    """What would be wrong after ``items`` were put into a consistent register (of two with one id, the last)."""
    items = list({(section_of(item), key_of(item)): item for item in items}.values())
    view = View.after(content, items)
    problems = [problem for item in items for problem in faults(item, view, check_filter)]
    changed = {(section_of(item), key_of(item)) for item in items}
    for abonnement in _list_users(content, items):
        if ("abonnementer", abonnement.id) not in changed:
            problems.extend(filter_faults(abonnement, view, check_filter))
    for aftale in _dueslag_users(content, items):
        if ("serviceaftaler", aftale.id) not in changed:
            problems.extend(dueslag_faults(aftale, view))
    return problems + list(_same_names(items, view))


def check_change(content: RegisterContent, items: Sequence[Item], check_filter: FilterCheck) -> list[str]:
    """`change_problems` as sentences; empty = may be put."""
    return [str(problem) for problem in change_problems(content, items, check_filter)]


def check_delete(content: RegisterContent, items: Sequence[Item]) -> list[str]:
    """Why ``items`` may not be removed: for each one still referred to, a sentence naming what refers.

    What refers may be removed in the same call.  Items that are not in the register are passed over.
    """
    problems = []
    for item, found in referrers(content, items):
        shown = ", ".join(label_of(other) for other in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        problems.append(f"{label_of(item)} is still referred to by {shown}{more}; remove what refers first, or with it")
    return problems


def all_items(content: RegisterContent) -> Iterator[Item]:
    """Every item of a register, so that what is referred to comes before what refers (serviceaftaler excepted)."""
    for section in SECTIONS.values():
        yield from getattr(content, section).values()


def _list_users(content: RegisterContent, items: Iterable[Item]) -> Iterator[Abonnement]:
    """Abonnementer whose værdilister may be lost when a dueslag changes owner or a list its owner or name."""
    moved = _moved(content, items)
    for item in items:
        if isinstance(item, Vaerdiliste):
            liste = content.vaerdilister.get(item.id)
            if liste is not None and (liste.navn, liste.anvendersystem) != (item.navn, item.anvendersystem):
                moved.update(d.id for d in content.dueslag.values() if d.anvendersystem == liste.anvendersystem)
    if moved:
        yield from (a for a in content.abonnementer.values() if a.dueslag in moved)


def _dueslag_users(content: RegisterContent, items: Iterable[Item]) -> Iterator[Serviceaftale]:
    """Serviceaftaler that name a dueslag which changes owner."""
    if moved := _moved(content, items):
        yield from (a for a in content.serviceaftaler.values() if not moved.isdisjoint(a.modtagende_dueslag))


def _moved(content: RegisterContent, items: Iterable[Item]) -> set[str]:
    """The dueslag that get another owner."""
    there = content.dueslag
    dueslag = (item for item in items if isinstance(item, Dueslag))
    return {one.id for one in dueslag if one.id in there and there[one.id].anvendersystem != one.anvendersystem}


def _same_names(items: Iterable[Item], view: View) -> Iterator[Problem]:
    """Names must tell apart: systems (they log in by navn or certificate), dueslag and værdilister within a system.

    Abonnementer are exempt: there may be a million, and nothing refers to one by navn.
    """
    changed: dict[str, dict[_Mark, list[Item]]] = {}
    for item in items:
        for mark in _marks(item):
            changed.setdefault(section_of(item), {}).setdefault(mark, []).append(item)
    for section, marks in changed.items():
        holders = _by_mark(getattr(view, section).values(), marks)
        for mark, mine in marks.items():
            keys = {key_of(item) for item in mine}
            keeper = next((item for item in holders[mark] if key_of(item) not in keys), mine[0])
            text = _taken(mark, keeper)
            yield from (Problem(item, text, mark[0]) for item in mine if key_of(item) != key_of(keeper))


def _taken(mark: _Mark, keeper: Item) -> str:
    field, owner, value = mark
    if field == "certifikat":
        return f"{value} is the certificate of {label_of(keeper)}; expected a SERIALNUMBER of its own"
    within = f" in anvendersystem {owner}" if owner else ""
    return f"the name is taken by {label_of(keeper)}; expected a name of its own{within}"


def _by_mark(items: Iterable[Item], wanted: Collection[_Mark]) -> dict[_Mark, list[Item]]:
    """Those that bear one of the marks."""
    found: dict[_Mark, list[Item]] = {}
    for item in items:
        for mark in _marks(item):
            if mark in wanted:
                found.setdefault(mark, []).append(item)
    return found


def _marks(item: Item) -> Iterator[_Mark]:
    """What no other item may bear.

    Systems log in by navn without case, and serial numbers compare without case (X.520, caseIgnoreMatch); a filter
    names a værdiliste letter by letter.
    """
    match item:
        case Anvendersystem():
            yield "navn", "", item.navn.lower()
            if item.certifikat is not None or is_uuid(item.id):
                yield "certifikat", "", item.serienummer.upper()
        case Beskedtype():
            yield "navn", "", item.navn
        case Dueslag() | Vaerdiliste():
            yield "navn", item.anvendersystem, item.navn
