"""`standard`: letters listed, shown, judged and made up, on the command line."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from lxml import etree

from adapters.cli import main
from adapters.cli.exits import Exit
from adapters.cli.standard_example import _message
from adapters.cli.standard_judging import judged
from broker.kuvert import Limits, parse
from broker.register.file import load_file
from consumers.part import Part
from consumers.standards.documents import read_letter, validate
from consumers.standards.envelope import write_envelope
from consumers.standards.examples import example
from consumers.standards.fault import Fault
from consumers.standards.faults import spoil
from consumers.standards.json_form import write_json
from consumers.standards.rules import RULES
from consumers.standards.standard import Standard
from consumers.standards.xml_form import write_xml


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """One value of JSON a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Answer]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """One command, with what it says."""

    def running(*arguments: str) -> Answer:
        code = main.run(["standard", *arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        said = capfdbinary.readouterr()
        return Answer(code, said.out.decode(), said.err.decode())

    return running


def message(standard: Standard) -> bytes:
    """The example in its envelope."""
    brev = example(standard)
    return write_envelope(brev, Part(brev.afsender.navn, brev.afsender.cvr, brev.afsender.organisation_id))


def test_list_names_all_nine(run: Run) -> None:
    """Number, short name, navn, direction, what it answers, beskedtype."""
    found = run("list", "--json").json
    assert [one["standard"] for one in found] == [standard.value for standard in Standard]
    assert [one["nummer"] for one in found] == ["1", "2", "3", "4", "5", "6", "7", "7b", "8"]
    assert found[1]["fra"] == "udfoerer"
    assert found[1]["til"] == "myndighed"
    assert found[1]["besvarer"] == ["match"]
    table = run("list").out
    for standard in Standard:
        assert standard.navn in table
        assert standard.beskedtype in table


@pytest.mark.parametrize("name", ["bestilling", "3", "Bestilling", "BESTILLING"])
def test_show_finds_a_standard_by_any_of_its_names(run: Run, name: str) -> None:
    """Short name, number, navn."""
    assert run("show", name, "--json").json["standard"] == "bestilling"


def test_show_says_what_each_field_is(run: Run) -> None:
    """Names in JSON and XML, cardinality, type, meaning, source; codes with their names; the rules."""
    about = run("show", "bestilling", "--json").json
    by_name = {felt["json"]: felt for felt in about["fields"]}
    assert (by_name["modtagere"]["xml"], by_name["modtagere"]["cardinality"]) == ("Modtager", "1..50")
    indsats = {felt["json"]: felt for felt in by_name["indsats"]["fields"]}
    codes = {code["navn"]: code["value"] for code in indsats["tilbudstype"]["codes"]}
    assert codes["Mobilt tilbud"] == "d90f4da6-f87a-43b5-833f-646b4baf16d6"
    assert by_name["samtykke"]["source"] == "seed S0"
    assert {rule["id"] for rule in about["rules"]} == {
        rule.id for rule in RULES if Standard.BESTILLING in rule.standards
    }


@pytest.mark.parametrize("standard", Standard)
def test_show_is_a_tree_for_people(run: Run, standard: Standard) -> None:
    """Fields of blocks are indented below them; every rule of the standard is told."""
    text = run("show", standard.value).out
    assert standard.navn in text.splitlines()[0]
    assert re.search(r"^afsender +Afsender +1 +Organisation", text, re.MULTILINE)
    assert re.search(r"^ {4}efternavn +Efternavn", text, re.MULTILINE)
    for rule in RULES:
        assert (re.search(rf"^{rule.id} ", text, re.MULTILINE) is not None) == (standard in rule.standards)


def test_show_gives_the_schemas(run: Run) -> None:
    """The XML Schema takes the example; the JSON Schema is one."""
    schema = etree.XMLSchema(etree.fromstring(run("show", "match", "--schema", "xsd").out.encode()))
    assert schema.validate(etree.fromstring(write_xml(example(Standard.MATCH))))
    assert "$schema" in run("show", "match", "--schema", "json").json


def test_an_unknown_standard_is_not_found(run: Run) -> None:
    """Exit code 7, and the names that there are."""
    for arguments in (["show", "rykker"], ["example", "rykker"]):
        answer = run(*arguments)
        assert (answer.code, answer.out) == (Exit.NOT_FOUND, "")
        assert "no standard 'rykker'" in answer.err
        assert "7b kvittering" in answer.err


@pytest.mark.parametrize("standard", Standard)
def test_valid_letters_are_ok_in_every_form(run: Run, tmp_path: Path, standard: Standard) -> None:
    """XML, JSON and the whole message, told apart by what they are."""
    brev = example(standard)
    for name, document, what in (
        ("brev.xml", write_xml(brev, declaration=True), "in XML"),
        ("brev.json", write_json(brev), "in JSON"),
        ("besked.xml", message(standard), "in its envelope"),
    ):
        file = tmp_path / name
        file.write_bytes(document)
        answer = run("validate", str(file))
        assert answer == (Exit.OK, f"{file}: ok ({standard.navn} {what})\n", "")


def test_a_letter_is_read_from_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` in a pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(write_json(example(Standard.MATCH)))))
    assert run("validate", "-").out == "-: ok (Match af borger in JSON)\n"


def test_what_is_pushed_is_judged_as_well(run: Run, tmp_path: Path) -> None:
    """A file of `modtag --out`: the message stands in a ModtagBeskedInput."""
    inner = message(Standard.STATUSNOTAT).partition(b"?>")[2]
    file = tmp_path / "input.xml"
    file.write_bytes(b'<m:ModtagBeskedInput xmlns:m="urn:oio:sts:1.0.0">' + inner + b"</m:ModtagBeskedInput>")
    assert run("validate", str(file)).out == f"{file}: ok (Statusnotat in its envelope)\n"


def test_a_faulty_letter_is_refused_with_place_and_rule(run: Run, tmp_path: Path) -> None:
    """FILE:path: text (rule), one a line; exit code 4; the other files are judged all the same."""
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(write_xml(example(Standard.MATCH)))
    bad.write_bytes(write_xml(example(Standard.MATCH)).replace(b"<Rang>2</Rang>", b"<Rang>1</Rang>"))
    answer = run("validate", str(bad), str(good))
    assert answer.code == Exit.REFUSED
    first, second = answer.out.splitlines()
    assert first.startswith(f"{bad}:/Match/Maalgruppe[2]/Rang: ")
    assert first.endswith(" (FFB-4)")
    assert second == f"{good}: ok (Match af borger in XML)"
    assert answer.err == "beskedfordeler: 1 of 2 letters not valid\n"
    lines = run("validate", str(bad), str(good), "--json").lines
    assert [line["valid"] for line in lines] == [False, True]
    assert lines[0]["findings"][0]["rule"] == "FFB-4"


def test_a_flag_is_told_and_no_fault(run: Run, tmp_path: Path) -> None:
    """An older FFB version: exit code 0."""
    file = tmp_path / "old.xml"
    file.write_bytes(write_xml(example(Standard.MATCH).model_copy(update={"ffb_version": "20230101"})))
    answer = run("validate", str(file))
    assert answer.code == Exit.OK
    assert answer.out.splitlines()[0].endswith("(R8) [flag]")


def test_consent_is_judged_for_the_day_that_is_named(run: Run, tmp_path: Path) -> None:
    """--today: the samtykke has expired by then."""
    brev = example(Standard.MATCH)
    assert brev.samtykke is not None
    limited = brev.samtykke.model_copy(update={"gyldig_til": brev.data_tidspunkt.date()})
    file = tmp_path / "brev.xml"
    file.write_bytes(write_xml(brev.model_copy(update={"samtykke": limited})))
    assert run("validate", str(file)).code == Exit.OK
    answer = run("validate", str(file), "--today", "2026-12-24")
    assert answer.code == Exit.REFUSED
    assert "(R1)" in answer.out


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((b"ffb0-4000-8000-000000000003<", b"ffb0-4000-8000-000000000001<"), "Beskedtype: the envelope says"),
        ((b"ffb0-4000-8000-000000000003<", b"ffb0-4000-8000-000000000099<"), "Beskedtype: is none of the nine"),
        ((b"<k:BeskedId><s:UUIDIdentifikator>0", b"<k:BeskedId><s:UUIDIdentifikator>1"), "BeskedId: the envelope says"),
        ((b"<Kategori>Social indsats", b"<Kategori>Andet"), "/Bestilling/Indsats/Kategori: "),
    ],
)
def test_a_message_must_agree_with_its_letter(
    run: Run, tmp_path: Path, change: tuple[bytes, bytes], expected: str
) -> None:
    """Envelope and letter contradict each other, or the letter is faulty: refused, and where."""
    file = tmp_path / "besked.xml"
    document = message(Standard.BESTILLING)
    assert change[0] in document
    file.write_bytes(document.replace(*change, 1))
    answer = run("validate", str(file))
    assert answer.code == Exit.REFUSED
    assert answer.out.startswith(f"{file}:{expected}")


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    """Exit code 7."""
    assert run("validate", str(tmp_path / "none.xml")).code == Exit.NOT_FOUND


@pytest.mark.parametrize("text", ["", "hej", "<a/>", "<a", "[]", '{"standard": "rykker"}'])
def test_what_is_no_letter_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    """In a line or more, never with a traceback."""
    file = tmp_path / "file"
    file.write_text(text)
    answer = run("validate", str(file))
    assert answer.code == Exit.REFUSED
    assert answer.out.startswith(f"{file}:")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_readable_example(run: Run, form: str) -> None:
    """Without options it is the one of the library, the same every time, and valid."""
    answer = run("example", "statusnotat", "--format", form)
    assert answer.code == Exit.OK
    assert read_letter(answer.out.encode()) == example(Standard.STATUSNOTAT)


@pytest.mark.parametrize("standard", Standard)
def test_an_example_in_its_envelope_is_a_message_that_the_beskedfordeler_takes(run: Run, standard: Standard) -> None:
    """Valid by its schema; --til-tilbud and the CVR numbers stand where filters and agreements look."""
    answer = run(
        *("example", standard.value, "--format", "kuvert", "--seed", "3", "--til-tilbud", "1999000203"),
        *("--fra-cvr", "99000101", "--til-cvr", "99000102"),
    )
    document = answer.out.encode()
    parsed = parse(document, Limits())
    assert parsed.besked.beskedtype == standard.beskedtype
    text = document.decode()
    assert "<k:ObjektAnsvarligMyndighed><s:URNIdentifikator>urn:oio:cvr-nr:99000101<" in text
    assert set(re.findall(r"TilladtModtager><s:URNIdentifikator>urn:oio:cvr-nr:(\d+)", text)) == {"99000102"}
    assert "<PNummer>1999000203</PNummer>" in text


def test_many_are_lines_of_json(run: Run) -> None:
    """Number, standard, BeskedId, what is wrong with it, and the document; the same seed gives the same."""
    arguments = ("example", "alle", "--count", "40", "--faulty", "0.5", "--seed", "5", "--format", "json")
    first = run(*arguments)
    assert run(*arguments) == first
    lines = first.lines
    assert [line["number"] for line in lines] == list(range(1, 41))
    assert {line["standard"] for line in lines} == {standard.value for standard in Standard}
    faulty = [line for line in lines if line["fault"]]
    assert 8 < len(faulty) < 32
    for line in lines:
        findings = [(one.path, one.rule, one.severity) for one in validate(line["document"].encode())[1]]
        fault = line["fault"]
        assert (fault is None and findings == []) or (fault["path"], fault["rule"], fault["severity"]) in findings


def test_nine_in_a_row_are_a_course(run: Run) -> None:
    """`alle`: the letters of one forløb, then those of the next."""
    lines = run("example", "alle", "--count", "18", "--seed", "2").lines
    courses = [re.search(r"<ForloebsId>(.*?)<", line["document"]) for line in lines]
    assert [found[1] for found in courses if found] == [one[1] for one in courses[::9] if one for _ in range(9)]
    assert courses[0] is not None
    assert courses[9] is not None
    assert courses[0][1] != courses[9][1]


@pytest.mark.parametrize("form", ["xml", "json", "kuvert"])
def test_files_with_a_manifest(run: Run, tmp_path: Path, form: str) -> None:
    """--out: a file for each letter; the manifest says which are faulty; `validate` finds those and no others."""
    folder = tmp_path / "breve"
    answer = run(
        *("example", "alle", "--count", "30", "--faulty", "0.3", "--seed", "6", "--format", form),
        *("--out", str(folder), "--json"),
    )
    manifest = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    assert answer.json["count"] == 30 == len(manifest)
    assert answer.json["faulty"] == sum(line["fault"] is not None for line in manifest) > 0
    assert {line["file"] for line in manifest} | {"manifest.jsonl"} == {file.name for file in folder.iterdir()}
    judged = run("validate", *(str(folder / line["file"]) for line in manifest), "--json").lines
    for line, judgement in zip(manifest, judged, strict=True):
        refused = line["fault"] is not None and line["fault"]["severity"] == "error"
        assert judgement["valid"] is not refused, (line, judgement)
        if line["fault"]:
            named = [(finding["path"], finding["rule"]) for finding in judgement["findings"]]
            assert (line["fault"]["path"], line["fault"]["rule"]) in named


def test_the_manifest_tells_of_all_letters_in_a_folder_used_again(run: Run, tmp_path: Path) -> None:
    """Letters of an earlier manifest go, the vendor's own files stay, and a mistyped option touches nothing."""
    mine = tmp_path / "000001-mine.xml"
    mine.write_text("<mine/>")
    for seed in ("1", "2"):
        run("example", "match", "--count", "3", "--seed", seed, "--out", str(tmp_path))
    manifest = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text("utf-8").splitlines()]
    there = {file.name for file in tmp_path.iterdir()}
    assert there == {line["file"] for line in manifest} | {"manifest.jsonl", mine.name}
    refused = run("example", "match", "--til-tilbud", "12", "--out", str(tmp_path))
    assert refused.code == Exit.USAGE
    assert {file.name for file in tmp_path.iterdir()} == there


def test_the_register_that_the_page_names_knows_the_readable_examples() -> None:
    """docs/cli.md: `serve --register consumers/demo/register.yaml` takes `standard example … --format kuvert`."""
    root = Path(__file__).parents[3]
    name = "consumers/demo/register.yaml"
    assert name in (root / "docs" / "cli.md").read_text("utf-8")
    register = load_file(root / name)
    agreed = {
        (register.anvendersystemer[aftale.anvendersystem].cvr, beskedtype)
        for aftale in register.serviceaftaler.values()
        for beskedtype in aftale.beskedtyper
    }
    assert {(example(each).afsender.cvr, each.beskedtype) for each in Standard} <= agreed
    assert {each.beskedtype for each in Standard} <= set(register.beskedtyper)


@pytest.mark.parametrize("rule", ["SVAR-3", "MODTAGER-3"])
def test_a_message_with_a_letter_that_breaks_a_rule_has_no_other_fault(rule: str) -> None:
    """Its envelope says what the letter says, and so contradicts nothing."""
    brev = example(Standard.BESTILLING)
    spoilt = spoil(brev, Random(1), Fault.RULE, rule=rule)
    assert [one.rule for one in judged(_message(brev, spoilt)).findings] == [rule]


def test_one_faulty_letter_says_what_is_wrong_on_stderr(run: Run) -> None:
    """The document alone is on stdout."""
    answer = run("example", "bestilling", "--faulty", "1", "--seed", "4")
    path, rule = re.fullmatch(r"beskedfordeler: faulty: (.*): [a-z-]+ \((.*)\)\n", answer.err).groups()  # type: ignore[union-attr]
    assert (path, rule) in [(one.path, one.rule) for one in validate(answer.out.strip().encode())[1]]


def test_attachments_of_the_size_wanted(run: Run) -> None:
    """--size: in the letters that have attachments."""
    document = run("example", "bestilling", "--size", "200000", "--seed", "1").out.encode()
    assert 260_000 < len(document) < 300_000
    assert validate(document)[1] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--til-tilbud", "42"],
        ["--til-cvr", "DK99000101"],
        ["--fra-cvr", "9900010"],
        ["--faulty", "2"],
        ["--count", "0"],
        ["--format", "yaml"],
        ["--size", "99000000"],
    ],
)
def test_values_out_of_range_are_usage(run: Run, arguments: list[str]) -> None:
    """Exit code 2, nothing on stdout."""
    answer = run("example", "match", *arguments)
    assert (answer.code, answer.out) == (Exit.USAGE, "")
    assert answer.err
