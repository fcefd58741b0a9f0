"""`dueslag`: what they hold, and where it is pushed to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from adapters.cli.exits import Exit
from tests.unit.cli.desk_api import Terminal, at_terminal

URL = "http://127.0.0.1:8081/besked"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with at_terminal(monkeypatch, capsys) as made:
        yield made


def test_a_callback_is_set_shown_and_ended(terminal: Terminal) -> None:
    """In force at once: whoever pushes hears of it; off ends it, and doing it twice changes nothing."""
    heard: list[str | None] = []
    service = terminal.api.desk.service
    service.watch(lambda: heard.append(service.find_dueslag("Testkommune").callback))
    shown = terminal.run("dueslag", "callback", "testkommune", URL)
    assert re.search(rf"^ +callback +{URL}$", shown, re.MULTILINE)
    terminal.run("dueslag", "callback", "testkommune", URL)
    assert terminal.json("dueslag", "show", "Testkommune")["callback"] == URL
    assert {one["navn"]: one["callback"] for one in terminal.json("dueslag", "list")} == {
        "Eksempelby": None,
        "Prøvekøbing": None,
        "Testkommune": URL,
    }
    assert URL in terminal.run("dueslag", "list")
    assert terminal.json("dueslag", "callback", "Testkommune", "off")["callback"] is None
    assert "(none: it is fetched only)" in terminal.run("dueslag", "callback", "Testkommune", "OFF")
    assert heard == [URL, None]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "ftp://x/",
            "callback: 'ftp://x/' is not a callback: its scheme is 'ftp'; expected http://HOST:PORT/PATH or https://HOST:PORT/PATH",
        ),
        ("https://a:hemmelig@x/", "callback: has a name or password before the host"),
        ("", "callback: '' is not a callback"),
    ],
)
def test_what_is_no_callback_is_refused(terminal: Terminal, url: str, said: str) -> None:
    """One line with the element, the value and the rule; the callback stays as it was, a password is not repeated."""
    terminal.run("dueslag", "callback", "Testkommune", URL)
    error = terminal.run("dueslag", "callback", "Testkommune", url, code=Exit.REFUSED)
    assert said in error
    assert error.count("\n") == 1
    assert "hemmelig" not in error
    assert terminal.json("dueslag", "show", "Testkommune")["callback"] == URL


def test_a_dueslag_that_is_not_there(terminal: Terminal) -> None:
    """7, with the nearest there is."""
    assert "did you mean" in terminal.run("dueslag", "callback", "Testkommun", URL, code=Exit.NOT_FOUND)
    assert "no dueslag" in terminal.run("dueslag", "show", "Nope", code=Exit.NOT_FOUND)


def test_show_says_whose_it_is_and_what_it_holds(terminal: Terminal) -> None:
    """One dueslag with its states."""
    terminal.api.send_about_citizen()
    shown = terminal.run("dueslag", "show", "prøvekøbing")
    assert re.search(r"^ +anvendersystem +Prøvekøbing Fagsystem \(", shown, re.MULTILINE)
    assert re.search(r"^ +ready +1$", shown, re.MULTILINE)
