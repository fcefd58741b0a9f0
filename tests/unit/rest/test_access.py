"""Who may call: programs on this machine, no web page of anybody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.access import LOOPBACK, hostname, refusal
from tests.unit.rest.desk import Desk


@pytest.mark.parametrize("host", ["127.0.0.1:5680", "localhost:5680", "LOCALHOST", "[::1]:5680", "10.1.2.3:5680"])
def test_this_machine_may_call(host: str) -> None:
    """The loopback names and the address that is listened on are taken."""
    assert refusal(host, None, None, "10.1.2.3") is None


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("evil.example:5680", None, None),
        (None, None, None),
        ("", None, None),
        ("127.0.0.1.evil.example", None, None),
        ("[::1", None, None),
        ("127.0.0.1:5680", "https://evil.example", None),
        ("127.0.0.1:5680", "null", None),
        ("127.0.0.1:5680", "http://127.0.0.1:3000", None),
        ("127.0.0.1:5680", None, "cross-site"),
    ],
)
def test_others_may_not(host: str | None, origin: str | None, site: str | None) -> None:
    """A rebound name, a foreign page, a page on another local port: each refused with its reason."""
    assert refusal(host, origin, site, "127.0.0.1")


def test_own_page_may_call() -> None:
    """A page that the API's own address served has that address as Origin."""
    assert refusal("localhost:5680", "http://localhost:5680", "same-origin", "127.0.0.1") is None


@given(st.text())
def test_no_host_but_this_machine_gets_through(host: str) -> None:
    """Whatever stands in Host, only a loopback name is taken, and nothing crashes."""
    if refusal(host, None, None, "127.0.0.1") is None:
        assert hostname(host) in LOOPBACK


async def test_foreign_page_changes_nothing(desk: Desk) -> None:
    """The request is answered 403 before an endpoint sees it."""
    answer = await desk.call_with({"origin": "https://evil.example"}, "POST", "/abonnementer/Testbeskeder/stop")
    assert answer.status == 403
    assert "evil.example" in answer.error
    assert (await desk.get("/abonnementer/Testbeskeder"))["tilstand"] == "aktiv"
