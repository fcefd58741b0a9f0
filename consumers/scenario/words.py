"""Steps in words, for the terminal and for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consumers.scenario.steps import Step


def step_text(step: Step) -> str:
    """One line, for example ``match anna, to birkely, havblik``."""
    about: Any = step.about
    if step.together is not None:
        verbs = [one.verb for one in step.together]
        counts = ", ".join(f"{verbs.count(verb)} × {verb}" for verb in dict.fromkeys(verbs))
        return f"together: {counts}"
    if step.expect is not None:
        return f"expect ({len(step.expect)})"
    if step.days is not None:
        return f"{step.days} days pass"
    if not hasattr(about, "model_dump"):
        return f"{step.verb} {about}"
    return f"{step.verb} {_details(about.model_dump(exclude_defaults=True, mode='json'))}"


def _details(fields: Mapping[str, Any]) -> str:
    first, *others = fields.items()
    return ", ".join([str(first[1]), *(f"{key} {_value(value)}" for key, value in others)])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
