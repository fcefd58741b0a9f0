"""From what a file says to what a register holds: ids derived, names looked up, values canonical.

Pure: the values of a ``fil`` are read by what is passed in.  A name that leads nowhere is left as it stands:
`broker.register.rules` says so, as it does at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from broker.core import model
from broker.core.identifiers import canonical
from broker.core.model import ALLE
from broker.ports import Item, RegisterContent
from broker.register import edge
from broker.register.identity import derived_id
from broker.register.lexical import xml_text_fault
from broker.register.problem import key_of, section_of
from broker.register.registrering import registrering_of
from broker.register.source import Path

ReadValues = Callable[[str], Iterable[str]]
"""Reads the values of a ``fil``; raises ValueError saying what is wrong with it."""

Posts = Mapping[str, Sequence[tuple[int, object]]]
"""Section → its posts (`broker.register.edge`), each with its 0-based position in the file."""

P = TypeVar("P")


class Resolver:
    """Takes the posts of one file in; ``content`` and ``faults`` are the result."""

    def __init__(self, read_values: ReadValues) -> None:
        self.content = RegisterContent()
        self.faults: list[tuple[Path, str]] = []
        self._read_values = read_values
        self._places: dict[tuple[str, str], int] = {}
        self._by_name: dict[str, dict[str, list[str]]] = {}

    def resolve(self, posts: Posts) -> None:
        """All sections, so that what is referred to comes first."""
        for position, myndighed in _of(posts, "myndigheder", edge.Myndighed):
            self._keep(model.Myndighed(myndighed.cvr, myndighed.navn), position)
        for position, system in _of(posts, "anvendersystemer", edge.Anvendersystem):
            key = canonical(system.id) if system.id else derived_id("anvendersystem", system.navn)
            item = model.Anvendersystem(key, system.navn, system.cvr, system.adgangskode, system.certifikat)
            self._keep(item, position)
        for position, beskedtype in _of(posts, "beskedtyper", edge.Beskedtype):
            key = canonical(beskedtype.id) if beskedtype.id else derived_id("beskedtype", beskedtype.navn)
            self._keep(model.Beskedtype(key, beskedtype.navn), position)
        for position, dueslag in _of(posts, "dueslag", edge.Dueslag):
            system_id = self._refer("anvendersystemer", dueslag.anvendersystem, ("dueslag", position, "anvendersystem"))
            key = canonical(dueslag.id) if dueslag.id else derived_id("dueslag", dueslag.navn, system_id)
            self._keep(model.Dueslag(key, dueslag.navn, system_id, dueslag.callback), position)
        for position, aftale in _of(posts, "serviceaftaler", edge.Serviceaftale):
            self._serviceaftale(position, aftale)
        for position, abonnement in _of(posts, "abonnementer", edge.Abonnement):
            self._abonnement(position, abonnement)
        for position, liste in _of(posts, "vaerdilister", edge.Vaerdiliste):
            self._vaerdiliste(position, liste)

    def place(self, item: Item) -> Path:
        """Where in the file an item of ``content`` comes from."""
        section = section_of(item)
        return section, self._places[section, key_of(item)]

    def _serviceaftale(self, position: int, aftale: edge.Serviceaftale) -> None:
        here = ("serviceaftaler", position)
        system = self._refer("anvendersystemer", aftale.anvendersystem, (*here, "anvendersystem"))
        key = derived_id("serviceaftale", f"{aftale.service}/{aftale.version}", system)
        beskedtyper = tuple(
            name if name == ALLE else self._refer("beskedtyper", name, (*here, "beskedtyper", index))
            for index, name in enumerate(aftale.beskedtyper)
        )
        item = model.Serviceaftale(
            id=canonical(aftale.id) if aftale.id else key,
            anvendersystem=system,
            service=model.Service(aftale.service),
            version=aftale.version,
            beskedtyper=beskedtyper,
            foelsomheder=tuple(map(canonical, aftale.foelsomheder)),
            forvaltningsomraader=tuple(aftale.forvaltningsomraader),
            afsendende_myndigheder=tuple(aftale.afsendende_myndigheder),
            tilladte_myndigheder=tuple(aftale.tilladte_myndigheder),
            gyldig_fra=aftale.gyldig_fra,
            gyldig_til=aftale.gyldig_til,
            godkendt=aftale.godkendt,
            modtagende_dueslag=tuple(self._own_dueslag(system, name) for name in aftale.modtagende_dueslag),
        )
        self._keep(item, position)

    def _own_dueslag(self, system: str, text: str) -> str:
        """The id that a reference of a serviceaftale means: names of dueslag are told apart within a system only."""
        key = canonical(text)
        if text == ALLE or key in self.content.dueslag:
            return key
        named = self._by_name.get("dueslag", {}).get(text, [])
        return next((one for one in named if self.content.dueslag[one].anvendersystem == system), key)

    def _abonnement(self, position: int, abonnement: edge.Abonnement) -> None:
        dueslag = self._refer("dueslag", abonnement.dueslag, ("abonnementer", position, "dueslag"))
        item = model.Abonnement(
            id=canonical(abonnement.id) if abonnement.id else derived_id("abonnement", abonnement.navn, dueslag),
            navn=abonnement.navn,
            dueslag=dueslag,
            filter=abonnement.filter,
            tilstand=model.Tilstand(abonnement.tilstand),
            gyldig_fra=abonnement.gyldig_fra,
            gyldig_til=abonnement.gyldig_til,
        )
        self._keep(item, position)

    def _vaerdiliste(self, position: int, liste: edge.Vaerdiliste) -> None:
        here = ("vaerdilister", position)
        system = self._refer("anvendersystemer", liste.anvendersystem, (*here, "anvendersystem"))
        key = canonical(liste.id) if liste.id else derived_id("vaerdiliste", liste.navn, system)
        said = registrering_of(liste.registrering) if liste.registrering is not None else None
        self._keep(model.Vaerdiliste(key, liste.navn, system, said), position)
        values: Iterable[str] = liste.vaerdier or ()
        if liste.fil is not None:
            try:
                values = self._read_values(liste.fil)
            except ValueError as error:
                self.faults.append(((*here, "fil"), str(error)))
        values = list(values)
        if xml_text_fault("".join(values)):
            wrong = ((index, fault) for index, one in enumerate(values) if (fault := xml_text_fault(one)))
            field: tuple[str | int, ...] = ("fil",) if liste.fil is not None else ()
            self.faults.extend(((*here, *(field or ("vaerdier", index))), fault) for index, fault in wrong)
        held = set(map(canonical, values))
        held.discard("")
        self.content.vaerdier[key] = held

    def _keep(self, item: Item, position: int) -> None:
        section, key = section_of(item), key_of(item)
        if (first := self._places.get((section, key))) is not None:
            field = "cvr" if section == "myndigheder" else "id"
            wanted = "each CVR number once" if field == "cvr" else "an id of its own, written out"
            text = f"{key} is already that of {section}[{first}]; expected {wanted}"
            self.faults.append(((section, position, field), text))
            return
        self._places[section, key] = position
        getattr(self.content, section)[key] = item
        if not isinstance(item, model.Serviceaftale):
            self._by_name.setdefault(section, {}).setdefault(item.navn, []).append(key)

    def _refer(self, section: str, text: str, path: Path) -> str:
        """The id that a reference means, by id or navn."""
        key = canonical(text)
        if key in getattr(self.content, section):
            return key
        found = self._by_name.get(section, {}).get(text, [])
        if len(found) > 1:
            what = f"'{text}' is the navn of {len(found)} {section}; expected an id, one of {', '.join(found)}"
            self.faults.append((path, what))
        return found[0] if found else key


def _of(posts: Posts, section: str, kind: type[P]) -> list[tuple[int, P]]:
    return [(position, post) for position, post in posts.get(section, ()) if isinstance(post, kind)]
