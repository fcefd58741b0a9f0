"""The commands against the admin API of an emulator in memory, without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.cli import main
from adapters.cli.api import Api
from adapters.cli.exits import Exit
from tests.unit.rest.desk import Desk, cpr_besked, open_desk


class DeskApi(Api):
    """The admin API of an emulator in memory."""

    def __init__(self, runner: asyncio.Runner, desk: Desk) -> None:
        super().__init__("http://127.0.0.1:5680")
        self._runner = runner
        self.desk = desk

    def request(
        self, method: str, path: str, query: dict[str, object] | None = None, body: object = None
    ) -> tuple[int, str, bytes]:
        given = {
            key: str(value).lower() if isinstance(value, bool) else value
            for key, value in (query or {}).items()
            if value is not None
        }
        headers: dict[str, str] = {}
        if isinstance(body, Iterator):
            headers, body = {"content-type": "application/x-ndjson"}, b"".join(body)
        answer = self._runner.run(self.desk.call_with(headers, method, path, body, **given))
        return answer.status, answer.content_type.partition(";")[0], answer.content

    def send_about_citizen(self) -> None:
        """One message about the citizen on the built-in værdiliste."""
        self._runner.run(self.desk.send(cpr_besked()))


class Terminal:
    """Where somebody types commands, and reads what they print."""

    def __init__(self, api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
        self.api = api
        self._capsys = capsys

    def run(self, *words: str, code: Exit = Exit.OK) -> str:
        """What a command prints; on stderr where it is to fail, and then nothing on stdout."""
        self._capsys.readouterr()  # what the emulator logged before
        assert main.run(list(words)) == code
        captured = self._capsys.readouterr()
        if code:
            assert captured.out == ""
        return captured.err if code else captured.out

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@contextmanager
def at_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal beside an emulator with the built-in register."""
    with asyncio.Runner() as runner:
        opening = open_desk()
        api = DeskApi(runner, runner.run(opening.__aenter__()))
        monkeypatch.setattr("adapters.cli.api.connect", lambda admin, data, timeout=60.0: api)
        yield Terminal(api, capsys)
        runner.run(opening.__aexit__(None, None, None))
