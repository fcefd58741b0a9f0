"""`beskedfordeler modtag` against the emulator: the way in which somebody tries push for the first time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.interop.push_world import ATTEMPTS, Lane, World, world_in
from tests.support.emulator import command

PATIENCE = 20.0
"""Seconds within which anything here happens, on a loaded machine too."""


class Modtag:
    """The command as a process, its lines as they come."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.lines: Queue[dict[str, Any]] = Queue()
        self.errors: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()
        self.url: str = self.next()["url"]

    def next(self) -> dict[str, Any]:
        return self.lines.get(timeout=PATIENCE)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.put(line.decode())


@contextmanager
def modtag(world: World, *arguments: str) -> Iterator[Modtag]:
    """Running on a free port within the block; ended as by Ctrl-C."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
    given = [*command(), "modtag", "--port", "0", "--json", "--data", str(world.emulator.data), *arguments]
    with subprocess.Popen(
        given, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            yield Modtag(process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests of the module, with nothing pushed yet."""
    with world_in(tmp_path_factory.mktemp("modtag"), callbacks=False) as world:
        yield world


def push_to(world: World, lane: Lane, url: str) -> None:
    """As modtag says that it is done."""
    world.run("dueslag", "callback", lane.navn, url)


async def test_messages_are_shown_and_taken(world: World) -> None:
    """Three messages, then it ends by itself with 0; the dueslag is empty."""
    lane = world.lane()
    with modtag(world, "--count", "3") as receiver:
        push_to(world, lane, receiver.url)
        ids = await world.send_new(lane, 3)
        shown = [receiver.next() for _ in ids]
        assert receiver.process.wait(PATIENCE) == 0
    assert [one["besked_id"] for one in shown] == ids
    assert {(one["antal_leveranceforsoeg"], one["again"], one["answer"]["status_kode"]) for one in shown} == {
        (1, False, 20)
    }
    assert "ModtagBeskedInput" in shown[0]["body"]


async def test_first_ill_then_well(world: World) -> None:
    """--first: refused so often, then taken, with the number of the attempt."""
    lane = world.lane()
    with modtag(
        world, "--kode", "40", "--tekst", "ikke nu", "--first", str(ATTEMPTS - 1), "--count", str(ATTEMPTS)
    ) as (receiver):
        push_to(world, lane, receiver.url)
        (besked_id,) = await world.send_new(lane, 1)
        shown = [receiver.next() for _ in range(ATTEMPTS)]
        assert receiver.process.wait(PATIENCE) == 0
    assert {one["besked_id"] for one in shown} == {besked_id}
    assert [one["antal_leveranceforsoeg"] for one in shown] == list(range(1, ATTEMPTS + 1))
    assert [one["answer"]["status_kode"] for one in shown] == [40] * (ATTEMPTS - 1) + [20]
    assert "ikke nu" in await world.reason(besked_id)


async def test_slow_receiver_gets_it_again_and_knows_it(world: World) -> None:
    """--delay beyond --push-timeout: the message was taken all the same, and the replay is known as one."""
    lane = world.lane()
    with modtag(world, "--delay", "1.5", "--first", "1") as receiver:
        push_to(world, lane, receiver.url)
        await world.send_new(lane, 1)
        first, second = receiver.next(), receiver.next()
    assert (first["again"], second["again"]) == (False, True)
    assert second["antal_leveranceforsoeg"] == 2


async def test_tls_shows_who_calls(world: World, tmp_path: Path) -> None:
    """--tls: a certificate that the emulator trusts, and its own function certificate seen; files with --out."""
    lane = world.lane()
    with modtag(world, "--tls", "--count", "1", "--out", str(tmp_path / "ind")) as receiver:
        assert receiver.url.startswith("https://")
        push_to(world, lane, receiver.url)
        (besked_id,) = await world.send_new(lane, 1)
        shown = receiver.next()
        assert receiver.process.wait(PATIENCE) == 0
    assert "Beskedfordeler (funktionscertifikat)" in shown["caller"]["subject"]
    assert b"ModtagBeskedInput" in (tmp_path / "ind" / f"{besked_id}.xml").read_bytes()


async def test_wrong_certificate(world: World) -> None:
    """--wrong-certificate: both ends say so, and nothing is delivered."""
    lane = world.lane()
    with modtag(world, "--wrong-certificate") as receiver:
        push_to(world, lane, receiver.url)
        (besked_id,) = await world.send_new(lane, 1)
        assert "--push-ca" in await world.reason(besked_id)
        assert "TLS handshake" in receiver.errors.get(timeout=PATIENCE)
        assert receiver.lines.empty()
    assert receiver.process.returncode == 130
    assert (await world.depth(lane))["dead"] == 0
