"""One way to break a rule: what to change in a letter, and where the finding is then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from consumers.standards.letters import Brev
from consumers.standards.paths import Loc
from consumers.standards.shape import Shape, shape_of

AnyBrev = TypeVar("AnyBrev", bound=Brev)


@dataclass(frozen=True, slots=True)
class Break:
    """``changes``: new values by place (JSON names); ``loc``: where the rule's finding is then."""

    loc: Loc
    changes: tuple[tuple[Loc, Any], ...]


def setting(loc: Loc, value: Any, *more: tuple[Loc, Any], at: Loc | None = None) -> Break:
    """A value set at ``loc``, where the finding is, too, unless it is ``at`` another place."""
    return Break(at or loc, ((loc, value), *more))


def adding(loc: Loc, entries: tuple[Any, ...], entry: Any, *inner: str) -> Break:
    """An entry added to a list; the finding is there, or at a field in it."""
    return Break((*loc, len(entries), *inner), ((loc, (*entries, entry)),))


def changed(brev: AnyBrev, change: Break) -> AnyBrev:
    """The letter with the changes; nothing is judged."""
    value: Any = brev
    for loc, new in change.changes:
        value = _changed(value, shape_of(type(brev)), loc, new)
    return value  # type: ignore[no-any-return]


def _changed(value: Any, shape: Shape, loc: Loc, new: Any) -> Any:
    if not loc:
        return new
    step, rest = loc[0], loc[1:]
    if isinstance(step, int):
        return (*value[:step], _changed(value[step], shape, rest, new), *value[step + 1 :])
    member = shape.by_json[step]
    inner = _changed(getattr(value, member.name), member.block or shape, rest, new)
    return value.model_copy(update={member.name: inner})


Breaker = Callable[[Any], list[Break]]
"""The ways in which a letter of a standard that the rule is about can break it; none where it has not what it takes."""
