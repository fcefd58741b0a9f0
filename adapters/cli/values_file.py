"""Values of a værdiliste in files: read from text or CSV line by line, written as either.

Read, a file is not held in memory, whatever its size.  Raises Failure, naming the line.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO

from adapters.cli.exits import Exit, Failure

SLICE = 5_000
"""Values sent at a time."""
_SAVE = "save it as UTF-8 (CSV UTF-8 in a spreadsheet)"
_DELIMITERS = ";\t,"
_TABULATOR = {"tab": "\t", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read; nothing given = a value a line, unless its name ends in .csv."""

    column: str | None = None
    """Name (with header) or number, from 1; None = the only one."""
    delimiter: str | None = None
    """None = the first of ; tab , that the first line has."""
    header: bool = False

    def is_csv(self, file: str) -> bool:
        return self != Layout() or file.lower().endswith(".csv")


def read_values(file: str, layout: Layout) -> Iterator[str]:
    """Every value in a file (``-`` = stdin), blank ones included.  Raises Failure."""
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            yield from _read(stream, file, layout)
    except FileNotFoundError:
        raise Failure(Exit.NOT_FOUND, f"{file}: no such file") from None
    except OSError as error:
        raise Failure(Exit.FAILED, f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise Failure(Exit.REFUSED, f"{file}: byte 0x{byte:02x} is not UTF-8; {_SAVE}") from None
    except csv.Error as error:
        raise Failure(Exit.REFUSED, f"{file}: is no CSV ({error})") from None


def _read(stream: BinaryIO, file: str, layout: Layout) -> Iterator[str]:
    as_csv = layout.is_csv(file)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="" if as_csv else None)
    try:
        lines = _lines(text, file)
        yield from _cells(lines, file, layout) if as_csv else lines
    finally:
        text.detach()  # whoever opened the stream closes it


def as_ndjson(file: str, values: Iterable[str]) -> Iterator[bytes]:
    """The values as the admin API takes them.  Raises Failure where there is none: that would empty the list."""
    each, some = iter(values), False
    while batch := list(islice(each, SLICE)):
        some = some or any(map(str.strip, batch))
        yield "".join(json.dumps(value) + "\n" for value in batch).encode()
    if not some:
        raise Failure(Exit.REFUSED, f"{file}: holds no values; nothing is changed")


def write_values(values: Sequence[str], file: str, *, as_csv: bool) -> None:
    """One a line, or as CSV with a header, to a file or (``-``) to stdout.  Raises Failure, OSError."""
    if not as_csv and any("\n" in value or "\r" in value for value in values):
        raise Failure(Exit.REFUSED, "a value of the list holds a line break; --csv can write it")
    if file == "-":
        _write(sys.stdout, values, as_csv)
        sys.stdout.flush()
        return
    with Path(file).open("w", encoding="utf-8", newline="") as stream:
        _write(stream, values, as_csv)


def _write(stream: TextIO, values: Sequence[str], as_csv: bool) -> None:
    if as_csv:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["vaerdi"])
        writer.writerows([value] for value in values)
    else:
        stream.writelines(value + "\n" for value in values)


def _lines(text: TextIO, file: str) -> Iterator[str]:
    """The lines as they stand.  Raises Failure where they hold NUL: ASCII in UTF-16 without a mark, read as UTF-8."""
    for line in iter(text.readline, ""):
        if "\0" in line:
            raise Failure(Exit.REFUSED, f"{file}: is not UTF-8 (UTF-16, it seems); {_SAVE}")
        yield line


def _cells(lines: Iterator[str], file: str, layout: Layout) -> Iterator[str]:
    first = next(lines, "")
    given = layout.delimiter or next((sign for sign in _DELIMITERS if sign in first), ",")
    delimiter = _TABULATOR.get(given, given)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Failure(Exit.USAGE, f"--delimiter '{given}': expected one character, or tab")
    rows = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    head = next(rows, []) if layout.header else None
    index = _column(layout.column, head, head, file) if head else None
    width, widest = len(head or ()), "the header"
    for row in rows:
        if not row:
            yield ""
            continue
        if index is None:
            index = _column(layout.column, head, row, file)
        if not width:
            width, widest = len(row), f"line {rows.line_num}"
        if index >= len(row):
            raise Failure(
                Exit.REFUSED, f"{file}: line {rows.line_num} has {len(row)} columns; expected at least {index + 1}"
            )
        if len(row) > width and (filled := _filled(row)) > width:
            raise Failure(
                Exit.REFUSED,
                f"{file}: line {rows.line_num} has {filled} columns; expected at most {width}, as {widest} has "
                f'(a value that holds the delimiter stands in "…")',
            )
        yield row[index]


def _filled(row: Sequence[str]) -> int:
    """How many columns a row has up to the last that is not blank."""
    return next((count for count in range(len(row), 0, -1) if row[count - 1].strip()), 0)


def _column(column: str | None, head: Sequence[str] | None, row: Sequence[str], file: str) -> int:
    """Position of the column that is meant, from 0."""
    named = [name.strip() for name in head] if head is not None else None
    if column is None:
        width = len(named if named is not None else row)
        if width == 1:
            return 0
        which = f" ({', '.join(named)})" if named else ""
        raise Failure(Exit.USAGE, f"{file}: has {width} columns{which}; say which with --column")
    if named is not None and column in named:
        if named.count(column) > 1:
            raise Failure(Exit.USAGE, f"{file}: {named.count(column)} columns are named '{column}'; give the number")
        return named.index(column)
    if _is_number(column) and (not named or int(column) <= len(named)):
        return int(column) - 1
    if named is None:
        raise Failure(Exit.USAGE, f"--column '{column}': expected a number from 1, or a name together with --header")
    raise Failure(Exit.USAGE, f"{file}: no column '{column}'; it has {', '.join(named)}")


def _is_number(column: str) -> bool:
    """Whether a column is given by number, from 1."""
    return column.isascii() and column.isdigit() and len(column) < 10 and int(column) > 0
