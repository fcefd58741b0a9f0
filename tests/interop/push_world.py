"""An emulator that pushes to a strict receiver: many dueslag, each with a beskedtype and a path of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consumers.client import Afhent, Afsend, Endpoint, build_kuvert
from tests.support.emulator import Emulator, command, running
from tests.support.receiver import Receiver, receiving

SENDER, RECEIVER, CVR = "Afsender", "Modtager", "99000902"
QUICK = ("--push-first-delay", "0.05", "--push-longest-delay", "0.2", "--push-timeout", "1")
ATTEMPTS = 4
"""Answers other than 20 that these worlds allow a message."""
_LANES = 40
_AKTOER = "00000000-5b00-4000-8000-00000000aaaa"


@dataclass(frozen=True, slots=True)
class Lane:
    """One dueslag, what is sent to reach it, and the path that it is pushed to."""

    number: int

    @property
    def beskedtype(self) -> str:
        return f"00000000-5b00-4000-8000-{self.number:012d}"

    @property
    def dueslag(self) -> str:
        return f"00000000-5bd0-4000-8000-{self.number:012d}"

    @property
    def navn(self) -> str:
        return f"Spor {self.number}"

    @property
    def path(self) -> str:
        return f"/spor/{self.number}"

    def kuvert(self, besked_id: str, payload: str = "<x xmlns='urn:syntetisk'>æøå</x>") -> bytes:
        """A message that reaches it."""
        return build_kuvert(
            payload, beskedtype=self.beskedtype, aktoer=_AKTOER, myndighed=CVR, besked_id=besked_id
        )  # fmt: skip


def register(receiver: Receiver, *, callbacks: bool = True, lanes: int = _LANES) -> str:
    """The register file; without ``callbacks`` nothing is pushed yet."""
    each = [Lane(number) for number in range(1, lanes + 1)]
    lines = [
        f"myndigheder: [{{cvr: {CVR}, navn: Skubbe Kommune (syntetisk)}}]",
        f"anvendersystemer: [{{navn: {SENDER}, cvr: {CVR}}}, {{navn: {RECEIVER}, cvr: {CVR}}}]",
        "serviceaftaler:",
        f"  - {{anvendersystem: {SENDER}, service: afsend}}",
        f"  - {{anvendersystem: {RECEIVER}, service: modtag}}",
        "beskedtyper:",
        *(f"  - {{id: {lane.beskedtype}, navn: Type {lane.number} (syntetisk)}}" for lane in each),
        "dueslag:",
    ]
    for lane in each:
        callback = f", callback: '{receiver.url(lane.path)}'" if callbacks else ""
        lines.append(f"  - {{id: {lane.dueslag}, navn: {lane.navn}, anvendersystem: {RECEIVER}{callback}}}")
    lines.append("abonnementer:")
    for lane in each:
        term = f"Beskedkuvert.Filtreringsdata.Beskedtype.UUIDIdentifikator = '{lane.beskedtype}'"
        lines.append(f'  - {{navn: Til {lane.number}, dueslag: {lane.navn}, filter: "{term}"}}')
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class World:
    """The emulator, the receiver, and lanes that no test has used yet."""

    emulator: Emulator
    receiver: Receiver
    folder: Path
    _lanes: Iterator[Lane] = field(default_factory=lambda: map(Lane, range(1, _LANES + 1)))
    _sent: int = 0

    def lane(self) -> Lane:
        """One for this test alone."""
        return next(self._lanes)

    @property
    def sender(self) -> Endpoint:
        return self.emulator.endpoint(SENDER)

    def ids(self, count: int) -> list[str]:
        """BeskedIds that were never used; their order can be read off them."""
        numbers = range(self._sent + 1, self._sent + count + 1)
        self._sent += count
        return [f"00000000-5be0-4000-8000-{number:012d}" for number in numbers]

    async def send(self, lane: Lane, ids: list[str]) -> None:
        """One after the other, each answered 20: the order of acceptance is that of ``ids``."""
        async with Afsend(self.sender) as afsend:
            for besked_id in ids:
                retur = await afsend.send(lane.kuvert(besked_id))
                assert retur.ok, retur

    async def send_new(self, lane: Lane, count: int) -> list[str]:
        """So many new messages; their BeskedIds."""
        ids = self.ids(count)
        await self.send(lane, ids)
        return ids

    async def set_callback(self, lane: Lane, url: str | None) -> None:
        """As an operator does it, by the admin API."""
        words: dict[str, Any] = {"navn": lane.navn, "anvendersystem": RECEIVER}
        if url is not None:
            words["callback"] = url
        await self.emulator.admin.call("PUT", f"/register/dueslag/{lane.dueslag}", words)

    async def depth(self, lane: Lane) -> dict[str, int]:
        """What its dueslag holds, by state."""
        found: dict[str, int] = (await self.emulator.admin.call("GET", f"/dueslag/{lane.dueslag}"))["depth"]
        return found

    async def fetch_all(self, lane: Lane) -> list[str]:
        """Everything that is there, over AMQP."""
        fetched = []
        async with Afhent(self.emulator.endpoint(RECEIVER), lane.dueslag) as afhent:
            while (modtaget := await afhent.get()) is not None:
                fetched.append(modtaget.kuvert.besked_id)
                await modtaget.ack()
        return fetched

    async def reasons(self, besked_id: str) -> list[str]:
        """What the trace says of why it was not taken."""
        records = await self.emulator.admin.spor(besked_id)
        details = (record["detail"] for record in records)
        return [detail["grund"] for detail in details if isinstance(detail, dict) and "grund" in detail]

    async def reason(self, besked_id: str, longest: float = 15.0) -> str:
        """The first of them, as soon as there is one."""
        async with asyncio.timeout(longest):
            found = await self.reasons(besked_id)
            while not found:
                await asyncio.sleep(0.05)
                found = await self.reasons(besked_id)
        return found[0]

    def run(self, *arguments: str, code: int = 0) -> str:
        """A command at this emulator; what it prints."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
        done = subprocess.run(
            [*command(), *arguments, "--data", str(self.emulator.data)],
            capture_output=True, timeout=60, check=False, env=environment, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout.decode()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@contextmanager
def world_in(folder: Path, *arguments: str, callbacks: bool = True) -> Iterator[World]:
    """Both running within the block; ``arguments`` go to `serve`."""
    with receiving() as receiver:
        file = folder / "register.yaml"
        file.write_text(register(receiver, callbacks=callbacks))
        given = (*QUICK, "--push-attempts", str(ATTEMPTS), *arguments)
        with running(folder / "data", *given, register=file) as emulator:
            yield World(emulator, receiver, folder)
