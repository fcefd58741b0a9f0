"""What a beskedfordeler starts with: the register on disk, the file it was given, or the built-in one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from broker.core.filter import parse_filter
from broker.core.model import Abonnement, Dueslag, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.check import all_items, check_change
from broker.register.defaults import default_content
from broker.register.problem import RegisterProblems, key_of, label_of, section_of
from broker.register.rules import FilterCheck
from broker.sharing import SharedRegister, Step


class Mode(Enum):
    """How a register file meets a register that is already there."""

    MERGE = "merge"
    """The file's items replace those with the same id, but an abonnement keeps the tilstand it has, a dueslag the
    callback where the file has none, a værdiliste what VærdilisteRediger registered."""
    RESET = "reset"
    """The file's items replace those with the same id, all of that and values included (``--register-reset``)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The register as the beskedfordeler starts with it; ``notes``: where it differs from the file, a line each."""

    content: RegisterContent
    notes: tuple[str, ...] = ()


async def prepare(
    register: SharedRegister,
    content_from_file: RegisterContent | None,
    mode: Mode = Mode.MERGE,
    check_filter: FilterCheck = parse_filter,
) -> Prepared:
    """Bring an open register into the state to start with, and return what it then holds.

    An empty register takes the file, or the built-in register where there is no file.  A register that holds
    something stays as it is without a file, and is merged with one (docs/register.md, "Start").  Raises
    RegisterError where file and register contradict each other: nothing is changed then.  Of several fronts that start
    at once one does it after the other.
    """
    if content_from_file is None and not await register.is_empty():
        return Prepared(await register.load())  # nobody need wait for that
    async with register.changing() as step:
        if await step.is_empty():
            await step.replace(content_from_file or default_content(check_filter))
            return Prepared(await step.load())
        current = await step.load()
        if content_from_file is None:
            return Prepared(current)
        items, notes = _merged(current, content_from_file, mode)
        _agree(current, items, check_filter)
        await step.put(items)
        for item in items:
            getattr(current, section_of(item))[key_of(item)] = item
        await _merge_values(step, current, content_from_file, mode)
        current.revision = step.revision
    return Prepared(current, notes)


def _merged(current: RegisterContent, file: RegisterContent, mode: Mode) -> tuple[list[Item], tuple[str, ...]]:
    """The file's items that change something, and what of the file does not take effect."""
    items: list[Item] = []
    notes: list[str] = []
    for item in all_items(file):
        there = _there(current, item)
        kept, note = _as_left(item, there) if mode is Mode.MERGE else (item, "")
        if kept != there:
            items.append(kept)
        if note:
            notes.append(f"{label_of(item)} {note}, which --register-reset would take")
    return items, tuple(notes)


def _as_left(item: Item, there: Item | None) -> tuple[Item, str]:
    """The file's item with what was set at run time, and where that differs from what the file says."""
    match item, there:
        case Abonnement(), Abonnement() if item.tilstand != there.tilstand:
            note = f"stays {there.tilstand}, as it was left; the file says {item.tilstand}"
            return replace(item, tilstand=there.tilstand), note
        case Dueslag(), Dueslag() if item.callback is None and there.callback is not None:
            note = f"is pushed to {there.callback}, as was set at run time; the file says no callback"
            return replace(item, callback=there.callback), note
        case Vaerdiliste(), Vaerdiliste() if there.registrering not in (None, item.registrering):
            note = "keeps its registrering; the file says another" if item.registrering is not None else ""
            return replace(item, registrering=there.registrering), note
    return item, ""


def _there(content: RegisterContent, item: Item) -> Item | None:
    found: Item | None = getattr(content, section_of(item)).get(key_of(item))
    return found


def _agree(current: RegisterContent, items: list[Item], check_filter: FilterCheck) -> None:
    if problems := check_change(current, items, check_filter):
        head = "the register file contradicts what was put into the register at run time; change either:"
        raise RegisterProblems([head, *problems])


async def _merge_values(step: Step, current: RegisterContent, file: RegisterContent, mode: Mode) -> None:
    """Values of the file are added; only RESET takes out what the file does not have."""
    for key in file.vaerdilister:
        wanted, held = file.vaerdier.get(key, set()), current.vaerdier.setdefault(key, set())
        if missing := wanted - held:
            await step.add_values(key, missing)
            held |= missing
        if mode is Mode.RESET and (extra := held - wanted):
            await step.remove_values(key, extra)
            held -= extra
