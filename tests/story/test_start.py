"""What `serve` says when it cannot start: one clear line (a line per problem of a register file) and an exit code."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.test_cli import run
from tests.support.emulator import command, running

FREE = ("--amqp-port", "0", "--admin-port", "0")
FILES = ("dueslag.sqlite", "register.sqlite", "spor.sqlite")
REGISTER, CANNOT_START = 5, 6

BROKEN = """\
myndigheder: [{cvr: 99000901, navn: Startby Kommune (syntetisk)}]
anvendersystemer: [{navn: Modtager, cvr: 99000901}]
dueslag: [{navn: Post, anvendersystem: Modtager}]
abonnementer:
  - navn: Alt
    dueslag: Kost
  - navn: Halvt
    dueslag: Post
    filter: "Beskedkuvert.Filtreringsdata.Beskedtipe.UUIDIdentifikator = 'a'"
  - navn: Andet
    dueslag: Post
    filter: "Beskedkuvert.Filtreringsdata.Beskedtype.UUIDIdentifikator ="
  - navn: Tredje
    dueslag: Post
    fliter: x
abonementer: []
"""
PROBLEMS = (
    ("abonnementer[0].dueslag", "'Kost'", "expected the id or navn"),
    ("abonnementer[1].filter", "at position 0", "did you mean"),
    ("abonnementer[2].filter", "at position 59", "expected"),
    ("abonnementer[3].fliter", "unknown field", "expected"),
    ("abonementer", "unknown section", "nearest"),
)


def serve(*arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines on stderr of a start that must fail by itself."""
    done = run("serve", *FREE, *arguments)
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stderr.decode().splitlines()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as an orderly stop leaves it."""
    data = tmp_path_factory.mktemp("good") / "data"
    with running(data):
        pass
    return data


def test_a_broken_register_file(tmp_path: Path) -> None:
    """A line per problem: line and column, path, what is wrong and what was expected; no data directory is made."""
    file = tmp_path / "register.yaml"
    file.write_text(BROKEN)
    code, said = serve("--data", str(tmp_path / "data"), "--register-file", str(file))
    assert code == REGISTER
    assert [line.partition("  ")[0].rpartition(":")[0] for line in said] == [f"{file}:{n}" for n in (6, 9, 12, 15, 16)]
    for line, words in zip(said, PROBLEMS, strict=True):
        for word in words:
            assert word in line
    assert not (tmp_path / "data").exists()


def test_a_register_file_that_is_no_yaml(tmp_path: Path) -> None:
    """A syntax error is told with its place, too."""
    file = tmp_path / "register.yaml"
    file.write_text("dueslag:\n  - [half\n")
    code, said = serve("--data", str(tmp_path / "data"), "--register-file", str(file))
    assert (code, len(said)) == (REGISTER, 1)
    assert said[0].startswith(f"{file}:3:1  cannot be read as YAML")
    assert "expected" in said[0]


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(5000))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("spoil", "word"), [(newer, "newer"), (garbage, "not a database")])
def test_a_file_of_the_data_directory_that_cannot_be_used(
    good: Path, tmp_path: Path, name: str, spoil: Callable[[Path], None], word: str
) -> None:
    """Written by a newer version, or overwritten: which file and why, and it is left as it is."""
    data = tmp_path / "data"
    shutil.copytree(good, data)
    spoil(data / name)
    before = (data / name).read_bytes()
    code, said = serve("--data", str(data))
    assert (code, len(said)) == (CANNOT_START, 1), said
    assert str(data / name) in said[0]
    assert word in said[0]
    assert (data / name).read_bytes() == before


def test_no_directory_to_write_to(tmp_path: Path) -> None:
    """A file where the directory should be."""
    (tmp_path / "file").touch()
    code, said = serve("--data", str(tmp_path / "file"))
    assert (code, len(said)) == (CANNOT_START, 1)
    assert f"{tmp_path / 'file'}: the data directory cannot be made" in said[0]


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a small file system; skips where this user may not."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / "tmpfs"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True)
        if done.returncode:
            pytest.skip(f"this user may not mount a tmpfs: {done.stderr.decode().strip()}")
        mounted.append(folder)
        return folder

    if shutil.which("mount") is None:
        pytest.skip("there is no mount command here")
    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_file_system(tmpfs: Callable[..., Path]) -> None:
    """Not writable, also for root."""
    folder = tmpfs("size=1m")
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    code, said = serve("--data", str(folder))
    assert (code, len(said)) == (CANNOT_START, 1)
    assert f"{folder}: the data directory is not writable" in said[0]


def test_a_full_disk_at_the_start(tmpfs: Callable[..., Path]) -> None:
    """Not one page can be written: the file that needs it, and that the disk is full."""
    folder = tmpfs("size=64k")
    (folder / "filler").write_bytes(b"x" * 60_000)
    code, said = serve("--data", str(folder / "data"))
    assert (code, len(said)) == (CANNOT_START, 1)
    assert str(folder / "data") in said[0]
    assert "full" in said[0]


def test_a_directory_that_another_emulator_uses(tmp_path: Path) -> None:
    """The second one does not start, the first one does not notice."""
    with running(tmp_path / "data") as first:
        code, said = serve("--data", str(first.data))
        assert (code, len(said)) == (CANNOT_START, 1)
        assert "in use by another emulator" in said[0]
        assert first.admin.request("GET", "/health/ready")["ready"]


def test_nobody_else_reads_the_data_directory(tmp_path: Path) -> None:
    """Messages, passwords and keys are for the user who runs the emulator."""
    with running(tmp_path / "data") as emulator:
        modes = {path.name: path.stat().st_mode & 0o077 for path in (emulator.data, *emulator.data.iterdir())}
    assert modes
    assert not any(modes.values()), modes


def test_plain_mode_says_who_cannot_log_in(tmp_path: Path) -> None:
    """--auth=plain with the built-in register, which has no passwords: the start names the way out."""
    command_line = [*command(), "serve", "--data", str(tmp_path), "--amqp-port", "0", "--admin-port", "0"]
    with subprocess.Popen(
        [*command_line, "--auth", "plain"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as serve:
        assert serve.stdout is not None
        said = b""
        while b"Stop " not in said:
            said += serve.stdout.readline()
        serve.terminate()
    assert b"6 of 6 have none and cannot log in" in said
    assert "anvendersystemer[].adgangskode" in said.decode()
