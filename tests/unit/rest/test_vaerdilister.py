"""Whole værdilister over HTTP: replaced, added to, exported; all or none, whatever size the pieces have."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from adapters.rest import vaerdilister
from adapters.rest.intake import Intake
from broker.core.identifiers import canonical
from broker.core.model import Livscyklus, Registrering, Vaerdiliste
from broker.errors import RegisterError
from tests.unit.rest.desk import CPR, Answer, Desk, cpr_besked

LISTE = "/vaerdilister/fulgte%20borgere"
CITIZEN = f"urn:oio:cpr-nr:{CPR}"
TEXT, NDJSON = {"content-type": "text/plain; charset=utf-8"}, {"content-type": "application/x-ndjson"}


def held(desk: Desk) -> set[str]:
    """The values of the list as the emulator goes by them."""
    return set(desk.service.content.vaerdier[desk.service.find_vaerdiliste("Fulgte borgere").id])


async def put(desk: Desk, body: bytes, headers: dict[str, str] = TEXT, **query: object) -> Answer:
    """Values sent to the list."""
    return await desk.call_with(headers, "PUT", f"{LISTE}/values", body, **query)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (TEXT, b"\xef\xbb\xbfurn:oio:cpr-nr:0202020000\r\n\r\n  b \nb\nURN:OIO:cvr-nr:11111111"),
        (NDJSON, b'"urn:oio:cpr-nr:0202020000"\n\n"b"\n" b"\n"urn:oio:cvr:11111111"\n'),
        ({}, b'{"values": ["urn:oio:cpr-nr:0202020000", "", "b", "b ", "urn:oio:cvr:11111111"]}'),
    ],
)
async def test_a_list_is_replaced(desk: Desk, headers: dict[str, str], body: bytes) -> None:
    """One value a line, as text or JSON, or a JSON document; blank lines and repeats are counted and passed over."""
    await desk.service.change_list("Fulgte borgere", anew=[CITIZEN, "b"])
    answer = await put(desk, body, headers)
    assert (answer.status, answer.json) == (
        200,
        {"added": 2, "removed": 1, "unchanged": 1, "duplicate": 1, "blank": 1, "count": 3},
    )
    assert held(desk) == {"urn:oio:cpr-nr:0202020000", "b", "urn:oio:cvr:11111111"}
    assert (await desk.service.register.load()).vaerdier == desk.service.content.vaerdier


async def test_a_list_is_added_to(desk: Desk) -> None:
    """With add nothing is removed."""
    await desk.service.change_list("Fulgte borgere", anew=["a", "b"])
    answer = await put(desk, b"b\nc\n", add=True)
    assert answer.json == {"added": 1, "removed": 0, "unchanged": 1, "duplicate": 0, "blank": 0, "count": 3}
    assert held(desk) == {"a", "b", "c"}


async def test_it_holds_from_the_next_message_on(desk: Desk) -> None:
    """The citizen on the new list is followed, those that are no longer there are not."""
    await put(desk, b"x\n")
    await desk.send(cpr_besked())
    assert (await desk.get("/dueslag/Pr%C3%B8vek%C3%B8bing"))["depth"]["ready"] == 0
    await put(desk, CITIZEN.encode())
    await desk.send(cpr_besked())
    assert (await desk.get("/dueslag/Pr%C3%B8vek%C3%B8bing"))["depth"]["ready"] == 1


@pytest.mark.parametrize(
    ("headers", "body", "status", "word"),
    [
        (TEXT, b"a\nb\n\xe6\xf8\xe5\n", 422, "line 3 is not UTF-8 (byte 0xe6)"),
        (TEXT, b"a\x01b\n", 422, "a value holds the character U+0001, which may not stand in XML"),
        (NDJSON, b'"a"\nb\n', 422, "line 2 is no JSON text"),
        (NDJSON, b'"a"\n"b","c"\n', 422, "line 2 is no JSON text"),
        (NDJSON, b'"a"\n1\n', 422, "line 2 is no JSON text"),
        (NDJSON, b'"a"\n"\\ud800"\n', 422, "U+D800"),
        ({}, b'{"values": [1]}', 422, "values.0"),
        ({}, b'{"values": ["a"], "x": 1}', 422, "x"),
        ({}, b"[", 422, "json"),
        ({"content-type": "text/csv"}, b"a", 415, "'text/csv' is not taken; expected text/plain, application/x-ndjson"),
    ],
)
async def test_bad_values_change_nothing(
    desk: Desk, headers: dict[str, str], body: bytes, status: int, word: str
) -> None:
    """Refused with the line and what was expected; the list is as it was."""
    before = held(desk)
    answer = await put(desk, body, headers)
    assert answer.status == status
    assert word in answer.error
    assert held(desk) == before


async def test_an_unknown_list_is_not_found(desk: Desk) -> None:
    """404, and no body is read for it."""
    assert (await desk.call_with(TEXT, "PUT", "/vaerdilister/nope/values", b"a")).status == 404
    assert (await desk.call("GET", "/vaerdilister/nope/export")).status == 404


async def test_too_much_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body over the limit changes nothing."""
    monkeypatch.setattr(vaerdilister, "LARGEST", 10)
    before = held(desk)
    answer = await put(desk, b"0123456789\n")
    assert (answer.status, answer.json["kode"]) == (413, 40)
    assert held(desk) == before


async def test_values_that_break_off_change_nothing(desk: Desk) -> None:
    """The line to whoever sends is cut in the middle: the list is as it was, and no failure of ours is logged."""
    before = held(desk)
    coming: list[Message] = [
        {"type": "http.request", "body": b"a\nb\n", "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else await asyncio.Future()

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": "/vaerdilister/Fulgte borgere/values",
        "raw_path": f"{LISTE}/values".encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:5680"), (b"content-type", b"text/plain")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 5680),
    }
    await asyncio.wait_for(desk.app(scope, receive, send), 5)
    assert [answer["status"] for answer in answers if answer["type"] == "http.response.start"] == [400]
    assert held(desk) == before


@pytest.mark.parametrize("format", ["text", "ndjson"])
async def test_an_export_gives_the_list_again(desk: Desk, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All values, unmasked, in pieces; sent back they change nothing."""
    monkeypatch.setattr(vaerdilister, "SLICE", 7)
    wanted = {CITIZEN, *(f"urn:oio:cpr-nr:{number:010}" for number in range(20)), "æøå \"'\\"}
    await desk.service.change_list("Fulgte borgere", anew=wanted)
    answer = await desk.call("GET", f"{LISTE}/export", format=format)
    assert answer.status == 200
    lines = answer.content.decode().split("\n")
    assert lines.pop() == ""
    assert sorted(json.loads(line) if format == "ndjson" else line for line in lines) == sorted(wanted)
    again = await put(desk, answer.content, TEXT if format == "text" else NDJSON)
    assert again.json["unchanged"] == again.json["count"] == len(wanted)
    assert (again.json["added"], again.json["removed"]) == (0, 0)


async def test_a_value_with_a_line_break_is_exported_as_ndjson_only(desk: Desk) -> None:
    """Text would make two values of it."""
    await desk.service.change_list("Fulgte borgere", anew=["a\nb"])
    answer = await desk.call("GET", f"{LISTE}/export")
    assert answer.status == 422
    assert "format=ndjson" in answer.error
    assert (await desk.call("GET", f"{LISTE}/export", format="ndjson")).content == b'"a\\nb"\n'


async def test_an_empty_list_is_exported_and_a_list_emptied(desk: Desk) -> None:
    """Nothing sent is no values."""
    assert (await put(desk, b"")).json["count"] == 0
    assert (await desk.call("GET", f"{LISTE}/export")).content == b""


async def test_a_list_shows_whether_it_is_passive(desk: Desk) -> None:
    """The LivscyklusKode of VærdilisteRediger, where there is one."""
    (before,) = [one for one in await desk.get("/vaerdilister") if one["navn"] == "Fulgte borgere"]
    assert (before["livscyklus"], before["passiv"]) == (None, False)
    liste = desk.service.find_vaerdiliste("Fulgte borgere")
    registrering = Registrering(1_700_000_000.0, Livscyklus.PASSIVERET, note="Lukket")
    await desk.service.put([Vaerdiliste(liste.id, liste.navn, liste.anvendersystem, registrering)])
    (after,) = [one for one in await desk.get("/vaerdilister") if one["navn"] == "Fulgte borgere"]
    assert (after["livscyklus"], after["passiv"], after["count"]) == ("Passiveret", True, before["count"])
    assert (await desk.get("/register/vaerdilister/Fulgte%20borgere"))["registrering"] == {
        "tidspunkt": "2023-11-14T22:13:20Z",
        "livscyklus": "Passiveret",
        "note": "Lukket",
    }
    explained = await desk.call_with({"content-type": "application/xml"}, "POST", "/explain", cpr_besked())
    assert "[passive]" in explained.content.decode()


_values = st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=8), max_size=12)


@given(values=_values, cuts=st.lists(st.integers(0, 200), max_size=8), ndjson=st.booleans(), bom=st.booleans())
def test_pieces_of_any_size_mean_the_same(values: list[str], cuts: list[int], ndjson: bool, bom: bool) -> None:
    """Wherever the octets are cut, between lines, within a letter: the same values, repeats and blanks are found."""
    lines = [json.dumps(one) if ndjson else one for one in values]
    body = (b"\xef\xbb\xbf" if bom else b"") + "\n".join(lines).encode()
    intake = Intake(ndjson=ndjson)
    for piece in _cut(body, cuts):
        intake.feed(piece)
    intake.end()
    known = [canonical(one.removeprefix("\ufeff") if bom else one) for one in values]
    assert intake.values == set(known) - {""}
    assert intake.duplicate == len([one for one in known if one]) - len(intake.values)


def _cut(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


def test_the_line_of_a_fault_counts_from_the_first_piece() -> None:
    """Also when the fault comes in a later piece."""
    intake = Intake(ndjson=False)
    intake.feed(b"a\nb\nc")
    with pytest.raises(RegisterError, match=r"line 4 is not UTF-8 \(byte 0xff\)"):
        intake.feed(b"\nd\xff\ne\n")
