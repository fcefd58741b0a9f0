"""Why an abonnement does, or does not, get a message: each term of its filter with the value seen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from adapters.rest.beskeder import stored
from adapters.rest.context import Mask, Masked, Service
from adapters.rest.models import JudgementPage, JudgementView, LimitView, RulingView, StandingView, TermView
from broker.core.explain import Explanation
from broker.core.model import Anvendersystem
from broker.core.ruling import Ruling
from broker.errors import NotFound, Refused
from broker.judging import Judgement
from broker.kuvert import parse
from broker.ports import RegisterContent
from broker.service import Beskedfordeler

router = APIRouter(tags=["abonnementer"])

_MESSAGE: dict[str, Any] = {"requestBody": {"content": {"application/xml": {"schema": {"type": "string"}}}}}
Stored = Annotated[str | None, Query(description="A stored message instead of one in the body.")]
Sender = Annotated[
    str | None,
    Query(description="The sending anvendersystem, whose agreements are then judged; of a stored message its sender."),
]


@router.post("/abonnementer/{name}/explain", openapi_extra=_MESSAGE)
async def explain_one(
    service: Service, mask: Masked, request: Request, name: str, besked_id: Stored = None, system: Sender = None
) -> JudgementView:
    """One abonnement against the message in the body, or a stored one."""
    abonnement = service.find_abonnement(name)
    data, sender = await _message(service, request, besked_id, system)
    return judgement_view(service.content, service.judge(abonnement, data, sender), mask)


@router.post("/explain", openapi_extra=_MESSAGE)
async def explain_all(
    service: Service,
    mask: Masked,
    request: Request,
    besked_id: Stored = None,
    system: Sender = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Abonnementer explained; those that match first.")] = 100,
) -> JudgementPage:
    """Every abonnement against a message: those that get it, and for the others why not."""
    data, sender = await _message(service, request, besked_id, system)
    hits = service.catalogue.match(parse(data, service.limits).besked)
    matched = {abonnement.id for abonnement in hits}
    others = (a for a in service.content.abonnementer.values() if a.id not in matched)
    chosen = hits[:limit]
    chosen += [abonnement for abonnement, _ in zip(others, range(limit - len(chosen)), strict=False)]
    views = [judgement_view(service.content, service.judge(one, data, sender), mask) for one in chosen]
    return JudgementPage(
        delivered=[view for view in views if view.delivered],
        not_delivered=[view for view in views if not view.delivered],
        total=len(service.content.abonnementer),
    )


async def _message(
    service: Beskedfordeler, request: Request, besked_id: str | None, system: str | None
) -> tuple[bytes, Anvendersystem | None]:
    """The message to judge, and who is taken to send it.  Raises Refused, NotFound."""
    sender = service.find_system(system) if system is not None else None
    if besked_id is None:
        data = await _body(request, service.limits.max_bytes)
        if not data:
            raise Refused("no message: give a Haendelsesbesked in the body, or besked_id of a stored one")
        return data, sender
    found = [one for one in await stored(service, besked_id) if sender is None or one.afsender == sender.id]
    if not found:
        raise NotFound(f"no stored message with BeskedId '{besked_id}' of anvendersystem '{system}'")
    return found[0].data, sender or service.content.anvendersystemer.get(found[0].afsender)


async def _body(request: Request, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise Refused(f"the message has more than {largest} bytes")
        parts.append(part)
    return b"".join(parts)


def judgement_view(content: RegisterContent, judgement: Judgement, mask: Mask) -> JudgementView:
    abonnement = judgement.abonnement
    return JudgementView(
        abonnement=abonnement.id,
        navn=abonnement.navn,
        dueslag=abonnement.dueslag,
        dueslag_navn=content.dueslag[abonnement.dueslag].navn,
        tilstand=abonnement.tilstand.value,
        matches=judgement.explanation.holds,
        delivered=judgement.delivered,
        reason=mask(judgement.reason),
        filter=mask(abonnement.filter),
        explanation=_term(judgement.explanation, mask),
        text=judgement.explanation.text(mask),
        afsend=_ruling(judgement.afsend, mask) if judgement.afsend is not None else None,
        modtag=_ruling(judgement.modtag, mask) if judgement.modtag is not None else None,
    )


def _ruling(ruling: Ruling, mask: Mask) -> RulingView:
    standings = [
        StandingView(
            id=one.aftale.id,
            version=one.aftale.version,
            covers=not one.limits,
            limits=[LimitView(field=limit.field, text=mask(limit.text)) for limit in one.limits],
        )
        for one in ruling.standings
    ]
    return RulingView(
        service=ruling.service.value,
        allowed=ruling.allowed,
        reason=mask(ruling.reason),
        aftaler=standings,
        stays=[mask(value) for value in ruling.stays],
        trimmed=[mask(value) for value in ruling.trimmed],
        text=ruling.text(mask),
    )


def _term(explanation: Explanation, mask: Mask) -> TermView:
    return TermView(
        term=mask(explanation.term),
        holds=explanation.holds,
        seen=[mask(value) for value in explanation.seen] if explanation.seen is not None else None,
        liste=explanation.liste,
        size=explanation.size,
        passive=explanation.passive,
        terms=[_term(part, mask) for part in explanation.terms],
    )
