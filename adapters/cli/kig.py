"""`kig`: look into a dueslag without consuming."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.options import AdminUrl, DataDir, Dueslag, Json, VisCpr, examples


def kig(
    dueslag: Dueslag,
    fejlkoe: Annotated[bool, typer.Option("--fejlkoe", help="The fejlkø instead.")] = False,
    state: Annotated[str | None, typer.Option(metavar="ready|out|held", help="Only these.")] = None,
    body: Annotated[bool, typer.Option("--body", help="With the messages themselves.")] = False,
    after: Annotated[int, typer.Option(min=0, help="Only deliveries with a higher id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Look into a dueslag: order, counts and the redelivered flag stay as they are."""
    from adapters.cli.api import connect, part

    page = connect(admin, data).get(
        f"/dueslag/{part(dueslag)}/beskeder",
        state="dead" if fejlkoe else state,
        after=after,
        limit=limit,
        body=body,
        vis_cpr=vis_cpr,
    )
    show(page, body, json)


def show(page: Any, body: bool, json: bool) -> None:
    """One page of deliveries."""
    from adapters.cli.output import print_json, print_table, say, when

    if json:
        print_json(page)
        return
    if body:
        for one in page["beskeder"]:
            say(f"# {one['id']}  {one['state']}  {one['besked']['besked_id']}  {one['reason'] or ''}".rstrip())
            say(one["besked"]["body"].rstrip("\n"))
    else:
        print_table(
            [">id", "state", "BeskedId", "beskedtype", "abonnement", "from", "received", ">tries", ">bytes", "reason"],
            [_row(one, when) for one in page["beskeder"]],
            "nothing there",
        )
    if page["next"] is not None:
        say(f"… more: --after {page['next']}")


def _row(one: dict[str, Any], when: Any) -> list[object]:
    besked = one["besked"]
    return [
        one["id"],
        one["state"] + (" redelivered" if one["redelivered"] else ""),
        besked["besked_id"],
        besked["beskedtype_navn"] or besked["beskedtype"],
        one["abonnement_navn"] or one["abonnement"],
        besked["afsender_navn"] or besked["afsender"],
        when(besked["received"]),
        one["attempts"],
        besked["bytes"],
        one["reason"],
    ]


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "kig Testkommune", "kig Testkommune --body --limit 1", "kig Testkommune --fejlkoe --json | jq .beskeder"
        )
    )(kig)
