"""Whom a party's abonnement gets letters for, and the register that says so."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.addressing import (
    received_by,
    register_document,
    sent_by,
    subscription_filter,
    subscription_of,
    system_of,
    to_tilbud,
)
from consumers.part import Part
from consumers.standards.standard import Standard

KOMMUNE = Part(
    "Nordby (syntetisk)", "99000101", "00000000-0101-4000-8000-000000000101", "00000000-0101-4000-8000-0000000000d1"
)
OWN = Part(
    "Fyrtårnet (syntetisk)",
    KOMMUNE.cvr,
    "00000000-0203-4000-8000-000000000203",
    "00000000-0203-4000-8000-0000000000d1",
    p_nummer="1999000203",
    er_tilbud=True,
)
PRIVATE = Part(
    "Havblik (syntetisk)",
    "99000202",
    "00000000-0202-4000-8000-000000000202",
    "00000000-0202-4000-8000-0000000000d1",
    sor="123456",
    er_tilbud=True,
)
BARE = Part("Kilden (syntetisk)", "99000204", "00000000-0204-4000-8000-000000000204", "x", er_tilbud=True)


def test_every_standard_goes_from_one_side_to_the_other() -> None:
    """What one side sends, the other gets; a markant ændring goes both ways, everything else one way only."""
    assert set(sent_by(KOMMUNE)) == set(received_by(OWN))
    assert set(sent_by(OWN)) == set(received_by(KOMMUNE))
    assert set(sent_by(OWN)) & set(sent_by(KOMMUNE)) == {Standard.MARKANT_AENDRING}
    assert set(sent_by(OWN)) | set(sent_by(KOMMUNE)) == set(Standard)


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (KOMMUNE, "TilladtModtager.URNIdentifikator = 'urn:oio:cvr:99000101'"),
        (OWN, "RelateretObjekt.ObjektId.URNIdentifikator = 'urn:oio:p-nr:1999000203'"),
        (PRIVATE, "RelateretObjekt.ObjektId.URNIdentifikator = 'urn:oio:sor:123456'"),
        (BARE, f"RelateretObjekt.ObjektId.UUIDIdentifikator = '{BARE.aktoer}'"),
    ],
)
def test_a_party_is_found_by_the_narrowest_key_that_it_has(part: Part, key: str) -> None:
    """A tilbud by P-nummer, else SOR code, else organisation UUID; a myndighed by its CVR number."""
    assert f".{key} AND " in subscription_filter(part)


@pytest.mark.parametrize("key", ["", "199900020", "sor:", "sor:x", "١٩٩٩٠٠٠٢٠٣", "p:1999000203", "x' OR 'a' = 'a"])
def test_what_is_no_key_makes_no_filter(key: str) -> None:
    """Nothing that is not a number or a UUID gets into an expression."""
    with pytest.raises(ValueError, match="is no P-nummer"):
        to_tilbud(key)


def test_a_register_for_parties_that_share_a_cvr_number() -> None:
    """One myndighed by the kommune's name; a system, agreements, dueslag and abonnement for each party, ids derived."""
    document = register_document([OWN, KOMMUNE, PRIVATE])
    assert [one["navn"] for one in document["myndigheder"]] == [KOMMUNE.navn, PRIVATE.navn]
    assert {one["id"] for one in document["anvendersystemer"]} == {system_of(p) for p in (OWN, KOMMUNE, PRIVATE)}
    assert {one["id"] for one in document["abonnementer"]} == {subscription_of(p) for p in (OWN, KOMMUNE, PRIVATE)}
    assert document == register_document([OWN, KOMMUNE, PRIVATE])
    sends = {
        one["anvendersystem"]: one["beskedtyper"] for one in document["serviceaftaler"] if one["service"] == "afsend"
    }
    assert Standard.BESTILLING.beskedtype in sends[system_of(KOMMUNE)]
    assert Standard.BESTILLING.beskedtype not in sends[system_of(OWN)]


def test_a_party_that_only_sends_needs_no_dueslag() -> None:
    """No dueslag, no abonnement, and no agreement on receiving."""
    sender = Part("Afsender (syntetisk)", "99000301", "00000000-0301-4000-8000-000000000301")
    document: dict[str, Any] = register_document([sender])
    assert (document["dueslag"], document["abonnementer"]) == ([], [])
    assert [one["service"] for one in document["serviceaftaler"]] == ["afsend"]
