"""A register file: what may stand in it, and what is said about what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.core.model import ALLE, Service, Tilstand
from broker.ports import RegisterContent
from broker.register.file import load_file, load_text
from broker.register.problem import RegisterProblems
from broker.register.source import MAX_DEPTH

HEAD = """\
myndigheder:
  - {cvr: 11111111, navn: Eksempelby}
anvendersystemer:
  - {navn: Fagsystem, cvr: 11111111}
  - {navn: Andet, cvr: 11111111}
beskedtyper:
  - {navn: Testbesked, id: 7654895C-A3F3-4C77-8AFD-4C77330F963C}
dueslag:
  - {navn: Indbakke, anvendersystem: Fagsystem}
"""
LINES = HEAD.count("\n")


def problems(text: str) -> list[str]:
    """The problems that loading a text ends in."""
    with pytest.raises(RegisterProblems) as caught:
        load_text(text, "r.yaml")
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def one(text: str) -> str:
    """The only problem of a text."""
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_a_small_file_gives_a_register() -> None:
    """Names are enough: ids are derived, references are looked up, what is left out has its default."""
    values = "[0101010000, ' a ', '', 'urn:oio:cvr-nr:11111111']"
    content = load_text(
        HEAD + "serviceaftaler:\n  - {anvendersystem: Fagsystem, service: modtag, beskedtyper: Testbesked}\n"
        "abonnementer:\n  - {navn: Alt, dueslag: Indbakke}\n"
        f"vaerdilister:\n  - {{navn: Borgere, anvendersystem: Fagsystem, vaerdier: {values}}}\n"
    )
    (system, other), (dueslag,) = content.anvendersystemer.values(), content.dueslag.values()
    (aftale,), (abonnement,) = content.serviceaftaler.values(), content.abonnementer.values()
    (liste,) = content.vaerdilister.values()
    assert (aftale.anvendersystem, aftale.service, aftale.version) == (system.id, Service.MODTAG, "1.0")
    assert aftale.beskedtyper == ("7654895c-a3f3-4c77-8afd-4c77330f963c",)
    assert (aftale.tilladte_myndigheder, aftale.godkendt) == ((ALLE,), True)
    assert (dueslag.anvendersystem, abonnement.dueslag) == (system.id, dueslag.id)
    assert (abonnement.filter, abonnement.tilstand) == ("", Tilstand.AKTIV)
    assert content.vaerdier == {liste.id: {"0101010000", "a", "urn:oio:cvr:11111111"}}
    assert other.adgangskode is None


def test_the_ids_of_a_file_do_not_change_from_one_load_to_the_next() -> None:
    """A dueslag without an id in the file is the same queue after a restart."""
    assert load_text(HEAD) == load_text(HEAD)


def test_references_by_id_and_by_name_mean_the_same() -> None:
    """An id may be written in any case and instead of a name."""
    key = next(iter(load_text(HEAD).dueslag))
    by_id = load_text(HEAD + f"abonnementer: [{{navn: Alt, dueslag: {key.upper()}}}]")
    assert by_id == load_text(HEAD + "abonnementer: [{navn: Alt, dueslag: Indbakke}]")


def test_an_agreement_names_the_dueslag_of_its_own_system() -> None:
    """Names of dueslag are told apart within a system: each agreement means its own system's Indbakke."""
    content = load_text(
        HEAD
        + "  - {navn: Indbakke, anvendersystem: Andet}\nserviceaftaler:\n"
        + "".join(
            f"  - {{anvendersystem: {navn}, service: modtag, modtagende_dueslag: Indbakke}}\n"
            for navn in ("Andet", "Fagsystem")
        )
    )
    owners = {dueslag.id: dueslag.anvendersystem for dueslag in content.dueslag.values()}
    assert len(owners) == 2
    for aftale in content.serviceaftaler.values():
        assert [owners[key] for key in aftale.modtagende_dueslag] == [aftale.anvendersystem]


def test_values_may_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    """A long værdiliste is a text file with a value a line, found beside the register file."""
    (tmp_path / "borgere.csv").write_bytes("\ufeffa\r\n\r\n  b \nc d".encode())
    path = tmp_path / "register.yaml"
    path.write_text(HEAD + "vaerdilister: [{navn: L, anvendersystem: Andet, fil: borgere.csv}]", "utf-8")
    assert list(load_file(path).vaerdier.values()) == [{"a", "b", "c d"}]


def test_a_file_of_values_that_cannot_be_read_is_told_at_its_place(tmp_path: Path) -> None:
    """A missing file, and one in another encoding, are problems of the register file, each at its line."""
    (tmp_path / "latin.csv").write_bytes(b"a\nb\xf8\n")
    path = tmp_path / "register.yaml"
    lists = ("{navn: A, anvendersystem: Andet, fil: nix.csv}", "{navn: B, anvendersystem: Andet, fil: latin.csv}")
    path.write_text(HEAD + "vaerdilister:\n" + "".join(f"  - {liste}\n" for liste in lists), "utf-8")
    with pytest.raises(RegisterProblems) as caught:
        load_file(path)
    first, second = caught.value.problems
    assert f"{path}:{LINES + 2}:43  vaerdilister[0].fil: '{tmp_path / 'nix.csv'}' cannot be read: No such file" in first
    assert f"vaerdilister[1].fil: line 2 of '{tmp_path / 'latin.csv'}': byte 0xf8 is not UTF-8" in second


def test_every_problem_of_a_file_is_told_at_once_in_order() -> None:
    """A file with five mistakes is corrected in one go: each is a line with place, path, fault and expectation."""
    assert problems(
        "myndigheder:\n  - {cvr: 1234567, navn: Kort}\n  - {cvr: 11111111, navn: Eksempelby}\n"
        "anvendersystemer:\n  - {navn: Fagsystem, cvr: 11111112}\n  - {navn: Halvt}\n"
        "abonnementer:\n  - navn: A\n    dueslag: Indbakke\n    tilstnd: aktiv\n"
    ) == [
        "r.yaml:2:11  myndigheder[0].cvr: '1234567' has 7 digits; expected eight, leading zeros included: '01234567'",
        "r.yaml:5:28  anvendersystemer[0].cvr: myndighed 11111112 is not in the register; "
        "expected the CVR number of one under myndigheder (nearest: '11111111')",
        "r.yaml:6:5  anvendersystemer[1]: the field cvr is missing; expected it in every item of anvendersystemer",
        "r.yaml:9:14  abonnementer[0].dueslag: dueslag 'Indbakke' is not in the register; "
        "expected the id or navn of one that is",
        "r.yaml:10:5  abonnementer[0].tilstnd: unknown field; "
        "expected one of id, navn, dueslag, filter, tilstand, gyldig_fra, gyldig_til (nearest: 'tilstand')",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "abonementer: []",
            "abonementer: unknown section; expected one of myndigheder, .* \\(nearest: 'abonnementer'\\)",
        ),
        (
            "serviceaftaler: [{anvendersystem: Fagsytem, service: afsend}]",
            "'Fagsytem' is not .* \\(nearest: 'Fagsystem'\\)",
        ),
        (
            "serviceaftaler: [{anvendersystem: Andet, service: Modtag}]",
            "is 'Modtag'; expected afsend or modtag \\(near",
        ),
        ("serviceaftaler: [{anvendersystem: Andet, service: afsend, version: 3.0}]", "is '3.0'; expected 1.0 or 2.0$"),
        ("serviceaftaler: [{anvendersystem: Andet, service: afsend, godkendt: ja}]", "is 'ja'; expected true or false"),
        (
            "serviceaftaler: [{anvendersystem: Andet, service: afsend, beskedtyper: [{}]}]",
            "is a mapping; expected a text",
        ),
        ("serviceaftaler: [{anvendersystem: Andet, service: afsend, beskedtyper: {}}]", "a mapping; expected a list"),
        (
            "serviceaftaler: [{anvendersystem: Andet, service: afsend, tilladte_myndigheder: [null]}]",
            "is empty; expected",
        ),
        (
            "serviceaftaler: [{anvendersystem: Andet, service: modtag, modtagende_dueslag: ['*', Indbakke]}]",
            "modtagende_dueslag\\[1\\]: dueslag 'Indbakke' is not one of anvendersystem 'Andet'; expected one",
        ),
        (
            "serviceaftaler: [{anvendersystem: Fagsystem, service: afsend, modtagende_dueslag: Indbakke}]",
            "modtagende_dueslag: is for agreements on receiving \\(service modtag\\)",
        ),
        ("serviceaftaler: [{anvendersystem: Andet, service: afsend, foelsomheder: ['']}]", "expected an identifier or"),
        ("abonnementer: [{navn: A, dueslag: Indbakke, gyldig_fra: true}]", "is not a text; expected a date"),
        ("abonnementer: [{navn: A, dueslag: Indbakke, gyldig_fra: 2026-13-01}]", "'2026-13-01' is not a time .*a date"),
        (
            "abonnementer: [{navn: A, dueslag: Indbakke, gyldig_fra: 2026-02-01, gyldig_til: 2026-01-01}]",
            "a later time",
        ),
        (
            "abonnementer: [{navn: A, dueslag: Indbakke, tilstand: pauset}]",
            "aktiv or stoppet or pause \\(nearest: 'pause'",
        ),
        ("abonnementer: [{navn: ' A', dueslag: Indbakke}]", "' A' begins or ends with a space"),
        ("abonnementer: [just text]", "abonnementer\\[0\\]: is 'just text'; expected a mapping with id, navn, dueslag"),
        ("abonnementer: {navn: A}", "abonnementer: is a mapping; expected a list"),
        (
            "vaerdilister: [{navn: L, anvendersystem: Andet, fil: /etc/passwd}]",
            "fil: files are not read from here; exp",
        ),
        ("vaerdilister: [{navn: L, anvendersystem: Andet, fil: a, vaerdier: []}]", "has both vaerdier and fil"),
        ("vaerdilister: [{navn: L, anvendersystem: Andet, vaerdier: a}]", "vaerdier: is 'a'; expected a list"),
    ],
)
def test_what_is_wrong_is_said_with_what_was_expected(text: str, said: str) -> None:
    """Each mistake has one line that names the path, the value and what would be right."""
    with pytest.raises(RegisterProblems, match=said) as caught:
        load_text(HEAD + text, "r.yaml")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"r.yaml:{LINES + 1}:")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: [1", "1:6", "while parsing a flow sequence, expected ',' or ']'"),
        ("a:\n\t- b", "2:1", "expected spaces, not tabs"),
        ("a: *", "1:5", 'expected "*" in quotes where it stands for any'),
        ("a: b: c", "1:5", "expected a text that holds ': ' to stand in quotes"),
        ("", "1:1", "is empty; expected a mapping with myndigheder"),
        ("# nothing yet\n", "1:1", "is empty"),
        ("- x", "1:1", "is a list; expected a mapping"),
        ("dueslag: []\n---\nb: 2", "2:1", "a second document begins here; expected one"),
        ('dueslag: "\x01"', "1:11", "the character U+0001 may not stand in YAML"),
        ("%YAML 9.9\n---\na: b", "1:1", "cannot be read as YAML"),
        ("{{a: b}: c}", "1:2", "a key is not a plain word"),
        ("dueslag: []\ndueslag: []", "2:1", "dueslag: the key is there twice, first on line 1"),
        ("dueslag: !!python/object:os.system []", "1:10", "has a tag"),
        ("dueslag: &a []", "1:10", "has an anchor '&a'"),
        ("abonnementer: *a", "1:15", "refers to the anchor 'a'; expected the value itself"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text: str, place: str, said: str) -> None:
    """Broken YAML, tags, anchors, aliases and repeated keys: one line with line and column, never a stack trace."""
    line = one(text)
    assert line.startswith(f"r.yaml:{place}  ")
    assert said in line


def test_a_file_nested_without_end_is_refused() -> None:
    """Ten thousand brackets are a refusal, not a crash."""
    assert f"nested more than {MAX_DEPTH} levels deep" in problems("dueslag: " + "[" * 10_000 + "]" * 10_000)[-1]


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("filter: Beskedkuvert.X = 'a'", 3, 13),
        ("filter: \"Beskedkuvert.Filtreringsdata.TilladtModtager.URNIdentifikator = 'a' XOR\"", 3, 13 + 1 + 68),
        ("filter: 'Beskedkuvert.Filtreringsdata.TilladtModtager.URNIdentifikator = ''a'' XOR'", 3, 13 + 1 + 70),
        ("filter: |\n      Beskedkuvert.Filtreringsdata.TilladtModtager.URNIdentifikator = 'a'\n      XOR", 5, 7),
        ("filter: >-\n      Beskedkuvert.Filtreringsdata.TilladtModtager.URNIdentifikator = 'a'\n      XOR", 3, 13),
    ],
)
def test_a_fault_in_a_filter_is_shown_at_its_very_place(written: str, line: int, column: int) -> None:
    """However the expression is quoted, line and column are those where it goes wrong (a folded text: its start)."""
    said = one(
        HEAD
        + f"abonnementer:\n  - {{}}\n    {written}\n".replace("- {}\n    ", "- navn: A\n    ")
        + "    dueslag: Indbakke\n"
    )
    assert said.startswith(f"r.yaml:{LINES + line}:{column}  abonnementer[0].filter: ")


def test_a_filter_uses_only_lists_of_the_system_that_owns_the_dueslag() -> None:
    """A værdiliste of another system is not there for a subscription; those that are there are named."""
    field = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    lists = "vaerdilister:\n  - {navn: Borgere, anvendersystem: Fagsystem}\n  - {navn: Andre, anvendersystem: Andet}\n"
    used = f"abonnementer:\n  - navn: A\n    dueslag: Indbakke\n    filter: {field} IN VAERDILISTE "
    load_text(HEAD + lists + used + "'Borgere'")
    for wrong, hint in (("Andre", ""), ("Borger", " (nearest: 'Borgere')")):
        said = one(HEAD + lists + used + f"'{wrong}'")
        assert said.startswith(
            f"r.yaml:{LINES + 7}:{13 + len(field) + 17}  abonnementer[0].filter: værdiliste '{wrong}'"
        )
        assert said.endswith(f"is not one of anvendersystem 'Fagsystem'; expected one of 'Borgere'{hint}")


def test_what_refers_to_a_broken_item_is_not_blamed() -> None:
    """One mistake in a system is one line, not one for each dueslag that the system has."""
    assert "anvendersystemer[0]" in one(HEAD.replace("{navn: Fagsystem, cvr: 11111111}", "{navn: Fagsystem}"))
    assert "anvendersystemer: is a mapping" in one("anvendersystemer: {}\ndueslag: [{navn: D, anvendersystem: F}]")
    assert "anvendersystmer: unknown section" in one("anvendersystmer: []\ndueslag: [{navn: D, anvendersystem: F}]")


def test_two_items_cannot_have_one_id() -> None:
    """A CVR number, a written id and an id derived from the same names are told to be there twice."""
    assert "each CVR number once" in one("myndigheder: [{cvr: 11111111, navn: A}, {cvr: 11111111, navn: B}]")
    aftale = "{anvendersystem: Andet, service: afsend}"
    said = one(HEAD + f"serviceaftaler:\n  - {aftale}\n  - {aftale}")
    assert f"r.yaml:{LINES + 3}:5  serviceaftaler[1].id: " in said
    assert said.endswith("is already that of serviceaftaler[0]; expected an id of its own, written out")


def test_a_name_that_two_dueslag_have_is_no_reference() -> None:
    """Where a name does not tell which one is meant, the ids to choose from are shown."""
    text = HEAD + "  - {navn: Indbakke, anvendersystem: Andet}\nabonnementer: [{navn: A, dueslag: Indbakke}]"
    ids = ", ".join(load_text(text[: text.index("abonnementer")]).dueslag)
    assert f"'Indbakke' is the navn of 2 dueslag; expected an id, one of {ids}" in one(text)


@pytest.mark.parametrize("name", ["nix.yaml", "."])
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str) -> None:
    """A path that is wrong or a folder is told by name."""
    with pytest.raises(RegisterProblems, match=r"cannot be read: .*; expected a file in UTF-8$") as caught:
        load_file(tmp_path / name)
    assert len(caught.value.problems) == 1


def test_a_file_in_another_encoding_is_told_by_line(tmp_path: Path) -> None:
    """A file saved as Latin-1 is refused at the line of the first Danish letter."""
    path = tmp_path / "register.yaml"
    path.write_bytes("myndigheder:\n  - {cvr: 11111111, navn: Prøvekøbing}\n".encode("latin-1"))
    with pytest.raises(RegisterProblems, match=r"register\.yaml:2:1  byte 0xf8 is not UTF-8"):
        load_file(path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """A file saved by a Windows editor is a register file too."""
    path = tmp_path / "register.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert load_file(path) == load_text(HEAD)


def test_an_empty_section_may_be_left_empty() -> None:
    """A section whose items are all commented out is an empty one."""
    assert load_text("dueslag:\n#  - {navn: x}\nabonnementer: []\n") == RegisterContent()
