"""The register of the benchmarks: many abonnementer, of which exactly one takes the message that is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid5

from benchmarks.payload import Payload
from broker.core.model import Anvendersystem

_NAMESPACE = UUID("6f0e9b46-5c5f-4f6f-9d6d-0d2f0f6f7c11")
SENDER = str(uuid5(_NAMESPACE, "sender"))
RECEIVER = str(uuid5(_NAMESPACE, "receiver"))
KOMMUNE = 99999999
"""CVR number of the only myndighed: the one that the message is about."""
SENDING = Anvendersystem(SENDER, "Bench afsender", str(KOMMUNE))
"""Who sends, for whoever makes its certificate."""
TARGET = str(uuid5(_NAMESPACE, "dueslag 0"))
"""The dueslag that the message comes to."""

_TYPES = 40
_FELT = "Beskedkuvert.Filtreringsdata."


def write(path: Path, payload: Payload, *, dueslag: int, abonnementer: int) -> Path:
    """Write a register file (YAML, each post in its JSON form) with so many dueslag and abonnementer."""
    sections: dict[str, Iterator[dict[str, object]] | list[dict[str, object]]] = {
        "myndigheder": [{"cvr": KOMMUNE, "navn": "Testkommune (syntetisk)"}],
        "anvendersystemer": [
            {"id": SENDER, "navn": SENDING.navn, "cvr": KOMMUNE},
            {"id": RECEIVER, "navn": "Bench modtager", "cvr": KOMMUNE},
        ],
        "beskedtyper": [{"id": _type(n, payload), "navn": f"Bench type {n}"} for n in range(_TYPES)],
        "serviceaftaler": [
            {"anvendersystem": SENDER, "service": "afsend"},
            {"anvendersystem": RECEIVER, "service": "modtag"},
        ],
        "dueslag": (
            {"id": str(uuid5(_NAMESPACE, f"dueslag {n}")), "navn": f"Dueslag {n}", "anvendersystem": RECEIVER}
            for n in range(dueslag)
        ),
        "abonnementer": (
            {
                "navn": f"Abonnement {n}",
                "dueslag": str(uuid5(_NAMESPACE, f"dueslag {n % dueslag}")),
                "filter": _filter(n, payload),
            }
            for n in range(abonnementer)
        ),
    }
    with path.open("w", encoding="utf-8") as file:
        for name, posts in sections.items():
            file.write(f"{name}:\n")
            file.writelines(f"  - {json.dumps(post, ensure_ascii=False)}\n" for post in posts)
    return path


def _type(number: int, payload: Payload) -> str:
    return payload.beskedtype if number == 0 else str(uuid5(_NAMESPACE, f"type {number}"))


def _filter(number: int, payload: Payload) -> str:
    """Number 0 takes the message; one in four of the others asks for its Beskedtype too, but for another citizen."""
    citizen = f"{_FELT}RelateretObjekt.ObjektId.URNIdentifikator = 'urn:oio:cpr-nr:99{number:08d}'"
    if number == 0:
        return f"{_FELT}Beskedtype.UUIDIdentifikator = '{payload.beskedtype}' AND NOT {citizen}"
    if number % 4 == 0:
        return f"{_FELT}Beskedtype.UUIDIdentifikator = '{payload.beskedtype}' AND {citizen}"
    terms = [f"{_FELT}Beskedtype.UUIDIdentifikator = '{_type(1 + number % (_TYPES - 1), payload)}'"]
    if number % 4 == 1:
        terms.append(f"{_FELT}TilladtModtager.URNIdentifikator = 'urn:oio:cvr-nr:{29_000_000 + number % 98}'")
    if number % 4 == 2:
        terms.append(f"{_FELT}ObjektRegistrering.OpgaveEmne.URNIdentifikator LIKE 'urn:oio:kle:{number % 90 + 10}.%'")
    return " AND ".join(terms)
