"""A Beskedfordeler in memory, small enough to see through: what the AMQP server is tested against."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from broker.core.model import Anvendersystem, Dueslag
from broker.core.stored import StoredBesked
from broker.errors import AccessDenied, BeskedfordelerError, NotFound
from broker.ports import Consumer, Depth, Leverance, Login, Peer, Publication, Rendered, Verdict

KOMMUNE = Anvendersystem("11111111-1111-4111-8111-111111111111", "Kommunens fagsystem", "11111111", "hemmelig")
FREMMED = Anvendersystem("22222222-2222-4222-8222-222222222222", "Fremmed system", "22222222", "hemmelig")
POST = "aaaaaaaa-0000-4000-8000-000000000001"
SAG = "aaaaaaaa-0000-4000-8000-000000000002"
ANDENS = "bbbbbbbb-0000-4000-8000-000000000001"
EGNE = {POST: KOMMUNE, SAG: KOMMUNE, ANDENS: FREMMED}


class FakeEngine:
    """Just enough of `broker.ports.Engine`: ready deliveries in order, round robin over consumers with room."""

    def __init__(self) -> None:
        self.ready: dict[str, list[Leverance]] = {}
        self.out: dict[int, Leverance] = {}
        self.dead: list[tuple[Leverance, str]] = []
        self.acked: list[int] = []
        self.consumers: dict[str, list[Consumer]] = {}
        self._bodies: dict[int, StoredBesked] = {}
        self._last = 0

    def put(self, dueslag: str, body: bytes) -> int:
        """One message becomes ready; its id."""
        self._last += 1
        number = self._last
        besked = StoredBesked("afsender", f"besked-{number}", f"transaktion-{number}", "type", b"", body, b"", 0.0)
        self._bodies[number] = besked
        leverance = Leverance(number, dueslag, "abonnement", None, 0, False, number, besked)
        self.ready.setdefault(dueslag, []).append(leverance)
        self.kick(dueslag)
        return number

    def attach(self, dueslag: str, consumer: Consumer) -> None:
        self.consumers.setdefault(dueslag, []).append(consumer)
        self.kick(dueslag)

    def detach(self, dueslag: str, consumer: Consumer) -> None:
        self.consumers[dueslag].remove(consumer)

    def kick(self, dueslag: str) -> None:
        ready, consumers = self.ready.get(dueslag, []), self.consumers.get(dueslag, [])
        while ready:
            able = [consumer for consumer in consumers if consumer.has_room()]
            if not able:
                return
            chosen = max(able, key=lambda consumer: consumer.priority)
            consumers.remove(chosen)
            consumers.append(chosen)
            chosen.deliver(self._hand_out(ready))

    def _hand_out(self, ready: list[Leverance]) -> Leverance:
        leverance = ready.pop(0)
        leverance.besked = self._bodies[leverance.id]
        self.out[leverance.id] = leverance
        return leverance

    async def get(self, dueslag: str) -> Leverance | None:
        ready = self.ready.get(dueslag, [])
        return self._hand_out(ready) if ready else None

    def ack(self, leverancer: Iterable[Leverance]) -> None:
        for leverance in leverancer:
            del self.out[leverance.id]
            self.acked.append(leverance.id)

    def requeue(self, leverancer: Iterable[Leverance]) -> None:
        touched = set()
        for leverance in leverancer:
            del self.out[leverance.id]
            leverance.redelivered = True
            leverance.attempts += 1
            insort(self.ready[leverance.dueslag], leverance, key=lambda one: one.id)
            touched.add(leverance.dueslag)
        for dueslag in touched:
            self.kick(dueslag)

    def reject(self, leverancer: Iterable[Leverance], reason: str) -> None:
        for leverance in leverancer:
            del self.out[leverance.id]
            self.dead.append((leverance, reason))

    def depth(self, dueslag: str) -> Depth:
        out = sum(1 for leverance in self.out.values() if leverance.dueslag == dueslag)
        ready, consumers = len(self.ready.get(dueslag, [])), len(self.consumers.get(dueslag, []))
        return Depth(ready=ready, out=out, consumers=consumers)

    def drop(self, dueslag: str) -> None:
        """Not the port's coroutine: the dueslag goes, and its consumers are told."""
        self.ready.pop(dueslag, None)
        for consumer in self.consumers.pop(dueslag, []):
            consumer.dueslag_gone()


@dataclass
class FakeFront:
    """Takes every message into POST, and notes it; ``verdicts`` says otherwise, ``slow`` keeps answers back."""

    offers: tuple[str, ...] = ("PLAIN", "AMQPLAIN", "EXTERNAL")
    engine: FakeEngine = field(default_factory=FakeEngine)
    submitted: list[Publication] = field(default_factory=list)
    verdicts: Callable[[Publication], Verdict] | None = None
    raises: Exception | None = None
    deliver_to: str | None = POST
    slow: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)
    more: bool = True
    logins: list[Login] = field(default_factory=list)
    turned_away: list[str] = field(default_factory=list)
    happened: list[tuple[str, int]] = field(default_factory=list)
    unrenderable: set[int] = field(default_factory=set)

    def mechanisms(self, peer: Peer) -> tuple[str, ...]:
        return self.offers

    def login(self, mechanism: str, user: str, secret: bytes, peer: Peer) -> Login:
        if mechanism == "EXTERNAL":
            if not secret.startswith(b"<saml:Assertion"):
                raise AccessDenied("no assertion")
            system = KOMMUNE
        else:
            found = [one for one in (KOMMUNE, FREMMED) if user in (one.id, one.navn)]
            if not found or secret != b"hemmelig":
                raise AccessDenied("unknown user or wrong password")
            system = found[0]
        login = Login(system, peer, mechanism)
        self.logins.append(login)
        return login

    def renew(self, login: Login, secret: bytes) -> Login:
        if secret == b"forkert":
            raise AccessDenied("no token")
        return Login(login.system, login.peer, login.mechanism)

    def denied(self, peer: Peer, reason: str) -> None:
        self.turned_away.append(reason)

    def open_dueslag(self, login: Login, name: str) -> Dueslag:
        owner = EGNE.get(name.lower())
        if owner is None:
            raise NotFound("no such dueslag")
        if owner is not login.system:
            raise AccessDenied("not yours")
        return Dueslag(name.lower(), "dueslag", owner.id)

    def submit(self, login: Login, publication: Publication, done: Callable[[Verdict], None]) -> bool:
        if self.raises is not None:
            raise self.raises
        self.submitted.append(publication)
        verdict = self.verdicts(publication) if self.verdicts else verdict_of(20, "")
        if self.slow:
            self.waiting.append(lambda: done(verdict))
        else:
            done(verdict)
        if verdict.status_kode == 20 and self.deliver_to is not None:
            self.engine.put(self.deliver_to, publication.body)
        return self.more

    def answer_all(self) -> None:
        """Give the answers that ``slow`` kept back."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            one()

    def render(self, leverance: Leverance) -> Rendered:
        assert leverance.besked is not None
        if leverance.id in self.unrenderable:
            raise ValueError("cannot be spliced")
        return Rendered(leverance.besked.data, leverance.besked.transaktions_id, 1_700_000_000)

    def delivered(self, leverance: Leverance, login: Login) -> None:
        self.happened.append(("delivered", leverance.id))

    def refuse(self, login: Login, message_id: str | None, error: BeskedfordelerError) -> Verdict:
        return verdict_of(error.status_kode, str(error))

    def settled(self, leverancer: Sequence[Leverance], what: str, login: Login) -> None:
        self.happened += [(what, leverance.id) for leverance in leverancer]


def verdict_of(status_kode: int, text: str) -> Verdict:
    """A verdict with a document that is easy to recognise."""
    return Verdict(status_kode, text, f"<R><StatusKode>{status_kode}</StatusKode>{text}</R>".encode())


def refuse(publication: Publication) -> Verdict:
    """A verdict for `FakeFront.verdicts`: refuses what says "afvis"."""
    if b"afvis" in publication.body:
        return verdict_of(40, "afvist")
    return verdict_of(20, "")


__all__ = ["ANDENS", "FREMMED", "KOMMUNE", "POST", "SAG", "BeskedfordelerError", "FakeEngine", "FakeFront"]
