"""`vaerdiliste`: whole lists from and into files, lists made and removed."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.exits import Exit, Failure
from adapters.cli.values_file import Layout, as_ndjson, read_values, write_values
from broker.core.model import Livscyklus, Registrering
from tests.unit.cli.desk_api import Terminal, at_terminal
from tests.unit.rest.desk import CPR

LISTE = "Fulgte borgere"
A, B, C = (f"urn:oio:cpr-nr:{number}01010000" for number in ("01", "02", "03"))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with at_terminal(monkeypatch, capsys) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "borgere.csv"


def held(terminal: Terminal) -> set[str]:
    """The values that the emulator goes by."""
    service = terminal.api.desk.service
    return set(service.content.vaerdier[service.find_vaerdiliste(LISTE).id])


def holds(terminal: Terminal, tmp_path: Path, *values: str) -> None:
    """Give the list these values."""
    (tmp_path / "start.txt").write_text("\n".join(values), encoding="utf-8")
    terminal.run("vaerdiliste", "import", LISTE, str(tmp_path / "start.txt"))


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (f"navn;cpr\r\nAnna;{A}\r\nBo;{B}\r\n".encode(), ["--header", "--column", "cpr"]),
        (f"\ufeffcpr;navn\n{A};Anna\n{B};Bo".encode(), ["--header", "--column", "cpr"]),
        (f"Anna\t{A}\nBo\t{B}\n".encode(), ["--column", "2"]),
        (f'"Hansen, Anna",{A}\n"Bo ""B""\nBi",{B}\n'.encode(), ["--column", "2"]),
        (f"Anna,Hansen;{A}\nBo;{B}\n".encode(), ["--column", "2"]),
        (f"a|{A}\nb|{B}\n".encode(), ["--delimiter", "|", "--column", "2"]),
        (f"a\t{A}\nb;\t{B}\n".encode(), ["--delimiter", "tab", "--column", "2"]),
        (f"cpr\n{A}\n{B}\n".encode(), ["--header"]),
        (f'"{A}"\n"{B}"\n'.encode(), []),
        (f"1,navn\n{A},x\n{B},y\n".encode(), ["--header", "--column", "1"]),
        (f"{A}\n{B},, \n".encode(), []),
    ],
)
def test_a_csv_replaces_the_list(terminal: Terminal, file: Path, content: bytes, options: list[str]) -> None:
    """Semicolons, tabs or commas, quotes, a BOM, a header: one column of it becomes the list."""
    file.write_bytes(content)
    terminal.run("vaerdiliste", "import", LISTE, str(file), *options)
    assert held(terminal) == {A, B}


@pytest.mark.parametrize("content", [f"{A}\n{B}\n", f"\ufeff{A}\r\n\r\n  {B}  ", f"{A}\r{B}\r"])
def test_a_text_file_replaces_the_list(terminal: Terminal, tmp_path: Path, content: str) -> None:
    """A value a line, whatever the line breaks and the BOM of the program that wrote it."""
    file = tmp_path / "cpr.txt"
    file.write_bytes(content.encode())
    terminal.run("vaerdiliste", "import", LISTE, str(file))
    assert held(terminal) == {A, B}


def test_what_became_of_the_values_is_told(terminal: Terminal, tmp_path: Path) -> None:
    """How many were added, removed, there before, repeated and blank; as JSON, too."""
    holds(terminal, tmp_path, A, "x")
    file = tmp_path / "cpr.txt"
    file.write_text(f"{A}\n{B}\n\n{B}\n", encoding="utf-8")
    said = terminal.run("vaerdiliste", "import", LISTE, str(file))
    assert said == f"'{LISTE}': 1 added, 1 removed, 1 unchanged, 1 duplicate, 1 blank; 2 values\n"
    assert terminal.json("vaerdiliste", "import", LISTE, str(file)) == {
        "added": 0,
        "removed": 0,
        "unchanged": 2,
        "duplicate": 1,
        "blank": 1,
        "count": 2,
    }


def test_add_keeps_what_is_there(terminal: Terminal, tmp_path: Path) -> None:
    """With --add nothing is taken off the list."""
    holds(terminal, tmp_path, A, B)
    file = tmp_path / "cpr.txt"
    file.write_text(f"{B}\n{C}\n", encoding="utf-8")
    assert "1 added, 0 removed, 1 unchanged" in terminal.run("vaerdiliste", "import", LISTE, str(file), "--add")
    assert held(terminal) == {A, B, C}


def test_values_may_come_from_stdin(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe is as good as a file, and stdin is left open."""
    stdin = io.TextIOWrapper(io.BytesIO(f"{A}\n{B}".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    terminal.run("vaerdiliste", "import", LISTE, "-")
    assert held(terminal) == {A, B}
    assert not stdin.buffer.closed


@pytest.mark.parametrize(
    ("content", "options", "code", "said"),
    [
        (b"a;b\n1;2\n", [], Exit.USAGE, "has 2 columns; say which with --column"),
        (b"a;b\n1;2\n", ["--header"], Exit.USAGE, "has 2 columns (a, b); say which with --column"),
        (b"a;b\n1;2\n", ["--header", "--column", "c"], Exit.USAGE, "no column 'c'; it has a, b"),
        (b"a;a\n1;2\n", ["--header", "--column", "a"], Exit.USAGE, "2 columns are named 'a'; give the number"),
        (b"a;b\n1;2\n", ["--column", "a"], Exit.USAGE, "expected a number from 1, or a name together with --header"),
        (b"a;b\n1;2\n", ["--column", "0"], Exit.USAGE, "expected a number from 1"),
        (b"a;b\n1;2\n", ["--column", "3"], Exit.REFUSED, "line 1 has 2 columns; expected at least 3"),
        (b"a;b\n1;2\n3\n", ["--column", "2"], Exit.REFUSED, "line 3 has 1 columns; expected at least 2"),
        (b"a\n", ["--delimiter", "ab"], Exit.USAGE, "--delimiter 'ab': expected one character, or tab"),
        (b'a\n"b\n', [], Exit.REFUSED, "is no CSV (unexpected end of data)"),
        (b"a\nb\xe6\n", [], Exit.REFUSED, "byte 0xe6 is not UTF-8; save it as UTF-8"),
        (b"", [], Exit.REFUSED, "holds no values; nothing is changed"),
        (b"\n \n", [], Exit.REFUSED, "holds no values; nothing is changed"),
        (b"cpr\n", ["--header"], Exit.REFUSED, "holds no values; nothing is changed"),
        (b"a\x01b\n", [], Exit.REFUSED, "a value holds the character U+0001"),
        (b"urn:x:1\nurn:x:2,urn:x:3\n", [], Exit.REFUSED, "line 2 has 2 columns; expected at most 1, as line 1 has"),
        (b"\n1\n2,3,,\n", [], Exit.REFUSED, "line 3 has 2 columns; expected at most 1, as line 2 has"),
        (b"vaerdi\nHansen, Ole\n", ["--header"], Exit.REFUSED, "line 2 has 2 columns; expected at most 1, as the hea"),
        (b"a;b\n1;2\n1;2;;3\n", ["--column", "1"], Exit.REFUSED, "line 3 has 4 columns; expected at most 2"),
        (b"a;b\n", ["--header", "--column", "c"], Exit.USAGE, "no column 'c'; it has a, b"),
        (b"a;b\n1;2\n", ["--header", "--column", "3"], Exit.USAGE, "no column '3'; it has a, b"),
        ("å\nb\n".encode("utf-16"), [], Exit.REFUSED, "byte 0xff is not UTF-8; save it as UTF-8"),
        ("a\nb\n".encode("utf-16-le"), [], Exit.REFUSED, "is not UTF-8 (UTF-16, it seems); save it as UTF-8"),
        ("a\nb\n".encode("utf-16-be"), ["--header"], Exit.REFUSED, "save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    terminal: Terminal, file: Path, tmp_path: Path, content: bytes, options: list[str], code: Exit, said: str
) -> None:
    """One line that says what is wrong and where; an empty file does not empty the list."""
    holds(terminal, tmp_path, A)
    file.write_bytes(content)
    error = terminal.run("vaerdiliste", "import", LISTE, str(file), *options, code=code)
    assert said in error
    assert error.count("\n") == 1
    assert held(terminal) == {A}


def test_a_file_or_list_that_is_not_there(terminal: Terminal, file: Path, tmp_path: Path) -> None:
    """7, as for anything that is not found; a folder is no file."""
    assert "no such file" in terminal.run("vaerdiliste", "import", LISTE, str(file), code=Exit.NOT_FOUND)
    assert "cannot be read" in terminal.run("vaerdiliste", "import", LISTE, str(tmp_path), code=Exit.FAILED)
    file.write_bytes(b"a")
    assert "no værdiliste 'Nope'" in terminal.run("vaerdiliste", "import", "Nope", str(file), code=Exit.NOT_FOUND)
    assert "no værdiliste 'Nope'" in terminal.run("vaerdiliste", "export", "Nope", code=Exit.NOT_FOUND)


@pytest.mark.parametrize("options", [[], ["--csv"]])
def test_an_export_is_imported_again(terminal: Terminal, tmp_path: Path, options: list[str]) -> None:
    """In order, unmasked; taken in again it changes nothing."""
    holds(terminal, tmp_path, B, A, 'x "y", z', "æ;ø")
    file = tmp_path / ("ud.csv" if options else "ud.txt")
    assert terminal.run("vaerdiliste", "export", LISTE, str(file), *options) == ""
    on_stdout = terminal.run("vaerdiliste", "export", LISTE, "-", *options)
    assert on_stdout == terminal.run("vaerdiliste", "export", LISTE, *options) == file.read_text("utf-8")
    layout = ["--header", "--delimiter", ","] if options else []
    assert "0 added, 0 removed, 4 unchanged" in terminal.run("vaerdiliste", "import", LISTE, str(file), *layout)
    lines = on_stdout.splitlines()
    assert lines[: 1 + len(options)] == (["vaerdi", A] if options else [A])
    assert terminal.json("vaerdiliste", "export", LISTE) == sorted([A, B, 'x "y", z', "æ;ø"])


def test_an_import_is_in_force_for_the_next_message(terminal: Terminal, tmp_path: Path) -> None:
    """The citizens in the file are followed, those that were followed before are not."""
    for value, ready in (("x", 0), (f"urn:oio:cpr-nr:{CPR}", 1), ("x", 1)):
        holds(terminal, tmp_path, value)
        terminal.api.send_about_citizen()
        assert terminal.json("dueslag", "show", "Prøvekøbing")["depth"]["ready"] == ready


def test_a_list_is_made_and_removed(terminal: Terminal) -> None:
    """A new list is empty; a second one of that name is refused, and one that a filter names is not removed."""
    made = terminal.json("vaerdiliste", "new", "Nye", "--system", "Testkommune Fagsystem")
    assert "empty" in terminal.run("vaerdiliste", "new", "Andre", "--system", "Testkommune Fagsystem")
    assert {one["navn"]: one["count"] for one in terminal.json("vaerdiliste", "list")} == {
        "Andre": 0,
        LISTE: 2,
        "Nye": 0,
    }
    again = ("vaerdiliste", "new", "Nye", "--system", "Testkommune Fagsystem")
    assert "the name is taken" in terminal.run(*again, code=Exit.REFUSED)
    taken = ("vaerdiliste", "new", "Tredje", "--system", "Testkommune Fagsystem", "--id", made["id"].upper())
    assert "already" in terminal.run(*taken, code=Exit.REFUSED)
    assert "no anvendersystem" in terminal.run("vaerdiliste", "new", "X", "--system", "Ingen", code=Exit.NOT_FOUND)
    assert terminal.json("vaerdiliste", "delete", made["id"]) == {"deleted": made["id"]}
    assert "deleted" in terminal.run("vaerdiliste", "delete", "andre")
    assert "still referred to" in terminal.run("vaerdiliste", "delete", LISTE, code=Exit.REFUSED)
    assert [one["navn"] for one in terminal.json("vaerdiliste", "list")] == [LISTE]


async def _make_passive(terminal: Terminal) -> None:
    service = terminal.api.desk.service
    liste = service.find_vaerdiliste(LISTE)
    await service.put([replace(liste, registrering=Registrering(0.0, Livscyklus.PASSIVERET))])


def test_a_passive_list_is_shown_as_such(terminal: Terminal) -> None:
    """An operator sees that filters find nothing in it."""
    assert "passiv" not in terminal.run("vaerdiliste", "list")
    terminal.api._runner.run(_make_passive(terminal))
    assert "Passiveret (passiv: empty for filters)" in terminal.run("vaerdiliste", "list")


_cells = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from(',;"\t\n'), min_size=1, max_size=8)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=8), st.sampled_from(";,\t"))
def test_any_csv_that_a_spreadsheet_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    """Whatever stands in the cells, quoted as need be, the second column is the values."""
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    read = list(read_values(str(file), Layout(column="2", delimiter=delimiter)))
    assert read == [second for _, second in rows]


@given(st.lists(_cells, max_size=8), st.booleans())
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], as_csv: bool
) -> None:
    """Text where no value holds a line break, CSV in any case."""
    file = str(tmp_path_factory.mktemp("out") / "x")
    if not as_csv and any("\n" in value for value in values):
        with pytest.raises(Failure, match="--csv can write it"):
            write_values(values, file, as_csv=False)
        return
    write_values(values, file, as_csv=as_csv)
    layout = Layout(delimiter=",", header=True) if as_csv else Layout()
    assert [value.rstrip("\n") for value in read_values(file, layout)] == [value.rstrip("\n") for value in values]


def test_a_file_is_sent_in_pieces() -> None:
    """However long a list is, a few thousand values of it are held at a time."""
    taken = 0

    def values() -> Iterator[str]:
        nonlocal taken
        for number in range(20_000):
            taken = number
            yield str(number)

    pieces = as_ndjson("x", values())
    first = next(pieces)
    assert taken < 5_001
    assert first.count(b"\n") + sum(piece.count(b"\n") for piece in pieces) == 20_000
