"""`dueslag fejlkoe`: what could not be delivered; seen, moved back or deleted: one, all, or by what they share."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Dueslag, Json, VisCpr, examples

app = typer.Typer(no_args_is_help=True, help="The fejlkø of a dueslag.")

Ids = Annotated[
    list[int] | None, typer.Argument(metavar="[ID]...", help="Deliveries, as list shows them.", show_default=False)
]
All = Annotated[bool, typer.Option("--all", help="Every one in the fejlkø.")]
BeskedId = Annotated[str | None, typer.Option("--besked-id", metavar="ID", help="Those of this message.")]
OfAbonnement = Annotated[str | None, typer.Option("--abonnement", metavar="NAVN", help="Those of this abonnement.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Those whose reason contains this.")]


@app.command("list", epilog=examples("dueslag fejlkoe list Testkommune"))
def list_(
    dueslag: Dueslag,
    after: Annotated[int, typer.Option(min=0, help="Only deliveries with a higher id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """What is in the fejlkø, with the reason each came there."""
    from adapters.cli.api import connect, part
    from adapters.cli.kig import show as show_page

    page = connect(admin, data).get(f"/dueslag/{part(dueslag)}/fejlkoe", after=after, limit=limit, vis_cpr=vis_cpr)
    show_page(page, False, json)


@app.command(epilog=examples("dueslag fejlkoe show Testkommune 42"))
def show(
    dueslag: Dueslag,
    id: Annotated[int, typer.Argument(metavar="ID", min=1, show_default=False)],
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """One delivery with its message."""
    from adapters.cli.api import connect, part
    from adapters.cli.kig import show as show_page
    from adapters.cli.output import print_json

    page = connect(admin, data).get(
        f"/dueslag/{part(dueslag)}/fejlkoe", after=id - 1, limit=1, body=True, vis_cpr=vis_cpr
    )
    if not page["beskeder"] or page["beskeder"][0]["id"] != id:
        raise Failure(Exit.NOT_FOUND, f"no delivery {id} in the fejlkø of '{dueslag}'")
    if json:
        print_json(page["beskeder"][0])
    else:
        show_page({**page, "next": None}, True, False)


@app.command(
    epilog=examples(
        "dueslag fejlkoe revive Testkommune 42 43",
        "dueslag fejlkoe revive Testkommune --all",
        "dueslag fejlkoe revive Testkommune --reason rejected",
    )
)
def revive(
    dueslag: Dueslag,
    ids: Ids = None,
    all: All = False,
    besked_id: BeskedId = None,
    abonnement: OfAbonnement = None,
    reason: Reason = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Move deliveries back into the dueslag; they come with redelivered set."""
    from adapters.cli.api import connect, part

    _check(ids, all, besked_id, abonnement, reason)
    body = {"ids": ids or None, "besked_id": besked_id, "abonnement": abonnement, "reason": reason}
    answer = connect(admin, data).post(f"/dueslag/{part(dueslag)}/fejlkoe/revive", body)
    _tell(answer["count"], "moved back", json)


@app.command(epilog=examples("dueslag fejlkoe delete Testkommune 42", "dueslag fejlkoe delete Testkommune --all"))
def delete(
    dueslag: Dueslag,
    ids: Ids = None,
    all: All = False,
    besked_id: BeskedId = None,
    abonnement: OfAbonnement = None,
    reason: Reason = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Delete deliveries from the fejlkø for good."""
    from adapters.cli.api import connect, part

    _check(ids, all, besked_id, abonnement, reason)
    answer = connect(admin, data).delete(
        f"/dueslag/{part(dueslag)}/fejlkoe", id=ids or None, besked_id=besked_id, abonnement=abonnement, reason=reason
    )
    _tell(answer["count"], "deleted", json)


def _check(ids: list[int] | None, all: bool, *filters: str | None) -> None:
    """Nothing named must not mean everything."""
    named = bool(ids) or any(one is not None for one in filters)
    if named == all:
        raise Failure(Exit.USAGE, "say which: ids, --besked-id, --abonnement or --reason; or --all alone for every one")


def _tell(count: int, what: str, json: bool) -> None:
    from adapters.cli.output import print_json, say

    if json:
        print_json({"count": count})
    else:
        say(f"{count} {what}")
