"""Names within a scenario: who is meant must exist, and be of the kind that can do it.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.scenario.expectations import Expectation
from consumers.scenario.model import Scenario
from consumers.scenario.problem import nearest
from consumers.scenario.spec import Spec
from consumers.scenario.steps import AendringStep, BestilStep, MatchStep, PlaceStep, Step
from consumers.yaml_source import Path

ALL = "all"
Finding = tuple[Path, str]


def misnamed(scenario: Scenario) -> list[Finding]:
    """Where a name leads nowhere, or to somebody of the wrong kind."""
    if scenario.generate is not None:
        from consumers.scenario.generate import expand

        return [*_generated(scenario), *_Names(expand(scenario)).wrong(scenario)]
    if not scenario.parties:
        return [((), "has no parties; expected at least one myndighed and one tilbud")]
    return list(_Names(scenario).wrong(scenario))


def _generated(scenario: Scenario) -> Iterator[Finding]:
    for key in ("parties", "citizens"):
        if getattr(scenario, key):
            yield (key,), f"stands beside generate, which makes its own {key}; expected one of them"


@dataclass(slots=True)
class _Names:
    whole: Scenario
    """With what was generated."""

    def wrong(self, scenario: Scenario) -> Iterator[Finding]:
        yield from self._parties(scenario)
        for name, citizen in scenario.citizens.items():
            yield from self._party(("citizens", name, "myndighed"), citizen.myndighed, "myndighed")
            if citizen.samtykke_until is not None and not citizen.samtykke:
                yield ("citizens", name, "samtykke_until"), "has a last day without samtykke; expected samtykke: true"
        yield from self._steps(("steps",), scenario.steps)
        yield from self._expectations(("expect",), scenario.expect)

    def _parties(self, scenario: Scenario) -> Iterator[Finding]:
        seen: dict[str, str] = {}
        for name, party in scenario.parties.items():
            if name == ALL:
                yield ("parties", name), "'all' stands for every citizen; expected another name"
            if party.cvr is not None and not party.own_cvr:
                yield from self._party(("parties", name, "cvr"), party.cvr)
                owner = scenario.parties.get(party.cvr)
                if owner is not None and owner.cvr is not None and not owner.own_cvr:
                    yield ("parties", name, "cvr"), f"'{party.cvr}' shares a CVR number itself; expected its owner"
            navn = party.navn or name
            if navn.lower() in seen:
                yield ("parties", name), f"has the navn '{navn}', as {seen[navn.lower()]} has; expected another"
            seen[navn.lower()] = name

    def _steps(self, path: Path, steps: tuple[Step, ...]) -> Iterator[Finding]:
        for number, step in enumerate(steps):
            here: Path = (*path, number, step.verb)
            if step.together is not None:
                yield from self._steps(here, step.together)
                for inner, one in enumerate(step.together):
                    if one.verb in ("together", "days", "until", "expect"):
                        yield (*here, inner), f"'{one.verb}' waits; expected what happens at once"
            elif step.expect is not None:
                yield from self._expectations(here, step.expect)
            elif isinstance(step.about, Spec):
                yield from self._details(here, step.about)

    def _details(self, here: Path, about: Spec) -> Iterator[Finding]:
        citizen = getattr(about, "citizen", None)
        if isinstance(citizen, str):
            yield from self._citizen((*here, "citizen"), citizen)
        if isinstance(about, MatchStep):
            for number, to in enumerate(about.to):
                yield from self._party((*here, "to", number), to, "tilbud")
        elif isinstance(about, BestilStep):
            yield from self._party((*here, "to"), about.to, "tilbud")
        elif isinstance(about, AendringStep):
            yield from self._party((*here, "by"), about.by, "tilbud")
        elif isinstance(about, PlaceStep):
            yield from self._party((*here, "party"), about.party, "tilbud")
        elif isinstance(party := getattr(about, "party", None), str):
            yield from self._party((*here, "party"), party)

    def _expectations(self, path: Path, expectations: tuple[Expectation, ...]) -> Iterator[Finding]:
        for number, expectation in enumerate(expectations):
            here: Path = (*path, number, expectation.question)
            about = expectation.about
            for key in ("by", "to", "sender", "at"):
                kind = "tilbud" if expectation.question in ("waiting_list", "places_taken") else None
                for part, name in _each(getattr(about, key, None)):
                    yield from self._party((*here, "from" if key == "sender" else key, *part), name, kind)
            for part, name in _each(getattr(about, "citizen", None)):
                if not (name == ALL and expectation.tilstand is not None):
                    yield from self._citizen((*here, "citizen", *part), name)

    def _party(self, path: Path, name: str, kind: str | None = None) -> Iterator[Finding]:
        parties = self.whole.parties
        if name not in parties:
            yield path, f"no party '{name}'; expected one of {_some(parties)}{nearest(name, parties)}"
        elif kind is not None and parties[name].kind != kind:
            others = [other for other, party in parties.items() if party.kind == kind]
            yield path, f"'{name}' is a {parties[name].kind}; expected a {kind}: {_some(others)}"

    def _citizen(self, path: Path, name: str) -> Iterator[Finding]:
        citizens = self.whole.citizens
        if name not in citizens:
            yield path, f"no citizen '{name}'; expected one of {_some(citizens)}{nearest(name, citizens)}"


def _each(value: object) -> list[tuple[Path, str]]:
    if isinstance(value, str):
        return [((), value)]
    return [((number,), str(name)) for number, name in enumerate(value)] if isinstance(value, tuple) else []


def _some(names: object) -> str:
    known = list(names)  # type: ignore[call-overload]
    return ", ".join(known[:8]) + (" …" if len(known) > 8 else "") if known else "none (there is none)"
