"""The callback of a dueslag: what may stand there, and what is said about what may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.core.filter import parse_filter
from broker.errors import RegisterError
from broker.register import check_change
from broker.register.file import load_text
from broker.register.lexical import callback_fault
from tests.unit.register.contents import DUESLAG, small

LONG = "https://kommune.example/" + "a" * 1_976


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081/besked",
        "https://kommune.example",
        "https://kommune.example/",
        "https://kommune.example:443/a/b?kilde=bf&x=%20",
        "http://[::1]:8081/besked",
        "http://modtager_1:65535",
        "https://kommune.example/a@b:c",
        "http://10.0.0.1/besked",
        "HTTP://kommune.example/",
        "Https://kommune.example:8443/Besked",
        LONG,
    ],
)
def test_a_url_with_a_host_is_taken(url: str) -> None:
    """http or https, a host by name or address, port, path and query as one likes; plain http anywhere (ours)."""
    assert callback_fault(url) is None
    assert check_change(small(), [replace(DUESLAG, callback=url)], parse_filter) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "'' is not a callback; expected http://HOST:PORT/PATH or https://HOST:PORT/PATH"),
        ("127.0.0.1:8081", "is not a callback: it has no http:// or https:// in front; expected http://HOST"),
        ("ftp://kommune.example/", "is not a callback: its scheme is 'ftp'; expected http://HOST"),
        ("http:///besked", "is not a callback: it has no host;"),
        ("http://:8081/besked", "is not a callback: it has no host;"),
        ("http://h:0/", "its port is 0, not a number from 1 to 65535;"),
        ("http://h:65536/", "its port is 65536, not a number from 1 to 65535;"),
        ("http://h:/", "its port is empty;"),
        ("http://h/a b", "it holds a space (written %20);"),
        ("http://h/a\nb", "it holds a line break;"),
        (" http://h/", "it holds a space"),
        ("http://h/\n", "it holds a line break;"),
        ("http://kømmune.example/", "its host holds 'ø' (a name beyond ASCII is written in its xn--… form);"),
        ("http://[kommune]/", "'[kommune]' is not an IPv6 address in brackets;"),
        ("http://[::1", "'[::1' is not an IPv6 address in brackets;"),
        ("http://[1::2::3]/", "is not an IPv6 address in brackets;"),
        ("http://h\\evil/", "it holds a backslash (written %5C);"),
        ("http://h:99999/", "its port is 99999, not a number from 1 to 65535;"),
        ("http://h:ti/", "its port is ti, not a number from 1 to 65535;"),
        ("http://::1:80/", "its host '::1' holds a colon (an IPv6 address stands in brackets, as [::1]);"),
        ("http://a%20b/", "its host holds '%';"),
        ("http://h/blåbær", "its path or query holds 'å' (written %C3%A5);"),
        ("http://h?x={1}", "its path or query holds '{' (written %7B);"),
        ('http://h/"a"', 'it holds a quote " (written %22);'),
        ("http://h/\x07", "it holds the control character U+0007;"),
        ("http://h/\t", "it holds a tabulator;"),
        ("http://h/a\u00a0b", "its path or query holds '\u00a0' (written %C2%A0);"),
        ("https://h/a#b", "has a fragment (#…), which is never sent; expected a URL without"),
        ("https://navn:hemmelig@h/", "has a name or password before the host; expected a URL without"),
        ("https://navn@h/", "has a name or password before the host"),
        (LONG + "a", "has 2001 characters; expected a URL of at most 2000"),
    ],
)
def test_what_is_no_callback_is_refused_with_the_rule(url: str, said: str) -> None:
    """The element, the value and what was expected; a password in it is not repeated."""
    (problem,) = check_change(small(), [replace(DUESLAG, callback=url)], parse_filter)
    assert problem.startswith(f"dueslag 'Indbakke' ({DUESLAG.id}), callback: ")
    assert said in problem
    assert "hemmelig" not in problem


@given(st.text(max_size=40) | st.from_regex(r"https?://[ -~]{0,30}", fullmatch=True))
def test_whatever_is_written_is_judged(url: str) -> None:
    """No text makes the check fail; what it takes, the register file takes too."""
    fault = callback_fault(url)
    assert fault is None or "expected" in fault
    assert fault is None or "(written )" not in fault


def test_a_register_file_says_where_the_callback_is_wrong() -> None:
    """Line, column and path, as for any other field."""
    text = (
        "myndigheder: [{cvr: 11111111, navn: By}]\nanvendersystemer: [{navn: S, cvr: 11111111}]\n"
        "dueslag:\n  - navn: D\n    anvendersystem: S\n    callback: {}\n"
    )
    assert [one.callback for one in load_text(text.replace("{}", "http://[::1]:8081/b")).dueslag.values()] == [
        "http://[::1]:8081/b"
    ]
    with pytest.raises(RegisterError, match=r"register:6:15  dueslag\[0\].callback: 'besked' is not a callback"):
        load_text(text.replace("{}", "besked"))
