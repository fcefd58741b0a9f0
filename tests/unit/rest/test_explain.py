"""Why a message is delivered or not."""

from __future__ import annotations

from tests.unit.rest.desk import CPR, Desk, cpr_besked, sample_besked

BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"


async def test_match_and_value_seen(desk: Desk) -> None:
    """The terms of a filter that accepts, each with the value in the message."""
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked())
    assert answer["matches"] is True
    assert answer["delivered"] is True
    assert answer["explanation"]["holds"] is True
    assert answer["explanation"]["seen"] == ["7654895c-a3f3-4c77-8afd-4c77330f963c"]


async def test_no_match_says_which_term(desk: Desk) -> None:
    """A filter that does not accept: which term is false, and what it saw."""
    answer = await desk.post("/abonnementer/PKO_PostStatus/explain", sample_besked())
    assert answer["matches"] is answer["delivered"] is False
    assert answer["reason"]
    assert answer["text"].startswith("false")


async def test_citizen_is_masked(desk: Desk) -> None:
    """A CPR number seen by a term is masked unless asked for."""
    name = "/abonnementer/CPR-hændelser%20for%20fulgte%20borgere/explain"
    masked = await desk.call("POST", name, cpr_besked())
    assert masked.json["matches"] is True
    assert CPR.encode() not in masked.content
    assert CPR in str(await desk.post(name, cpr_besked(), vis_cpr=True))


async def test_stored_message(desk: Desk) -> None:
    """A message in a dueslag can be asked about by its BeskedId; its sender is known, so agreements are judged."""
    await desk.send(sample_besked(BESKED_ID))
    answer = await desk.post("/abonnementer/Testbeskeder/explain", None, besked_id=BESKED_ID.upper())
    assert answer["delivered"] is True
    missing = await desk.call("POST", "/abonnementer/Testbeskeder/explain", besked_id="nope")
    assert missing.status == 404
    other = await desk.call("POST", "/explain", besked_id=BESKED_ID, system="PKO-afsender")
    assert other.status == 404


async def test_sender_without_agreement(desk: Desk) -> None:
    """With a sender named, its agreements are judged as well."""
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked(), system="PKO-afsender")
    assert answer["matches"] is True
    assert answer["delivered"] is False
    assert "refused" in answer["reason"]


async def test_all_abonnementer(desk: Desk) -> None:
    """Those that get it, and for the others why not; those that match first when cut off."""
    answer = await desk.post("/explain", sample_besked())
    assert [one["navn"] for one in answer["delivered"]] == ["Testbeskeder"]
    reasons = {one["navn"]: one["reason"] for one in answer["not_delivered"]}
    assert reasons["Alle beskeder"] == "stoppet"
    assert len(reasons) == 3
    assert answer["total"] == 4
    cut = await desk.post("/explain", sample_besked(), limit=2)
    assert {one["navn"] for one in cut["delivered"] + cut["not_delivered"]} == {"Testbeskeder", "Alle beskeder"}


async def test_no_message(desk: Desk) -> None:
    """Neither a body nor a BeskedId, or a body that is no message: refused with what is expected."""
    nothing = await desk.call("POST", "/explain")
    assert nothing.status == 422
    assert "Haendelsesbesked" in nothing.error
    nonsense = await desk.call("POST", "/explain", b"<x/>")
    assert (nonsense.status, nonsense.json["kode"]) == (422, 40)
