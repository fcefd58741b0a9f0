"""How parties are found: the filter by which a party gets the letters addressed to it, and the register that says so.

A myndighed is addressed by its CVR number (TilladtModtager).  A tilbud, which may share that of its kommune, is
addressed by P-nummer, SOR code or organisation UUID, in RelateretObjekt with the role modtager: the real Beskedfordeler
routes by myndighed only, so this second key is our extension (docs/addressing.md).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from consumers.part import Part
from consumers.standards.standard import Rolle, Standard

_FILTRERING = "Beskedkuvert.Filtreringsdata."
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMESPACE = uuid.UUID("00000000-ffb0-4000-8000-0000000000f0")


def received_by(part: Part) -> tuple[Standard, ...]:
    """The standards that a party of this kind may get: what the other side writes, and a markant ændring."""
    other = Rolle.MYNDIGHED if part.er_tilbud else Rolle.UDFOERER
    return tuple(s for s in Standard if s.facts.fra is other or s is Standard.MARKANT_AENDRING)


def sent_by(part: Part) -> tuple[Standard, ...]:
    """The standards that a party of this kind may send."""
    own = Rolle.UDFOERER if part.er_tilbud else Rolle.MYNDIGHED
    return tuple(s for s in Standard if s.facts.fra is own or s is Standard.MARKANT_AENDRING)


def to_tilbud(key: str) -> str:
    """The term of a filter that accepts what is for a tilbud.

    ``key``: an organisation UUID, a P-nummer (10 digits), or a SOR code as "sor:123456".  Raises ValueError.
    """
    if _UUID.fullmatch(key):
        return f"{_FILTRERING}RelateretObjekt.ObjektId.UUIDIdentifikator = '{key.lower()}'"
    if key.lower().startswith("sor:") and key[4:].isdecimal() and key.isascii():
        return _related(f"urn:oio:sor:{key[4:]}")
    if len(key) == 10 and key.isdecimal() and key.isascii():
        return _related(f"urn:oio:p-nr:{key}")
    raise ValueError(f"'{key}' is no P-nummer (10 digits), no sor:CODE, and no UUID of an organisation")


def to_myndighed(cvr: str) -> str:
    """The term of a filter that accepts what is for a myndighed, by its CVR number.  Raises ValueError."""
    if len(cvr) != 8 or not (cvr.isascii() and cvr.isdecimal()):
        raise ValueError(f"'{cvr}' is no CVR number (8 digits)")
    return f"{_FILTRERING}TilladtModtager.URNIdentifikator = 'urn:oio:cvr:{cvr}'"


def of_standards(standards: Iterable[Standard]) -> str:
    """The term of a filter that accepts letters of these standards."""
    types = ", ".join(f"'{standard.beskedtype}'" for standard in standards)
    return f"{_FILTRERING}Beskedtype.UUIDIdentifikator IN ({types})"


def addressed_to(part: Part) -> str:
    """The term of a filter that accepts what is for a party."""
    if not part.er_tilbud:
        return to_myndighed(part.cvr)
    if part.p_nummer is None and part.sor is not None:
        return to_tilbud(f"sor:{part.sor}")
    return to_tilbud(part.p_nummer or part.aktoer)


def subscription_filter(part: Part, standards: Iterable[Standard] | None = None) -> str:
    """The filter of a party's abonnement: letters for it, of these standards, and not its own."""
    wanted = of_standards(received_by(part) if standards is None else standards)
    own = f"{_FILTRERING}BeskedAnsvarligAktoer.UUIDIdentifikator = '{part.aktoer}'"
    return f"{addressed_to(part)} AND {wanted} AND NOT {own}"


def system_of(part: Part) -> str:
    """Id of the party's anvendersystem."""
    return _derived(part, "anvendersystem")


def subscription_of(part: Part) -> str:
    """Id of the party's abonnement."""
    return _derived(part, "abonnement")


def register_document(parts: Sequence[Part]) -> dict[str, Any]:
    """The register in which these parties meet, as a register file's content (docs/register.md)."""
    fetching = [part for part in parts if part.dueslag]
    return {
        "myndigheder": _myndigheder(parts),
        "anvendersystemer": [{"id": system_of(part), "navn": part.navn, "cvr": part.cvr} for part in parts],
        "beskedtyper": [{"id": standard.beskedtype, "navn": standard.navn} for standard in Standard],
        "serviceaftaler": [aftale for part in parts for aftale in _agreements(part)],
        "dueslag": [
            {"id": part.dueslag, "navn": f"Breve til {part.navn}", "anvendersystem": system_of(part)}
            for part in fetching
        ],
        "abonnementer": [
            {
                "id": subscription_of(part),
                "navn": f"Breve til {part.navn}",
                "dueslag": part.dueslag,
                "filter": subscription_filter(part),
            }
            for part in fetching
        ],
    }


def _myndigheder(parts: Sequence[Part]) -> list[dict[str, str]]:
    """One for each CVR number, by the name of the party that is no tilbud, where there is one."""
    names = {part.cvr: part.navn for part in sorted(parts, key=lambda part: not part.er_tilbud)}
    return [{"cvr": cvr, "navn": navn} for cvr, navn in names.items()]


def _agreements(part: Part) -> list[dict[str, Any]]:
    sends = {
        "id": _derived(part, "afsend"),
        "anvendersystem": system_of(part),
        "service": "afsend",
        "beskedtyper": [standard.beskedtype for standard in sent_by(part)],
    }
    gets = {"id": _derived(part, "modtag"), "anvendersystem": system_of(part), "service": "modtag"}
    return [sends, gets] if part.dueslag else [sends]


def _related(urn: str) -> str:
    return f"{_FILTRERING}RelateretObjekt.ObjektId.URNIdentifikator = '{urn}'"


def _derived(part: Part, what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{part.aktoer}/{what}"))
