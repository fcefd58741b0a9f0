"""`serviceaftale`: the agreements that let systems send and receive, seen, approved and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.options import AdminUrl, DataDir, Json, examples

if TYPE_CHECKING:
    from adapters.cli.api import Api

app = typer.Typer(no_args_is_help=True, help="Serviceaftaler: who may send and receive what; approve and withdraw.")

Aftale = Annotated[
    str,
    typer.Argument(metavar="AFTALE", help="Id, or SYSTEM/service/version where only one is so.", show_default=False),
]

_SECTION = "/register/serviceaftaler"
_LIMITS = (
    "beskedtyper",
    "foelsomheder",
    "forvaltningsomraader",
    "afsendende_myndigheder",
    "tilladte_myndigheder",
    "modtagende_dueslag",
)
_REFERENCES = {"beskedtyper": "beskedtyper", "modtagende_dueslag": "dueslag"}


@app.command(
    "list", epilog=examples("serviceaftale list", 'serviceaftale list --system "Testkommune Fagsystem" --json')
)
def list_(
    system: Annotated[str | None, typer.Option(metavar="SYSTEM", help="Only of this one.")] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Every serviceaftale: whose it is, on which service, and whether it is approved."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, print_table

    api = connect(admin, data)
    found = api.get(_SECTION)
    if system is not None:
        key = api.get(f"/register/anvendersystemer/{part(system)}")["id"]
        found = [one for one in found if one["anvendersystem"] == key]
    if json:
        print_json(found)
        return
    names = _names(api.get("/register/anvendersystemer"))
    print_table(
        ["anvendersystem", "service", "version", "godkendt", "gyldig", "limits", "id"],
        [
            [
                names.get(one["anvendersystem"], one["anvendersystem"]),
                one["service"],
                one["version"],
                _yes(one["godkendt"]),
                _period(one),
                ", ".join(name for name in _LIMITS if one[name] != ["*"]) or "(none)",
                one["id"],
            ]
            for one in found
        ],
        "no serviceaftaler",
    )


@app.command(epilog=examples("serviceaftale show Afsendersystem/afsend/1.0"))
def show(aftale: Aftale, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """One serviceaftale with all its limits."""
    from adapters.cli.api import connect, part

    api = connect(admin, data)
    _show(api, api.get(f"{_SECTION}/{part(aftale)}"), json)


@app.command(epilog=examples("serviceaftale godkend Afsendersystem/afsend/1.0"))
def godkend(aftale: Aftale, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Approve: in force for the next message, within its period."""
    _approve(aftale, True, json, admin, data)


@app.command(epilog=examples("serviceaftale traek Afsendersystem/afsend/1.0"))
def traek(aftale: Aftale, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Withdraw the approval: from the next message on the agreement lets nothing through."""
    _approve(aftale, False, json, admin, data)


def _approve(name: str, godkendt: bool, json: bool, admin: str | None, data: Path | None) -> None:
    from adapters.cli.api import connect, part

    api = connect(admin, data)
    found = api.get(f"{_SECTION}/{part(name)}")
    if found["godkendt"] is not godkendt:
        found = api.put(f"{_SECTION}/{part(found['id'])}", {**found, "godkendt": godkendt})
    _show(api, found, json)


def _show(api: Api, answer: Any, json: bool) -> None:
    from adapters.cli.output import print_json, say

    if json:
        print_json(answer)
        return
    system = api.get(f"/register/anvendersystemer/{answer['anvendersystem']}")["navn"]
    say(f"{system}/{answer['service']}/{answer['version']} ({answer['id']})")
    say(f"  {'godkendt':<22} {_yes(answer['godkendt'])}")
    say(f"  {'gyldig':<22} {_period(answer)}")
    for name in _LIMITS if answer["service"] == "modtag" else _LIMITS[:-1]:
        named = name in _REFERENCES and answer[name] != ["*"]
        names = _names(api.get(f"/register/{_REFERENCES[name]}")) if named else {}
        values = [f"{names[value]} ({value})" if value in names else value for value in answer[name]]
        say(f"  {name:<22} {', '.join(values) or '(none)'}")


def _names(items: list[Any]) -> Mapping[str, str]:
    return {item["id"]: item["navn"] for item in items}


def _period(answer: Any) -> str:
    fra, til = answer.get("gyldig_fra"), answer.get("gyldig_til")
    return f"{fra or '…'} – {til or '…'}" if fra or til else "always"


def _yes(godkendt: bool) -> str:
    return "ja" if godkendt else "nej"


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="serviceaftale")
