"""Abonnementer and messages for `benchmarks.match`: synthetic, seeded, shaped like the municipal ones.

"broad": 100,000 of these give a message about 80 hits: Beskedtype and myndighed (responsible or receiving),
half of them narrowed by KLE, some by citizen, by værdiliste, by what is not wanted.
"selective": Beskedtype with one citizen, or with myndighed and one KLE subject; a message has a hit or a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING, Besked

TYPE = FILTRERINGSDATA + "Beskedtype.UUIDIdentifikator"
MODTAGER = FILTRERINGSDATA + "TilladtModtager.URNIdentifikator"
MYNDIGHED = FILTRERINGSDATA + "ObjektRegistrering.ObjektAnsvarligMyndighed.URNIdentifikator"
EMNE = FILTRERINGSDATA + "ObjektRegistrering.OpgaveEmne.URNIdentifikator"
RELATERET = FILTRERINGSDATA + "RelateretObjekt.ObjektId.URNIdentifikator"

_KOMMUNER = 98
_LISTS = 98


def uuid(random: Random) -> str:
    """A UUID in canonical form."""
    return str(UUID(int=random.getrandbits(128), version=4))


def cpr(number: int) -> str:
    """The URN of a citizen that does not exist (day 99)."""
    return f"urn:oio:cpr-nr:99{number:08d}"


@dataclass(frozen=True, slots=True)
class World:
    """The vocabulary that abonnementer and messages are drawn from."""

    types: tuple[str, ...]
    cvr: tuple[str, ...]
    kle: tuple[str, ...]
    citizens: int
    lists: dict[str, set[str]]


def world(profile: str, seed: int = 1) -> World:
    """The vocabulary of a profile."""
    random = Random(seed)
    types, citizens = (40, 200_000) if profile == "broad" else (100, 50_000)
    lists = {
        f"borgere-{number}": {cpr(random.randrange(citizens)) for _ in range(random.choice((10, 100, 1000)))}
        for number in range(_LISTS if profile == "broad" else 0)
    }
    return World(
        types=tuple(uuid(random) for _ in range(types)),
        cvr=tuple(f"urn:oio:cvr-nr:{29_000_000 + number}" for number in range(_KOMMUNER)),
        kle=tuple(f"urn:oio:kle:{random.randrange(100):02d}.{random.randrange(40):02d}.{n:02d}" for n in range(1000)),
        citizens=citizens,
        lists=lists,
    )


def expressions(profile: str, within: World, seed: int = 2) -> Iterator[str]:
    """Filter expressions without end."""
    random = Random(seed)
    draw = _broad if profile == "broad" else _selective
    while True:
        yield draw(within, random)


def beskeder(within: World, count: int, seed: int = 3) -> list[Besked]:
    """Messages with one or two occurrences of what may be repeated, values canonical."""
    random = Random(seed)
    return [_besked(within, random) for _ in range(count)]


def _broad(within: World, random: Random) -> str:
    of_type = f"{TYPE} = '{random.choice(within.types)}'"
    myndighed = f"{random.choice((MYNDIGHED, MODTAGER))} = '{random.choice(within.cvr)}'"
    group = f"{EMNE} LIKE '{random.choice(within.kle)[:14]}.%'"
    kind = random.random()
    if kind < 0.40:
        return f"{of_type} AND {myndighed}"
    if kind < 0.74:
        return f"{of_type} AND {myndighed} AND {group}"
    if kind < 0.84:
        return f"{of_type} AND {RELATERET} = '{cpr(random.randrange(within.citizens))}'"
    if kind < 0.94:
        return f"{of_type} AND {RELATERET} IN VAERDILISTE '{random.choice(list(within.lists))}'"
    if kind < 0.965:
        return f"{of_type} AND ({myndighed} OR {RELATERET} = '{cpr(random.randrange(within.citizens))}')"
    if kind < 0.993:
        return f"{of_type} AND NOT {group}"
    return f"{myndighed} AND {group}"


def _selective(within: World, random: Random) -> str:
    of_type = f"{TYPE} = '{random.choice(within.types)}'"
    citizen = f"{RELATERET} = '{cpr(random.randrange(within.citizens))}'"
    myndighed = f"{random.choice((MYNDIGHED, MODTAGER))} = '{random.choice(within.cvr)}'"
    kind = random.random()
    if kind < 0.60:
        return f"{of_type} AND {citizen}"
    if kind < 0.75:
        return f"{of_type} AND {myndighed} AND {citizen}"
    if kind < 0.90:
        return f"{of_type} AND {myndighed} AND {EMNE} = '{random.choice(within.kle)}'"
    return citizen


def _besked(within: World, random: Random) -> Besked:
    beskedtype = random.choice(within.types)
    modtagere = tuple(_canonical(random.choice(within.cvr)) for _ in range(random.choice((1, 1, 2))))
    myndighed = (_canonical(random.choice(within.cvr)),)
    emne = (random.choice(within.kle),)
    felter = {
        TYPE: (beskedtype,),
        FILTRERINGSDATA + "BeskedAnsvarligAktoer.UUIDIdentifikator": (uuid(random),),
        MODTAGER: modtagere,
        RELATERET: tuple(cpr(random.randrange(within.citizens)) for _ in range(random.choice((1, 1, 2)))),
        FILTRERINGSDATA + "RelateretObjekt.ObjektType.UUIDIdentifikator": (uuid(random),),
        FILTRERINGSDATA + "ObjektRegistrering.ObjektRegistreringId.UUIDIdentifikator": (uuid(random),),
        FILTRERINGSDATA + "ObjektRegistrering.RegistreringsAktoer.UUIDIdentifikator": (uuid(random),),
        FILTRERINGSDATA + "ObjektRegistrering.Registreringstidspunkt.TidsstempelDatoTid": ("2026-11-21T08:00:00",),
        MYNDIGHED: myndighed,
        FILTRERINGSDATA + "ObjektRegistrering.ObjektId.UUIDIdentifikator": (uuid(random),),
        FILTRERINGSDATA + "ObjektRegistrering.ObjektHandling.UUIDIdentifikator": (uuid(random),),
        EMNE: emne,
        SIKKERHEDSKLASSIFICERING + ".UUIDIdentifikator": (uuid(random),),
    }
    return Besked(uuid(random), beskedtype, felter, modtagere, myndighed, emne)


def _canonical(cvr_nr: str) -> str:
    return cvr_nr.replace("cvr-nr", "cvr")
