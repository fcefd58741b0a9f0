"""KOMBIT's own schema and messages, read where they lie; never copied into the project."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "kombit"


def reference(path: str) -> Path:
    """A reference file.  Skips the test where the folder is missing; with CI=true that is a failure."""
    if not FOLDER.is_dir():
        reason = f"KOMBIT's reference files are not there: {FOLDER}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return FOLDER / path


@lru_cache(maxsize=1)
def kombit_schema() -> etree.XMLSchema:
    """KOMBIT's schema of the envelope, its xmldsig import taken from the cached file: nothing by network."""
    return etree.XMLSchema(etree.parse(reference("xsd/Beskedkuvert.xsd"), etree.XMLParser(no_network=True)))


def sample() -> bytes:
    """The message of KOMBIT's sample client."""
    return reference("messages/externTestBesked.xml").read_bytes()


def delivered_samples() -> list[bytes]:
    """Haendelsesbesked of the real delivered messages, taken out of their push wrapper."""
    names = ("pko_poststatus_success.xml", "pko_poststatus_error.xml", "modtag_besked_input.xml")
    roots = [etree.parse(reference(f"messages/{name}")).getroot() for name in names]
    return [etree.tostring(root[0], encoding="utf-8", with_tail=False) for root in roots]
