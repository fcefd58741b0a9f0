"""`dueslag`: list, purge, and the fejlkø below it."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.options import AdminUrl, DataDir, Dueslag, Json, examples

app = typer.Typer(no_args_is_help=True, help="Dueslag: what they hold, and emptying them.")


@app.command("list", epilog=examples("dueslag list", "dueslag list --search eksempel --json"))
def list_(
    search: Annotated[str, typer.Option(metavar="TEXT", help="Part of the navn or id.")] = "",
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Every dueslag with how many deliveries it holds, by state."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, print_table
    from adapters.cli.paging import every

    found = every(connect(admin, data), "/dueslag", "dueslag", soeg=search)
    if json:
        print_json(found)
        return
    states = ("ready", "out", "held", "dead", "consumers")
    print_table(
        ["navn", "id", "anvendersystem", *(">" + state for state in states)],
        [
            [one["navn"], one["id"], one["anvendersystem_navn"], *(one["depth"][state] for state in states)]
            for one in found
        ],
        "no dueslag",
    )


@app.command(epilog=examples("dueslag purge Testkommune"))
def purge(dueslag: Dueslag, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Drop what is ready or held; what is out stays out, the fejlkø stays."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say

    answer = connect(admin, data).post(f"/dueslag/{part(dueslag)}/purge")
    if json:
        print_json(answer)
    else:
        say(f"{answer['count']} dropped")


def add_to(parent: typer.Typer, fejlkoe: typer.Typer) -> None:
    app.add_typer(fejlkoe, name="fejlkoe")
    parent.add_typer(app, name="dueslag")
