"""`GET /metrics`: what Prometheus is told, and that page, dashboard and answer speak of the same metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from broker.errors import StoreError
from broker.meters import Distribution
from broker.ports import Depth, Engine, Glimpse
from tests.unit.rest.desk import Desk, sample_besked

DOCS = Path(__file__).parents[3] / "docs"
OURS = re.compile(r"beskedfordeler_[a-z_]+")


async def scraped(desk: Desk) -> dict[str, float]:
    """Every sample by name and labels, as Prometheus' own parser reads them."""
    answer = await desk.call("GET", "/metrics")
    assert answer.status == 200
    return {
        sample.name + "".join(f"|{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


async def test_it_counts_what_was_taken_and_refused(desk: Desk) -> None:
    """One message taken, sent again, and one refused: each in its counter, and in the distributions once."""
    besked = sample_besked()
    await desk.send(besked)
    await desk.send(besked)
    await desk.send(b"<nonsense/>")
    found = await scraped(desk)
    assert found["beskedfordeler_accepted_total"] == 1
    assert found["beskedfordeler_known_total"] == 1
    assert found["beskedfordeler_refused_total|40"] == 1
    assert found["beskedfordeler_routed_total"] == 1
    assert found["beskedfordeler_accept_seconds_count"] == 1
    assert found["beskedfordeler_match_seconds_count"] == 2
    assert found["beskedfordeler_blocked"] == 0


async def test_it_shows_depth_and_age_of_a_dueslag_that_holds_something(desk: Desk) -> None:
    """By id and navn: how many are ready, and how old the oldest is; an empty dueslag has no series."""
    await desk.send(sample_besked())
    desk.clock.advance(90)
    found = await scraped(desk)
    depths = {key: value for key, value in found.items() if key.startswith("beskedfordeler_dueslag_deliveries")}
    assert len(depths) == 4
    assert sum(depths.values()) == found["beskedfordeler_deliveries|ready"] == 1
    assert [value for key, value in found.items() if key.startswith("beskedfordeler_dueslag_oldest")] == [90.0]
    assert found["beskedfordeler_abonnementer|aktiv"] >= 1


class _Silent:
    """An engine that is not to be looked into, or that cannot be."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.looked = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    async def peek(self, *_: object, **__: object) -> list[Glimpse]:
        self.looked += 1
        raise StoreError("the disk is full")


async def test_a_scrape_takes_no_message_in_hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """RabbitMQ shows a message only by handing it out: there are no ages then, and every dueslag goes on."""
    await desk.send(sample_besked())
    silent = _Silent(desk.service.engine)
    monkeypatch.setattr(desk.service, "engine", silent)
    found = await scraped(desk)
    assert silent.looked == 0
    assert found["beskedfordeler_deliveries|ready"] == 1
    assert not [key for key in found if key.startswith("beskedfordeler_dueslag_oldest")]


async def test_counters_are_told_where_the_store_cannot_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrape is wanted most when something is wrong: what cannot be looked up is left out."""
    await desk.send(sample_besked())
    silent = _Silent(desk.service.engine)
    monkeypatch.setattr(desk.service.engine, "peek", silent.peek)
    found = await scraped(desk)
    assert silent.looked == 1
    assert found["beskedfordeler_accepted_total"] == 1
    assert not [key for key in found if key.startswith("beskedfordeler_dueslag_oldest")]


async def test_what_was_lost_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that the trace dropped, and a register whose database is away."""
    found = await scraped(desk)
    assert (found["beskedfordeler_trace_dropped_total"], found["beskedfordeler_register_lost"]) == (0, 0)
    desk.service.trace.dropped += 3
    monkeypatch.setattr(desk.service.register, "lost", "the server closed the connection", raising=False)
    found = await scraped(desk)
    assert (found["beskedfordeler_trace_dropped_total"], found["beskedfordeler_register_lost"]) == (3, 1)


class _Elsewhere:
    """An engine whose messages lie elsewhere: it knows of them when it has counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counted: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    async def counted(self, dueslag: Iterable[str]) -> None:
        self._counted |= set(dueslag)

    def depth(self, dueslag: str) -> Depth:
        return Depth(ready=2) if dueslag in self._counted else Depth()


async def test_a_front_that_has_just_begun_counts_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells no empty dueslag where RabbitMQ holds some: in the metrics, of all together, of each, of one."""
    engine, count = desk.service.engine, len(desk.service.content.dueslag)

    def begun() -> None:
        monkeypatch.setattr(desk.service, "engine", _Elsewhere(engine))

    begun()
    assert (await scraped(desk))["beskedfordeler_deliveries|ready"] == 2 * count
    begun()
    assert (await desk.get("/status"))["depth"]["ready"] == 2 * count
    begun()
    page = (await desk.get("/dueslag"))["dueslag"]
    assert [one["depth"]["ready"] for one in page] == [2] * count
    begun()
    assert (await desk.get(f"/dueslag/{page[0]['id']}"))["depth"]["ready"] == 2


async def test_a_starting_emulator_has_no_metrics_yet(desk: Desk) -> None:
    """503 with what is waited for, as of any other question."""
    desk.admin.emulator, desk.admin.reason = None, "starting"
    assert (await desk.call("GET", "/metrics")).status == 503


async def test_the_page_and_the_dashboard_name_metrics_that_there_are(desk: Desk) -> None:
    """docs/metrics.md names each metric and no other; the dashboard asks for none that is not there."""
    text = (await desk.call("GET", "/metrics")).content.decode()
    types = set(re.findall(r"^# TYPE (beskedfordeler_\w+) ", text, re.MULTILINE))
    page = set(re.findall(r"^\| `(beskedfordeler_\w+)", (DOCS / "metrics.md").read_text(), re.MULTILINE))
    assert page == types
    dashboard = json.loads((DOCS / "grafana" / "beskedfordeler.json").read_text())
    asked = {
        name for panel in dashboard["panels"] for target in panel["targets"] for name in OURS.findall(target["expr"])
    }
    assert asked
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} <= types


@given(st.lists(st.floats(0, 20, allow_nan=False)))
def test_a_distribution_counts_each_value_once(values: list[float]) -> None:
    """Every value is in the bucket of the first bound that is not below it."""
    distribution = Distribution((0.5, 1.0, 5.0))
    for value in values:
        distribution.observe(value)
    below = [sum(value <= bound for value in values) for bound in (0.5, 1.0, 5.0)]
    assert [sum(distribution.counts[: n + 1]) for n in range(3)] == below
    assert distribution.total == len(values)
    assert distribution.sum == pytest.approx(sum(values))
