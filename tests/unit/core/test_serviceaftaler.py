"""The rules of serviceaftaler as a table: each row one message, an agreement or a few, one outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from broker.core.besked import Besked
from broker.core.model import Abonnement, Service, Serviceaftale
from tests.unit.core.aftaler import (
    ABONNEMENT,
    ARKIV,
    ARKIVERET,
    FOELSOM,
    FORTROLIG,
    INDBAKKE,
    KLE,
    MESSAGE,
    NOW,
    OTHER_TYPE,
    RECEIVER,
    SENDER,
    TYPE,
    A,
    B,
    C,
    Fate,
    afsend,
    fate,
    message,
    modtag,
)

A8, B8, C8 = ("1" * 8, "2" * 8, "3" * 8)


class Row(NamedTuple):
    """One line of the table."""

    what: str
    aftaler: Sequence[Serviceaftale]
    """Where one of the services has none here, it has one for all: `afsend()`, `modtag()`."""
    seen: tuple[str, ...] | None = None
    """TilladtModtager as they stand in the dueslag; None = nothing is delivered."""
    trimmed: bool = False
    refused: str = ""
    """Regular expression for the FejlbeskedTekst of a 40."""
    reason: str = ""
    """Regular expression for why nothing is delivered."""
    besked: Besked = MESSAGE
    abonnement: Abonnement = ABONNEMENT


LIMITS: list[tuple[str, dict[str, Any], Besked, str]] = [
    ("no limit", {}, MESSAGE, ""),
    ("beskedtype named", {"beskedtyper": (OTHER_TYPE, TYPE)}, MESSAGE, ""),
    ("beskedtype named beside any", {"beskedtyper": (TYPE, "*")}, MESSAGE, ""),
    ("another beskedtype", {"beskedtyper": (OTHER_TYPE,)}, MESSAGE, rf"'{TYPE}'.*serviceaftaler\[\]\.beskedtyper"),
    ("no beskedtype at all", {"beskedtyper": ()}, MESSAGE, r"serviceaftaler\[\]\.beskedtyper"),
    ("not approved", {"godkendt": False}, MESSAGE, r"godkendt is false \(approve it: beskedfordeler serviceaftale god"),
    ("first moment", {"gyldig_fra": NOW}, MESSAGE, ""),
    (
        "before the first moment",
        {"gyldig_fra": NOW + 0.5},
        MESSAGE,
        r"gyldig_fra 2023-11-14T22:13:20.500000Z has not come yet \(serviceaftaler\[\]\.gyldig_fra\)",
    ),
    ("last moment", {"gyldig_til": NOW + 0.001}, MESSAGE, ""),
    ("first moment after", {"gyldig_til": NOW}, MESSAGE, r"gyldig_til 2023-11-14T22:13:20Z has passed \(serviceaftal"),
    ("within its period", {"gyldig_fra": NOW - 1, "gyldig_til": NOW + 1}, MESSAGE, ""),
    ("følsomhed named", {"foelsomheder": (FOELSOM, FORTROLIG)}, MESSAGE, ""),
    (
        "another følsomhed",
        {"foelsomheder": (FOELSOM,)},
        MESSAGE,
        rf"foelsomheder does not name Sikkerhedsklassificering '{FORTROLIG}' \(serviceaftaler\[\]\.foelsomheder\)",
    ),
    ("følsomhed missing in the message", {"foelsomheder": (FOELSOM,)}, message(sikkerhedsklassificering=None), ""),
    ("KLE number", {"forvaltningsomraader": ("27.18.02",)}, MESSAGE, ""),
    ("KLE group", {"forvaltningsomraader": ("27.18.*",)}, MESSAGE, ""),
    ("KLE main group", {"forvaltningsomraader": ("32.*", "27.*")}, MESSAGE, ""),
    ("KLE as URN", {"forvaltningsomraader": ("urn:oio:kle:27.*",)}, MESSAGE, ""),
    (
        "KLE as URN, message without",
        {"forvaltningsomraader": ("urn:oio:kle:27.*",)},
        message(opgave_emne=("27.1",)),
        "",
    ),
    ("KLE any beside a number", {"forvaltningsomraader": ("99.99.99", "*")}, MESSAGE, ""),
    (
        "another KLE main group",
        {"forvaltningsomraader": ("27.*",)},
        message(opgave_emne=("urn:oio:kle:28.1.1",)),
        r"forvaltningsomraader 27\.\* does not fit OpgaveEmne '28\.1\.1' \(serviceaftaler\[\]\.forvaltningsomraader\)",
    ),
    ("the beginning of a KLE number", {"forvaltningsomraader": ("27.18",)}, MESSAGE, "does not fit OpgaveEmne"),
    ("a dot is a dot", {"forvaltningsomraader": ("27.1.*",)}, MESSAGE, "does not fit OpgaveEmne"),
    ("more digits than the pattern", {"forvaltningsomraader": ("27.18.0",)}, MESSAGE, "does not fit OpgaveEmne"),
    ("no KLE at all", {"forvaltningsomraader": ()}, MESSAGE, r"forvaltningsomraader \(none\) does not fit"),
    ("OpgaveEmne missing", {"forvaltningsomraader": ("99.*",)}, message(opgave_emne=()), ""),
    (
        "one of several OpgaveEmne",
        {"forvaltningsomraader": ("27.*",)},
        message(opgave_emne=("urn:oio:kle:99", KLE)),
        "",
    ),
    (
        "none of several OpgaveEmne",
        {"forvaltningsomraader": ("27.*",)},
        message(opgave_emne=("urn:oio:kle:28.01.01", "urn:oio:kle:29.01.01")),
        r"OpgaveEmne '28\.01\.01', '29\.01\.01' \(",
    ),
    ("afsendende myndighed named", {"afsendende_myndigheder": (A8, B8)}, MESSAGE, ""),
    (
        "another afsendende myndighed",
        {"afsendende_myndigheder": (A8,)},
        message(ansvarlig_myndighed=(B,)),
        r"afsendende_myndigheder does not name 22222222 \(serviceaftaler\[\]\.afsendende_myndigheder\)",
    ),
    (
        "one of two myndigheder not named",
        {"afsendende_myndigheder": (A8,)},
        message(ansvarlig_myndighed=(A, C)),
        "afsendende_myndigheder does not name 33333333 ",
    ),
    (
        "a myndighed that is no CVR number",
        {"afsendende_myndigheder": (A8,)},
        message(ansvarlig_myndighed=(TYPE,)),
        f"afsendende_myndigheder does not name '{TYPE}'",
    ),
    ("afsendende myndighed missing", {"afsendende_myndigheder": (C8,)}, message(ansvarlig_myndighed=()), ""),
    (
        "two limits at once",
        {"godkendt": False, "gyldig_til": NOW - 1},
        MESSAGE,
        r"gyldig_til 2023-11-14T22:13:19Z has passed .*, godkendt is false",
    ),
]


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize(("limits", "besked", "stopped"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_each_limit_of_an_agreement_on_sending(
    version: str, limits: dict[str, Any], besked: Besked, stopped: str
) -> None:
    """A sender is refused (40) where a limit of its only agreement does not fit, and told which and where it is set."""
    found = fate(besked, [afsend(version, **limits), modtag()])
    if stopped:
        assert re.search(stopped, found.refused)
        assert "serviceaftale 'afsend'" in found.refused
        assert "'Afsender'" in found.refused
    else:
        assert found == Fate(besked.tilladt_modtager)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize(("limits", "besked", "stopped"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_each_limit_of_an_agreement_on_receiving(
    version: str, limits: dict[str, Any], besked: Besked, stopped: str
) -> None:
    """A receiver gets nothing where a limit of its only agreement does not fit; explain says which, and where it is."""
    found = fate(besked, [afsend(), modtag(version, **limits)])
    if stopped:
        assert found.refused == ""
        assert re.search(stopped, found.reason)
        assert found.reason.startswith(
            "ingen serviceaftale om modtagelse dækker beskeden: of anvendersystem 'Fagsystem', "
        )
        assert f"serviceaftale 'modtag' (modtag {version})" in found.reason
    else:
        assert found == Fate(besked.tilladt_modtager)


TABLE = [
    # sending: who may be named
    Row("1.0, all inside", [afsend("1.0", A8, B8)], seen=(A, B)),
    Row(
        "1.0, one outside",
        [afsend("1.0", A8)],
        refused=r"TilladtModtager: 'urn:oio:cvr:22222222' is not among tilladte_myndigheder of serviceaftale 'afsend' "
        r"\(afsend 1\.0\) .*serviceaftaler\[\]\.tilladte_myndigheder",
    ),
    Row("1.0, all outside", [afsend("1.0", C8)], refused=f"'{A}', '{B}' are not among tilladte_myndigheder"),
    Row("1.0, names nobody", [afsend("1.0", C8)], seen=(), besked=message(tilladt_modtager=())),
    Row("2.0, all inside", [afsend("2.0", A8, B8)], seen=(A, B)),
    Row("2.0, one outside", [afsend("2.0", B8)], seen=(B,), trimmed=True),
    Row("2.0, all outside", [afsend("2.0", C8)], refused=f"none of '{A}', '{B}' is among .* nobody is left"),
    Row("2.0, names nobody", [afsend("2.0", C8)], seen=(), besked=message(tilladt_modtager=())),
    Row(
        "2.0, order and repeats stay",
        [afsend("2.0", A8, C8)],
        (C, A, C),
        True,
        besked=message(tilladt_modtager=(C, A, B, C)),
    ),
    Row(
        "a recipient that is no CVR, agreement for all",
        [afsend()],
        seen=(TYPE,),
        besked=message(tilladt_modtager=(TYPE,)),
    ),
    Row("a recipient that is no CVR", [afsend("1.0", A8)], refused=TYPE, besked=message(tilladt_modtager=(A, TYPE))),
    # sending: several agreements
    Row("two of 1.0 complement each other", [afsend("1.0", A8), afsend("1.0", B8, id="x")], seen=(A, B)),
    Row("two of 2.0 complement each other", [afsend("2.0", A8), afsend("2.0", B8, id="x")], seen=(A, B)),
    Row("1.0 and 2.0 complement each other", [afsend("1.0", A8), afsend("2.0", B8, id="x")], seen=(A, B)),
    Row("one 2.0 is enough to be trimmed", [afsend("1.0", A8), afsend("2.0", C8, id="x")], seen=(A,), trimmed=True),
    Row(
        "a 2.0 that is not approved is not in force",
        [afsend("1.0", A8), afsend("2.0", B8, id="x", godkendt=False)],
        refused=r"'urn:oio:cvr:22222222' is not among .* 'afsend' \(afsend 1\.0\) ",
    ),
    Row(
        "a 2.0 on another beskedtype is not in force",
        [afsend("1.0", A8), afsend("2.0", B8, id="x", beskedtyper=(OTHER_TYPE,))],
        refused="BeskedAfsend 1.0 refuses the message",
    ),
    Row(
        "a 2.0 that has lapsed is not in force",
        [afsend("1.0", A8), afsend("2.0", id="x", gyldig_til=NOW)],
        refused="BeskedAfsend 1.0 refuses the message",
    ),
    Row("1.0 does not cover, 2.0 does", [afsend("1.0", A8, godkendt=False), afsend("2.0", B8, id="x")], (B,), True),
    Row(
        "one covers by beskedtype, one by any",
        [afsend("1.0", A8, beskedtyper=(TYPE,)), afsend("1.0", B8, id="x")],
        (A, B),
    ),
    Row(
        "none of two covers: the nearer first",
        [afsend(id="far", godkendt=False, gyldig_til=NOW), afsend(id="near", foelsomheder=(FOELSOM,))],
        refused=r"serviceaftale 'near' \(afsend 1\.0\): foelsomheder .*; serviceaftale 'far' \(afsend 1\.0\): gyl",
    ),
    Row(
        "limits of two do not add up to a fit",
        [afsend(foelsomheder=(FOELSOM,)), afsend(id="x", forvaltningsomraader=("28.*",))],
        refused="'afsend'.*foelsomheder.*'x'.*forvaltningsomraader",
    ),
    Row(
        "the agreement of another system does not count",
        [replace(afsend(), anvendersystem=RECEIVER.id)],
        refused=r"'Afsender' .* has no serviceaftale about sending \(afsend\): add one to the register, serv",
    ),
    Row(
        "an agreement on receiving does not let send",
        [replace(afsend(), service=Service.MODTAG)],
        refused="has no serviceaftale about sending",
    ),
    # receiving: who is seen
    Row("1.0 does not trim", [modtag("1.0", B8)], seen=(A, B)),
    Row(
        "1.0 that serves none of them", [modtag("1.0", C8)], reason=rf"^ingen TilladtModtager .*none of '{A}', '{B}' is"
    ),
    Row("2.0 trims", [modtag("2.0", B8)], seen=(B,), trimmed=True),
    Row("2.0, all inside", [modtag("2.0", A8, B8, C8)], seen=(A, B)),
    Row("2.0 for all", [modtag("2.0")], seen=(A, B)),
    Row(
        "2.0, nobody left",
        [modtag("2.0", C8)],
        reason=r"^ingen TilladtModtager .* of serviceaftale 'modtag' \(modtag 2\.0\); .*\[\]\.tilladte_myndigheder",
    ),
    Row("2.0, no recipient named", [modtag("2.0", C8)], seen=(), besked=message(tilladt_modtager=())),
    Row("1.0, no recipient named", [modtag("1.0", C8)], seen=(), besked=message(tilladt_modtager=())),
    Row(
        "no agreement at all",
        [replace(modtag(), anvendersystem=SENDER.id)],
        reason=r"^ingen serviceaftale om modtagelse .*'Fagsystem' .* has none about receiving .* service: modtag",
    ),
    Row(
        "no agreement, no recipient named",
        [replace(modtag(), anvendersystem=SENDER.id)],
        reason="has none about receiving",
        besked=message(tilladt_modtager=()),
    ),
    # receiving: several agreements
    Row("1.0 that complement each other", [modtag("1.0", C8), modtag("1.0", B8, id="x")], seen=(A, B)),
    Row("2.0 that complement each other", [modtag("2.0", A8), modtag("2.0", B8, id="x")], seen=(A, B)),
    Row("one 2.0 is enough to be trimmed", [modtag("1.0", A8), modtag("2.0", C8, id="x")], seen=(A,), trimmed=True),
    Row("who has only 1.0 keeps its place under 2.0", [modtag("1.0", A8), modtag("2.0", B8, id="x")], seen=(A, B)),
    Row("1.0 for all beside 2.0", [modtag("1.0"), modtag("2.0", B8, id="x")], seen=(A, B)),
    Row("a 2.0 that is not approved does not trim", [modtag("1.0", A8), modtag("2.0", id="x", godkendt=False)], (A, B)),
    Row("a 2.0 that is to come does not trim", [modtag("1.0", A8), modtag("2.0", id="x", gyldig_fra=NOW + 1)], (A, B)),
    Row(
        "a 2.0 on another følsomhed does not trim",
        [modtag("1.0", A8), modtag("2.0", B8, id="x", foelsomheder=(FOELSOM,))],
        seen=(A, B),
    ),
    Row(
        "a 1.0 that is not approved adds nobody",
        [modtag("1.0", A8, godkendt=False), modtag("2.0", B8, id="x")],
        (B,),
        True,
    ),
    # receiving: dueslag by dueslag
    Row("named dueslag", [modtag("2.0", B8, modtagende_dueslag=(INDBAKKE.id,))], seen=(B,), trimmed=True),
    Row(
        "the other dueslag",
        [modtag("2.0", B8, modtagende_dueslag=(INDBAKKE.id,))],
        reason=rf"modtagende_dueslag does not name 'Arkiv' \({ARKIV.id}\) \(serviceaftaler\[\]\.modtagende_dueslag\)",
        abonnement=ARKIVERET,
    ),
    Row("2.0 in one dueslag", [modtag(), modtag("2.0", B8, id="x", modtagende_dueslag=(INDBAKKE.id,))], (A, B)),
    Row(
        "2.0 trims where it is in force",
        [
            modtag("1.0", A8, modtagende_dueslag=(ARKIV.id,)),
            modtag("2.0", B8, id="x", modtagende_dueslag=(INDBAKKE.id,)),
        ],
        seen=(B,),
        trimmed=True,
    ),
    Row(
        "and not in the next dueslag",
        [
            modtag("1.0", A8, modtagende_dueslag=(ARKIV.id,)),
            modtag("2.0", B8, id="x", modtagende_dueslag=(INDBAKKE.id,)),
        ],
        seen=(A, B),
        abonnement=ARKIVERET,
    ),
    Row(
        "named beside any",
        [modtag("2.0", B8, modtagende_dueslag=(INDBAKKE.id, "*"))],
        seen=(B,),
        trimmed=True,
        abonnement=ARKIVERET,
    ),
    Row("no dueslag at all", [modtag(modtagende_dueslag=())], reason="modtagende_dueslag does not name 'Indbakke'"),
    Row(
        "an agreement on named dueslag that is not approved stops nothing",
        [modtag(), modtag("2.0", B8, id="x", modtagende_dueslag=(INDBAKKE.id,), godkendt=False)],
        seen=(A, B),
    ),
    # both
    Row(
        "trimmed twice",
        [afsend("2.0", B8, C8), modtag("2.0", A8, C8)],
        (C,),
        True,
        besked=message(tilladt_modtager=(A, B, C)),
    ),
    Row(
        "trimmed on send to whom nobody here serves",
        [afsend("2.0", A8), modtag("2.0", B8)],
        reason="none of 'urn:oio:cvr:1",
    ),
    Row("trimmed on send, then 1.0", [afsend("2.0", A8), modtag("1.0", A8)], seen=(A,), trimmed=True),
]


@pytest.mark.parametrize("row", TABLE, ids=[row.what for row in TABLE])
def test_the_rules(row: Row) -> None:
    """Delivered with these TilladtModtager, refused with this text, or not delivered for this reason."""
    services = {aftale.service for aftale in row.aftaler}
    others = [
        made() for made, service in ((afsend, Service.AFSEND), (modtag, Service.MODTAG)) if service not in services
    ]
    if row.refused and Service.AFSEND not in services:
        others = [modtag(id="y")]
    found = fate(row.besked, [*row.aftaler, *others], row.abonnement)
    assert (found.seen, found.trimmed) == (row.seen, row.trimmed)
    for text, expected in ((found.refused, row.refused), (found.reason, row.reason)):
        assert bool(text) is bool(expected), text
        assert re.search(expected, text), text
        assert "\n" not in text
