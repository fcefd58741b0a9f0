"""Many parties and citizens by rule: a scenario with `generate` made into one that names everybody.  Pure."""

from __future__ import annotations

from consumers.scenario.model import CitizenSpec, Generate, PartySpec, Scenario
from consumers.scenario.steps import MatchStep, Step


def expand(scenario: Scenario) -> Scenario:
    """The same where there is no `generate`; else its parties, its citizens, and their matches as the first step."""
    rule = scenario.generate
    if rule is None:
        return scenario
    citizens = {f"borger-{number}": _citizen(rule, number) for number in range(1, rule.citizens + 1)}
    matches = tuple(
        Step(match=MatchStep(citizen=citizen, to=_asked(rule, number)))
        for number, citizen in enumerate(citizens, start=1)
    )
    return scenario.model_copy(
        update={
            "generate": None,
            "parties": _parties(rule),
            "citizens": citizens,
            "steps": (Step(together=matches), *scenario.steps),
        }
    )


def _parties(rule: Generate) -> dict[str, PartySpec]:
    parties = {
        f"kommune-{number}": PartySpec(
            kind="myndighed", navn=f"Prøvekommune {number} (syntetisk)", sagsgang=rule.sagsgang
        )
        for number in range(1, rule.myndigheder + 1)
    }
    for number in range(1, rule.tilbud + 1):
        owner = None if number % rule.private_every == 0 else f"kommune-{(number - 1) % rule.myndigheder + 1}"
        navn = f"Prøvetilbud {number} (syntetisk)"
        parties[f"tilbud-{number}"] = PartySpec(kind="tilbud", navn=navn, cvr=owner, places=rule.places)
    return parties


def _citizen(rule: Generate, number: int) -> CitizenSpec:
    return CitizenSpec(myndighed=f"kommune-{(number - 1) % rule.myndigheder + 1}")


def _asked(rule: Generate, number: int) -> tuple[str, ...]:
    """The next ones round the circle, so that all get about as many matches."""
    first = (number - 1) * rule.asked
    count = min(rule.asked, rule.tilbud)
    return tuple(f"tilbud-{(first + step) % rule.tilbud + 1}" for step in range(count))
