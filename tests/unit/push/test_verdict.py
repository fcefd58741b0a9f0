"""What an answer comes to, and in which words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from adapters.push.verdict import Answer, Result, judge
from tests.unit.push.receiver import output

NOW = 1_700_000_000.0
"""2023-11-14T22:13:20Z"""
SAGDOK = "urn:oio:sagdok:3.0.0"
RETUR = '<StandardRetur xmlns="urn:oio:sagdok:3.0.0"><StatusKode>{}</StatusKode></StandardRetur>'


def answer(status: int, body: bytes | str = b"", cut: bool = False, **headers: str) -> Answer:
    given = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(status, given, body.encode() if isinstance(body, str) else body, cut)


TAKEN = {
    "ModtagBeskedOutput": output(20),
    "the root holds StatusKode": RETUR.format(20).encode(),
    "any other root": f"<a>{RETUR.format(20)}</a>".encode(),
    "white space": RETUR.format(" \n 20 ").encode(),
    "leading zero and sign": RETUR.format("+020").encode(),
    "a comment in the number": RETUR.format("<!-- ok -->20").encode(),
    "a comment and an instruction before": b"<!-- a --><?b c?>" + RETUR.format(20).encode(),
    "byte order mark": b"\xef\xbb\xbf" + output(20),
    "UTF-16": output(20, "Grøn").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "Latin-1": output(20, "Grøn").decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "a text beside it": output(20, "Modtaget"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_http_200_and_statuskode_20_is_taken(case: str) -> None:
    """In every encoding, whatever the root is called, StatusKode in it or in StandardRetur."""
    assert judge(answer(200, TAKEN[case]), NOW).result is Result.TAKEN


def test_the_charset_of_the_header_helps_where_the_document_does_not_say() -> None:
    """Latin-1 without a declaration is no UTF-8, but the Content-Type says so."""
    body = output(20, "Grøn").decode().partition("?>")[2].encode("latin-1")
    assert judge(answer(200, body, Content_Type="text/xml; Charset=ISO-8859-1"), NOW).result is Result.TAKEN
    assert judge(answer(200, body, Content_Type="text/xml; charset=findes-ikke"), NOW).result is Result.REFUSED
    assert judge(answer(200, body), NOW).result is Result.REFUSED


def test_the_charset_of_the_header_helps_where_the_document_errs() -> None:
    """UTF-8 that says it is UTF-16, as a .NET string does that was written out as XML."""
    body = output(20, "Grøn").replace(b"UTF-8", b"utf-16")
    assert judge(answer(200, body, Content_Type="application/xml; charset=utf-8"), NOW).result is Result.TAKEN
    assert judge(answer(200, body), NOW).result is Result.REFUSED


REFUSED = {
    "40": (answer(200, output(40, "ukendt beskedtype")), "StatusKode 40: ukendt beskedtype"),
    "21": (answer(200, output(21)), "StatusKode 21 without FejlbeskedTekst"),
    "0": (answer(200, output(0)), "StatusKode 0"),
    "empty": (answer(200, " \n"), "the body is empty; expected ModtagBeskedOutput with StatusKode 20"),
    "HTML": (answer(200, "<html><body>OK<br></body></html>"), "the body is no XML"),
    "XHTML": (answer(200, '<html xmlns="http://www.w3.org/1999/xhtml"/>'), "the body is <html> in namespace 'http"),
    "JSON": (answer(200, '{"StatusKode": 20}'), "the body is no XML"),
    "no StatusKode": (answer(200, "<a/>"), "the body is <a> in no namespace without StatusKode"),
    "no namespace": (answer(200, "<a><StatusKode>20</StatusKode></a>"), "StatusKode is in no namespace, not in"),
    "other namespace": (
        answer(200, '<a xmlns="urn:oio:sagdok:2.0.0"><StatusKode>20</StatusKode></a>'),
        f"StatusKode is in namespace 'urn:oio:sagdok:2.0.0', not in namespace '{SAGDOK}'",
    ),
    "too deep": (answer(200, f"<s><b>{RETUR.format(20)}</b></s>"), "StatusKode stands too deep in <s>"),
    "no number": (answer(200, RETUR.format("OK")), "StatusKode is 'OK', which is no number"),
    "other digits": (answer(200, RETUR.format("２０")), "which is no number"),
    "long number": (answer(200, RETUR.format("9" * 5000)), "which is no number"),
    "DOCTYPE": (answer(200, b"<!DOCTYPE a>" + RETUR.format(20).encode()), "DOCTYPE"),
    "cut": (answer(200, output(20), cut=True), "longer than 65536 octets"),
    "gzip": (answer(200, b"\x1f\x8b", Content_Encoding="gzip"), "Content-Encoding 'gzip', which was not asked for"),
    "201": (answer(201, output(20)), "HTTP 201 (expected 200), StatusKode 20"),
    "400 with a reason": (answer(400, output(40, "Ugyldig")), "HTTP 400 (expected 200), StatusKode 40: Ugyldig"),
    "500": (answer(500, "<html>"), "HTTP 500; expected 200 and StatusKode 20"),
    "401": (answer(401), "HTTP 401"),
    "413": (answer(413), "HTTP 413"),
    "301": (answer(301, Location="https://a.example/b?c=d"), "HTTP 301 to 'https://a.example/b': redirects are not"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_any_other_answer_is_a_refusal_with_its_reason(case: str) -> None:
    """Which code, which text, or what stood there instead; one line for log and fejlkø."""
    given, reason = REFUSED[case]
    verdict = judge(given, NOW)
    assert verdict.result is Result.REFUSED
    assert reason in verdict.reason
    assert "\n" not in verdict.reason


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_not_now_is_as_good_as_not_reached(status: int) -> None:
    """A proxy whose receiver is away, or one who is busy: whatever the body says."""
    verdict = judge(answer(status, output(40, "optaget")), NOW)
    assert verdict.result is Result.UNREACHABLE
    assert f"HTTP {status}" in verdict.reason
    assert "optaget" in verdict.reason


WAITS = {
    "7": 7.0,
    " 120 ": 120.0,
    "Tue, 14 Nov 2023 22:13:50 GMT": 30.0,
    "Tue, 14 Nov 2023 22:00:00 GMT": 0.0,
    "Tue, 14 Nov 2023 22:13:50": 30.0,
    "": 0.0,
    "-5": 0.0,
    "soon": 0.0,
    "1.5": 0.0,
    "99999999999999999999": 9999999999.0,
    "٣": 0.0,
    "Tue, 99 Foo 2023 22:13:50 GMT": 0.0,
}


@pytest.mark.parametrize("text", WAITS)
def test_retry_after_is_seconds_or_a_date(text: str) -> None:
    """What cannot be made out is no wish."""
    found = judge(answer(503, Retry_After=text), NOW).wait
    assert found == WAITS[text]
    assert judge(answer(502, Retry_After="7"), NOW).wait == 0


def test_cpr_numbers_in_a_receivers_text_are_masked() -> None:
    """Log, trace and fejlkø hold none, wherever the receiver puts them; and no line breaks, and no novels."""
    verdict = judge(answer(200, output(40, "Borger 0101010000\nkendes ikke " + "x" * 1000)), NOW)
    assert "010101-****" in verdict.reason
    assert "0101010000" not in verdict.reason
    assert len(verdict.reason) <= 300


def test_an_answer_full_of_entities_is_refused_quickly() -> None:
    """A billion laughs in elements or attributes: nothing is expanded."""
    for use in ("<StatusKode>&h;</StatusKode>", '<a b="&h;"/>'):
        levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
        bomb = f'<!DOCTYPE a [<!ENTITY a "lol">{levels}]><x>{use}</x>'
        start = time.process_time()
        assert judge(answer(200, bomb), NOW).result is Result.REFUSED
        assert time.process_time() - start < 5


@given(st.integers(100, 599), st.binary(max_size=300), st.booleans(), st.text(max_size=30))
def test_no_answer_breaks_the_judge(status: int, body: bytes, cut: bool, header: str) -> None:
    """Any status, octets and headers: a verdict, and a reason wherever the message was not taken."""
    headers = {"Retry_After": header, "Content_Type": f"text/xml; charset={header}", "Location": header}
    verdict = judge(answer(status, body, cut, **headers), NOW)
    assert verdict.result is not Result.TAKEN
    assert verdict.reason
    assert verdict.wait >= 0
