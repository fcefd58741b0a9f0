"""The demo from the first connection to the verdict, against an emulator that somebody else started."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from consumers.admin import Admin, AdminError
from consumers.client import ClientError
from consumers.demo.cast import MYNDIGHEDER, TILBUD, register_file, short
from consumers.demo.citizens import CitizenRow, citizens
from consumers.demo.diagrams import write_sequences
from consumers.demo.ledger import Ledger, draw_up
from consumers.demo.model import Expectation, Fate
from consumers.demo.reasons import agrees, reason
from consumers.demo.stage import Stage, open_stage
from consumers.demo.story import SCENES, Scene, Teller
from consumers.demo.view import View
from consumers.fagsystem import Event

__all__ = ["register_file", "run_demo"]

LONGEST = 28.0
"""Seconds after which the demo gives up."""
PACE = 0.12
"""Seconds between messages where somebody is looking."""
REFUSALS = (40, 55, 40, 40)
"""StatusKode of the faulty messages, in their order."""


async def run_demo(
    amqp_host: str,
    amqp_port: int,
    admin_url: str,
    *,
    console: Console,
    json_output: bool = False,
    sequence: Path | None = None,
) -> int:
    """Play all scenes; 0 where the sums agree, 1 where they do not or the demo could not go on.

    The emulator must have been started with `register_file` and hold no messages of the seven dueslag.  With
    ``json_output`` nothing but one JSON object is written, on stdout.  ``sequence``: a directory for the letters of
    each citizen's forløb as sequence diagrams, Mermaid and SVG.
    """
    view = View(console, quiet=json_output)
    play = _Play(view)
    began = time.monotonic()
    failure = ""
    try:
        async with asyncio.timeout(LONGEST):
            with view:
                await play.perform(amqp_host, amqp_port, admin_url)
    except* TimeoutError:
        failure = f"not done after {LONGEST:.0f} s"
    except* (ClientError, AdminError, OSError, ValueError) as group:
        failure = "; ".join(_leaves(group))
    seconds = time.monotonic() - began
    if play.ledger is None or failure:
        view.failed(failure or "no ledger")
    else:
        view.summary(play.ledger, play.citizens, seconds)
        if sequence is not None:
            for path in write_sequences(sequence, play.events, play.citizens):
                view.say(str(path))
    if json_output:
        _write_json(play, seconds, failure)
    return 0 if play.ledger is not None and play.ledger.adds_up and not failure else 1


class _Play:
    """One performance and what came of it."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._teller = Teller(view.say, PACE if view.is_live else 0.0)
        self._faults: list[str] = []
        self.phases: list[dict[str, Any]] = []
        self.ledger: Ledger | None = None
        self.citizens: list[CitizenRow] = []
        self.events: list[Event] = []

    async def perform(self, host: str, port: int, admin_url: str) -> None:
        async with open_stage(host, port, admin_url, self._view.told) as stage:
            self._view.show(stage)
            for number, scene in enumerate(SCENES, 1):
                self._view.scene(number, scene.title, scene.look)
                if not await self._play(stage, number, scene):
                    break
                await asyncio.sleep(6 * self._teller.pace)
            else:
                self._faults += self._refusal_faults()
            self.ledger = draw_up(stage, await _drained(stage.admin))
            self.citizens, self.events = citizens(stage), stage.events
            self.ledger.faults += self._faults

    async def _play(self, stage: Stage, number: int, scene: Scene) -> bool:
        """One scene; False where not all came that should have: what follows would only blur it."""
        before = len(stage.model.expectations)
        received = _received(stage)
        await scene.act(stage, self._teller)
        settled = await stage.settle()
        if not settled:
            self._faults.append(f"phase {number}: not all came that should have, within 5 s")
        came = stage.model.expectations[before:]
        missed = [e for e in came if e.counts and e.fate in (Fate.STOPPED, Fate.FILTERED)]
        self.phases.append(
            {
                "phase": number,
                "title": scene.title,
                "meant": sum(1 for e in came if e.counts),
                "received": _received(stage) - received,
                "settled": settled,
                "not_delivered": await self._explain(stage, missed),
            }
        )
        return settled

    async def _explain(self, stage: Stage, missed: Sequence[Expectation]) -> list[dict[str, Any]]:
        """Who did not get what, and why, in the emulator's words; notes where they are not the reckoned ones."""
        found: Counter[tuple[str, str, str, str]] = Counter()
        for expectation in missed:
            why = await reason(stage, expectation)
            if not agrees(expectation, why):
                self._faults.append(
                    f"{short(expectation.subscription.part)}: {expectation.sendt.besked_id} should have been "
                    f"{expectation.fate.value}, but the emulator says: {why}"
                )
            found[short(expectation.subscription.part), expectation.sendt.navn, short(expectation.sender), why] += 1
        for (receiver, kind, sender, why), count in found.items():
            times = f" ({count} times)" if count > 1 else ""
            self._view.say(f"{receiver} did not get {kind} from {sender}{times}: {why}")
        return [
            {"receiver": receiver, "kind": kind, "sender": sender, "reason": why, "count": count}
            for (receiver, kind, sender, why), count in found.items()
        ]

    def _refusal_faults(self) -> list[str]:
        got = tuple(retur.status_kode for _, retur in self._teller.refusals)
        silent = [what for what, retur in self._teller.refusals if not retur.fejlbesked_tekst]
        faults = [] if got == REFUSALS else [f"faulty messages were answered {got}, expected {REFUSALS}"]
        if self._teller.held_at_most != 3:
            faults.append(f"{self._teller.held_at_most} letters were kept back on pause, expected 3")
        return faults + [f"{what} was refused without a reason" for what in silent]

    @property
    def refusals(self) -> list[dict[str, Any]]:
        return [
            {"what": what, "status_kode": retur.status_kode, "fejlbesked_tekst": retur.fejlbesked_tekst}
            for what, retur in self._teller.refusals
        ]


async def _drained(admin: Admin, longest: float = 2.0) -> dict[str, dict[str, int]]:
    """What the dueslag hold when the last acks are in, or after ``longest`` seconds."""
    deadline = time.monotonic() + longest
    while True:
        depths = await admin.depths()
        busy = any(depth["ready"] or depth["out"] or depth["held"] for depth in depths.values())
        if not busy or time.monotonic() > deadline:
            return depths
        await asyncio.sleep(0.05)


def _received(stage: Stage) -> int:
    return sum(len(stage.sheet(part).modtaget) for part in (*MYNDIGHEDER, *TILBUD))


def _leaves(group: BaseException) -> list[str]:
    if isinstance(group, BaseExceptionGroup):
        return [text for error in group.exceptions for text in _leaves(error)]
    return [f"{type(group).__name__}: {group}"]


def _write_json(play: _Play, seconds: float, failure: str) -> None:
    result: dict[str, Any] = {"seconds": round(seconds, 2), "failure": failure or None}
    result |= {"phases": play.phases, "refusals": play.refusals}
    result["citizens"] = [asdict(row) for row in play.citizens]
    result |= play.ledger.as_json() if play.ledger is not None else {"adds_up": False}
    json.dump(result, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()
