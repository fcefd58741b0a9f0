"""Which lists a search finds.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from adapters.soap.documents.requests import Soeg, Virkning
from broker.core.identifiers import canonical
from broker.core.model import Livscyklus, Registrering, Vaerdiliste

_NONE: frozenset[str] = frozenset()


def search(soeg: Soeg, lists: Iterable[Vaerdiliste], values: Mapping[str, Set[str]]) -> list[str]:
    """The UUIDs of the lists that all that is asked for holds of, by navn; those from ``foerste`` on, ``maksimalt``.

    Texts are compared letter by letter, values in their canonical form (ours).
    """
    wanted = [canonical(value) for value in soeg.vaerdier]
    found = [
        liste
        for liste in lists
        if _is_meant(soeg, liste)
        and _is_registered(soeg, liste.registrering)
        and all(value in values.get(liste.id, _NONE) for value in wanted)
    ]
    found.sort(key=lambda liste: (liste.navn, liste.id))
    end = None if soeg.maksimalt is None else soeg.foerste + soeg.maksimalt
    return [liste.id for liste in found[soeg.foerste : end]]


def _is_meant(soeg: Soeg, liste: Vaerdiliste) -> bool:
    return (soeg.uuid is None or liste.id == soeg.uuid) and (soeg.navn is None or liste.navn == soeg.navn)


def _is_registered(soeg: Soeg, registrering: Registrering | None) -> bool:
    """A list that VærdilisteRediger did not make counts as Importeret, without anything else (ours)."""
    if registrering is None:
        asked = (soeg.bruger, soeg.registrering_fra, soeg.noegle)
        return (
            soeg.livscyklus in (None, Livscyklus.IMPORTERET)
            and all(one is None for one in asked)
            and all(virkning == Virkning() for virkning in soeg.virkninger)
        )
    return (
        soeg.livscyklus in (None, registrering.livscyklus)
        and (soeg.bruger is None or soeg.bruger == registrering.bruger)
        and (soeg.registrering_fra is None or registrering.tidspunkt >= soeg.registrering_fra)
        and (soeg.noegle is None or soeg.noegle == registrering.noegle)
        and all(_in_force(virkning, registrering) for virkning in soeg.virkninger)
    )


def _in_force(asked: Virkning, registrering: Registrering) -> bool:
    """The periods [fra, til) meet; what else is asked for is the same."""
    return (
        (asked.fra is None or registrering.virkning_til is None or registrering.virkning_til > asked.fra)
        and (asked.til is None or registrering.virkning_fra is None or registrering.virkning_fra < asked.til)
        and asked.aktoer in (None, registrering.aktoer)
        and asked.aktoer_type in (None, registrering.aktoer_type)
        and asked.note in ("", registrering.virkning_note)
    )
