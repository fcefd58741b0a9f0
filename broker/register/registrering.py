"""The Registrering of a værdiliste, to and from the words of a register file.  Pure."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from broker.core.identifiers import canonical
from broker.core.model import Livscyklus, Registrering
from broker.register.times import format_time

if TYPE_CHECKING:
    from broker.register import edge  # 30 ms of pydantic models, which an export need not wait for

_TIMES = frozenset({"tidspunkt", "virkning_fra", "virkning_til"})


def registrering_of(post: edge.Registrering) -> Registrering:
    """What a register file or a body says, as the register holds it."""
    return Registrering(
        tidspunkt=post.tidspunkt,
        livscyklus=Livscyklus(post.livscyklus),
        bruger=canonical(post.bruger) if post.bruger is not None else None,
        note=post.note,
        noegle=post.noegle,
        virkning_fra=post.virkning_fra,
        virkning_til=post.virkning_til,
        aktoer=canonical(post.aktoer) if post.aktoer is not None else None,
        aktoer_type=post.aktoer_type,
        virkning_note=post.virkning_note,
    )


def registrering_view(registrering: Registrering) -> dict[str, str]:
    """Field and text, times as dateTimes, without what is not set."""
    view: dict[str, str] = {}
    for field in fields(registrering):
        value = getattr(registrering, field.name)
        if value is not None and value != field.default:
            view[field.name] = format_time(value) if field.name in _TIMES else str(value)
    return view
