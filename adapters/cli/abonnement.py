"""`abonnement`: seen, started, stopped, paused, given another filter, and asked why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import Abonnement, AdminUrl, DataDir, Json, VisCpr, examples
from adapters.cli.skabelon import Standards, TilMyndighed, TilTilbud, made

app = typer.Typer(no_args_is_help=True, help="Abonnementer: start, stop, pause, filter, and why a message matches.")

_PATH = "Beskedkuvert.Filtreringsdata.ObjektRegistrering"
_VERBS = {
    "start": "Start: the next message accepted is put into the dueslag; what was kept back on pause flows.",
    "stop": "Stop: nothing more is put into the dueslag for it; what is there stays and can be fetched.",
    "pause": "Pause: matches are kept back, and flow when it is resumed.",
    "resume": "Resume: what was kept back flows, in order.",
}


@app.command("list", epilog=examples("abonnement list", "abonnement list --tilstand stoppet", "abonnement list --json"))
def list_(
    dueslag: Annotated[str | None, typer.Option(metavar="DUESLAG", help="Only of this one.")] = None,
    tilstand: Annotated[str | None, typer.Option(metavar="aktiv|stoppet|pause", help="Only these.")] = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Part of the navn or id.")] = "",
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Every abonnement with its dueslag, tilstand and filter."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, print_table
    from adapters.cli.paging import every

    found = every(
        connect(admin, data),
        "/abonnementer",
        "abonnementer",
        dueslag=dueslag,
        tilstand=tilstand,
        soeg=search,
        vis_cpr=vis_cpr,
    )
    if json:
        print_json(found)
        return
    print_table(
        ["navn", "tilstand", "dueslag", "id", "filter"],
        [[one["navn"], one["tilstand"], one["dueslag_navn"], one["id"], one["filter"] or "(all)"] for one in found],
        "no abonnementer",
    )


@app.command(epilog=examples("abonnement show Testbeskeder"))
def show(
    abonnement: Abonnement, vis_cpr: VisCpr = False, json: Json = False, admin: AdminUrl = None, data: DataDir = None
) -> None:
    """One abonnement."""
    from adapters.cli.api import connect, part

    _show(connect(admin, data).get(f"/abonnementer/{part(abonnement)}", vis_cpr=vis_cpr), json)


@app.command(
    "filter",
    epilog=examples(
        f"abonnement filter Testbeskeder \"{_PATH}.OpgaveEmne.URNIdentifikator LIKE 'urn:oio:kle:27.%'\"",
        'abonnement filter Testbeskeder ""    # every message',
        "abonnement filter Testbeskeder --til-tilbud 1999000203 --standard match --standard bestilling",
    ),
)
def filter_(
    abonnement: Abonnement,
    filter: Annotated[
        str | None, typer.Argument(metavar="[FILTER]", help="Empty = every message.", show_default=False)
    ] = None,
    til_tilbud: TilTilbud = None,
    til_myndighed: TilMyndighed = None,
    standard: Standards = None,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Another filter, in force for the next message accepted."""
    from adapters.cli.api import connect, part

    if filter is None and til_tilbud is None and til_myndighed is None and not standard:
        raise Failure(Exit.USAGE, "say which FILTER (empty = every message), or give a template: --til-tilbud …")
    wanted = made(filter, til_tilbud, til_myndighed, standard)
    answer = connect(admin, data).put(f"/abonnementer/{part(abonnement)}/filter", {"filter": wanted}, vis_cpr=vis_cpr)
    _show(answer, json)


@app.command(
    epilog=examples(
        "abonnement create Alt --dueslag Eksempelby",
        "abonnement create Breve --dueslag Eksempelby --til-tilbud 1999000203    # the letters for one tilbud",
        "abonnement create Kladde --dueslag Eksempelby --tilstand stoppet",
    )
)
def create(
    navn: Annotated[str, typer.Argument(metavar="NAVN", show_default=False)],
    dueslag: Annotated[str, typer.Option(metavar="DUESLAG", help="Id or navn.")],
    filter: Annotated[str, typer.Option(metavar="FILTER", help="Empty = every message.")] = "",
    til_tilbud: TilTilbud = None,
    til_myndighed: TilMyndighed = None,
    standard: Standards = None,
    tilstand: Annotated[str, typer.Option(metavar="aktiv|stoppet|pause")] = "aktiv",
    gyldig_fra: Annotated[str | None, typer.Option(metavar="TIME", help="ISO time; UTC without offset.")] = None,
    gyldig_til: Annotated[str | None, typer.Option(metavar="TIME", help="ISO time; UTC without offset.")] = None,
    id: Annotated[str | None, typer.Option(metavar="UUID", help="Else a new one.")] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """A new abonnement (or another content for the one with --id), in force for the next message accepted."""
    import uuid

    from adapters.cli.api import connect, part

    api = connect(admin, data)
    key = id or str(uuid.uuid4())
    wanted = made(filter, til_tilbud, til_myndighed, standard)
    body = {"navn": navn, "dueslag": dueslag, "filter": wanted, "tilstand": tilstand}
    times = {"gyldig_fra": gyldig_fra, "gyldig_til": gyldig_til}
    api.put(f"/register/abonnementer/{part(key)}", body | {k: v for k, v in times.items() if v is not None})
    _show(api.get(f"/abonnementer/{part(key)}"), json)


@app.command(epilog=examples("abonnement delete Testbeskeder"))
def delete(abonnement: Abonnement, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Remove an abonnement; what it put into the dueslag stays there."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, say

    connect(admin, data).delete(f"/register/abonnementer/{part(abonnement)}")
    if json:
        print_json({"deleted": abonnement})
    else:
        say(f"'{abonnement}' deleted")


@app.command(
    epilog=examples(
        "abonnement explain --file besked.xml                    # all of them",
        "abonnement explain Testbeskeder --file besked.xml --system Afsendersystem",
        "abonnement explain Testbeskeder --besked-id 1b5c7e0a-6d8f-4c52-9f0e-1f6d0c6d2b11",
    )
)
def explain(
    abonnement: Annotated[
        str | None, typer.Argument(metavar="[ABONNEMENT]", help="Id or navn; none = all.", show_default=False)
    ] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="A message; - = stdin.")] = None,
    besked_id: Annotated[str | None, typer.Option(metavar="ID", help="A stored message.")] = None,
    system: Annotated[
        str | None, typer.Option(metavar="SYSTEM", help="Who sends it, so that its agreements are judged too.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Abonnementer explained, those that match first.")] = 100,
    vis_cpr: VisCpr = False,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Why a message is delivered or not: the serviceaftaler of both sides, and each term of the filter."""
    from adapters.cli.api import connect, part
    from adapters.cli.files import read_bytes
    from adapters.cli.output import print_json, say

    if (file is None) == (besked_id is None):
        raise Failure(Exit.USAGE, "give one message: --file FILE or --besked-id ID")
    body = read_bytes(file) if file is not None else None
    query: dict[str, object] = {"besked_id": besked_id, "system": system, "vis_cpr": vis_cpr}
    api = connect(admin, data)
    if abonnement is not None:
        answer = api.post(f"/abonnementer/{part(abonnement)}/explain", body, **query)
        judged, total = [answer], 1
    else:
        answer = api.post("/explain", body, limit=limit, **query)
        judged, total = answer["delivered"] + answer["not_delivered"], answer["total"]
    if json:
        print_json(answer)
        return
    afsend = judged[0]["afsend"] if judged else None
    if afsend:
        say(afsend["text"])
    for one in judged:
        _tell_why(one)
    if len(judged) < total:
        say(f"… and {total - len(judged)} more abonnementer: --limit {min(total, 1000)}")


def _tell_why(one: Any) -> None:
    """One abonnement: verdict, the agreement that let it through or would have, the terms of the filter."""
    from adapters.cli.output import say

    verdict, reason, modtag = "delivered" if one["delivered"] else "not delivered", one["reason"], one["modtag"]
    if one["matches"] and one["afsend"] and not one["afsend"]["allowed"]:
        reason = "the message is refused"  # why stands above, once
    say(f"{one['navn']} → {one['dueslag_navn']}: {verdict}{': ' if reason else ''}{reason}")
    if modtag and (modtag["allowed"] or modtag["reason"] != reason):
        say(f"    {modtag['text']}")
    say("".join(f"    {line}\n" for line in one["text"].splitlines()).rstrip("\n"))


def _show(answer: Any, json: bool) -> None:
    from adapters.cli.output import print_json, say

    if json:
        print_json(answer)
        return
    say(f"{answer['navn']} ({answer['id']})")
    say(f"  tilstand {answer['tilstand']}")
    say(f"  dueslag  {answer['dueslag_navn']} ({answer['dueslag']}) of {answer['anvendersystem_navn']}")
    say(f"  filter   {answer['filter'] or '(all)'}")
    if answer["gyldig_fra"] or answer["gyldig_til"]:
        say(f"  gyldig   {answer['gyldig_fra'] or '…'} – {answer['gyldig_til'] or '…'}")


def _add_verb(verb: str, about: str) -> None:
    def change(abonnement: Abonnement, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
        from adapters.cli.api import connect, part

        _show(connect(admin, data).post(f"/abonnementer/{part(abonnement)}/{verb}"), json)

    app.command(verb, help=about, epilog=examples(f"abonnement {verb} Testbeskeder"))(change)


for _verb, _about in _VERBS.items():
    _add_verb(_verb, _about)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="abonnement")
