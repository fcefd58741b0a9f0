"""The schemas that ship: what a vendor's tools validate letters with.  ``python -m consumers.standards.schema`` writes
them anew from the models."""

from __future__ import annotations

from pathlib import Path

XSD = Path(__file__).with_name("letters.xsd")
JSON_SCHEMA = Path(__file__).with_name("letters.schema.json")
