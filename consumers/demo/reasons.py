"""Why somebody did not get a message: the emulator's own words, from its trace and its explanation."""

from __future__ import annotations

from typing import Any

from consumers.demo.model import Expectation, Fate
from consumers.demo.stage import Stage

NOT_IN_TRACE = "the trace does not say"


async def reason(stage: Stage, expectation: Expectation) -> str:
    """What the trace says of one message and one subscription; `NOT_IN_TRACE` where it says nothing."""
    records = await stage.admin.spor(expectation.sendt.besked_id)
    accepted = [record for record in records if record["what"] == "accepted"]
    if not accepted:
        return NOT_IN_TRACE
    detail: dict[str, Any] = accepted[0]["detail"]
    key = expectation.subscription.id
    for abonnement, why in detail.get("ikke", ()):
        if abonnement == key:
            return str(why)
    if any(abonnement == key for _dueslag, abonnement, _how in detail.get("til", ())):
        return NOT_IN_TRACE
    return f"filter ({expectation.subscription.note})"


def agrees(expectation: Expectation, why: str) -> bool:
    """Whether the emulator's reason is the one that the demo reckoned with."""
    if expectation.fate is Fate.STOPPED:
        return why == "stoppet"
    return expectation.fate is not Fate.FILTERED or why.startswith("filter")
