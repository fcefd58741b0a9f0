"""`register`: checked as a file, shown, exported, and a file taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, examples

app = typer.Typer(no_args_is_help=True, help="The register: systems, agreements, dueslag, abonnementer, værdilister.")

RegisterPath = Annotated[str, typer.Argument(metavar="FILE", help="Register file (YAML).", show_default=False)]


@app.command(epilog=examples("register check register.yaml"))
def check(file: RegisterPath, json: Json = False) -> None:
    """Judge a register file without an emulator: every problem with line, path and what was expected."""
    from adapters.cli.output import print_json, say
    from broker.errors import RegisterError

    try:
        counts, values = _counts(file)
    except RegisterError as error:
        if json:
            print_json({"ok": False, "problems": str(error).splitlines()})
        raise
    if json:
        print_json({"ok": True, "problems": [], "register": counts, "values": values})
    else:
        say(f"{file}: ok ({', '.join(f'{count} {kind}' for kind, count in counts.items())}, {values} værdier)")


def _counts(file: str) -> tuple[dict[str, int], int]:
    content = _load(file)
    kinds = ("myndigheder", "anvendersystemer", "beskedtyper", "serviceaftaler", "dueslag", "abonnementer")
    counts = {kind: len(getattr(content, kind)) for kind in (*kinds, "vaerdilister")}
    return counts, sum(map(len, content.vaerdier.values()))


def _load(file: str) -> Any:
    """Raises RegisterError; a file that is not there is NOT_FOUND, not a broken register."""
    from broker.register.file import load_file

    if not Path(file).is_file():
        raise Failure(Exit.NOT_FOUND, f"{file}: no such file")
    return load_file(file)


@app.command(
    epilog=examples("register show", "register show anvendersystemer", "register show dueslag Testkommune --json")
)
def show(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="A section of the register file.", show_default=False)
    ] = None,
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="Id or navn.", show_default=False)] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """What the running emulator goes by: how many of each, the items of one section, or one item."""
    from adapters.cli.api import connect, part
    from adapters.cli.output import print_json, print_table, say

    api = connect(admin, data)
    if kind is None:
        answer = api.get("/status")["register"]
    else:
        answer = api.get(f"/register/{part(kind)}" + (f"/{part(item)}" if item is not None else ""))
    if json:
        print_json(answer)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            say(f"{name:<24} {_text(value)}")
    else:
        columns = list(dict.fromkeys(name for one in answer for name in one))
        print_table(columns, [[_text(one.get(name)) for name in columns] for one in answer], f"no {kind}")


@app.command(epilog=examples("register export > register.yaml", "register export register.yaml"))
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Else stdout.", show_default=False)] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """The register file that gives what the emulator goes by now; passwords and CPR numbers stand in it in clear."""
    import json as json_module
    import sys

    from adapters.cli.api import connect

    answer = connect(admin, data).get("/register", format="json" if json else "yaml")
    text = json_module.dumps(answer, ensure_ascii=False) + "\n" if json else str(answer)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8")


@app.command("import", epilog=examples("register import register.yaml"))
def import_(file: RegisterPath, json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """Take a register file into the running emulator, all or nothing: same id = replaced, values are added."""
    from adapters.cli.api import connect
    from adapters.cli.output import print_json, say
    from broker.register.dump import dump_file

    content = _load(file)  # read here: its problems come with the lines of the file, and a `fil` is found
    answer = connect(admin, data).put("/register", dump_file(content, None).encode())
    if json:
        print_json(answer)
    else:
        put = ", ".join(f"{count} {kind}" for kind, count in answer["put"].items()) or "nothing new"
        say(f"{file}: {put}; {answer['values']} værdier added")


@app.command(epilog=examples("register schema > register.schema.json"))
def schema() -> None:
    """The JSON Schema of a register file, for editors."""
    import sys

    from broker.register.schema import SCHEMA_FILE

    sys.stdout.write(SCHEMA_FILE.read_text(encoding="utf-8"))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="register")
