"""The JSON Schema of a register file, for editors and for whoever checks files by machine."""

from __future__ import annotations

import json
from pathlib import Path

SCHEMA_FILE = Path(__file__).with_name("schema.json")
"""The schema as it is shipped; a test holds it to `make_schema`."""


def make_schema() -> str:
    """The schema (JSON Schema 2020-12) that the models of `broker.register.edge` give, as JSON text."""
    from broker.register.edge import RegisterFile

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RegisterFile.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(make_schema(), encoding="utf-8")
