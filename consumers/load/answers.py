"""A sender's connection: which message each answer is to, be it StandardRetur or a publisher confirm."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

from consumers.load import frames
from consumers.load.message import ID_LENGTH, number_of
from consumers.load.wire import Link
from consumers.retur import read_retur as retur_in

_OK = b"StatusKode>20<"
_UNROUTABLE = 312


class Answered(Protocol):
    """Who is told; times are ns of CLOCK_MONOTONIC."""

    def answered(self, number: int, now: int) -> None:
        """Accepted."""
        ...

    def refuse(self, number: int, kode: int, text: str) -> None:
        """Answered, but not 20."""
        ...

    def stray(self) -> None:
        """An answer to none of its messages."""
        ...


class AnswerLink(Link):
    """Reads StandardRetur (by direct reply-to), or confirms where ``confirms``.

    ``mine`` is what the BeskedIds of this sender have in common (`consumers.load.message.common`).
    """

    def __init__(self, sender: Answered, *, confirms: bool, mine: bytes) -> None:
        super().__init__()
        self._sender = sender
        self._mine = mine
        self._confirms = confirms
        self._now = 0
        self._number = -1
        self._body = b""
        self._left = 0
        self._published: deque[int] = deque()
        self._tag = 0
        """Delivery tag of the last confirm: the first of ``_published`` has the next one."""
        self._odd: set[int] = set()
        """Tags confirmed out of turn."""
        self._returned: set[int] = set()
        self._returning = False

    def data_received(self, data: bytes) -> None:
        self._now = time.monotonic_ns()
        super().data_received(data)

    def publishing(self, numbers: range | list[int]) -> None:
        """Their delivery tags follow those before."""
        if self._confirms:
            self._published.extend(numbers)

    def on_method(self, method: int, data: bytearray, at: int) -> bool:
        if method == frames.ACK or method == frames.NACK:
            tag, multiple = frames.u64_at(data, at)[0], data[at + 8] & 1
            self._confirm(tag, bool(multiple), method == frames.ACK)
            return True
        if method == frames.RETURN:
            self._returning = True
            return True
        if method == frames.DELIVER:
            self._returning = False
            return True
        return False

    def on_header(self, data: bytearray, at: int, size: int) -> None:
        self._left = frames.u64_at(data, at + 4)[0]
        identifier = frames.correlation_of(data, at)
        of_mine = len(identifier) == ID_LENGTH and identifier[9:18] == self._mine
        self._number = number_of(identifier) if of_mine else -1
        self._body = b""
        if self._returning and self._number >= 0:
            self._returned.add(self._number)
            if not self._confirms:
                self._sender.refuse(self._number, _UNROUTABLE, "returned as unroutable")

    def on_body(self, data: bytearray, at: int, size: int) -> None:
        self._left -= size
        if self._returning:
            return
        body = bytes(data[at : at + size])
        if self._left:
            self._body += body
            return
        self._reply(self._body + body if self._body else body)

    def _reply(self, body: bytes) -> None:
        if self._number < 0:
            self._sender.stray()
            return
        if _OK in body:
            self._sender.answered(self._number, self._now)
            return
        kode, text = _read(body)
        self._sender.refuse(self._number, kode, text)

    def _confirm(self, tag: int, multiple: bool, good: bool) -> None:
        if multiple:
            while self._published and self._tag < tag:
                self._settle(good)
        else:
            self._odd.add(tag)
            if not good:
                self._returned.add(self._published[tag - self._tag - 1])
        while self._published and self._tag + 1 in self._odd:
            self._odd.discard(self._tag + 1)
            self._settle(True)

    def _settle(self, good: bool) -> None:
        self._tag += 1
        self._odd.discard(self._tag)
        number = self._published.popleft()
        if not good or number in self._returned:
            self._returned.discard(number)
            self._sender.refuse(number, _UNROUTABLE, "nacked or returned by the broker")
        else:
            self._sender.answered(number, self._now)


def _read(body: bytes) -> tuple[int, str]:
    """StatusKode and FejlbeskedTekst of an answer; 50 where it has none."""
    try:
        retur = retur_in(body)
    except ValueError as error:
        return 50, str(error)
    return retur.status_kode, retur.fejlbesked_tekst
