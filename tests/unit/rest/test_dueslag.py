"""Dueslag seen without consuming, purged, and their fejlkø."""

from __future__ import annotations

from tests.unit.rest.desk import CPR, Desk, cpr_besked, sample_besked

BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"


async def test_peek_changes_nothing(desk: Desk) -> None:
    """Looking twice gives the same, and leaves order, counts and the redelivered flag as they were."""
    for _ in range(3):
        await desk.send()
    first = await desk.get("/dueslag/Testkommune/beskeder")
    assert await desk.get("/dueslag/Testkommune/beskeder") == first
    assert [one["redelivered"] for one in first["beskeder"]] == [False] * 3
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["ready"] == 3
    assert first["next"] is None
    assert first["beskeder"][0]["besked"]["body"] is None


async def test_peek_in_pages(desk: Desk) -> None:
    """``next`` leads from page to page until nothing is left."""
    for _ in range(5):
        await desk.send()
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await desk.get("/dueslag/Testkommune/beskeder", after=after, limit=2)
        seen += [one["id"] for one in page["beskeder"]]
        after = page["next"]
    assert len(seen) == 5
    assert seen == sorted(seen)


async def test_body_on_request_with_cpr_masked(desk: Desk) -> None:
    """The message itself when asked for; a CPR number in it only when that is asked for, too."""
    await desk.send(cpr_besked(BESKED_ID))
    masked = await desk.call("GET", "/dueslag/Pr%C3%B8vek%C3%B8bing/beskeder", body=True)
    assert "Haendelsesbesked" in masked.json["beskeder"][0]["besked"]["body"]
    assert CPR.encode() not in masked.content
    shown = await desk.get("/dueslag/Pr%C3%B8vek%C3%B8bing/beskeder", body=True, vis_cpr=True)
    assert CPR in shown["beskeder"][0]["besked"]["body"]
    found = await desk.get(f"/beskeder/{BESKED_ID}", vis_cpr=True)
    assert found[0]["body"] == shown["beskeder"][0]["besked"]["body"]
    assert found[0]["afsender_navn"] == "Afsendersystem"


async def test_purge(desk: Desk) -> None:
    """What is ready is dropped and counted."""
    await desk.send()
    await desk.send()
    assert await desk.post("/dueslag/Testkommune/purge") == {"count": 2}
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["ready"] == 0


async def test_fejlkoe_shows_why(desk: Desk) -> None:
    """A rejected delivery is in the fejlkø with its reason, and not among the others."""
    await desk.send()
    await desk.reject_one(reason="no such citizen")
    dead = await desk.get("/dueslag/Testkommune/fejlkoe")
    assert [(one["state"], one["reason"]) for one in dead["beskeder"]] == [("dead", "no such citizen")]
    assert dead["beskeder"][0]["died"]
    assert (await desk.get("/dueslag/Testkommune/beskeder"))["beskeder"] == []


async def test_revive_one_by_filter_and_all(desk: Desk) -> None:
    """By id, by BeskedId, by a part of the reason, by abonnement, and all of them."""
    await desk.send(sample_besked(BESKED_ID))
    for _ in range(4):
        await desk.send()
    ids = [await desk.reject_one(reason=reason) for reason in ("a", "b", "Broken Pipe", "d", "e")]
    revive = "/dueslag/Testkommune/fejlkoe/revive"
    assert await desk.post(revive, {"ids": [ids[1]]}) == {"count": 1}
    assert await desk.post(revive, {"besked_id": BESKED_ID.upper()}) == {"count": 1}
    assert await desk.post(revive, {"reason": "broken"}) == {"count": 1}
    assert await desk.post(revive, {"reason": "broken"}) == {"count": 0}
    assert await desk.post(revive, {"abonnement": "Testbeskeder", "ids": [ids[3]]}) == {"count": 1}
    assert await desk.post(revive) == {"count": 1}
    shown = await desk.get("/dueslag/Testkommune/beskeder")
    assert [one["redelivered"] for one in shown["beskeder"]] == [True] * 5


async def test_delete_from_the_fejlkoe(desk: Desk) -> None:
    """Gone for good, by id or all."""
    for _ in range(3):
        await desk.send()
    ids = [await desk.reject_one() for _ in range(3)]
    answer = await desk.call("DELETE", "/dueslag/Testkommune/fejlkoe", id=[ids[0], ids[1]])
    assert answer.json == {"count": 2}
    for mistake in ({}, {"beskedid": "x"}):
        assert (await desk.call("DELETE", "/dueslag/Testkommune/fejlkoe", **mistake)).status == 422
    answer = await desk.call("DELETE", "/dueslag/Testkommune/fejlkoe", all=True)
    assert answer.json == {"count": 1}
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["dead"] == 0


async def test_unknown_dueslag_and_bad_numbers(desk: Desk) -> None:
    """404 for a dueslag that is not there, 422 for what is no number or out of range."""
    assert (await desk.call("GET", "/dueslag/nope/beskeder")).status == 404
    assert (await desk.call("POST", "/dueslag/nope/purge")).status == 404
    assert (await desk.call("GET", "/dueslag/Testkommune/beskeder", limit=0)).status == 422
    wrong = await desk.call("GET", "/dueslag/Testkommune/beskeder", state="gone")
    assert "state" in wrong.error
