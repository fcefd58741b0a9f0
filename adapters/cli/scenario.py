"""`scenario`: whole courses of myndigheder and tilbud, run against an emulator and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, Json, examples

if TYPE_CHECKING:
    from consumers.scenario.control import EmulatorControl
    from consumers.scenario.model import Scenario
    from consumers.scenario.run import How
    from consumers.scenario.verdict import Verdict
    from consumers.scenario.view import View

app = typer.Typer(
    no_args_is_help=True,
    help="Scenarios: who exists, what happens on which day, and what must hold; run against an emulator.",
)
ALL = "all"
_SERVE = ("--push-first-delay", "0.05", "--push-longest-delay", "0.5", "--log-level", "error")
"""An emulator of a scenario's own pushes again soon: its receivers come back within seconds."""
_TERMINATED = 143
"""Exit code after SIGTERM, as in any shell."""
_RUN, _TELL = "How", "What is told"

Named = Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of one that ships.")]


@app.command("list", epilog=examples("scenario list"))
def list_(json: Json = False) -> None:
    """The scenarios that ship with the program."""
    from adapters.cli.output import print_json, print_table
    from consumers.scenario.library import names, path_of
    from consumers.scenario.load import load_file

    found = [{"scenario": name, "about": load_file(path_of(name)).about} for name in names()]
    if json:
        print_json(found)
        return
    print_table(["scenario", "about"], [[one["scenario"], one["about"]] for one in found], "none")


@app.command(epilog=examples("scenario show whole-course", "scenario show --schema > scenario.schema.json"))
def show(
    scenario: Annotated[str | None, typer.Argument(metavar="SCENARIO", help="The name of one that ships.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON Schema of scenario files instead.")] = False,
    json: Json = False,
) -> None:
    """A scenario as its file says it, to read or to begin one's own with; with --json its name and that text."""
    import sys

    from adapters.cli.output import print_json
    from consumers.scenario.schema import SCHEMA_FILE

    if schema:
        sys.stdout.write(SCHEMA_FILE.read_text(encoding="utf-8"))
    elif scenario is None:
        raise Failure(Exit.USAGE, "which one? See 'beskedfordeler scenario list'")
    elif json:
        print_json({"scenario": scenario, "text": _file(scenario).read_text(encoding="utf-8")})
    else:
        sys.stdout.write(_file(scenario).read_text(encoding="utf-8"))


@app.command(epilog=examples("scenario new my.yaml"))
def new(file: Annotated[Path, typer.Argument(metavar="FILE", help="Must not exist yet.")], json: Json = False) -> None:
    """Write a commented starter, which runs green as it is."""
    from adapters.cli.output import print_json, say
    from consumers.scenario.library import STARTER

    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(STARTER.read_text(encoding="utf-8"))
    except FileExistsError:
        raise Failure(Exit.USAGE, f"{file}: is there already; nothing was changed") from None
    if json:
        print_json({"file": str(file)})
        return
    say(f"{file}: run it with 'beskedfordeler scenario run {file}'")


@app.command(
    epilog=examples(
        "scenario run whole-course",
        "scenario run my.yaml --letters",
        "scenario run match-five --repeat 20 --kills 2 --junit verdict.xml",
        "scenario run my.yaml --day 0.5                 # slowly, to look on",
        "scenario run my.yaml --admin http://127.0.0.1:5680",
    )
)
def run(
    scenario: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="Files, or names of those that ship; all = those that name their parties."
        ),
    ],
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="For everything random.", rich_help_panel=_RUN)
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, metavar="N", help="So many runs, with the seeds N, N+1, …", rich_help_panel=_RUN)
    ] = 1,
    kills: Annotated[
        int, typer.Option(min=0, metavar="N", help="kill -9 of the emulator at N moments.", rich_help_panel=_RUN)
    ] = 0,
    day: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="SECONDS",
            help="What a day takes.",
            show_default="time jumps to what is due next",
            rich_help_panel=_RUN,
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="For each run.", rich_help_panel=_RUN)
    ] = 300.0,
    admin: AdminUrl = None,
    amqp: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="With --admin: its AMQP address.", rich_help_panel="Which emulator"),
    ] = None,
    letters: Annotated[bool, typer.Option("--letters", help="Each letter, too.", rich_help_panel=_TELL)] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JUnit XML, for CI tools.", rich_help_panel=_TELL)
    ] = None,
    json: Json = False,
) -> None:
    """Run scenarios, each against a fresh register in an emulator of their own, or in one that runs.

    With --admin the parties are put into the register of that emulator, and taken away again.  Exit code 10 where
    something does not hold, 5 where a file is broken.
    """
    import asyncio

    from consumers.scenario.run import How

    chosen = _load(scenario)
    how = How(seed=seed, kills=kills, day=day, timeout=timeout)
    try:
        verdicts = asyncio.run(_run(chosen, how, repeat, admin, amqp, letters, json))
    except asyncio.CancelledError:
        raise typer.Exit(_TERMINATED) from None
    if junit is not None:
        from consumers.scenario.junit import write_junit

        junit.write_bytes(write_junit(verdicts))
    if json:
        from adapters.cli.output import print_json

        print_json([verdict.to_json() for verdict in verdicts])
    raise typer.Exit(Exit.OK if all(verdict.ok for verdict in verdicts) else Exit.NOT_MET)


def _file(name: str) -> Path:
    from consumers.scenario.library import NoSuchScenario, find

    try:
        return find(name)
    except NoSuchScenario as error:
        raise Failure(Exit.NOT_FOUND, str(error)) from None


def _load(given: list[str]) -> list[Scenario]:
    """All of them, or what is wrong in all of them."""
    from consumers.scenario.library import names
    from consumers.scenario.load import load_file
    from consumers.scenario.problem import ScenarioError

    found: list[Scenario] = []
    wrong: list[str] = []
    for name in [one for each in given for one in (names() if each == ALL else [each])]:
        try:
            read = load_file(_file(name))
        except ScenarioError as error:
            wrong.append(str(error))
            continue
        if read.generate is None or ALL not in given:
            found.append(read)
    if wrong:
        raise Failure(Exit.REGISTER, "\n".join(wrong))
    return found


async def _run(
    scenarios: list[Scenario], how: How, repeat: int, admin: str | None, amqp: str | None, letters: bool, json: bool
) -> list[Verdict]:
    from contextlib import AsyncExitStack

    from rich.console import Console

    from adapters.cli.emulator_process import emulator_process
    from consumers.scenario.control import EmulatorDown
    from consumers.scenario.view import View

    _hush()
    _end_on_sigterm()
    view = View(Console(highlight=False), quiet=json, letters=letters)
    try:
        async with AsyncExitStack() as stack:
            control: EmulatorControl
            if admin is None:
                control = await stack.enter_async_context(emulator_process(*_SERVE))
            else:
                control = _running(admin, amqp)
            stack.enter_context(view)
            return await _each(scenarios, how, repeat, control, view)
    except EmulatorDown as error:
        raise Failure(Exit.UNREACHABLE, str(error)) from None


async def _each(
    scenarios: list[Scenario], how: How, repeat: int, control: EmulatorControl, view: View
) -> list[Verdict]:
    """One after the other; what stops one stops all, with a reason."""
    from dataclasses import replace

    from consumers.admin import AdminError
    from consumers.scenario.run import CannotRun, run_scenario

    verdicts: list[Verdict] = []
    for scenario in scenarios:
        first = scenario.seed if how.seed is None else how.seed
        for seed in range(first, first + repeat):
            try:
                verdicts.append(await run_scenario(scenario, control, replace(how, seed=seed), view))
            except CannotRun as error:
                raise Failure(Exit.USAGE, f"{scenario.scenario}: {error}") from None
            except AdminError as error:
                raise Failure(Exit.REFUSED, f"{scenario.scenario}: the emulator refuses: {error}") from None
    return verdicts


def _running(admin: str, amqp: str | None) -> EmulatorControl:
    """An emulator that runs already.  Raises Failure."""
    from adapters.cli import admin_token
    from adapters.cli.api import connect
    from adapters.cli.keys import reached
    from consumers.admin import Admin
    from consumers.scenario.control import Elsewhere

    api = connect(admin, None)
    status = api.get("/status")
    if status["auth"] != "open":
        raise Failure(Exit.USAGE, f"{api.url} runs with --auth={status['auth']}; a scenario's parties need --auth=open")
    if amqp is None and status["amqp"] is None:
        raise Failure(Exit.UNREACHABLE, f"{api.url} has no AMQP listener without TLS; start it with --amqp-port")
    host, port = reached(api, status["amqp"]) if amqp is None else _address(amqp)
    return Elsewhere(host, port, Admin(api.url, admin_token.from_environment()))


def _address(given: str) -> tuple[str, int]:
    host, _, port = given.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise Failure(Exit.USAGE, f"--amqp '{given}' is no address; expected HOST:PORT")
    return host.strip("[]"), int(port)


def _hush() -> None:
    """What the AMQP library says of an emulator that was killed on purpose, nobody needs to read."""
    import logging
    import warnings

    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", "coroutine 'Connection.close' was never awaited", RuntimeWarning)


def _end_on_sigterm() -> None:
    """As on Ctrl-C: nothing of the run is left behind, and no emulator."""
    import asyncio
    import signal

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="scenario")
