"""Why somebody did not get a message: the emulator's own words, from its trace and its explanation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from consumers.demo.model import Expectation, Fate
from consumers.demo.stage import Stage
from consumers.demo.story import FILTRERING

NOT_SAID = "the emulator does not say"
_FILTER = "filter: "


async def reason(stage: Stage, expectation: Expectation) -> str:
    """Why this subscription did not get this message; `NOT_SAID` where neither trace nor explanation has it.

    The explanation is of the filter as it is now, so it is to be asked for before the filter changes again.
    """
    subscription, besked_id = expectation.subscription.id, expectation.sendt.besked_id
    records = await stage.admin.spor(besked_id)
    accepted = [record for record in records if record["what"] == "accepted"]
    if not accepted:
        return NOT_SAID
    detail: dict[str, Any] = accepted[0]["detail"]
    for abonnement, why in detail.get("ikke", ()):
        if abonnement == subscription:
            return str(why)
    explained = await stage.admin.explain(subscription, stage.sent[besked_id])
    if explained["matches"]:
        return NOT_SAID
    return _FILTER + " and ".join(_false_terms(explained["explanation"]))


def agrees(expectation: Expectation, why: str) -> bool:
    """Whether the emulator's reason is the one that the demo reckoned with."""
    if expectation.fate is Fate.STOPPED:
        return why == "stoppet"
    return expectation.fate is Fate.FILTERED and why.startswith(_FILTER)


def _false_terms(explanation: dict[str, Any]) -> Iterator[str]:
    """The single comparisons that do not hold, each with what was seen."""
    if explanation["terms"]:
        for term in explanation["terms"]:
            yield from _false_terms(term)
    elif not explanation["holds"]:
        seen = ", ".join(explanation["seen"] or ()) or "nothing"
        yield f"{explanation['term'].removeprefix(FILTRERING)} does not hold, seen: {seen}"
