"""What VærdilisteRediger registered about a list, in a register file."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings

from broker.core.filter import parse_filter
from broker.core.model import Livscyklus, Registrering
from broker.errors import RegisterError
from broker.register import check_change
from broker.register.dump import dump_file
from broker.register.file import load_text
from broker.register.registrering import registrering_view
from tests.unit.register.contents import LISTE, REGISTRERING, registreringer, small

HEAD = (
    "myndigheder: [{cvr: 11111111, navn: By}]\nanvendersystemer: [{navn: S, cvr: 11111111}]\n"
    "vaerdilister:\n  - navn: L\n    anvendersystem: S\n    vaerdier: [a]\n"
)


def only(text: str) -> Registrering | None:
    """The registration of the one list in a file."""
    (liste,) = load_text(text).vaerdilister.values()
    return liste.registrering


def test_it_is_written_as_a_mapping() -> None:
    """Times as ISO 8601, ids in lower case; what is left out is not stated."""
    text = (
        HEAD + "    registrering:\n      tidspunkt: 2026-01-31T12:00:00.5+01:00\n      livscyklus: Passiveret\n"
        "      bruger: AAAAAAAA-0000-4000-8000-000000000001\n      note: 'Lukket: se sag 4'\n"
    )
    assert only(text) == Registrering(
        1_769_857_200.5, Livscyklus.PASSIVERET, "aaaaaaaa-0000-4000-8000-000000000001", "Lukket: se sag 4"
    )
    assert only(HEAD) is None
    assert "registrering" not in dump_file(load_text(HEAD))


@given(registreringer())
@settings(max_examples=60, deadline=None)
def test_an_export_gives_it_again(registrering: Registrering) -> None:
    """Whatever note, key, time and actor was registered comes back from the exported file."""
    content = small()
    content.vaerdilister[LISTE.id] = replace(LISTE, registrering=registrering)
    assert load_text(dump_file(content)) == content


def test_only_what_is_set_is_shown() -> None:
    """The admin API and the export show no empty fields."""
    assert registrering_view(Registrering(0.0, Livscyklus.OPSTAAET)) == {
        "tidspunkt": "1970-01-01T00:00:00Z",
        "livscyklus": "Opstaaet",
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("livscyklus: Rettet", "vaerdilister[0].registrering: the field tidspunkt is missing; expected it in every r"),
        (
            "tidspunkt: 2026-01-01\n      livscyklus: Lukket",
            "register:9:19  vaerdilister[0].registrering.livscyklus: is 'Lukket'; expected Opstaaet or Importeret or",
        ),
        (
            "tidspunkt: nu\n      livscyklus: Rettet",
            "register:8:18  vaerdilister[0].registrering.tidspunkt: 'nu' is not a time",
        ),
        (
            "tidspunkt: 2026-01-01\n      livscyklus: Rettet\n      nogle: x",
            "register:10:7  vaerdilister[0].registrering.nogle: unknown field; expected one of tidspunkt, livscyklus",
        ),
        (
            "tidspunkt: 2026-01-01\n      livscyklus: Rettet\n      bruger: S",
            "registrering.bruger: 'S' is not a UUID",
        ),
        (
            "tidspunkt: 2026-01-01\n      livscyklus: Rettet\n      aktoer: S",
            "registrering.aktoer: 'S' is neither a UUID nor a URN",
        ),
        (
            'tidspunkt: 2026-01-01\n      livscyklus: Rettet\n      note: "a\\0b"',
            "registrering.note: holds the character U+0000, which may not stand in XML",
        ),
        (
            "tidspunkt: 2026-01-01\n      livscyklus: Rettet\n      virkning_fra: 2026-02-01\n"
            "      virkning_til: 2026-01-01",
            "register:11:21  vaerdilister[0].registrering.virkning_til: is not after virkning_fra; expected a later",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(lines: str, said: str) -> None:
    """Line, column, path, what is wrong and what was expected, also for a field within a field."""
    with pytest.raises(RegisterError) as caught:
        load_text(HEAD + "    registrering:\n      " + lines + "\n")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tidspunkt": math.nan}, "registrering.tidspunkt: nan is outside the years 1 to 9999"),
        ({"virkning_til": 1e18}, "registrering.virkning_til: 1e+18 is outside the years"),
        ({"virkning_fra": 2.0, "virkning_til": 1.0}, "registrering.virkning_til: is not after virkning_fra"),
        ({"bruger": "x"}, "registrering.bruger: 'x' is not a UUID"),
        ({"aktoer": "x"}, "registrering.aktoer: 'x' is neither a UUID nor a URN"),
        ({"aktoer_type": "\ufffe"}, "registrering.aktoer_type: holds the character U+FFFE"),
        ({"noegle": "\ud800"}, "registrering.noegle: holds the character U+D800"),
        ({"virkning_note": "\x0b"}, "registrering.virkning_note: holds the character U+000B"),
    ],
)
def test_the_same_rules_judge_a_change_at_run_time(change: dict[str, object], said: str) -> None:
    """What could not be answered in XML, or not be written in a register file, is not taken in."""
    wrong = replace(LISTE, registrering=replace(REGISTRERING, **change))  # type: ignore[arg-type]
    (problem,) = check_change(small(), [wrong], parse_filter)
    assert problem.startswith("vaerdiliste 'Borgere'")
    assert said in problem
