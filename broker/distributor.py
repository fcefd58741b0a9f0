"""The way in: one publication judged, routed and stored, then answered.

Everything up to the store is one synchronous pass on the loop thread: parse and validate, agreement, match,
permit, trim, splice.  Only what is large is parsed in a thread, so that a letter of 100 MB holds nobody up but
its sender.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Callable
from functools import lru_cache, partial

import structlog

from broker.catalogue import Catalogue
from broker.clock import Clock
from broker.core.besked import Besked
from broker.core.stored import StoredBesked
from broker.errors import BeskedfordelerError, NotAvailable, Refused, TokenExpired, TokenRefused
from broker.gate import Gate, facts
from broker.kuvert import Limits, Parsed, Source, claimed_besked_id, parse, splice_source, standard_retur
from broker.meters import Meters
from broker.planner import Planned, Planner
from broker.ports import Engine, Login, Outcome, Publication, Verdict
from broker.tokens import Token
from broker.trace import Record, Trace

_log = structlog.get_logger(__name__)

LARGE = 256 * 1024
"""Bytes from which a body is parsed in a thread: about 1 ms of parsing."""
MAX_PENDING = 64 * 1024 * 1024
"""Bytes that may wait for the disk before senders are no longer read from."""

OK = Verdict(20, "", standard_retur(20, ""))


class Distributor:
    """Takes publications from the fronts; see `submit`."""

    def __init__(
        self,
        catalogue: Catalogue,
        gate: Gate,
        engine: Engine,
        trace: Trace,
        clock: Clock,
        limits: Limits,
        meters: Meters,
    ) -> None:
        self._planner = Planner(catalogue, meters)
        self._gate = gate
        self._engine = engine
        self._trace = trace
        self._clock = clock
        self._limits = limits
        self._pending = 0
        self._parsing: set[asyncio.Task[None]] = set()
        self._meters = meters

    def submit(self, login: Login, publication: Publication, done: Callable[[Verdict], None]) -> bool:
        """Judge, route and store one message; `Front.submit` has the promise."""
        token: Token | None = None
        try:
            token = self._gate.judge(login, publication.token)
            if len(publication.body) >= LARGE:
                task = asyncio.create_task(self._submit_large(login, token, publication, done))
                self._parsing.add(task)
                task.add_done_callback(self._parsing.discard)
                return False
            self._take(login, token, publication, parse(publication.body, self._limits), done)
        except BeskedfordelerError as error:
            self._refuse(login, token, publication, error, done)
        return self._pending < MAX_PENDING

    def refuse(self, login: Login, message_id: str | None, error: BeskedfordelerError) -> Verdict:
        """`Front.refuse`: what was never parsed is in the trace and in the counts all the same."""
        answers: list[Verdict] = []
        self._answer_refusal(login, login.token, None, message_id, error, answers.append)
        return answers[0]

    async def close(self) -> None:
        """Wait for what is still being parsed."""
        await asyncio.gather(*self._parsing, return_exceptions=True)

    async def _submit_large(
        self, login: Login, token: Token | None, publication: Publication, done: Callable[[Verdict], None]
    ) -> None:
        try:
            parsed = await asyncio.to_thread(parse, publication.body, self._limits)
            self._take(login, token, publication, parsed, done)
        except BeskedfordelerError as error:
            self._refuse(login, token, publication, error, done)

    def _take(
        self,
        login: Login,
        token: Token | None,
        publication: Publication,
        parsed: Parsed,
        done: Callable[[Verdict], None],
    ) -> None:
        """Plan, splice and hand to the engine; raises Refused."""
        now = self._clock.now()
        besked = parsed.besked
        check_validity(besked, now)
        if token is not None:
            _act_for(token, besked)
        planned = self._planner.plan(besked, login.system, now)
        keep, routing, _ = planned.plan
        transaktions_id = publication.message_id or str(uuid.uuid4())
        data, cuts, sent = splice_source(parsed, _source(login, token), transaktions_id, keep)
        stored = StoredBesked(
            afsender=login.system.id,
            besked_id=besked.besked_id,
            transaktions_id=transaktions_id,
            beskedtype=besked.beskedtype,
            sent=sent,
            data=data,
            cuts=cuts,
            received=now,
            expires=besked.gyldig_til,
        )
        self._pending += len(data)
        self._engine.accept(stored, routing, partial(self._stored, login, token, stored, planned, done))

    def _stored(
        self,
        login: Login,
        token: Token | None,
        stored: StoredBesked,
        planned: Planned,
        done: Callable[[Verdict], None],
        outcome: Outcome,
    ) -> None:
        """The engine's answer: the message is on disk, or was there before."""
        self._pending -= len(stored.data)
        if outcome is Outcome.ACCEPTED:
            meters = self._meters
            meters.accepted += 1
            meters.routed += len(planned.plan.routing)
            meters.answering.observe(max(0.0, self._clock.now() - stored.received))
            self._trace.add(_accepted(login, token, stored, planned))
            done(OK)
        elif outcome is Outcome.KNOWN:
            self._meters.known += 1
            detail = {"grund": "already accepted: same answer again", **facts(token)}
            self._note("known", login, stored.besked_id, stored.transaktions_id, detail)
            done(OK)
        elif outcome is Outcome.UNAVAILABLE:
            text = f"the message is not stored ({self._engine.blocked or 'it takes too long'}): send it again"
            self._answer_refusal(login, token, stored.besked_id, stored.transaktions_id, NotAvailable(text), done)
        else:
            text = (
                f"BeskedId: '{stored.besked_id}' was sent before by this system with other content; "
                "a resend must be the same message byte for byte, a new message needs a new BeskedId"
            )
            self._answer_refusal(login, token, stored.besked_id, stored.transaktions_id, Refused(text), done)

    def _refuse(
        self,
        login: Login,
        token: Token | None,
        publication: Publication,
        error: BeskedfordelerError,
        done: Callable[[Verdict], None],
    ) -> None:
        besked_id = claimed_besked_id(publication.body)
        self._answer_refusal(login, token or login.token, besked_id, publication.message_id, error, done)

    def _answer_refusal(
        self,
        login: Login,
        token: Token | None,
        besked_id: str | None,
        transaktions_id: str | None,
        error: BeskedfordelerError,
        done: Callable[[Verdict], None],
    ) -> None:
        kode, text = error.status_kode, str(error)
        self._meters.refused[kode] += 1
        detail = {"kode": kode, "tekst": text, **facts(token)}
        if isinstance(error, TokenRefused | TokenExpired):
            detail |= error.about  # of the message's own token, where its signature holds
        if isinstance(error, TokenRefused) and error.reason != text:
            detail["grund"] = error.reason
        self._note("refused", login, besked_id, transaktions_id, detail)
        _log.info("message refused", system=login.system.id, transaktions_id=transaktions_id, kode=kode, tekst=text)
        done(Verdict(kode, text, standard_retur(kode, text)))

    def _note(
        self, what: str, login: Login, besked_id: str | None, transaktions_id: str | None, detail: object
    ) -> None:
        now = self._clock.now()
        self._trace.add(Record(now, what, (), besked_id, transaktions_id, login.system.id, None, None, detail))


def check_validity(besked: Besked, now: float) -> None:
    """A message that has expired is not taken.  Raises Refused."""
    if besked.gyldig_til is not None and besked.gyldig_til <= now:
        raise Refused(
            "Beskedkuvert/GyldighedTil: the message expired before it was sent "
            "(GyldighedTil must lie in the future); nobody would get it"
        )


def _act_for(token: Token, besked: Besked) -> None:
    """A message speaks for the myndighed that its token is for.  Raises Refused."""
    own = f"urn:oio:cvr:{token.cvr}"
    for myndighed in besked.ansvarlig_myndighed:
        if myndighed != own:
            raise Refused(
                "Beskedkuvert/Filtreringsdata/ObjektRegistrering/ObjektAnsvarligMyndighed: "
                f"'{myndighed}' is not the myndighed that the token is for (CvrNumberIdentifier {token.cvr}); "
                "send it with a token for that myndighed (AnvenderKontekst.Cvr in the request to the STS)"
            )


def _accepted(login: Login, token: Token | None, stored: StoredBesked, planned: Planned) -> Record:
    """Received, judged, matched and queued, in one record."""
    detail = {"beskedtype": stored.beskedtype, "bytes": len(stored.data), **planned.told}
    if token is not None:
        detail |= facts(token)
    return Record(
        stored.received,
        "accepted",
        (stored.seq,),
        stored.besked_id,
        stored.transaktions_id,
        login.system.id,
        None,
        None,
        detail,
    )


@lru_cache(maxsize=1024)
def _source(login: Login, token: Token | None) -> Source:
    """What the Beskedfordeler writes about the sender, once per connection and token."""
    host = login.peer.host
    return Source(login.system.id, host if ":" in host else f"::FFFF:{host}", credentials(login, token or login.token))


def credentials(login: Login, token: Token | None) -> str:
    """KildesystemAkkreditiver: base64(subject DN) "." base64(serial, decimal) "." base64(issuer DN).

    Of the certificate in the token.  A login with a password has none to take the names from: they are synthetic
    then, and say so.
    """
    if token is not None:
        return token.holder.akkreditiver
    system = login.system
    serial = uuid.UUID(system.id).int % 10**10
    subject = f"SERIALNUMBER={system.serienummer} + CN={system.navn} (syntetisk), C=DK"
    parts = (subject, str(serial), "CN=beskedfordeler (syntetisk CA), C=DK")
    return ".".join(base64.b64encode(part.encode()).decode() for part in parts)
