"""Abonnementer at run time: listed, started, stopped, paused, given another filter."""

from __future__ import annotations

import pytest

from tests.unit.rest.desk import CPR, DUESLAG, Desk, sample_besked


async def test_list(desk: Desk) -> None:
    """By navn, with the names of dueslag and system; a part of them where asked."""
    page = await desk.get("/abonnementer")
    assert page["total"] == len(page["abonnementer"]) == 4
    assert page["abonnementer"][-1]["navn"] == "Testbeskeder"
    assert page["abonnementer"][-1]["dueslag_navn"] == "Testkommune"
    assert [one["navn"] for one in (await desk.get("/abonnementer", tilstand="stoppet"))["abonnementer"]] == [
        "Alle beskeder"
    ]
    assert (await desk.get("/abonnementer", dueslag="Testkommune"))["total"] == 1
    assert (await desk.get("/abonnementer", soeg="POSTSTATUS"))["total"] == 1


async def test_pages_make_up_the_list(desk: Desk) -> None:
    """Offset and limit cut the same order into pages; total counts all."""
    whole = (await desk.get("/abonnementer"))["abonnementer"]
    pages = [await desk.get("/abonnementer", offset=start, limit=3) for start in (0, 3)]
    assert [one for page in pages for one in page["abonnementer"]] == whole
    assert [page["total"] for page in pages] == [4, 4]


async def test_stop_and_start(desk: Desk) -> None:
    """Stopped, the next message is not put into the dueslag; started, the one after is."""
    assert (await desk.post("/abonnementer/Testbeskeder/stop"))["tilstand"] == "stoppet"
    await desk.send()
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["ready"] == 0
    await desk.post("/abonnementer/testbeskeder/start")
    await desk.send()
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["ready"] == 1


async def test_pause_and_resume(desk: Desk) -> None:
    """On pause matches are held, resumed they are ready."""
    await desk.post("/abonnementer/Testbeskeder/pause")
    await desk.send()
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["held"] == 1
    await desk.post("/abonnementer/Testbeskeder/resume")
    depth = (await desk.get("/dueslag/Testkommune"))["depth"]
    assert (depth["held"], depth["ready"]) == (0, 1)


async def test_filter(desk: Desk) -> None:
    """A new filter is in force for the next message."""
    field = "Beskedkuvert.Filtreringsdata.Beskedtype.UUIDIdentifikator"
    answer = await desk.call("PUT", "/abonnementer/Testbeskeder/filter", {"filter": f"{field} = 'x'"})
    assert answer.json["filter"] == f"{field} = 'x'"
    await desk.send(sample_besked())
    assert (await desk.get(f"/dueslag/{DUESLAG}"))["depth"]["ready"] == 0


async def test_unreadable_filter(desk: Desk) -> None:
    """422 with the position, and the old filter stays in force."""
    before = (await desk.get("/abonnementer/Testbeskeder"))["filter"]
    answer = await desk.call("PUT", "/abonnementer/Testbeskeder/filter", {"filter": "Beskedkuvert = "})
    assert answer.status == 422
    assert answer.error
    assert isinstance(answer.json["position"], int)
    assert (await desk.get("/abonnementer/Testbeskeder"))["filter"] == before


@pytest.mark.parametrize("body", [{}, {"filter": 1}, {"filtr": "x"}, [], "x"])
async def test_wrong_body(desk: Desk, body: object) -> None:
    """A body of another shape is refused with what was expected, a misspelt name as well."""
    answer = await desk.call("PUT", "/abonnementer/Testbeskeder/filter", body)
    assert answer.status == 422
    assert "body" in answer.error


async def test_unknown_abonnement(desk: Desk) -> None:
    """404 with the nearest name."""
    answer = await desk.call("POST", "/abonnementer/Testbeskedr/stop")
    assert answer.status == 404
    assert "did you mean 'Testbeskeder'" in answer.error
    assert answer.json["kode"] == 44


async def test_cpr_in_a_filter_is_masked(desk: Desk) -> None:
    """A CPR number in a filter is shown only when asked for."""
    objekt = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    change = {"filter": f"{objekt} = 'urn:oio:cpr-nr:{CPR}'"}
    answer = await desk.call("PUT", "/abonnementer/Testbeskeder/filter", change)
    assert CPR.encode() not in answer.content
    shown = await desk.get("/abonnementer/Testbeskeder", vis_cpr=True)
    assert CPR in shown["filter"]


@pytest.mark.parametrize("text", ["\ud800", "Beskedkuvert.Filtreringsdata.Beskedtype.UUIDIdentifikator = '\ud800'"])
async def test_text_that_is_no_unicode_is_refused(desk: Desk, text: str) -> None:
    """JSON can escape what no file and no answer can hold: 422, and the next request is answered."""
    answer = await desk.call("PUT", "/abonnementer/Testbeskeder/filter", {"filter": text})
    assert answer.status == 422
    assert (await desk.get("/abonnementer"))["total"] == 4
