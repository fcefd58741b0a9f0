"""Field tables of AMQP 0-9-1, read by offset in one walk.

pamqp copies the rest of the table for every entry, which a hostile start-ok of 256 kB turns into seconds; here
the cost follows the size, and depth is bounded.  Types as RabbitMQ reads them
(https://www.rabbitmq.com/amqp-0-9-1-errata.html); `decode` keeps strings as bytes.
"""

from __future__ import annotations

from struct import Struct

Value = bool | int | float | bytes | None | list["Value"] | dict[str, "Value"]
Table = dict[str, Value]

MAX_DEPTH = 16

_LONG = Struct(">I")
_FIXED: dict[int, Struct] = {
    ord("t"): Struct(">?"),
    ord("b"): Struct(">b"),
    ord("B"): Struct(">B"),
    ord("s"): Struct(">h"),
    ord("u"): Struct(">H"),
    ord("U"): Struct(">h"),
    ord("I"): Struct(">i"),
    ord("i"): Struct(">I"),
    ord("l"): Struct(">q"),
    ord("L"): Struct(">q"),
    ord("f"): Struct(">f"),
    ord("d"): Struct(">d"),
    ord("T"): Struct(">Q"),
}
_SIZED = frozenset(b"SxAF")
_DECIMAL = ord("D")
_VOID = ord("V")


def decode(data: bytes, start: int, end: int, depth: int = 0) -> Table:
    """The table whose entries lie in ``data[start:end]`` (without the length before them).

    Raises ValueError where it is malformed or nested deeper than MAX_DEPTH.
    """
    table: Table = {}
    offset = start
    while offset < end:
        key_end = offset + 1 + data[offset]
        if key_end >= end:
            raise ValueError("a table entry goes beyond its table")
        key = data[offset + 1 : key_end].decode(errors="replace")
        table[key], offset = _value(data, key_end, end, depth)
    return table


def find_string(data: bytes, start: int, end: int, name: bytes) -> bytes | None:
    """The long string under ``name`` in the table entries ``data[start:end]``; others are stepped over unread.

    Raises ValueError where the table is malformed before the entry is found.
    """
    offset = start
    while offset < end:
        key_end = offset + 1 + data[offset]
        if key_end >= end:
            raise ValueError("a table entry goes beyond its table")
        value_end = _skip(data, key_end, end)
        if data[key_end] == 83 and data[offset + 1 : key_end] == name:
            return data[key_end + 5 : value_end]
        offset = value_end
    return None


def _value(data: bytes, offset: int, end: int, depth: int) -> tuple[Value, int]:
    kind = data[offset]
    stop = _skip(data, offset, end)
    if fixed := _FIXED.get(kind):
        return fixed.unpack_from(data, offset + 1)[0], stop
    if kind in b"Sx":
        return data[offset + 5 : stop], stop
    if kind == _DECIMAL:
        return int.from_bytes(data[offset + 2 : stop], "big", signed=True) / 10 ** data[offset + 1], stop
    if kind == _VOID:
        return None, stop
    if depth == MAX_DEPTH:
        raise ValueError(f"tables nested deeper than {MAX_DEPTH}")
    if kind == ord("F"):
        return decode(data, offset + 5, stop, depth + 1), stop
    items: list[Value] = []
    offset += 5
    while offset < stop:
        item, offset = _value(data, offset, stop, depth + 1)
        items.append(item)
    return items, stop


def _skip(data: bytes, offset: int, end: int) -> int:
    """Where the value that starts with its type at ``offset`` ends."""
    kind = data[offset]
    if kind in _SIZED:
        stop = offset + 5 + int.from_bytes(data[offset + 1 : offset + 5], "big")
    elif fixed := _FIXED.get(kind):
        stop = offset + 1 + fixed.size
    elif kind == _DECIMAL:
        stop = offset + 6
    elif kind == _VOID:
        stop = offset + 1
    else:
        raise ValueError(f"unknown table type {kind:#04x}")
    if stop > end:
        raise ValueError("a table value goes beyond its table")
    return stop
