"""One simulated party as a process of its own, to be killed: ``python -m tests.crash.party_process '{…}'``.

While all its forløb are closed and it is quiet, a file beside its database says so.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from consumers.client import Endpoint
from consumers.fagsystem import Myndighed, Sagsgang, ScaledCalendar, Store, Tilbud
from tests.interop.fagsystem_world import BIRKELY, NORDBY, PARTS, citizen

PACE = 0.05
"""Seconds to the simulated day."""
SAGSGANG = Sagsgang(svarfrist_dage=500, start_dage=1, opfoelgning_dage=(12,), status_dage=8, opfoelgninger=2)
"""Quick, with a deadline that no kill makes pass."""


async def run(given: dict[str, Any]) -> None:
    """Until it is killed."""
    part = NORDBY if given["myndighed"] else BIRKELY
    endpoint = Endpoint("127.0.0.1", given["port"], part.navn)
    store = Store(given["db"], part.aktoer)
    calendar = ScaledCalendar(datetime.fromisoformat(given["now"]), PACE)
    party: Myndighed | Tilbud
    if given["myndighed"]:
        party = Myndighed(part, PARTS, endpoint, store, calendar, sagsgang=SAGSGANG)
    else:
        party = Tilbud(part, PARTS, endpoint, store, calendar, pladser=given["courses"])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(party)
        async with asyncio.TaskGroup() as group:
            group.create_task(party.run())
            group.create_task(work(party, given["courses"], given["done"]))


async def work(party: Myndighed | Tilbud, courses: int, done: str) -> None:
    """Begin as many courses as there are to be, and say when they have ended."""
    while True:
        begun = party.alle_forloeb()
        if isinstance(party, Myndighed) and len(begun) < courses:
            party.match(citizen(len(begun)), [BIRKELY])
        elif len(begun) == courses and set(begun.values()) == {"AFSLUTTET"} and party.quiet():
            os.close(os.open(done, os.O_CREAT))
        elif os.path.exists(done):  # noqa: ASYNC240 - a glance
            os.unlink(done)
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)  # it is to be cut off
    asyncio.run(run(json.loads(sys.argv[1])))
