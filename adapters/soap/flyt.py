"""flytbeskedtilfejlkoe: a receiver has a message put into the fejlkø of the dueslag that it came by."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.soap.caller import Caller
from adapters.soap.documents.requests import FlytTilFejlkoe
from adapters.soap.leverance import Carried, read_carried
from broker.core.stored import StoredBesked
from broker.errors import NotFound
from broker.service import Beskedfordeler

REASON = "moved here by its receiver (flytbeskedtilfejlkoe)"
_PAGE = 1000
_STATES = (None, "dead")


async def condemn(service: Beskedfordeler, caller: Caller, request: FlytTilFejlkoe) -> None:
    """See that the message is in the fejlkø; durable when it returns.

    Where: by the abonnement that a Leverancerute of it names, the last one that is the caller's; without such, in the
    dueslag of the caller's that holds it.  Raises NotFound (44), Refused (40: what the message breaks).
    """
    sent = read_carried(request.besked, service.limits)
    stored = _kept(await service.engine.find(sent.besked_id), sent.kildesystem)
    besked = stored or sent.anew(sent.kildesystem or caller.system.id, service.clock.now())
    dueslag, abonnement = await _place(service, caller.system.id, sent)
    outcome = await service.engine.condemn(dueslag, abonnement, besked, REASON)
    detail = {
        "handling": request.operation.value,
        "udfald": outcome.value,
        "beskedId": besked.besked_id,
        "via": f"soap, {caller.how}",
        "fra": caller.host,
    }
    service.note("condemn", system=caller.system.id, dueslag=dueslag, abonnement=abonnement, detail=detail)


async def _place(service: Beskedfordeler, system: str, sent: Carried) -> tuple[str, str]:
    """Dueslag and abonnement."""
    content = service.content
    for key in reversed(sent.abonnementer):
        abonnement = content.abonnementer.get(key)
        if abonnement is not None and service.catalogue.owner(abonnement) == system:
            return abonnement.dueslag, abonnement.id
    own = [dueslag.id for dueslag in content.dueslag.values() if dueslag.anvendersystem == system]
    for dueslag in own:
        if (found := await _held_by(service, dueslag, sent.besked_id)) is not None:
            return dueslag, found
    raise NotFound(
        f"message {sent.besked_id}: no Leverancerute in it names an abonnement of this anvendersystem "
        "(ErLeveretIHenholdTil), and none of its dueslag holds it"
    )


async def _held_by(service: Beskedfordeler, dueslag: str, besked_id: str) -> str | None:
    """The abonnement by which a dueslag holds the message, if only in its fejlkø."""
    for state in _STATES:
        after = 0
        while page := await service.engine.peek(dueslag, state=state, after=after, limit=_PAGE, body=False):
            for glimpse in page:
                if glimpse.besked.besked_id == besked_id:
                    return glimpse.abonnement
            after = page[-1].id
            if len(page) < _PAGE:
                break
    return None


def _kept(found: Sequence[StoredBesked], kildesystem: str) -> StoredBesked | None:
    """The message as it was accepted: from Kildesystem, where that is said; else the only one there is."""
    if not kildesystem:
        return found[0] if len(found) == 1 else None
    return next((one for one in found if one.afsender == kildesystem), None)
