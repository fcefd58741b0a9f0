"""The live picture of the register: content, agreements and matcher, changed only on the loop thread.

A change of configuration replaces values; the matcher is the one structure that is changed in place, so that
subscribing among a million abonnementer costs microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.filter import Filter, parse_filter
from broker.core.matcher import Matcher
from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Myndighed,
    Serviceaftale,
    Vaerdiliste,
)
from broker.ports import Item, RegisterContent

_EMPTY: frozenset[str] = frozenset()


class Catalogue:
    """What the Beskedfordeler goes by right now."""

    def __init__(self, content: RegisterContent) -> None:
        self.content = content
        self.matcher: Matcher[str] = Matcher()
        self.filters: dict[str, Filter] = {}
        self.agreements = Agreements(content.serviceaftaler.values())
        self._systems_by_name = {system.navn.lower(): system for system in content.anvendersystemer.values()}
        for abonnement in content.abonnementer.values():
            self._subscribe(abonnement)

    def match(self, besked: Besked) -> list[Abonnement]:
        """The abonnementer whose filter accepts the message, whatever their state."""
        abonnementer = self.content.abonnementer
        return [abonnementer[key] for key in self.matcher.match(besked)]

    def system(self, name: str) -> Anvendersystem | None:
        """The anvendersystem with this id or (without case) navn."""
        systems = self.content.anvendersystemer
        return systems.get(name) or systems.get(name.lower()) or self._systems_by_name.get(name.lower())

    def owner(self, abonnement: Abonnement) -> str:
        """The anvendersystem whose dueslag the abonnement fills."""
        return self.content.dueslag[abonnement.dueslag].anvendersystem

    def lists(self, system: str, names: Iterable[str]) -> Mapping[str, set[str] | frozenset[str]]:
        """The value sets of a system's værdilister by name; by reference, so that a change holds at once."""
        by_name = {v.navn: v.id for v in self.content.vaerdilister.values() if v.anvendersystem == system}
        return {name: self.content.vaerdier.setdefault(by_name[name], set()) for name in names if name in by_name}

    def apply(self, items: Sequence[Item]) -> None:
        """Take items in, new or changed."""
        content = self.content
        agreements = False
        for item in items:
            match item:
                case Myndighed():
                    content.myndigheder[item.cvr] = item
                case Anvendersystem():
                    if old := content.anvendersystemer.get(item.id):
                        self._systems_by_name.pop(old.navn.lower(), None)
                    content.anvendersystemer[item.id] = item
                    self._systems_by_name[item.navn.lower()] = item
                case Beskedtype():
                    content.beskedtyper[item.id] = item
                case Serviceaftale():
                    content.serviceaftaler[item.id] = item
                    agreements = True
                case Dueslag():
                    content.dueslag[item.id] = item
                case Vaerdiliste():
                    content.vaerdilister[item.id] = item
                    content.vaerdier.setdefault(item.id, set())
                case Abonnement():
                    old_abonnement = content.abonnementer.get(item.id)
                    content.abonnementer[item.id] = item
                    if (
                        old_abonnement is None
                        or old_abonnement.filter != item.filter
                        or old_abonnement.dueslag != item.dueslag
                    ):
                        self._subscribe(item)
        if agreements:
            self.agreements = Agreements(content.serviceaftaler.values())

    def remove(self, items: Sequence[Item]) -> None:
        """Leave items out; what is unknown is passed over."""
        content = self.content
        agreements = False
        for item in items:
            match item:
                case Myndighed():
                    content.myndigheder.pop(item.cvr, None)
                case Anvendersystem():
                    content.anvendersystemer.pop(item.id, None)
                    self._systems_by_name.pop(item.navn.lower(), None)
                case Beskedtype():
                    content.beskedtyper.pop(item.id, None)
                case Serviceaftale():
                    content.serviceaftaler.pop(item.id, None)
                    agreements = True
                case Dueslag():
                    content.dueslag.pop(item.id, None)
                case Vaerdiliste():
                    content.vaerdilister.pop(item.id, None)
                    content.vaerdier.pop(item.id, None)
                case Abonnement():
                    if content.abonnementer.pop(item.id, None) is not None:
                        self.matcher.remove(item.id)
                        self.filters.pop(item.id, None)
        if agreements:
            self.agreements = Agreements(content.serviceaftaler.values())

    def _subscribe(self, abonnement: Abonnement) -> None:
        compiled = parse_filter(abonnement.filter)
        self.filters[abonnement.id] = compiled
        lists = self.lists(self.owner(abonnement), compiled.lists) if compiled.lists else {}
        self.matcher.put(abonnement.id, compiled, lists)
