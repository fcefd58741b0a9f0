"""The trace by BeskedId, dueslag, system, kind and time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.moment import moment
from broker.clock import iso
from broker.errors import Refused
from tests.unit.rest.desk import CPR, Desk, cpr_besked, sample_besked

BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"


async def test_one_message(desk: Desk) -> None:
    """Accepted, with who gets it by name and who does not, in whatever case the id is asked for."""
    await desk.send(sample_besked(BESKED_ID))
    await desk.send()
    records = await desk.get("/spor", besked_id=BESKED_ID.upper())
    assert [one["what"] for one in records] == ["accepted"]
    assert records[0]["system_navn"] == "Afsendersystem"
    assert {"Testkommune", "Testbeskeder", "Alle beskeder"} <= set(records[0]["names"].values())


async def test_by_dueslag_system_and_kind(desk: Desk) -> None:
    """Names as well as ids; a dueslag that is not there has no trace, which is no error."""
    await desk.send()
    await desk.send(b"<nonsense/>")
    assert [one["what"] for one in await desk.get("/spor", dueslag="Testkommune")] == ["accepted"]
    assert len(await desk.get("/spor", system="Afsendersystem", what="refused")) == 1
    assert await desk.get("/spor", dueslag="nope") == []


async def test_by_time(desk: Desk) -> None:
    """``since`` and ``until`` as an age or a time; the newest when cut off."""
    await desk.send(sample_besked(BESKED_ID))
    desk.clock.advance(600)
    await desk.send()
    assert len(await desk.get("/spor", what="accepted", since="5m")) == 1
    assert len(await desk.get("/spor", what="accepted", until="5m")) == 1
    assert len(await desk.get("/spor", what="accepted", since=iso(desk.clock.now() - 600))) == 2
    newest = await desk.get("/spor", what="accepted", limit=1)
    assert newest[0]["besked_id"] != BESKED_ID
    assert (await desk.call("GET", "/spor", since="yesterday")).status == 422


async def test_citizens_are_masked(desk: Desk) -> None:
    """A CPR number in the reason of a refusal is masked."""
    bad = cpr_besked().replace(b">1.0<", f">urn:oio:cpr-nr:{CPR}<".encode())
    await desk.send(bad)
    answer = await desk.call("GET", "/spor", what="refused")
    assert len(answer.json) == 1
    assert CPR.encode() not in answer.content
    assert CPR in str(await desk.get("/spor", what="refused", vis_cpr=True))


@given(st.floats(0, 4e9))
def test_moment_reads_what_is_written(tid: float) -> None:
    """An ISO time and a number of seconds mean the moment they were made of, to the millisecond."""
    assert moment(iso(tid), 0) == pytest.approx(tid, abs=0.001)
    assert moment(repr(tid), 0) == tid


@pytest.mark.parametrize(("text", "ago"), [("30s", 30), ("10m", 600), ("2h", 7200), ("1.5d", 129_600), (" 1s ", 1)])
def test_moment_ago(text: str, ago: float) -> None:
    """Seconds, minutes, hours and days before now."""
    assert moment(text, 1_000_000) == 1_000_000 - ago


@pytest.mark.parametrize("text", ["", "x", "10", "2026-13-01", "-5m", "nan5m"])
def test_moment_that_is_none(text: str) -> None:
    """Anything else is refused with what is expected (a bare number is seconds since 1970)."""
    if text == "10":
        assert moment(text, 99) == 10
    else:
        with pytest.raises(Refused, match="is no time"):
            moment(text, 0)
