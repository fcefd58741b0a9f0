"""`serve` as `load` starts it for itself: it ends with whoever started it, however that ends."""

from __future__ import annotations

import os
import signal
import threading


def main() -> None:
    """The command line; SIGTERM to itself when standard input closes."""
    threading.Thread(target=_until_alone, name="until-alone", daemon=True).start()
    from adapters.cli.main import main as command

    command()


def _until_alone() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
