"""`vaerdiliste`: the named lists that filters look into, made, seen, changed, removed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli import vaerdiliste_files
from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, Liste, VisCpr, examples

app = typer.Typer(no_args_is_help=True, help="Værdilister: named lists of values that filters look into.")

Given = Annotated[list[str] | None, typer.Argument(metavar="[VALUE]...", show_default=False)]
FromFile = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help="Values from a file, one a line; - = stdin.")
]


@app.command("list", epilog=examples("vaerdiliste list"))
def list_(json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Every værdiliste, with how many values it holds."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, print_table

    found = connect(admin, data).get("/vaerdilister")
    if json:
        print_json(found)
        return
    print_table(
        ["navn", "id", "anvendersystem", ">values", "livscyklus"],
        [[*(one[name] for name in ("navn", "id", "anvendersystem_navn", "count")), _livscyklus(one)] for one in found],
        "no værdilister",
    )


@app.command(epilog=examples('vaerdiliste show "Fulgte borgere"', 'vaerdiliste show "Fulgte borgere" --vis-cpr'))
def show(
    liste: Liste, vis_cpr: VisCpr = False, json: Json = False, admin: AdminUrl = None, data: DataDir = None
) -> None:
    """The values of a list, one a line."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say
    from adapters.cli.paging import every

    values = every(connect(admin, data), f"/vaerdilister/{part(liste)}/values", "values", vis_cpr=vis_cpr)
    if json:
        print_json(values)
    else:
        for value in sorted(values):
            say(value)


def _livscyklus(answer: Any) -> str:
    return f"{answer['livscyklus'] or ''}{' (passiv: empty for filters)' if answer['passiv'] else ''}"


@app.command(epilog=examples('vaerdiliste new "Nye borgere" --system "Testkommune Fagsystem"'))
def new(
    navn: Annotated[str, typer.Argument(metavar="NAVN", show_default=False)],
    system: Annotated[str, typer.Option(metavar="SYSTEM", help="Whose filters may use it; id or navn.")],
    id: Annotated[str | None, typer.Option(metavar="UUID", help="Else a new one.")] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """A new værdiliste without values."""
    import uuid

    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say

    api = connect(admin, data)
    key = id or str(uuid.uuid4())
    if id is not None and key.lower() in {one["id"] for one in api.get("/vaerdilister")}:
        raise Failure(Exit.REFUSED, f"there is a værdiliste with id {id} already")
    made = api.put(f"/register/vaerdilister/{part(key)}", {"navn": navn, "anvendersystem": system})
    if json:
        print_json(made)
    else:
        say(f"'{made['navn']}' ({made['id']}), empty")


@app.command(epilog=examples('vaerdiliste delete "Nye borgere"'))
def delete(liste: Liste, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Remove a list with its values; refused while a filter names it."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say

    connect(admin, data).delete(f"/register/vaerdilister/{part(liste)}")
    if json:
        print_json({"deleted": liste})
    else:
        say(f"'{liste}' deleted")


def _add_change(how: str, about: str, *samples: str) -> None:
    def change(
        liste: Liste,
        values: Given = None,
        file: FromFile = None,
        json: Json = False,
        admin: AdminUrl = None,
        data: DataDir = None,
    ) -> None:
        from adapters.cli.api import connect, part
        from adapters.cli.output import print_json, say

        answer = connect(admin, data).post(f"/vaerdilister/{part(liste)}/{how}", {"values": _given(values, file)})
        if json:
            print_json(answer)
        else:
            say(f"{answer['count']} values in '{liste}'")

    app.command(how, help=about, epilog=examples(*samples))(change)


def _given(values: list[str] | None, file: str | None) -> list[str]:
    """From the arguments and the file, at least one.  Raises Failure, OSError."""
    from adapters.cli.files import read_bytes

    given = list(values or [])
    if file is not None:
        given += [line for raw in read_bytes(file).decode("utf-8-sig", "replace").splitlines() if (line := raw.strip())]
    if not given:
        raise Failure(Exit.USAGE, "no values: give them as arguments or with --file FILE")
    return given


_add_change(
    "add",
    "Add values, in force for the next message.",
    'vaerdiliste add "Fulgte borgere" urn:oio:cpr-nr:0101010000',
    'vaerdiliste add "Fulgte borgere" --file cpr.txt',
)
_add_change(
    "remove",
    "Remove values, in force for the next message.",
    'vaerdiliste remove "Fulgte borgere" urn:oio:cpr-nr:0101010000',
)


def add_to(parent: typer.Typer) -> None:
    vaerdiliste_files.add_to(app)
    parent.add_typer(app, name="vaerdiliste")
