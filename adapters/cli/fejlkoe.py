"""`dueslag fejlkoe`: what could not be delivered; seen, moved back or deleted: one, all, or by what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Dueslag, Json, VisCpr, examples

if TYPE_CHECKING:
    from adapters.cli.api import Api

app = typer.Typer(no_args_is_help=True, help="The fejlkø of a dueslag.")

_TIME = "30s, 10m, 2h or 1d ago; an ISO time; or seconds since 1970"

Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]...", min=1, max=2**63 - 1, help="Deliveries, as list shows them.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every one in the fejlkø.")]
BeskedId = Annotated[str | None, typer.Option("--besked-id", metavar="ID", help="Those of this message.")]
OfAbonnement = Annotated[str | None, typer.Option("--abonnement", metavar="NAVN", help="Those of this abonnement.")]
OfBeskedtype = Annotated[
    str | None, typer.Option("--beskedtype", metavar="NAVN", help="Those of this beskedtype, by id or navn.")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Those whose reason contains this.")]
OlderThan = Annotated[
    str | None, typer.Option("--older-than", metavar="TIME", help=f"Those that came there before this: {_TIME}.")
]


@app.command(
    "list",
    epilog=examples("dueslag fejlkoe list Testkommune", "dueslag fejlkoe list Testkommune --reason rejected --json"),
)
def list_(
    dueslag: Dueslag,
    besked_id: BeskedId = None,
    abonnement: OfAbonnement = None,
    beskedtype: OfBeskedtype = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    after: Annotated[int, typer.Option(min=0, help="Only deliveries with a higher id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """What is in the fejlkø: how often it was tried, when and why it came there."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, print_table, say, when

    chosen = _chosen(besked_id, abonnement, beskedtype, reason, older_than)
    page = connect(admin, data).get(
        f"/dueslag/{part(dueslag)}/fejlkoe", after=after, limit=limit, vis_cpr=vis_cpr, **chosen
    )
    if json:
        print_json(page)
        return
    columns = [">id", "died", "BeskedId", "beskedtype", "abonnement", "from", "received", ">tries", ">bytes", "reason"]
    print_table(columns, [list(_facts(one, when).values()) for one in page["beskeder"]], "nothing there")
    if page["next"] is not None:
        say(f"… more: --after {page['next']}")


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
    from adapters.cli.output import print_json, say, when

    one = connect(admin, data).get(f"/dueslag/{part(dueslag)}/fejlkoe/{id}", vis_cpr=vis_cpr)
    if json:
        print_json(one)
        return
    for name, value in _facts(one, when).items():
        say(f"# {name}: {value}")
    say(one["besked"]["body"].rstrip("\n"))


@app.command(
    epilog=examples(
        "dueslag fejlkoe revive Testkommune 42 43",
        "dueslag fejlkoe revive Testkommune --all",
        "dueslag fejlkoe revive Testkommune --reason 'redelivery limit' --older-than 1h",
    )
)
def revive(
    dueslag: Dueslag,
    ids: Ids = None,
    all: All = False,
    besked_id: BeskedId = None,
    abonnement: OfAbonnement = None,
    beskedtype: OfBeskedtype = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Move deliveries back into the dueslag; they come with redelivered set."""
    from adapters.cli.api import connect, part

    chosen = _chosen(besked_id, abonnement, beskedtype, reason, older_than)
    _check(ids, all, chosen)
    api = connect(admin, data)
    missing = _missing(api, dueslag, ids or [])
    answer = api.post(f"/dueslag/{part(dueslag)}/fejlkoe/revive", {"ids": ids or None, **chosen})
    _tell(answer["count"], "moved back", dueslag, missing, json)


@app.command(
    epilog=examples(
        "dueslag fejlkoe delete Testkommune 42",
        "dueslag fejlkoe delete Testkommune --older-than 30d",
        "dueslag fejlkoe delete Testkommune --all",
    )
)
def delete(
    dueslag: Dueslag,
    ids: Ids = None,
    all: All = False,
    besked_id: BeskedId = None,
    abonnement: OfAbonnement = None,
    beskedtype: OfBeskedtype = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Delete deliveries from the fejlkø for good."""
    from adapters.cli.api import connect, part

    chosen = _chosen(besked_id, abonnement, beskedtype, reason, older_than)
    _check(ids, all, chosen)
    api = connect(admin, data)
    missing = _missing(api, dueslag, ids or [])
    answer = api.delete(f"/dueslag/{part(dueslag)}/fejlkoe", id=ids or None, all=all or None, **chosen)
    _tell(answer["count"], "deleted", dueslag, missing, json)


def _chosen(
    besked_id: str | None, abonnement: str | None, beskedtype: str | None, reason: str | None, older_than: str | None
) -> dict[str, str | None]:
    """The filters, as the admin API calls them.  Raises Failure: a time that is none."""
    if older_than is not None:
        _check_time(older_than)
    return {
        "besked_id": besked_id,
        "abonnement": abonnement,
        "beskedtype": beskedtype,
        "reason": reason,
        "older_than": older_than,
    }


def _check(ids: list[int] | None, all: bool, chosen: dict[str, str | None]) -> None:
    """Nothing named must not mean everything."""
    named = bool(ids) or any(one is not None for one in chosen.values())
    if named == all:
        filters = ", ".join("--" + name.replace("_", "-") for name in chosen)
        raise Failure(Exit.USAGE, f"say which: ids, {filters}; or --all alone for every one")


def _check_time(text: str) -> None:
    from adapters.rest.moment import moment
    from broker.errors import Refused

    try:
        moment(text, 0.0)
    except Refused as error:
        raise Failure(Exit.USAGE, f"--older-than {error}") from None


def _missing(api: Api, dueslag: str, ids: list[int]) -> list[int]:
    """Which of the deliveries are not in the fejlkø."""
    return [one for one in dict.fromkeys(ids) if not _is_there(api, dueslag, one)]


def _is_there(api: Api, dueslag: str, id: int) -> bool:
    from adapters.cli.api import part

    page = api.get(f"/dueslag/{part(dueslag)}/fejlkoe", after=id - 1, limit=1)
    return any(one["id"] == id for one in page["beskeder"])


def _facts(one: dict[str, Any], when: Any) -> dict[str, object]:
    """What there is to say of a delivery, by name."""
    besked = one["besked"]
    return {
        "id": one["id"],
        "died": when(one["died"]),
        "BeskedId": besked["besked_id"],
        "beskedtype": besked["beskedtype_navn"] or besked["beskedtype"],
        "abonnement": one["abonnement_navn"] or one["abonnement"],
        "from": besked["afsender_navn"] or besked["afsender"],
        "received": when(besked["received"]),
        "tries": one["attempts"],
        "bytes": besked["bytes"],
        "reason": one["reason"],
    }


def _tell(count: int, what: str, dueslag: str, missing: list[int], json: bool) -> None:
    """What was done.  Raises Failure where deliveries that were named are not there; the others are done."""
    from adapters.cli.output import print_json, say

    if missing:
        raise Failure(
            Exit.NOT_FOUND, f"{count} {what}; not in the fejlkø of '{dueslag}': {', '.join(map(str, missing))}"
        )
    if json:
        print_json({"count": count})
    else:
        say(f"{count} {what}")
