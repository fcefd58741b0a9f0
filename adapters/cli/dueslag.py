"""`dueslag`: list, show, where they are pushed to, purge, and the fejlkø below them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.options import AdminUrl, DataDir, Dueslag, Json, examples

app = typer.Typer(no_args_is_help=True, help="Dueslag: what they hold, where it is pushed to, and emptying them.")

_STATES = ("ready", "out", "held", "dead", "consumers")


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
    names = ("navn", "id", "anvendersystem_navn")
    print_table(
        ["navn", "id", "anvendersystem", *(">" + state for state in _STATES), "callback"],
        [
            [*(one[name] for name in names), *(one["depth"][state] for state in _STATES), one["callback"]]
            for one in found
        ],
        "no dueslag",
    )


@app.command(epilog=examples("dueslag show Testkommune"))
def show(dueslag: Dueslag, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """One dueslag: whose it is, what it holds, and where that is pushed to."""
    from adapters.cli.api import connect, part

    _show(connect(admin, data).get(f"/dueslag/{part(dueslag)}"), json)


@app.command(
    epilog=examples(
        "dueslag callback Testkommune http://127.0.0.1:8081/besked",
        "dueslag callback Testkommune https://kommune.example/besked",
        "dueslag callback Testkommune off",
    )
)
def callback(
    dueslag: Dueslag,
    url: Annotated[str, typer.Argument(metavar="URL|off", help="http:// or https://.", show_default=False)],
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Push what comes to a URL, or (off) let it be fetched only; in force at once."""
    from adapters.cli.api import connect, part

    api = connect(admin, data)
    item = api.get(f"/register/dueslag/{part(dueslag)}")
    wanted = {name: value for name, value in item.items() if name != "callback"}
    if url.lower() != "off":
        wanted["callback"] = url
    if wanted != item:
        api.put(f"/register/dueslag/{part(item['id'])}", wanted)
    _show(api.get(f"/dueslag/{part(item['id'])}"), json)


def _show(answer: Any, json: bool) -> None:
    from adapters.cli.output import print_json, say

    if json:
        print_json(answer)
        return
    say(f"{answer['navn']} ({answer['id']})")
    say(f"  {'anvendersystem':<22} {answer['anvendersystem_navn']} ({answer['anvendersystem']})")
    say(f"  {'callback':<22} {answer['callback'] or '(none: it is fetched only)'}")
    for state in _STATES:
        say(f"  {state:<22} {answer['depth'][state]}")


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
