"""`vaerdiliste import` and `export`: whole lists from and into files."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.options import AdminUrl, DataDir, Json, Liste, examples

Source = Annotated[
    str, typer.Argument(metavar="FILE", help="Text, or CSV (*.csv); UTF-8; - = stdin.", show_default=False)
]
Target = Annotated[str, typer.Argument(metavar="[FILE]", help="- = stdout.")]
_CSV = "How a CSV file is read"


def import_(
    liste: Liste,
    file: Source,
    column: Annotated[
        str | None,
        typer.Option(metavar="NAVN|N", help="By name (with --header) or number from 1.", rich_help_panel=_CSV),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(metavar="CHAR", help="Else the first of ; tab , in the first line.", rich_help_panel=_CSV),
    ] = None,
    header: Annotated[
        bool, typer.Option("--header", help="The first line is the names.", rich_help_panel=_CSV)
    ] = False,
    add: Annotated[bool, typer.Option("--add", help="Keep what the list holds.")] = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Replace the values of a list by those in a file (or --add them), all or none, in force for the next message."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say
    from adapters.cli.values_file import Layout, as_ndjson, read_values

    api = connect(admin, data)
    key = api.get(f"/register/vaerdilister/{part(liste)}")["id"]
    values = as_ndjson(file, read_values(file, Layout(column, delimiter, header)))
    answer = api.put(f"/vaerdilister/{part(key)}/values", values, add=add)
    if json:
        print_json(answer)
        return
    said = ", ".join(f"{answer[name]} {name}" for name in ("added", "removed", "unchanged", "duplicate", "blank"))
    say(f"'{liste}': {said}; {answer['count']} values")


def export(
    liste: Liste,
    file: Target = "-",
    csv: Annotated[bool, typer.Option("--csv", help="With the header 'vaerdi', quoted where needed.")] = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """The values of a list, one a line and in order, CPR numbers in clear."""
    import json as json_module

    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json
    from adapters.cli.values_file import write_values

    answer = connect(admin, data).get(f"/vaerdilister/{part(liste)}/export", format="ndjson")
    values = sorted(json_module.loads("[" + ",".join((answer or "").splitlines()) + "]"))
    if json:
        print_json(values)
    else:
        write_values(values, file, as_csv=csv)


def add_to(parent: typer.Typer) -> None:
    parent.command(
        "import",
        epilog=examples(
            'vaerdiliste import "Fulgte borgere" cpr.txt',
            'vaerdiliste import "Fulgte borgere" a.csv --header --column cpr',
            'vaerdiliste import "Fulgte borgere" - --add < cpr.txt',
        ),
    )(import_)
    parent.command(
        epilog=examples('vaerdiliste export "Fulgte borgere" cpr.txt', 'vaerdiliste export "Fulgte borgere" - --csv')
    )(export)
