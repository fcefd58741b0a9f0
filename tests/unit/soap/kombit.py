"""KOMBIT's own schemas of the service, read where they lie; never copied into the project."""

from __future__ import annotations

from functools import cache

from lxml import etree

from tests.unit.kuvert.reference import reference


@cache
def kombit_schema(name: str) -> etree.XMLSchema:
    """VaerdilisteOperationer or BeskedfordelerOperationer; nothing is fetched by network."""
    return etree.XMLSchema(etree.parse(reference(f"xsd/{name}.xsd"), etree.XMLParser(no_network=True)))


def vaerdiliste_schema() -> etree.XMLSchema:
    """The ten operations on value lists."""
    return kombit_schema("VaerdilisteOperationer")


def fejlkoe_schema() -> etree.XMLSchema:
    """flytbeskedtilfejlkoe (and the wrapper for sending, which the service does not have)."""
    return kombit_schema("BeskedfordelerOperationer")
