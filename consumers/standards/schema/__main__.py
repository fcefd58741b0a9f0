"""Writes the schemas."""

from consumers.standards.schema import JSON_SCHEMA, XSD
from consumers.standards.schema_json import json_schema
from consumers.standards.schema_xsd import xsd

XSD.write_bytes(xsd())
JSON_SCHEMA.write_bytes(json_schema())
