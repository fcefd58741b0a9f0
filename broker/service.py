"""The front door: what the AMQP server and the adapters may ask of the Beskedfordeler."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import structlog

from broker.catalogue import Catalogue
from broker.clock import Clock
from broker.core.filter import parse_filter
from broker.core.identifiers import canonical
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Service, Tilstand, Vaerdiliste
from broker.deliverer import Deliverer
from broker.distributor import Distributor
from broker.errors import (
    AccessDenied,
    BeskedfordelerError,
    NotFound,
    RegisterError,
    TokenExpired,
    TokenRefused,
)
from broker.gate import Gate, facts, facts_of_login, reason_of, shortened
from broker.judging import Judgement, judge
from broker.kuvert import Limits, parse
from broker.meters import Meters
from broker.ports import (
    Engine,
    Item,
    Leverance,
    Login,
    Peer,
    Publication,
    RegisterContent,
    Rendered,
    Verdict,
)
from broker.register import check_change, check_delete
from broker.register.problem import key_of, section_of
from broker.registrar import Parts, Registrar
from broker.settings import Auth
from broker.sharing import Deleted, Put, SharedRegister, Values
from broker.tokens import MODTAG, TokenVerifier
from broker.trace import Record, Trace
from broker.vaerdilister import Changed, canonical_values, difference, same_but_for_time

_log = structlog.get_logger(__name__)


class Beskedfordeler:
    """One emulator: register, engine and trace behind one door; `broker.ports.Front` for the AMQP server."""

    def __init__(
        self,
        register: SharedRegister,
        content: RegisterContent,
        engine: Engine,
        trace: Trace,
        clock: Clock,
        limits: Limits,
        auth: Auth = "open",
        verifier: TokenVerifier | None = None,
        meters: Meters | None = None,
    ) -> None:
        self.register = register
        self.catalogue = Catalogue(content)
        self.engine = engine
        self.trace = trace
        self.clock = clock
        self.limits = limits
        self.started = clock.now()
        self.gate = Gate(auth, self.catalogue, clock, verifier)
        self.meters = Meters() if meters is None else meters
        self.distributor = Distributor(self.catalogue, self.gate, engine, trace, clock, limits, self.meters)
        self.deliverer = Deliverer(trace, clock, self.meters)
        self._watchers: list[Callable[[], None]] = []
        self.registrar = Registrar(register, self.catalogue, engine, self._changed)

    @property
    def content(self) -> RegisterContent:
        """The register as it stands; not to be changed by hand."""
        return self.catalogue.content

    # --- the AMQP front (broker.ports.Front) ---------------------------------------------------------

    def mechanisms(self, peer: Peer) -> tuple[str, ...]:
        return self.gate.mechanisms(peer)

    def login(self, mechanism: str, user: str, secret: bytes, peer: Peer) -> Login:
        """Who this is; what `broker.gate.Gate` refuses is in the trace, and the client learns no more than that."""
        with self._audited(peer, user):
            login = self.gate.login(mechanism, user, secret, peer)
        self.note("login", system=login.system.id, detail=facts_of_login(login))
        return login

    def renew(self, login: Login, secret: bytes) -> Login:
        with self._audited(login.peer, login.system.id):
            renewed = self.gate.renew(login, secret)
        self.note("login", system=renewed.system.id, detail={"fornyet": True, **facts_of_login(renewed)})
        return renewed

    @contextmanager
    def _audited(self, peer: Peer, user: str) -> Iterator[None]:
        try:
            yield
        except (AccessDenied, TokenRefused, TokenExpired) as error:
            reason = reason_of(error)
            about = {} if isinstance(error, AccessDenied) else error.about
            known = self.catalogue
            system = known.system(user) if user else known.system_by_serienummer(about.get("serienummer", ""))
            detail = {"bruger": shortened(user), "grund": reason, "fra": peer.host, **about}
            self.note("denied", system=None if system is None else system.id, detail=detail)
            _log.warning("login refused", user=shortened(user), reason=reason, peer=peer.host)
            raise AccessDenied(reason) from error

    def denied(self, peer: Peer, reason: str) -> None:
        self.note("denied", detail={"grund": reason, "fra": peer.host})

    def open_dueslag(self, login: Login, name: str) -> Dueslag:
        dueslag = self.content.dueslag.get(name) or self.content.dueslag.get(name.lower())
        if dueslag is None:
            self._denied(login, f"intet dueslag '{name}'")
            raise NotFound(f"no dueslag '{name}'")
        if dueslag.anvendersystem != login.system.id:
            self._denied(login, "et andet anvendersystems dueslag", dueslag.id)
            raise AccessDenied(f"dueslag '{name}' belongs to another anvendersystem")
        if login.token is not None and login.token.service is not Service.MODTAG:
            self._denied(login, f"token er til {login.token.audience}, ikke til {MODTAG}", dueslag.id)
            raise AccessDenied(f"dueslag '{name}' is fetched from with a token for {MODTAG}")
        return dueslag

    def _denied(self, login: Login, reason: str, dueslag: str | None = None) -> None:
        detail = {"grund": reason, **facts(login.token)}
        self.note("denied", system=login.system.id, dueslag=dueslag, detail=detail)

    def submit(self, login: Login, publication: Publication, done: Callable[[Verdict], None]) -> bool:
        return self.distributor.submit(login, publication, done)

    def refuse(self, login: Login, message_id: str | None, error: BeskedfordelerError) -> Verdict:
        return self.distributor.refuse(login, message_id, error)

    def render(self, leverance: Leverance) -> Rendered:
        return self.deliverer.render(leverance)

    def delivered(self, leverance: Leverance, login: Login) -> None:
        self.deliverer.delivered(leverance, login)

    def settled(self, leverancer: Sequence[Leverance], what: str, login: Login) -> None:
        self.deliverer.settled(leverancer, what, login)

    # --- finding by id or navn -----------------------------------------------------------------------

    def find_dueslag(self, name: str) -> Dueslag:
        """By id or navn.  Raises NotFound."""
        return _find("dueslag", self.content.dueslag, name)

    def find_abonnement(self, name: str) -> Abonnement:
        """By id or navn.  Raises NotFound."""
        return _find("abonnement", self.content.abonnementer, name)

    def find_system(self, name: str) -> Anvendersystem:
        """By id or navn.  Raises NotFound."""
        return _find("anvendersystem", self.content.anvendersystemer, name)

    def find_vaerdiliste(self, name: str) -> Vaerdiliste:
        """By id or navn.  Raises NotFound."""
        return _find("værdiliste", self.content.vaerdilister, name)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have ``changed`` called on the loop thread after every change of the register; it must not raise."""
        self._watchers.append(changed)

    # --- changing the register -----------------------------------------------------------------------

    async def put(self, items: Sequence[Item]) -> None:
        """Insert or replace, all or none; in force for the next message.  Raises RegisterError."""
        await self._put(lambda: items)

    async def _put(self, items_now: Callable[[], Sequence[Item]]) -> None:
        def decide() -> Parts:
            items = items_now()
            if problems := check_change(self.content, items, parse_filter):
                raise RegisterError("; ".join(problems))
            return (Put(tuple(items)),)

        def note(parts: Parts) -> None:
            for part in parts:
                if isinstance(part, Put):
                    for item in part.items:
                        self._note_change("put", item)

        await self.registrar.change(decide, note)

    async def delete(self, items: Sequence[Item]) -> None:
        """Remove, all or none; a dueslag goes with what it holds.  Raises RegisterError where still referred to."""

        def decide() -> Parts:
            if problems := check_delete(self.content, items):
                raise RegisterError("; ".join(problems))
            return (Deleted(tuple((section_of(item), key_of(item)) for item in items)),)

        def note(_: Parts) -> None:
            for item in items:
                self._note_change("delete", item)

        await self.registrar.change(decide, note)

    async def set_tilstand(self, name: str, tilstand: Tilstand) -> Abonnement:
        """Start, stop or pause an abonnement; what was kept back on pause flows when it is started again."""
        return await self._alter(name, lambda found: replace(found, tilstand=tilstand))

    async def set_filter(self, name: str, text: str) -> Abonnement:
        """Give an abonnement another filter, in force for the next message accepted.  Raises FilterError."""
        parse_filter(text)  # says where it cannot be read; the register's own check says only that
        return await self._alter(name, lambda found: replace(found, filter=text))

    async def _alter(self, name: str, altered: Callable[[Abonnement], Abonnement]) -> Abonnement:
        """Change an abonnement as it stands when nothing else is being changed."""
        new: list[Abonnement] = []

        def items() -> Sequence[Item]:
            new[:] = [altered(self.find_abonnement(name))]
            return new

        await self._put(items)
        return new[0]

    async def add_values(self, name: str, values: Iterable[str]) -> int:
        """Add to a værdiliste, in force for the next message; how many it then holds.  Raises NotFound."""
        return (await self.change_list(name, add=values)).held

    async def remove_values(self, name: str, values: Iterable[str]) -> int:
        """Remove from a værdiliste, in force for the next message; how many it then holds.  Raises NotFound."""
        return (await self.change_list(name, remove=values)).held

    async def change_list(
        self,
        liste: Vaerdiliste | str | Callable[[], Vaerdiliste],
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        anew: Iterable[str] | None = None,
        about: Mapping[str, object] | None = None,
    ) -> Changed:
        """Change the values of a værdiliste and, where one is given, put its head: all or none, for the next message.

        ``liste`` may be a function, called when nothing else is being changed: so it goes by the head as it stands.
        ``anew``: these and no others.  ``about``: for the trace.  Raises NotFound for a name or id that is none,
        RegisterError where the head breaks a rule.  Watchers hear of it only where there is a new head.
        """
        new, gone = await canonical_values(add), await canonical_values(remove)
        whole = None if anew is None else await canonical_values(anew)
        changed: list[Changed] = []

        def decide() -> Parts:
            head = self.find_vaerdiliste(liste) if isinstance(liste, str) else liste() if callable(liste) else liste
            is_new = not same_but_for_time(head, self.content.vaerdilister.get(head.id))
            if is_new and (problems := check_change(self.content, [head], parse_filter)):
                raise RegisterError("; ".join(problems))
            added, removed = difference(self.content.vaerdier.get(head.id, set()), new, gone, whole)
            return (Values(head.id, tuple(added), tuple(removed), head),)

        def note(parts: Parts) -> None:
            for part in parts:
                assert isinstance(part, Values)
                assert part.head is not None
                added, removed = len(part.added), len(part.removed)
                changed.append(Changed(added, removed, len(self.content.vaerdier[part.liste])))
                detail = {"værdiliste": part.head.navn, "tilføjet": added, "fjernet": removed, **(about or {})}
                self.note("register", system=part.head.anvendersystem, detail=detail)

        await self.registrar.change(decide, note)
        return changed[0]

    # --- looking and caretaking ----------------------------------------------------------------------

    def judge(self, abonnement: Abonnement, data: bytes, sender: Anvendersystem | None = None) -> Judgement:
        """Why this abonnement would, or would not, get this message if it came now: `broker.judging.judge`."""
        return judge(self.catalogue, abonnement, parse(data, self.limits).besked, sender, self.clock.now())

    async def purge(self, name: str) -> int:
        """Drop what is ready or held in a dueslag; how many."""
        dueslag = self.find_dueslag(name)
        count = await self.engine.purge(dueslag.id)
        self.note("purge", dueslag=dueslag.id, detail=count)
        return count

    async def revive(self, name: str, ids: Sequence[int] | None = None) -> int:
        """Move deliveries from the fejlkø back into the dueslag (None = all); how many."""
        dueslag = self.find_dueslag(name)
        count = await self.engine.revive(dueslag.id, ids)
        self.note("revive", dueslag=dueslag.id, detail=count)
        return count

    async def bury(self, name: str, ids: Sequence[int] | None = None) -> int:
        """Delete deliveries from the fejlkø for good (None = all); how many."""
        dueslag = self.find_dueslag(name)
        count = await self.engine.bury(dueslag.id, ids)
        self.note("bury", dueslag=dueslag.id, detail=count)
        return count

    async def reset(self) -> None:
        """Forget every message and the trace; the register stays."""
        await self.engine.reset()
        await self.trace.forget()

    def died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        """The engine's word that a delivery ended without an ack (`broker.ports.Died`)."""
        self.meters.died[what] += 1
        self.trace.add(
            Record(
                self.clock.now(), what, (), besked_id, None, None, dueslag, None, {"id": leverance_id, "grund": reason}
            )
        )

    def _changed(self) -> None:
        for changed in self._watchers:
            changed()

    # --- within --------------------------------------------------------------------------------------

    def _note_change(self, how: str, item: Item) -> None:
        if isinstance(item, Abonnement):
            detail: dict[str, object] = {
                "handling": how,
                "navn": item.navn,
                "tilstand": item.tilstand,
                "filter": item.filter,
            }
            what = "tilstand" if how == "put" else "register"
            self.note(what, dueslag=item.dueslag, abonnement=item.id, detail=detail)
        else:
            detail = {
                "handling": how,
                "slags": type(item).__name__,
                "navn": item.navn if hasattr(item, "navn") else item.id,
            }
            self.note("register", detail=detail)

    def note(
        self,
        what: str,
        *,
        system: str | None = None,
        dueslag: str | None = None,
        abonnement: str | None = None,
        detail: object = None,
    ) -> None:
        """Put a line into the trace that is not about one message."""
        self.trace.add(Record(self.clock.now(), what, (), None, None, system, dueslag, abonnement, detail))


_T = TypeVar("_T", Dueslag, Abonnement, Anvendersystem, Vaerdiliste)


def _find(kind: str, items: Mapping[str, _T], name: str) -> _T:
    """By id, or by navn: letter by letter, else without case, where that is unambiguous."""
    if found := items.get(canonical(name)):
        return found
    named = [item for item in items.values() if item.navn == name]
    if len(named) == 1:
        return named[0]
    named = [item for item in items.values() if item.navn.lower() == name.lower()]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound(f"{kind} '{name}': {len(named)} have this navn; use the id: {', '.join(i.id for i in named)}")
    near = difflib.get_close_matches(name, [item.navn for item in items.values()], 1)
    raise NotFound(f"no {kind} '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
