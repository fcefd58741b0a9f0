"""`spor`: what happened to a message, and to the register."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.options import AdminUrl, DataDir, Json, VisCpr, examples

_TIME = "30s, 10m, 2h or 1d ago; an ISO time; or seconds since 1970."


def spor(
    besked_id: Annotated[str | None, typer.Option(metavar="ID", help="BeskedId.")] = None,
    transaktions_id: Annotated[str | None, typer.Option(metavar="ID", help="TransaktionsId.")] = None,
    dueslag: Annotated[str | None, typer.Option(metavar="DUESLAG", help="Id or navn.")] = None,
    system: Annotated[str | None, typer.Option(metavar="SYSTEM", help="Id or navn.")] = None,
    what: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="accepted, known, refused, delivered, ack, requeue, reject, expired, dead, tilstand, register …",
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=_TIME)] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help=_TIME)] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 100,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """The trace: received, judged, matched, delivered, acked, and why not; oldest first."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, print_table, when

    records = connect(admin, data).get(
        "/spor",
        besked_id=besked_id,
        transaktions_id=transaktions_id,
        dueslag=dueslag,
        system=system,
        what=what,
        since=since,
        until=until,
        limit=limit,
        vis_cpr=vis_cpr,
    )
    if json:
        print_json(records)
        return
    print_table(
        ["time", "what", "BeskedId", "system", "dueslag", "detail"],
        [
            [
                when(one["time"]),
                one["what"],
                one["besked_id"] or " ".join(f"#{seq}" for seq in one["seqs"][:5]),
                one["system_navn"] or one["system"],
                one["dueslag_navn"] or one["dueslag"],
                detail_text(one),
            ]
            for one in records
        ],
        "no trace of that",
    )


def detail_text(record: dict[str, Any]) -> str:
    """What else a record says, in one line."""
    detail, names = record["detail"], record["names"]
    named = [record["abonnement_navn"] or record["abonnement"]] if record["abonnement"] else []
    if record["what"] == "delivered":
        return ", ".join([*named, f"attempt {detail}"])
    if not isinstance(detail, dict):
        return ", ".join([*named, *([_text(detail, names)] if detail is not None else [])])
    parts = [f"{key}: {_text(value, names)}" for key, value in detail.items() if value not in (None, [], "")]
    return ", ".join(named + parts)


def _text(value: Any, names: dict[str, str]) -> str:
    """Ids by their names; a list of lists (who got it by which abonnement) set apart by semicolons."""
    if not isinstance(value, list):
        return str(names.get(value, value)) if isinstance(value, str) else str(value)
    between = "; " if any(isinstance(one, list) for one in value) else " · "
    return between.join(_text(one, names) for one in value)


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "spor --besked-id 1b5c7e0a-6d8f-4c52-9f0e-1f6d0c6d2b11",
            "spor --what refused --since 10m",
            "spor --dueslag Testkommune --json",
        )
    )(spor)
