"""Our codes are those of the public code system: none invented, none forgotten, none misspelt."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.standards.codes import (
    AKTIVITET_OG_DELTAGELSE,
    FFB_VERSION,
    Funktionsevneniveau,
    Kode,
    Maalgruppekode,
    Maaltype,
    StatusPaaIndsats,
    Stoettebehovsniveau,
    Tema,
    Tilbudstype,
    Ydelseskode,
)

REFERENCE = Path(__file__).parents[4] / "shared/reference/ffb/CodeSystem-FFB.json"
BRANCHES: dict[type[Kode], str] = {
    Funktionsevneniveau: "e89d317c-4657-4970-b614-ada2ed220595",
    Stoettebehovsniveau: "7ac451dc-773b-4877-baaf-1e6b1d5c8e28",
    Maaltype: "b5257b2d-0fbf-4d00-bf38-d298c8568116",
    StatusPaaIndsats: "90479ffa-bf46-4b3a-a172-91f2798e2a43",
    Tilbudstype: "f708aea3-66bd-46c6-af11-7bf28942fa47",
    Ydelseskode: "af7624f8-affd-4a7e-8754-b1b1dd9d8def",
    Maalgruppekode: "cda90d67-f65a-4a34-b8d8-168ee9ff0949",
    Tema: "b3ddc7d7-f6c1-4d47-8280-456992cbe0a6",
}
AKTIVITET = "93433530-b85c-4d04-a4fb-5ae26cf16f1c"


@pytest.fixture(scope="module")
def system() -> Any:
    """The code system as its owner publishes it."""
    if not REFERENCE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the reference file {REFERENCE} is missing")
        pytest.skip(f"the reference file {REFERENCE} is missing")
    return json.loads(REFERENCE.read_bytes())


def _branch(concepts: list[Any], code: str) -> Any:
    for concept in concepts:
        if concept["code"] == code:
            return concept
        if found := _branch(concept.get("concept", []), code):
            return found
    return None


def _leaves(concept: Any) -> Iterator[tuple[str, str]]:
    below = concept.get("concept", [])
    if not below:
        yield concept["code"], concept["display"]
    for each in below:
        yield from _leaves(each)


@pytest.mark.parametrize("kode", BRANCHES, ids=lambda kode: kode.__name__)
def test_the_codes_are_the_leaves_of_their_branch(kode: type[Kode], system: Any) -> None:
    """With their names, letter for letter."""
    assert {each.value: each.navn for each in kode} == dict(_leaves(_branch(system["concept"], BRANCHES[kode])))


def test_the_a_and_d_themes_are_those_of_aktivitet_og_deltagelse(system: Any) -> None:
    """Only these have a funktionsevneniveau."""
    assert {tema.value for tema in AKTIVITET_OG_DELTAGELSE} == dict(
        _leaves(_branch(system["concept"], AKTIVITET))
    ).keys()


def test_the_version_is_that_of_the_code_system(system: Any) -> None:
    """R8 compares with it."""
    assert system["version"] == FFB_VERSION


def test_every_kind_of_code_is_tried() -> None:
    """A new enumeration needs its branch here; no UUID means two things."""
    assert set(Kode.__subclasses__()) == set(BRANCHES)
    uuids = [each.value for kode in BRANCHES for each in kode]
    assert len(uuids) == len(set(uuids))
