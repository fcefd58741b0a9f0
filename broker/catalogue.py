"""The live picture of the register: content, agreements and matcher, changed only on the loop thread.

A change of configuration replaces values; the matcher is the one structure that is changed in place, so that
subscribing among a million abonnementer costs microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.filter import Filter, parse_filter
from broker.core.matcher import Matcher
from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Livscyklus,
    Myndighed,
    Serviceaftale,
    Vaerdiliste,
)
from broker.ports import Item, RegisterContent

PASSIVE: frozenset[str] = frozenset()
"""What filters see of a passive list."""
_PASSIVE = (Livscyklus.PASSIVERET, Livscyklus.SLETTET)


def is_passive(liste: Vaerdiliste) -> bool:
    """Whether filters see the list as empty: it is Passiveret or Slettet (ours)."""
    return liste.registrering is not None and liste.registrering.livscyklus in _PASSIVE


class Catalogue:
    """What the Beskedfordeler goes by right now."""

    def __init__(self, content: RegisterContent) -> None:
        self.content = content
        self.matcher: Matcher[str] = Matcher()
        self._lists = {(liste.anvendersystem, liste.navn): liste.id for liste in content.vaerdilister.values()}
        self.agreements = Agreements(content.serviceaftaler.values())
        self._systems_by_name = {system.navn.lower(): system for system in content.anvendersystemer.values()}
        self._systems_by_serienummer = {
            system.serienummer.casefold(): system for system in content.anvendersystemer.values()
        }
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

    def system_by_serienummer(self, serienummer: str) -> Anvendersystem | None:
        """The anvendersystem whose function certificate has this SERIALNUMBER, without case, in its subject."""
        return self._systems_by_serienummer.get(serienummer.casefold())

    def owner(self, abonnement: Abonnement) -> str:
        """The anvendersystem whose dueslag the abonnement fills."""
        return self.content.dueslag[abonnement.dueslag].anvendersystem

    def filter(self, abonnement: str) -> Filter:
        """The compiled filter of an abonnement.  Raises KeyError where there is no such abonnement."""
        found = self.matcher.get(abonnement)
        if found is None:
            raise KeyError(abonnement)
        return found

    def lists(self, system: str, names: Iterable[str]) -> Mapping[str, AbstractSet[str]]:
        """The value sets of a system's værdilister by name; by reference, so that a change holds at once.

        A passive list is empty, whatever it holds.
        """
        ids = {name: self._lists.get((system, name)) for name in names}
        return {name: self._seen(key) for name, key in ids.items() if key is not None}

    def _seen(self, liste: str) -> AbstractSet[str]:
        """What filters see of a list."""
        if is_passive(self.content.vaerdilister[liste]):
            return PASSIVE
        return self.content.vaerdier.setdefault(liste, set())

    def apply(self, items: Sequence[Item]) -> None:
        """Take items in, new or changed, in whatever order."""
        content = self.content
        subscribed: list[Abonnement] = []
        for item in items:
            match item:
                case Myndighed():
                    content.myndigheder[item.cvr] = item
                case Anvendersystem():
                    if old := content.anvendersystemer.get(item.id):
                        self._forget_system(old)
                    content.anvendersystemer[item.id] = item
                    self._systems_by_name[item.navn.lower()] = item
                    self._systems_by_serienummer[item.serienummer.casefold()] = item
                case Beskedtype():
                    content.beskedtyper[item.id] = item
                case Serviceaftale():
                    content.serviceaftaler[item.id] = item
                case Dueslag():
                    moved = content.dueslag.get(item.id, item).anvendersystem != item.anvendersystem
                    content.dueslag[item.id] = item
                    if moved:
                        subscribed += (a for a in content.abonnementer.values() if a.dueslag == item.id)
                case Vaerdiliste():
                    self._name_list(item)
                    subscribed += self._users(item)
                case Abonnement():
                    before = content.abonnementer.get(item.id)
                    content.abonnementer[item.id] = item
                    if before is None or (before.filter, before.dueslag) != (item.filter, item.dueslag):
                        subscribed.append(item)
        self._agree(items)
        for abonnement in subscribed:
            self._subscribe(abonnement)

    def remove(self, items: Sequence[Item]) -> None:
        """Leave items out; what is unknown is passed over."""
        content = self.content
        for item in items:
            match item:
                case Myndighed():
                    content.myndigheder.pop(item.cvr, None)
                case Anvendersystem():
                    if gone := content.anvendersystemer.pop(item.id, None):
                        self._forget_system(gone)
                case Beskedtype():
                    content.beskedtyper.pop(item.id, None)
                case Serviceaftale():
                    content.serviceaftaler.pop(item.id, None)
                case Dueslag():
                    content.dueslag.pop(item.id, None)
                case Vaerdiliste():
                    users = self._users(item)
                    content.vaerdilister.pop(item.id, None)
                    content.vaerdier.pop(item.id, None)
                    self._lists.pop((item.anvendersystem, item.navn), None)
                    for abonnement in users:
                        self._subscribe(abonnement)
                case Abonnement():
                    if content.abonnementer.pop(item.id, None) is not None:
                        self.matcher.remove(item.id)
        self._agree(items)

    def _forget_system(self, system: Anvendersystem) -> None:
        self._systems_by_name.pop(system.navn.lower(), None)
        self._systems_by_serienummer.pop(system.serienummer.casefold(), None)

    def _agree(self, changed: Sequence[Item]) -> None:
        if any(isinstance(item, Serviceaftale) for item in changed):
            self.agreements = Agreements(self.content.serviceaftaler.values())

    def _name_list(self, liste: Vaerdiliste) -> None:
        content = self.content
        if before := content.vaerdilister.get(liste.id):
            self._lists.pop((before.anvendersystem, before.navn), None)
        content.vaerdilister[liste.id] = liste
        content.vaerdier.setdefault(liste.id, set())
        self._lists[liste.anvendersystem, liste.navn] = liste.id

    def _users(self, liste: Vaerdiliste) -> list[Abonnement]:
        """The abonnementer whose filter names the list; the matcher holds its values by reference."""
        users = []
        for abonnement in self.content.abonnementer.values():
            compiled = self.matcher.get(abonnement.id)
            if compiled is not None and liste.navn in compiled.lists and self.owner(abonnement) == liste.anvendersystem:
                users.append(abonnement)
        return users

    def _subscribe(self, abonnement: Abonnement) -> None:
        compiled = parse_filter(abonnement.filter)
        lists = self.lists(self.owner(abonnement), compiled.lists) if compiled.lists else {}
        self.matcher.put(abonnement.id, compiled, lists)
