"""docs/register.md says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

from broker.register.file import load_file
from broker.register.identity import NAMESPACE
from broker.register.schema import SCHEMA_FILE

PAGE = (Path(__file__).parents[3] / "docs" / "register.md").read_text("utf-8")


def test_the_example_is_a_register(tmp_path: Path) -> None:
    """The file in the documentation can be copied and started with."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "register.yaml").write_text(example, "utf-8")
    (tmp_path / "borgere.csv").write_text("urn:oio:cpr-nr:0101010000\n", "utf-8")
    content = load_file(tmp_path / "register.yaml")
    assert [abonnement.navn for abonnement in content.abonnementer.values()] == ["Post til fulgte borgere"]


def test_every_field_is_documented() -> None:
    """The table of sections names every section and every field that the schema has."""
    table = PAGE[PAGE.index("## Sections") : PAGE.index("## Ids")]
    words = set(re.findall(r"`(\w+)`", table))
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    fields = {field for model in schema["$defs"].values() for field in model["properties"]}
    assert set(schema["properties"]) | fields <= words


def test_the_namespace_of_derived_ids_is_the_documented_one() -> None:
    """One can compute the id of a dueslag from the page alone."""
    assert f"UUIDv5({NAMESPACE}, " in PAGE
