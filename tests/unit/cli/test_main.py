"""The command as a whole: its help, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from adapters.cli import main
from adapters.cli.exits import Exit


def commands() -> Iterator[tuple[list[str], Any]]:
    """Every subcommand that does something, with the words that lead to it."""

    def walk(words: list[str], command: Any) -> Iterator[tuple[list[str], Any]]:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk([*words, name], inner)
        else:
            yield words, command

    yield from walk([], get_command(main.app))


COMMANDS = {" ".join(words): command for words, command in commands()}


@pytest.mark.parametrize("words", COMMANDS)
def test_help_says_what_it_does_with_an_example(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command has a description and at least one example that names it."""
    assert main.run([*words.split(), "--help"]) == Exit.OK
    shown = capsys.readouterr().out
    assert COMMANDS[words].help
    assert f"beskedfordeler {words}" in shown
    assert "Examples:" in shown


@pytest.mark.parametrize("words", sorted(set(COMMANDS) - {"register schema"}))
def test_json_everywhere(words: str) -> None:
    """Each command takes --json (register schema writes JSON in any case)."""
    assert any("--json" in parameter.opts for parameter in COMMANDS[words].params)


def test_every_command_and_exit_code_is_in_the_reference() -> None:
    """docs/cli.md leaves no command and no exit code out."""
    text = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
    for words in COMMANDS:
        assert f"beskedfordeler {words}" in text, words
    for code in Exit:
        assert f"| {code.value} |" in text


@pytest.mark.parametrize("arguments", [["nope"], ["send"], ["kig", "x", "--limit", "0"], ["status", "--nope"]])
def test_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command or option, a missing argument, a value out of range: on stderr, nothing on stdout."""
    assert main.run(arguments) == Exit.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_failure_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No emulator there: exit code 3 and one line, with --json as well."""
    assert main.run(["status", "--json", "--data", str(tmp_path)]) == Exit.UNREACHABLE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("beskedfordeler: no emulator serves")
    assert len(captured.err.splitlines()) == 1


def test_bug_is_one_line_unless_debugging(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of ours ends with 1 and one line; BESKEDFORDELER_DEBUG shows where it was."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("adapters.cli.api.connect", fail)
    monkeypatch.delenv(main.DEBUG, raising=False)
    assert main.run(["status"]) == Exit.FAILED
    assert capsys.readouterr().err == "beskedfordeler: unexpected failure: ZeroDivisionError: oh\n"
    monkeypatch.setenv(main.DEBUG, "1")
    with pytest.raises(ZeroDivisionError):
        main.run(["status"])


def test_register_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A good file is 0; a broken one is 5 with every problem at FILE:LINE:COLUMN; one that is not there is 7."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("myndigheder:\n  - {cvr: 12345678, navn: By}\n")
    bad.write_text("myndigheder:\n  - {cvr: 1, navn: By}\n  - {cvr: 12345678}\n")
    assert main.run(["register", "check", str(good)]) == Exit.OK
    assert "1 myndigheder" in capsys.readouterr().out
    assert main.run(["register", "check", str(bad)]) == Exit.REGISTER
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("  ")[0].rsplit(":", 2)[:2] for line in lines] == [[str(bad), "2"], [str(bad), "3"]]
    assert main.run(["register", "check", "--json", str(bad)]) == Exit.REGISTER
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 2
    assert main.run(["register", "check", str(tmp_path / "none.yaml")]) == Exit.NOT_FOUND


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON Schema of a register file, for editors."""
    assert main.run(["register", "schema"]) == Exit.OK
    assert "$schema" in json.loads(capsys.readouterr().out)


def test_revive_needs_to_be_told_which(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing named does not mean everything, and everything excludes naming."""
    for arguments in ([], ["--all", "1"]):
        assert main.run(["dueslag", "fejlkoe", "delete", "x", *arguments]) == Exit.USAGE
        assert "--all" in capsys.readouterr().err


def test_environment_is_clean() -> None:
    """Tests here must not depend on an emulator that the environment names."""
    assert "BESKEDFORDELER_ADMIN" not in os.environ
