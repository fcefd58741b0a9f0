"""How a command ends: the exit codes, and the one failure that every command raises."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, as docs/cli.md promises them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    REGISTER = 5
    CANNOT_START = 6
    NOT_FOUND = 7
    INCOMPLETE = 8
    NOT_MET = 10


class Failure(Exception):
    """Ends the command with ``code``; ``str`` is what it says on stderr: one line, or one for each problem."""

    def __init__(self, code: Exit, text: str) -> None:
        super().__init__(text)
        self.code = code
