"""What ships: the library, the starter, and the schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from consumers.scenario import library
from consumers.scenario.cast import cast_of
from consumers.scenario.expectations import Expectation
from consumers.scenario.generate import expand
from consumers.scenario.load import load_file
from consumers.scenario.schema import SCHEMA_FILE, make_schema
from consumers.scenario.steps import Step

ROOT = Path(__file__).parents[3]
FILES = [library.path_of(name) for name in library.names()] + [library.STARTER]


def plain(path: Path) -> Any:
    """As any YAML reader has it, days as texts."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path.read_text("utf-8")), default=str))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_what_ships_is_read_and_fits_the_schema(path: Path) -> None:
    """An editor that checks by the schema has nothing against what the program itself reads."""
    scenario = load_file(path)
    jsonschema.validate(plain(path), json.loads(make_schema()))
    assert scenario.scenario in (path.stem, "my-scenario")
    assert scenario.about


def test_the_schema_that_ships_is_the_one_that_the_models_give() -> None:
    """Made again with `python -m consumers.scenario.schema`."""
    assert SCHEMA_FILE.read_text("utf-8") == make_schema()


@pytest.mark.parametrize(
    "spoil",
    [
        {"steps": [{"mach": {}}]},
        {"steps": [{"days": 1, "note": "x"}]},
        {"steps": [{}]},
        {"expect": [{"tilstand": {"citizen": "anna", "is": "IGANG"}}]},
        {"parties": {"nordby": {"kind": "kommune"}}},
        {"scenario": ""},
        {"nobody": 1},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(spoil: dict[str, Any]) -> None:
    """Unknown verbs, two verbs in one step, and words that are none are told by an editor already."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"scenario": "x", **spoil}, json.loads(make_schema()))


def test_the_library_has_what_was_promised() -> None:
    """The courses that a vendor needs to see."""
    assert set(library.names()) >= {
        "whole-course",
        "match-five",
        "refusal-new-order",
        "change-receipt-new-order",
        "stopped-subscription",
        "two-municipalities-private",
        "restart-tilbud",
        "consent-withdrawn",
        "thousand-courses",
    }


def test_a_scenario_is_found_by_file_or_by_name() -> None:
    """A file wins; a name that is near is told."""
    assert library.find("whole-course") == library.path_of("whole-course")
    assert library.find("some/where.yaml") == Path("some/where.yaml")
    with pytest.raises(library.NoSuchScenario, match="nearest: 'whole-course'"):
        library.find("whole-curse")


def test_the_same_seed_gives_the_same_people() -> None:
    """Two runs of one seed have the same organisations and citizens; another seed has others."""
    scenario = expand(load_file(library.path_of("two-municipalities-private")))
    one, same, other = cast_of(scenario, 1), cast_of(scenario, 1), cast_of(scenario, 2)
    assert one.parts == same.parts
    assert one.citizens == same.citizens
    assert one.citizens["anna"].cpr != other.citizens["anna"].cpr
    assert one.parts["birkely"].cvr == one.parts["nordby"].cvr != one.parts["kilden"].cvr


def test_a_thousand_courses_are_a_thousand_citizens_and_as_many_matches() -> None:
    """20 municipalities, 200 tilbud, everybody asked about equally often, nobody with another's CPR number."""
    whole = expand(load_file(library.path_of("thousand-courses")))
    kinds = [party.kind for party in whole.parties.values()]
    assert (kinds.count("myndighed"), kinds.count("tilbud"), len(whole.citizens)) == (20, 200, 1000)
    assert whole.steps[0].together is not None
    asked = [to for step in whole.steps[0].together if step.match is not None for to in step.match.to]
    assert len(asked) == 3000
    assert {asked.count(f"tilbud-{number}") for number in range(1, 201)} == {15}
    small = whole.model_copy(update={"citizens": dict(list(whole.citizens.items())[:50])})
    assert len({citizen.cpr for citizen in cast_of(small, 1).citizens.values()}) == 50


def test_the_page_names_every_verb_and_every_question() -> None:
    """docs/scenarios.md leaves nothing of the format out."""
    page = (ROOT / "docs/scenarios.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    assert told >= set(Step.model_fields) | set(Expectation.model_fields)
    for name in library.names():
        assert f"`{name}`" in page
