"""An emulator of the run's own: `serve` in a process of its own on free ports, its data in a folder that goes away."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from consumers.load.cast import Cast
from consumers.load.targets.emulator import Certify, EmulatorTarget
from consumers.load.targets.target import TargetError
from consumers.load.workload import Churn, Workload

_READY = 60.0
_STOP = 20.0


class OwnTarget:
    """``command`` starts `serve`, and is to end it when its standard input closes: then the run was killed.  Its ports
    and data directory are added to it.

    ``certifier`` makes of the admin URL what an `EmulatorTarget` needs for tokens.
    """

    def __init__(self, name: str, command: Sequence[str], certifier: Callable[[str], Certify]) -> None:
        self.name = name
        self._command = tuple(command)
        self._certifier = certifier
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._emulator: EmulatorTarget | None = None

    async def prepare(self, workload: Workload, run: int) -> Cast:
        try:
            url = await asyncio.to_thread(self._start)
            self._emulator = EmulatorTarget(self.name, url, certify=self._certifier(url))
            return await self._emulator.prepare(workload, run)
        except BaseException:
            await self.close(keep=False)
            raise

    async def churn(self, cast: Cast, churn: Churn) -> Mapping[int, frozenset[int]]:
        return await self._running.churn(cast, churn)

    async def depths(self) -> Mapping[str, int] | None:
        return await self._running.depths()

    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def about(self) -> Mapping[str, str]:
        return {**await self._running.about(), "started by": "this run, for itself"}

    def gone(self) -> str:
        code = None if self._process is None else self._process.poll()
        return "" if code is None else f"the emulator ended with exit code {code}"

    async def close(self, *, keep: bool) -> None:
        """Nobody else has use for it: it goes with all it holds, whatever ``keep`` says."""
        await asyncio.to_thread(self._stop)

    @property
    def _running(self) -> EmulatorTarget:
        if self._emulator is None:
            raise TargetError("the emulator was not started")
        return self._emulator

    def _start(self) -> str:
        self._folder = Path(tempfile.mkdtemp(prefix="beskedfordeler-load-"))
        out, err = self._folder / "serve.out", self._folder / "serve.err"
        options = ["--json", "--amqp-port", "0", "--admin-port", "0", "--data", str(self._folder / "data")]
        if "token" in self._command or "--auth=token" in self._command:
            options += ["--amqps-port", "0", "--https-port", "0"]
        with out.open("wb") as stdout, err.open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*self._command, *options],
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                env={name: value for name, value in os.environ.items() if not name.startswith("BESKEDFORDELER_")},
                start_new_session=True,  # Ctrl-C is for the run, which then stops it in order
            )
        return self._wait(out, err)

    def _wait(self, out: Path, err: Path) -> str:
        deadline = time.monotonic() + _READY
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            said = out.read_text()
            if "\n" in said:
                return str(json.loads(said.splitlines()[0])["admin"]["url"])
            time.sleep(0.02)
        said = err.read_text(errors="replace").strip()[-500:]
        raise TargetError(f"the emulator did not start: {said or f'not ready within {_READY:.0f} s'}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
