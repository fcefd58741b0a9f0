"""An emulator of one's own: `serve` as a process on free ports and passing data, killed and started again at will."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from consumers.admin import Admin
from consumers.scenario.control import EmulatorDown

READY_TIMEOUT = 60.0
"""Seconds that a start may take; on an idle machine it is under one."""
_STOP_TIMEOUT = 10.0
_POLL = 0.01
_COMMAND = "from adapters.cli.main import main; main()"


class EmulatorProcess:
    """One data directory, and the process that serves it now.  Ports are the same after every start."""

    own = True

    def __init__(self, data: Path, *arguments: str) -> None:
        """``arguments`` go to `serve` as they are."""
        self.data = data
        self.host = "127.0.0.1"
        self.port = 0
        self.admin_port = 0
        self.starts = 0
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin(self) -> Admin:
        return Admin(f"http://{self.host}:{self.admin_port}")

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Return when it is ready.  Raises EmulatorDown."""
        if self.running:
            return
        ready = await self._ready(self._launch())
        self.starts += 1
        self.port = int(ready["amqp"]["port"])
        self.admin_port = int(ready["admin"]["port"])

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not do."""
        process = self._process
        if process is not None and self.running:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, _STOP_TIMEOUT)
        self.kill()

    def _launch(self) -> Path:
        """Start it; where it will say that it is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BESKEDFORDELER_")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        ports = ["--amqp-port", str(self.port), "--admin-port", str(self.admin_port)]
        command = [sys.executable, "-c", _COMMAND, "serve", "--data", str(self.data), *ports, "--json"]
        said = self.data.with_name(self.data.name + ".ready")
        with said.open("wb") as out, self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself, with arguments of our own
                [*command, *self._arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=log, env=environment
            )
        return said

    async def _ready(self, said: Path) -> dict[str, Any]:
        deadline = time.monotonic() + READY_TIMEOUT
        while time.monotonic() < deadline:
            gone = not self.running
            text = await asyncio.to_thread(said.read_bytes)
            if text.endswith(b"\n"):
                ready: dict[str, Any] = json.loads(text.splitlines()[0])
                return ready
            if gone:
                break
            await asyncio.sleep(_POLL)
        self.kill()
        raise EmulatorDown(f"the emulator did not get ready, and ended:\n{self.last_words}")

    @property
    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-2000:].strip() if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        return self.data.with_name(self.data.name + ".log")


@asynccontextmanager
async def emulator_process(*arguments: str) -> AsyncIterator[EmulatorProcess]:
    """One that is ready, with an empty register; nothing of it is left behind.  Raises EmulatorDown."""
    folder = Path(tempfile.mkdtemp(prefix="beskedfordeler-scenario-"))
    register = folder / "register.yaml"
    register.write_text("myndigheder: []\n", encoding="utf-8")
    process = EmulatorProcess(folder / "data", "--register", str(register), *arguments)
    try:
        await process.start()
        yield process
    finally:
        await process.stop()
        with suppress(OSError):
            shutil.rmtree(folder)
