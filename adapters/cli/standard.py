"""`standard`: the nine letters of the beskedstandarder, shown, judged and made up."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import Json, examples

if TYPE_CHECKING:
    from consumers.standards.standard import Standard

app = typer.Typer(
    no_args_is_help=True,
    help="The beskedstandarder (KL, FFB): what their letters hold, whether one is valid, examples.",
)

EVERY = "alle"
"""Instead of one standard: all of them, nine letters of a course after the other."""
Named = Annotated[
    str, typer.Argument(metavar="STANDARD", help="Short name or number: bestilling, 7b.", show_default=False)
]


class Schema(StrEnum):
    XSD = "xsd"
    JSON = "json"


class Form(StrEnum):
    XML = "xml"
    JSON = "json"
    KUVERT = "kuvert"


@app.command("list", epilog=examples("standard list"))
def list_(json: Json = False) -> None:
    """Every standard: who writes it to whom, what it answers, and its beskedtype."""
    from adapters.cli.output import print_json, print_table
    from adapters.cli.standard_text import summary
    from consumers.standards.standard import Standard

    found = [summary(standard) for standard in Standard]
    if json:
        print_json(found)
        return
    columns = ["nummer", "standard", "navn", "fra", "til", "besvarer", "beskedtype"]
    rows = [[", ".join(v) if isinstance(v := one[name], list) else v for name in columns] for one in found]
    print_table([*columns[:6], "beskedtype (synthetic)"], rows, "no standards")


@app.command(
    epilog=examples(
        "standard show bestilling", "standard show 7b --json", "standard show match --schema xsd > letters.xsd"
    )
)
def show(
    standard: Named,
    schema: Annotated[
        Schema | None, typer.Option("--schema", help="The XML Schema or JSON Schema of all nine instead.")
    ] = None,
    json: Json = False,
) -> None:
    """The fields of a standard with what they mean and where they come from, its codes, and its rules."""
    from adapters.cli.output import print_json
    from adapters.cli.standard_text import described, print_described, schema_text

    which = named(standard)
    if schema is not None:
        typer.echo(schema_text(schema.value), nl=False)
    elif json:
        print_json(described(which))
    else:
        print_described(described(which))


@app.command(
    epilog=examples(
        "standard validate bestilling.xml",
        "standard validate modtaget/*.xml --json",
        "standard example match --seed 1 | beskedfordeler standard validate -",
    )
)
def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="- = stdin.", show_default=False)],
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="On it consent must hold, and no data be later; else the day of the letter's data.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Judge letters, in XML, in JSON, or in their envelopes: 0, or 4 with every fault, its place and the rule.

    A flag (an FFB version that is not the newest) is told and is no fault.
    """
    from adapters.cli.files import read_bytes
    from adapters.cli.output import print_json, say
    from adapters.cli.standard_judging import judged

    faulty = 0
    for file in files:
        judgement = judged(read_bytes(file), today.date() if today else None)
        faulty += not judgement.valid
        if json:
            print_json({"file": file, **judgement.as_json()})
            continue
        for finding in judgement.findings:
            say(f"{file}:{finding}{' [flag]' if finding.severity == 'flag' else ''}")
        if judgement.valid:
            say(f"{file}: ok ({judgement.what})")
    if faulty:
        letters = "letter" if len(files) == 1 else f"of {len(files)} letters"
        raise Failure(Exit.REFUSED, f"{faulty} {letters} not valid")


@app.command(
    epilog=examples(
        "standard example bestilling",
        "standard example svar-match --format kuvert --seed 7 > besked.xml",
        "standard example alle --count 1000 --faulty 0.1 --seed 1 --out ./breve",
        "standard example bestilling --count 10 --til-tilbud 1999000203",
    )
)
def example(
    standard: Annotated[
        str,
        typer.Argument(metavar="STANDARD", help="Short name or number; alle: whole courses.", show_default=False),
    ],
    form: Annotated[Form, typer.Option("--format", help="kuvert: XML in a whole Haendelsesbesked.")] = Form.XML,
    count: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="So many made from a seed; a line of JSON for each.")
    ] = None,
    faulty: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="How many have one fault: 0.1 = one in ten.")
    ] = 0.0,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="The same seed gives the same letters; 0 unless told.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Files there, with manifest.jsonl instead of stdout.")
    ] = None,
    til_tilbud: Annotated[
        str | None, typer.Option(metavar="P", help="P-nummer of the tilbud that the letters are to and from.")
    ] = None,
    fra_cvr: Annotated[
        str | None, typer.Option(metavar="CVR", help="CVR number of the sender, as the login of `send` wants it.")
    ] = None,
    til_cvr: Annotated[str | None, typer.Option(metavar="CVR", help="CVR number of the recipients.")] = None,
    size: Annotated[
        int,
        typer.Option(min=0, max=14_000_000, metavar="BYTES", help="Attachments of so many bytes, where there are any."),
    ] = 0,
    json: Json = False,
) -> None:
    """Synthetic letters: one to read, or any number made from a seed, some of them faulty if you like.

    Without --count, --seed or --size the readable example, the same every time.  The manifest (the lines of JSON; with
    --out the file manifest.jsonl) says which letters are faulty, where, and by which rule.
    """
    from adapters.cli.standard_example import Wanted, made, write_lines, write_out, write_plain
    from consumers.standards.generate import BY_TIME

    which = BY_TIME if standard.lower() == EVERY else (named(standard),)
    readable = count is None and seed is None and not size and not faulty
    wanted = Wanted(
        which,
        form.value,
        len(which) if count is None else count,
        faulty,
        None if readable else seed or 0,
        til_tilbud,
        fra_cvr,
        til_cvr,
        size,
    )
    if out is not None:
        write_out(made(wanted), out, json)
    elif json or wanted.count > 1:
        write_lines(made(wanted))
    else:
        write_plain(made(wanted))


def named(text: str) -> Standard:
    """By short name, number or navn.  Raises Failure."""
    from consumers.standards.standard import Standard

    for standard in Standard:
        if standard.is_called(text):
            return standard
    known = ", ".join(f"{standard.facts.nummer} {standard.value}" for standard in Standard)
    raise Failure(Exit.NOT_FOUND, f"no standard '{text}'; there are {known}")


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="standard")
