"""The fejlkø through the admin API: filters, times, pages."""

from __future__ import annotations

from typing import Any

import pytest

from broker.core.stored import StoredBesked
from broker.engine import EmbeddedEngine
from broker.ports import Condemned, Routing
from tests.unit.rest.desk import CPR_TYPE, DUESLAG, TESTTYPE, Desk, sample_besked

FEJLKOE = "/dueslag/Testkommune/fejlkoe"
REVIVE = FEJLKOE + "/revive"
BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"
GONE = "0f0f0f0f-0000-4000-8000-0000000000ff"
"""An abonnement that was deleted since."""


async def fill(desk: Desk) -> list[int]:
    """Four dead deliveries, a minute apart: two of the Testbesked type, one of another type, one by a deleted
    abonnement; their ids."""
    await desk.send(sample_besked(BESKED_ID))
    await desk.send()
    ids = [await desk.reject_one(reason="Broken pipe")]
    desk.clock.advance(60)
    ids.append(await desk.reject_one(reason="redelivery limit of 3 reached"))
    for number, (beskedtype, abonnement) in enumerate([(CPR_TYPE, ""), (TESTTYPE, GONE)]):
        desk.clock.advance(60)
        besked = StoredBesked("s", f"b{number}", "t", beskedtype, b"", b"x" * 100, b"", desk.clock.now())
        condemned = await desk.service.engine.condemn(DUESLAG, abonnement, besked, "condemned")
        assert condemned is Condemned.ADDED
    page = await desk.get(FEJLKOE)
    return [one["id"] for one in page["beskeder"]]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ({}, [0, 1, 2, 3]),
        ({"besked_id": BESKED_ID.upper()}, [0]),
        ({"abonnement": "Testbeskeder"}, [0, 1]),
        ({"abonnement": GONE.upper()}, [3]),
        ({"beskedtype": TESTTYPE.upper()}, [0, 1, 3]),
        ({"beskedtype": CPR_TYPE}, [2]),
        ({"reason": "LIMIT"}, [1]),
        ({"older_than": "90s"}, [0, 1]),
        ({"older_than": "2023-11-14T22:13:21Z"}, [0]),
        ({"older_than": "0s", "reason": "condemned", "beskedtype": TESTTYPE}, []),
        ({"older_than": "10m"}, []),
    ],
)
async def test_the_same_filters_for_looking_moving_and_deleting(
    desk: Desk, query: dict[str, Any], positions: list[int]
) -> None:
    """What `list` shows for a filter is what `revive` moves and `delete` removes with it."""
    ids = await fill(desk)
    meant = [ids[position] for position in positions]
    assert [one["id"] for one in (await desk.get(FEJLKOE, **query))["beskeder"]] == meant
    assert await desk.post(REVIVE, query) == {"count": len(meant)}
    left = [one["id"] for one in (await desk.get(FEJLKOE))["beskeder"]]
    assert left == [id for id in ids if id not in meant]


@pytest.mark.parametrize("query", [{"older_than": "90s"}, {"beskedtype": CPR_TYPE}, {"reason": "pipe"}])
async def test_delete_by_filter(desk: Desk, query: dict[str, Any]) -> None:
    """Deleted are those that the filter shows."""
    await fill(desk)
    meant = len((await desk.get(FEJLKOE, **query))["beskeder"])
    assert meant > 0
    assert (await desk.call("DELETE", FEJLKOE, **query)).json == {"count": meant}
    assert len((await desk.get(FEJLKOE))["beskeder"]) == 4 - meant


async def test_a_delivery_tells_its_story(desk: Desk) -> None:
    """Reason, attempts, when the message was accepted and when the delivery died, its size; the message on request."""
    ids = await fill(desk)
    first = (await desk.get(FEJLKOE))["beskeder"][0]
    assert (first["reason"], first["attempts"]) == ("Broken pipe", 1)
    assert first["besked"]["received"] == first["died"] == "2023-11-14T22:13:20.000Z"
    assert first["besked"]["body"] is None
    one = await desk.get(f"{FEJLKOE}/{ids[0]}")
    assert "Haendelsesbesked" in one["besked"]["body"]
    assert len(one["besked"]["body"].encode()) == one["besked"]["bytes"] == first["besked"]["bytes"]
    without = await desk.get(f"{FEJLKOE}/{ids[0]}", body=False)
    assert without == first
    added = await desk.get(f"{FEJLKOE}/{ids[2]}")
    assert (added["attempts"], added["died"], added["besked"]["bytes"]) == (0, "2023-11-14T22:15:20.000Z", 100)


async def test_one_that_is_not_there(desk: Desk) -> None:
    """404 with a sentence for an id between others, above all, or none at all; 422 for what is no id."""
    ids = await fill(desk)
    await desk.post(REVIVE, {"ids": [ids[1]]})
    for id in (ids[1], ids[-1] + 1, 2**63 - 1):
        answer = await desk.call("GET", f"{FEJLKOE}/{id}")
        assert answer.status == 404
        assert answer.error == f"no delivery {id} in the fejlkø of 'Testkommune'"
    for wrong in ("0", "-1", "x", str(2**63)):
        assert (await desk.call("GET", f"{FEJLKOE}/{wrong}")).status == 422


async def test_filters_that_make_no_sense(desk: Desk) -> None:
    """An abonnement or beskedtype that is not there, a time that is none, a filter that does not exist: a sentence,
    and nothing is touched."""
    await fill(desk)
    assert (await desk.call("DELETE", FEJLKOE, abonnement="nope")).status == 404
    assert "beskedtype 'nope'" in (await desk.call("DELETE", FEJLKOE, beskedtype="nope")).error
    assert "is no time" in (await desk.call("DELETE", FEJLKOE, older_than="yesterday")).error
    assert "is no time" in (await desk.call("POST", REVIVE, {"older_than": ""})).error
    assert (await desk.call("POST", REVIVE, {"older": "1h"})).status == 422
    assert await desk.post(REVIVE, {"ids": []}) == {"count": 0}
    assert await desk.post(REVIVE, {"ids": [10**30, -5]}) == {"count": 0}
    assert len((await desk.get(FEJLKOE))["beskeder"]) == 4


async def test_pages_of_what_a_filter_shows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fejlkø of thousands is shown and moved a page at a time, never read as a whole, and without the messages."""
    engine = desk.service.engine
    for number in range(2_500):
        besked = StoredBesked("s", f"b{number}", "t", TESTTYPE, b"%d" % number, b"x", b"", 1.0)
        engine.accept(besked, [Routing(DUESLAG, "a")], lambda _: None)
    await engine.flushed()
    taken = [await engine.get(DUESLAG) for _ in range(2_500)]
    for number, leverance in enumerate(taken):
        assert leverance is not None
        engine.reject([leverance], "odd" if number % 2 else "even")
    asked: list[tuple[int, bool]] = []
    peek = EmbeddedEngine.peek

    async def watched(self: EmbeddedEngine, dueslag: str, **how: Any) -> Any:
        asked.append((how["limit"], how.get("body", True)))
        return await peek(self, dueslag, **how)

    monkeypatch.setattr(EmbeddedEngine, "peek", watched)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await desk.get(FEJLKOE, after=after, limit=400, reason="odd")
        assert len(page["beskeder"]) <= 400
        seen += [one["id"] for one in page["beskeder"]]
        after = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == 1_250
    assert await desk.post(REVIVE, {"reason": "odd"}) == {"count": 1_250}
    assert max(limit for limit, _ in asked) <= 500
    assert not any(body for _, body in asked)
    assert engine.depth(DUESLAG).dead == 1_250
