"""Ids for what is entered without one."""

from __future__ import annotations

from uuid import UUID

from broker.register.identity import derived_id


def test_the_same_name_gives_the_same_id_for_ever() -> None:
    """The id of a dueslag that has none in the file may be written into a client: it never changes."""
    assert derived_id("anvendersystem", "Fagsystem") == "18b54b9f-4fb6-54fa-8e96-9692718f189b"
    assert (
        derived_id("dueslag", "Indbakke", "aaaaaaaa-0000-4000-8000-000000000001")
        == "81ea1b16-9f6d-5903-8382-3ce4e3e7ce61"
    )


def test_kind_name_and_owner_tell_ids_apart() -> None:
    """Two systems may each have an Indbakke; a system and a dueslag may share a name."""
    ids = {
        derived_id("dueslag", "Indbakke"),
        derived_id("dueslag", "Udbakke"),
        derived_id("abonnement", "Indbakke"),
        derived_id("dueslag", "Indbakke", "aaaaaaaa-0000-4000-8000-000000000001"),
        derived_id("dueslag", "Indbakke", "aaaaaaaa-0000-4000-8000-000000000002"),
    }
    assert len(ids) == 5
    assert {UUID(text).version for text in ids} == {5}
