"""Whether a register holds together, as a whole and after a change.  Pure.

`check` judges everything, `check_change` and `check_delete` only what a change touches: their cost follows the
change, not the size of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.problem import SECTIONS, Problem, key_of, label_of, section_of
from broker.register.referrers import referrers
from broker.register.rules import FilterCheck, faults, filter_faults
from broker.register.view import View

_Name = tuple[str, str]


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
    changed = {key_of(item) for item in items if isinstance(item, Abonnement)}
    for abonnement in _dependants(content, items):
        if abonnement.id not in changed:
            problems.extend(filter_faults(abonnement, view, check_filter))
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


def _dependants(content: RegisterContent, items: Iterable[Item]) -> Iterator[Abonnement]:
    """Abonnementer whose værdilister may be lost when a dueslag changes owner or a list its owner or name."""
    moved: set[str] = set()
    for item in items:
        if isinstance(item, Dueslag):
            dueslag = content.dueslag.get(item.id)
            if dueslag is not None and dueslag.anvendersystem != item.anvendersystem:
                moved.add(item.id)
        elif isinstance(item, Vaerdiliste):
            liste = content.vaerdilister.get(item.id)
            if liste is not None and (liste.navn, liste.anvendersystem) != (item.navn, item.anvendersystem):
                moved.update(d.id for d in content.dueslag.values() if d.anvendersystem == liste.anvendersystem)
    if moved:
        yield from (a for a in content.abonnementer.values() if a.dueslag in moved)


def _same_names(items: Iterable[Item], view: View) -> Iterator[Problem]:
    """Names must tell apart: systems (they log in by navn), and dueslag and værdilister within a system.

    Abonnementer are exempt: there may be a million, and nothing refers to one by navn.
    """
    changed: dict[str, dict[_Name, list[Item]]] = {}
    for item in items:
        if (name := _name(item)) is not None:
            changed.setdefault(section_of(item), {}).setdefault(name, []).append(item)
    for section, names in changed.items():
        holders = _by_name(getattr(view, section).values(), names)
        for name, mine in names.items():
            keys = {key_of(item) for item in mine}
            keeper = next((item for item in holders[name] if key_of(item) not in keys), mine[0])
            within = f" in anvendersystem {name[0]}" if name[0] else ""
            text = f"the name is taken by {label_of(keeper)}; expected a name of its own{within}"
            yield from (Problem(item, text, "navn") for item in mine if key_of(item) != key_of(keeper))


def _by_name(items: Iterable[Item], wanted: Collection[_Name]) -> dict[_Name, list[Item]]:
    """Those that hold one of the names, by name."""
    found: dict[_Name, list[Item]] = {}
    for item in items:
        name = _name(item)
        if name is not None and name in wanted:
            found.setdefault(name, []).append(item)
    return found


def _name(item: Item) -> _Name | None:
    """Within what a navn must be unique ("" = the register) and the navn; None = it need not be.

    Systems log in by navn without case; a filter names a værdiliste letter by letter.
    """
    match item:
        case Anvendersystem():
            return "", item.navn.lower()
        case Beskedtype():
            return "", item.navn
        case Dueslag() | Vaerdiliste():
            return item.anvendersystem, item.navn
    return None
