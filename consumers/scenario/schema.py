"""The JSON Schema of a scenario file, for editors and for whoever checks files by machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("schema.json")
"""The schema as it is shipped; a test holds it to `make_schema`."""


def make_schema() -> str:
    """The schema (JSON Schema 2020-12) that the models give, as JSON text."""
    from consumers.scenario.model import Scenario

    made = Scenario.model_json_schema(by_alias=True)
    _one_verb(made["$defs"]["Step"])
    _one_verb(made["$defs"]["Expectation"])
    _without_null(made)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_null(part: Any) -> None:
    """What is left out is left out: nobody writes null, and the reader says so."""
    for inner in list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else ():
        _without_null(inner)
    if isinstance(part, dict) and {"type": "null"} in (choices := part.get("anyOf", [])):
        choices.remove({"type": "null"})
        part.pop("default", None)


def _one_verb(definition: dict[str, object]) -> None:
    """Exactly one of its properties."""
    definition["minProperties"] = definition["maxProperties"] = 1


if __name__ == "__main__":
    SCHEMA_FILE.write_text(make_schema(), encoding="utf-8")
