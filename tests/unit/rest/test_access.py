"""Who may call: programs on this machine or with the token, no web page of anybody else."""

from __future__ import annotations

import hmac

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.access import Bearer, Complaints, Headers, hostname, is_loopback, read_headers, refusal

TOKEN = "wT9-syntetisk_token.til~proeve"
HERE = "127.0.0.1:5680"


def verdict(host: str | None, origin: str | None = None, site: str | None = None, any_host: bool = False) -> bool:
    """Whether a request with these headers gets past the first gate."""
    return refusal(Headers(host, origin, site), any_host) is None


@pytest.mark.parametrize(
    "host",
    [
        HERE,
        "localhost:5680",
        "LOCALHOST",
        "LocalHost:1",
        "[::1]:5680",
        "[0:0:0:0:0:0:0:1]",
        "127.0.0.1",
        "127.1.2.3:80",
    ],
)
def test_this_machine_may_call(host: str) -> None:
    """Loopback names and addresses are taken, however they are written."""
    assert verdict(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:5680",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.localhost",
        "localhost.",
        "127.0.0.1.",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0:5680",
        "[::]:5680",
        "10.1.2.3:5680",
        "[::1",
        "::1",
        "[::1]evil.example",
        "[::1%25lo]",
        "[::ffff:10.1.2.3]",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "evil.example#@127.0.0.1",
        "127.0.0.1/evil",
        "127.0.0.1?evil",
        "127.0.0.1#evil",
        "127.0.0.1\\evil",
        "127.0.0.1, evil.example",
        "127.0.0.1 evil.example",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:123456",
        "127.0.0.1:1:2",
        "127.0.0.1\n",
        "１２７.0.0.1",
        "ⓛocalhost",
    ],
)
def test_other_names_may_not(host: str | None) -> None:
    """A rebound name, and whatever one parser could take for this machine and another for something else."""
    assert not verdict(host)


@pytest.mark.parametrize(
    ("origin", "site", "passes"),
    [
        (None, None, True),  # a program
        (None, "none", True),  # an address that somebody typed
        (None, "same-origin", True),
        (f"http://{HERE}", "same-origin", True),
        (f"http://{HERE}", None, True),  # a browser without Sec-Fetch-Site
        (f"HTTP://{HERE}", None, True),
        (f"https://{HERE}", "same-origin", True),  # a proxy does the TLS
        (None, "cross-site", False),
        (None, "same-site", False),  # a page on another port of this machine: no Origin with a GET
        (None, "something-new", False),
        (None, "", False),
        ("null", None, False),  # a sandboxed frame, a data: page
        ("null", "same-origin", False),
        ("", None, False),
        ("https://evil.example", None, False),
        ("https://evil.example", "same-origin", False),
        ("http://127.0.0.1:3000", "same-site", False),
        ("http://127.0.0.1", None, False),
        ("http://localhost:5680", None, False),  # here by another name: not the page's own
        (f"ftp://{HERE}", None, False),
        (f"chrome-extension://{HERE}", None, False),
        (f"http://{HERE}/", None, False),
        (f"http://{HERE}.evil.example", None, False),
        (f"http://evil.example@{HERE}", None, False),
        (f"http://{HERE}@evil.example", None, False),
        (f"http://{HERE} http://evil.example", None, False),
        ("http://[::1", None, False),
    ],
)
@pytest.mark.parametrize("any_host", [False, True])
def test_foreign_pages_may_not(origin: str | None, site: str | None, passes: bool, any_host: bool) -> None:
    """A page's Origin must be the API's own address, and the browser must not call it another site's; token or not."""
    assert verdict(HERE, origin, site, any_host) is passes


def test_with_a_token_any_name_will_do() -> None:
    """A proxy passes on the name that it is known by; an Origin still has to be that name."""
    assert verdict("admin.kommune.example", None, None, any_host=True)
    assert verdict(None, None, None, any_host=True)
    assert verdict("admin.kommune.example", "https://admin.kommune.example", "same-origin", any_host=True)
    assert not verdict(None, "https://admin.kommune.example", None, any_host=True)


@given(st.text())
def test_no_host_but_this_machine_gets_through(host: str) -> None:
    """Whatever stands in Host, only a loopback name is taken, and nothing crashes."""
    if verdict(host):
        assert is_loopback(hostname(host) or "")


@given(st.text(), st.text(), st.text())
def test_no_origin_but_the_host_gets_through(host: str, origin: str, site: str) -> None:
    """Whatever stands in Origin, only the address that was asked for is taken, and nothing crashes."""
    if verdict(host, origin, site, any_host=True):
        assert origin.lower().endswith("://" + host.lower())


@pytest.mark.parametrize("name", [b"host", b"origin", b"sec-fetch-site", b"authorization"])
def test_a_header_that_decides_comes_once(name: bytes) -> None:
    """Two of them could be read differently by a proxy and by us."""
    with pytest.raises(ValueError, match="more than one"):
        read_headers([(name, b"a"), (b"accept", b"x"), (b"accept", b"y"), (name, b"a")])


@pytest.mark.parametrize(
    ("authorization", "holds"),
    [
        (f"Bearer {TOKEN}".encode(), True),
        (f"bearer  {TOKEN} ".encode(), True),
        (None, False),
        (b"", False),
        (b"Bearer", False),
        (b"Bearer ", False),
        (TOKEN.encode(), False),
        (f"Basic {TOKEN}".encode(), False),
        (f"Bearer {TOKEN[:-1]}".encode(), False),
        (f"Bearer {TOKEN}x".encode(), False),
        (f"Bearer {TOKEN.upper()}".encode(), False),
        (f"Bearer {TOKEN}, Bearer x".encode(), False),
        ("Bearer blåbærgrød-blåbærgrød".encode(), False),
        ("Bearer blåbærgrød-blåbærgrød".encode("latin-1"), False),
        (b"Bearer " + bytes(range(128, 256)), False),
        (b"Bearer " + b"x" * 60_000, False),
    ],
)
def test_token(authorization: bytes | None, holds: bool) -> None:
    """Only the whole token after Bearer; other bytes, other lengths and other schemes are wrong, never a crash."""
    assert Bearer(TOKEN).holds(authorization) is holds


@given(st.text(min_size=1).map(str.strip).filter(bool), st.binary())
def test_any_token_is_compared(token: str, presented: bytes) -> None:
    """Danish letters in the token, or any bytes in what is shown: compared as bytes, never a crash."""
    bearer = Bearer(token)
    assert bearer.holds(b"Bearer " + presented) is (presented.strip() == token.encode())


def test_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared has one length and goes through compare_digest, so that no part of the token can be timed."""
    compared: list[tuple[object, object]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare)
    bearer = Bearer(TOKEN)
    for shown in (b"Bearer x", b"Bearer " + TOKEN.encode()[:-1], b"Bearer " + TOKEN.encode()):
        bearer.holds(shown)
    assert len(compared) == 3
    assert {len(part) for pair in compared for part in pair if isinstance(part, bytes)} == {32}


def test_one_line_a_second() -> None:
    """A flood of attempts is one line a second, which says how many of each kind were left out before it."""
    now = 100.0
    complaints = Complaints(lambda: now)
    with structlog.testing.capture_logs() as logs:
        for reason in ("no token", "no token", "wrong token", "no token"):
            complaints.note("10.0.0.1", reason)
        now += 0.9
        complaints.note("10.0.0.1", "no token")
        now += 0.1
        complaints.note("10.0.0.2", "wrong token")
        now += 1.0
        complaints.note("10.0.0.3", "wrong token")
    assert [(line["peer"], line["left_out_before"]) for line in logs] == [
        ("10.0.0.1", {}),
        ("10.0.0.2", {"no token": 3, "wrong token": 1}),
        ("10.0.0.3", {}),
    ]
