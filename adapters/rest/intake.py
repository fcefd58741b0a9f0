"""Values of a værdiliste as they come in, in pieces of any size: canonical, each once, counted.  Pure.

Two forms, one value a line: text, and NDJSON (a JSON text a line, for values that hold a line break).  UTF-8, with or
without BOM.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from broker.core.identifiers import canonical
from broker.errors import RegisterError

_BOM = b"\xef\xbb\xbf"


class Intake:
    """Takes octets in (`feed`, then `end`); ``values`` is what they hold.  Raises RegisterError naming the line."""

    def __init__(self, *, ndjson: bool) -> None:
        self.values: set[str] = set()
        self.blank = 0
        self._read = _texts if ndjson else _lines
        self._given = 0
        self._rest = b""
        self._begun = False

    @property
    def duplicate(self) -> int:
        """How many were there before."""
        return self._given - self.blank - len(self.values)

    def feed(self, data: bytes) -> None:
        """Some more; what is after the last line break waits for the rest of its line."""
        whole, found, rest = data.rpartition(b"\n")
        if not found:
            self._rest += rest
            return
        self._take((self._rest + whole).split(b"\n"))
        self._rest = rest

    def end(self) -> None:
        """There is no more: the last line may lack its line break."""
        if self._rest:
            self._take([self._rest])
            self._rest = b""

    def _take(self, lines: list[bytes]) -> None:
        if not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(_BOM)
        found = [canonical(value) for value in self._read(lines, self._given + 1)]
        self._given += len(found)
        self.blank += found.count("")
        self.values.update(found)
        self.values.discard("")


def _lines(lines: Sequence[bytes], first: int) -> list[str]:
    try:
        return b"\n".join(lines).decode().split("\n")
    except UnicodeDecodeError as error:
        at = first + error.object.count(b"\n", 0, error.start)
        raise RegisterError(f"line {at} is not UTF-8 (byte 0x{error.object[error.start]:02x})") from None


def _texts(lines: Sequence[bytes], first: int) -> list[str]:
    try:
        found = json.loads(b"[%s]" % b",".join(lines))  # at once: four times as fast as line by line
        if len(found) == len(lines) and all(type(one) is str for one in found):
            return list(found)
    except ValueError:
        pass
    return [_text(line, first + index) for index, line in enumerate(lines)]


def _text(line: bytes, number: int) -> str:
    if not line.strip():
        return ""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, str):
        raise RegisterError(f"line {number} is no JSON text; expected a value in double quotes")
    return value
