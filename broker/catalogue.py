"""The live picture of the register: content, agreements and matcher, changed only on the loop thread.

A change of configuration replaces values; the matcher is the one structure that is changed in place, so that
subscribing among a million abonnementer costs microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from broker.core.agreements import Agreements
from broker.core.besked import Besked
from broker.core.explain import PassiveList
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

_ListName = tuple[str, str]
"""The anvendersystem that owns a list, and its navn."""
_NO_VALUES = PassiveList()
_PASSIVE = (Livscyklus.PASSIVERET, Livscyklus.SLETTET)


def is_passive(liste: Vaerdiliste) -> bool:
    """Whether filters see the list as empty: it is Passiveret or Slettet (ours)."""
    return liste.registrering is not None and liste.registrering.livscyklus in _PASSIVE


class Catalogue:
    """What the Beskedfordeler goes by right now."""

    def __init__(self, content: RegisterContent) -> None:
        self.content = content
        self.changes = 0
        """How often something was taken in or left out: what was worked out before is worth nothing after it."""
        self.matcher: Matcher[str] = Matcher()
        self._lists = {(liste.anvendersystem, liste.navn): liste.id for liste in content.vaerdilister.values()}
        self._users: dict[_ListName, dict[str, None]] = {}
        """The abonnementer whose filter names a list, by id: the matcher holds its values by reference."""
        self._used: dict[str, list[_ListName]] = {}
        """Abonnement → the lists that its filter names."""
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
            return _NO_VALUES
        return self.content.vaerdier.setdefault(liste, set())

    def change_list(self, liste: Vaerdiliste, added: Iterable[str], removed: Iterable[str]) -> int:
        """Take the head of a list in, new or changed, and change its values; how many it then holds."""
        self.apply([liste])
        held = self.content.vaerdier[liste.id]
        held.difference_update(removed)
        held.update(added)
        return len(held)

    def apply(self, items: Sequence[Item]) -> None:
        """Take items in, new or changed, in whatever order; of two with one id the last, as the register does."""
        self.changes += 1
        items = list(
            {(type(item), item.cvr if isinstance(item, Myndighed) else item.id): item for item in items}.values()
        )
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
                    subscribed += self._name_list(item)
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
        self.changes += 1
        content = self.content
        users: list[Abonnement] = []
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
                    users += self._users_of(item)
                    content.vaerdilister.pop(item.id, None)
                    content.vaerdier.pop(item.id, None)
                    self._forget_list(item)
                case Abonnement():
                    if content.abonnementer.pop(item.id, None) is not None:
                        self._use(item.id, [])
                        self.matcher.remove(item.id)
        self._agree(items)
        for abonnement in users:
            if abonnement.id in content.abonnementer:
                self._subscribe(abonnement)

    def _forget_system(self, system: Anvendersystem) -> None:
        """Its name may be another's by now: two systems may change names in one step."""
        for known, name in (
            (self._systems_by_name, system.navn.lower()),
            (self._systems_by_serienummer, system.serienummer.casefold()),
        ):
            if name in known and known[name].id == system.id:
                del known[name]

    def _agree(self, changed: Sequence[Item]) -> None:
        if any(isinstance(item, Serviceaftale) for item in changed):
            self.agreements = Agreements(self.content.serviceaftaler.values())

    def _name_list(self, liste: Vaerdiliste) -> list[Abonnement]:
        """Take a list in; the abonnementer that see another set of values after it."""
        content = self.content
        before = content.vaerdilister.get(liste.id)
        content.vaerdilister[liste.id] = liste
        content.vaerdier.setdefault(liste.id, set())
        if before is None:
            self._lists[liste.anvendersystem, liste.navn] = liste.id
            return self._users_of(liste)
        if _seen_as(before) == _seen_as(liste):
            return []
        self._forget_list(before)
        self._lists[liste.anvendersystem, liste.navn] = liste.id
        return self._users_of(before) + self._users_of(liste)

    def _forget_list(self, liste: Vaerdiliste) -> None:
        """Its name may be another's by now: two lists may change names in one step."""
        name = (liste.anvendersystem, liste.navn)
        if self._lists.get(name) == liste.id:
            del self._lists[name]

    def _users_of(self, liste: Vaerdiliste) -> list[Abonnement]:
        users = self._users.get((liste.anvendersystem, liste.navn), ())
        return [self.content.abonnementer[key] for key in users]

    def _subscribe(self, abonnement: Abonnement) -> None:
        compiled = parse_filter(abonnement.filter)
        owner = self.owner(abonnement)
        self._use(abonnement.id, [(owner, name) for name in compiled.lists])
        self.matcher.put(abonnement.id, compiled, self.lists(owner, compiled.lists) if compiled.lists else {})

    def _use(self, abonnement: str, lists: list[_ListName]) -> None:
        """Note which lists an abonnement goes by."""
        for before in self._used.pop(abonnement, ()):
            users = self._users[before]
            del users[abonnement]
            if not users:
                del self._users[before]
        for name in lists:
            self._users.setdefault(name, {})[abonnement] = None
        if lists:
            self._used[abonnement] = lists


def _seen_as(liste: Vaerdiliste) -> tuple[str, str, bool]:
    return liste.anvendersystem, liste.navn, is_passive(liste)
