"""Ids for what a register file leaves without one: the same names give the same id on every machine.  Pure.

id = UUIDv5(NAMESPACE, kind + "/" + owner + "/" + navn), where the owner is the id of what the item belongs to
(the anvendersystem of a dueslag, the dueslag of an abonnement) and is left out, with its slash, where there is none.
"""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("6f0f3d52-5b0e-5f6c-9d0e-0b5c6d0c1461")
"""Fixed for good: another value would give every file without ids new dueslag."""


def derived_id(kind: str, navn: str, owner: str = "") -> str:
    """The id of an item by kind (``dueslag``, ``abonnement`` …), navn and the canonical id of its owner."""
    return str(uuid5(NAMESPACE, "/".join(part for part in (kind, owner, navn) if part)))
