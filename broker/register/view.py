"""The register as it would be after a change, without copying it.  Pure."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Myndighed, Serviceaftale, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.problem import key_of, section_of


@dataclass(slots=True)
class View:
    """Items by section and key; the mappings are read only."""

    myndigheder: Mapping[str, Myndighed]
    anvendersystemer: Mapping[str, Anvendersystem]
    beskedtyper: Mapping[str, Beskedtype]
    serviceaftaler: Mapping[str, Serviceaftale]
    dueslag: Mapping[str, Dueslag]
    abonnementer: Mapping[str, Abonnement]
    vaerdilister: Mapping[str, Vaerdiliste]
    _lists: dict[str, set[str]] | None = field(default=None, init=False)

    @classmethod
    def after(cls, content: RegisterContent, items: Iterable[Item] = ()) -> View:
        """``content`` with ``items`` put on top; costs by the number of items, not by the size of the register."""
        over: dict[str, dict[str, Item]] = {}
        for item in items:
            over.setdefault(section_of(item), {})[key_of(item)] = item

        def merged(section: str) -> Mapping[str, object]:
            base: dict[str, object] = getattr(content, section)
            return ChainMap(dict(over[section]), base) if section in over else base

        sections = {name: merged(name) for name in cls.__slots__ if not name.startswith("_")}
        return cls(**sections)  # type: ignore[arg-type]  # each mapping is of its section's kind by construction

    def list_names(self, system: str) -> set[str]:
        """Names of the værdilister that an anvendersystem owns."""
        if self._lists is None:
            self._lists = {}
            for liste in self.vaerdilister.values():
                self._lists.setdefault(liste.anvendersystem, set()).add(liste.navn)
        return self._lists.get(system, set())
