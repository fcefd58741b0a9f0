"""`load`: the load generator against an emulator of its own, a running one, another Beskedfordeler, or RabbitMQ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import examples

if TYPE_CHECKING:
    from rich.console import Console

    from consumers.load.session import Session
    from consumers.load.thresholds import Threshold
    from consumers.load.workload import Workload

_TARGET = "What is loaded (default: an emulator of its own)"
_RUN = "How"
_TELL = "What is told"


def load(
    workload: Annotated[
        str, typer.Argument(metavar="WORKLOAD", help="A workload file (YAML), or the name of one that comes with it.")
    ] = "smoke",
    admin: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="BESKEDFORDELER_ADMIN",
            help="A running emulator, by its admin API.",
            rich_help_panel=_TARGET,
        ),
    ] = None,
    amqp: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="A Beskedfordeler by AMQP alone: users and dueslag stand in the workload. With --admin: where its "
            "AMQP is, instead of where it says (a balancer).",
            rich_help_panel=_TARGET,
        ),
    ] = None,
    amqps: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The same over TLS.", rich_help_panel=_TARGET)
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CAs to trust, PEM, with --amqps.", rich_help_panel=_TARGET)
    ] = None,
    rabbitmq: Annotated[
        str | None,
        typer.Option(
            metavar="[USER:PASSWORD@]HOST:PORT[,classic]",
            help="Bare RabbitMQ: confirms, durable quorum (or classic) queues.",
            rich_help_panel=_TARGET,
        ),
    ] = None,
    vs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGET",
            help="One more target to compare with: own[:SERVE OPTIONS], admin=URL[,HOST:PORT], amqp=HOST:PORT or "
            "rabbitmq=HOST:PORT[,classic]; may be repeated.",
            rich_help_panel=_TARGET,
        ),
    ] = None,
    serve: Annotated[
        str,
        typer.Option(
            metavar="OPTIONS",
            help="Options for the emulator of its own, as '--durability memory'.",
            rich_help_panel=_TARGET,
        ),
    ] = "",
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1, max=99, help="How often each target is loaded.", show_default="1; 3 with --vs", rich_help_panel=_RUN
        ),
    ] = None,
    scale: Annotated[
        float, typer.Option(min=0.001, max=10_000, metavar="X", help="All rates times X.", rich_help_panel=_RUN)
    ] = 1.0,
    stretch: Annotated[
        float, typer.Option(min=0.01, max=10_000, metavar="X", help="All times X.", rich_help_panel=_RUN)
    ] = 1.0,
    senders: Annotated[int | None, typer.Option(min=1, max=64, help="Sending processes.", rich_help_panel=_RUN)] = None,
    receivers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Receiving processes.", rich_help_panel=_RUN)
    ] = None,
    patience: Annotated[
        float,
        typer.Option(
            min=0, max=3600, metavar="SECONDS", help="How long a lost target may stay away.", rich_help_panel=_RUN
        ),
    ] = 10.0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave what it made in the register (or RabbitMQ).", rich_help_panel=_RUN)
    ] = False,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="THRESHOLD", help="As e2e.p99>250ms, lost>0; may be repeated: exit code 1.", rich_help_panel=_TELL
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One HTML file that needs no network.", rich_help_panel=_TELL)
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Everything as JSON; - = stdout.", rich_help_panel=_TELL)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only read the workload and the thresholds.", rich_help_panel=_TELL)
    ] = False,
) -> None:
    """Offer messages at the rates of a workload file, and account for every one of them.

    Latency counts from the moment at which a message was meant to go, whatever held it up.  Exit code 0: all came,
    no threshold is broken; 1: one is (lost>0, duplicated>0 and misrouted>0 always count); 2: workload or options
    broken; 8: incomplete: the target refused, died or was too slow, and the report is written all the same.
    """
    from consumers.load.thresholds import ThresholdError

    wanted, text = _workload(workload, scale, stretch, senders, receivers)
    try:
        thresholds = _thresholds(fail_if or [], wanted)
    except ThresholdError as error:
        raise Failure(Exit.USAGE, f"--fail-if {error}") from None
    specs = _specs(admin, amqp, amqps, rabbitmq, serve, vs or [])
    if check:
        return
    for path in (report, json):
        _must_be_writable(path)
    settings = {
        "workload": workload,
        "targets": [spec for _, spec in specs],
        "rounds": rounds or (1 if len(specs) == 1 else 3),
        "scale": scale,
        "stretch": stretch,
        "patience_s": patience,
        "fail_if": fail_if or [],
        "sending processes": wanted.processes.send,
        "receiving processes": wanted.processes.receive,
    }
    from consumers.load.session import Session

    session = Session(wanted, text, settings, thresholds)
    _Command(session, specs, patience, keep, report, json, ca).run()


class _Command:
    def __init__(
        self,
        session: Session,
        specs: list[tuple[str, str]],
        patience: float,
        keep: bool,
        report: Path | None,
        json: Path | None,
        ca: Path | None,
    ) -> None:
        self._session = session
        self._specs = specs
        self._patience = patience
        self._keep = keep
        self._report = report
        self._json = json
        self._ca = ca

    def run(self) -> None:
        """Raises typer.Exit."""
        import asyncio

        from rich.console import Console

        from consumers.load.progress import summary

        to_stdout = self._json is not None and str(self._json) == "-"
        console = Console(stderr=to_stdout, highlight=False, markup=False, emoji=False)
        asyncio.run(self._play(console))
        written = self._write(console)
        summary(self._session, console)
        code = {"ok": Exit.OK, "broken": Exit.FAILED}.get(self._session.verdict.word, Exit.INCOMPLETE)
        if not written:
            code = code or Exit.INCOMPLETE  # whoever asked for a report and has none cannot go on as if all were well
        if code:
            raise typer.Exit(int(code))

    async def _play(self, console: Console) -> None:
        import asyncio
        import signal

        from adapters.cli.load_targets import make_target
        from consumers.load.progress import Progress
        from consumers.load.session import play
        from consumers.load.snapshot import Plan

        targets = [make_target(name, spec, self._ca) for name, spec in self._specs]
        rounds = int(self._session.settings["rounds"])
        plan = Plan(self._session.workload, self._patience, self._keep)
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):  # again and again, what is waited for is cut short
            if signal.getsignal(number) != signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with Progress(console, quiet=False) as progress:
            await play(self._session, targets, plan, rounds, lambda name, number: progress.look(name, number, rounds))

    def _write(self, console: Console) -> bool:
        """Whether both could be written."""
        import json

        good = True
        if self._json is not None:
            text = json.dumps(self._session.as_json(), ensure_ascii=False)
            if str(self._json) == "-":
                typer.echo(text)
            else:
                good = _written(self._json, text + "\n")
        if self._report is not None:
            from consumers.load.report.page import page

            if _written(self._report, page(self._session)):
                console.print(f"Report: {self._report}", soft_wrap=True)
            else:
                good = False
        return good


def _workload(
    name: str, scale: float, stretch: float, senders: int | None, receivers: int | None
) -> tuple[Workload, str]:
    """Raises Failure; a broken file is told line by line, and ends with Exit.USAGE."""
    from adapters.cli.output import complain
    from consumers.load.reading import WorkloadError, bounds, read_workload, shipped
    from consumers.load.scale import scaled
    from consumers.load.workload import Processes

    try:
        read, text = read_workload(name)
        if senders is not None or receivers is not None:
            told = Processes(send=senders or read.processes.send, receive=receivers or read.processes.receive)
            read = read.model_copy(update={"processes": told})
            streams = sum(sender.count * sender.connections for sender in read.senders)
            boxes = sum(receiver.count for receiver in read.receivers)
            for option, have, there in (("--senders", told.send, streams), ("--receivers", told.receive, boxes)):
                if have > there:
                    raise Failure(Exit.USAGE, f"{option} {have}: the workload has {there} of them to share out")
    except WorkloadError as error:
        complain(str(error), name="")  # FILE:LINE:COLUMN first, as editors and terminals know it
        raise typer.Exit(Exit.USAGE) from None
    except FileNotFoundError:
        raise Failure(
            Exit.NOT_FOUND, f"{name}: no such file, and no workload of that name; those are {', '.join(shipped())}"
        ) from None
    except OSError as error:
        raise Failure(Exit.USAGE, f"{name}: {error.strerror}") from None
    made = scaled(read, scale, stretch)
    if (scale, stretch) != (1.0, 1.0) and (faults := bounds(made.phases)):
        options = f"--scale {scale:g} --stretch {stretch:g}: the phases: "
        raise Failure(Exit.USAGE, "\n".join(options + fault for fault in faults))
    return made, text


def _thresholds(texts: list[str], workload: Workload) -> tuple[Threshold, ...]:
    from consumers.load.casting import labels_of
    from consumers.load.thresholds import check_phases, parse

    found = [parse(text) for text in texts]
    check_phases(found, labels_of(workload))
    return tuple(found)


def _specs(
    admin: str | None, amqp: str | None, amqps: str | None, rabbitmq: str | None, serve: str, vs: list[str]
) -> list[tuple[str, str]]:
    """Name and kind=value of each target; the first one is what the options say."""
    from adapters.cli.load_targets import named

    given = [
        f"{kind}={value}"
        for kind, value in (("admin", admin), ("amqp", amqp), ("amqps", amqps), ("rabbitmq", rabbitmq))
        if value is not None
    ]
    if admin is not None and rabbitmq is None and (amqp is None) != (amqps is None):
        given = [f"admin={admin},{amqp or amqps}"]  # one emulator, by two addresses: of a balancer, as a rule
    if len(given) > 1:
        options = " and ".join("--" + one.partition("=")[0] for one in given)
        raise Failure(Exit.USAGE, f"{options} exclude each other: name one, and the others with --vs")
    if given and serve:
        raise Failure(Exit.USAGE, "--serve is about an emulator of its own; with another target there is none")
    return named([*(given or [f"own:{serve}" if serve else "own"]), *vs])


def _must_be_writable(path: Path | None) -> None:
    """Found out before the run, which may take long.  Raises Failure."""
    if path is None or str(path) == "-":
        return
    if not path.absolute().parent.is_dir():
        raise Failure(Exit.NOT_FOUND, f"{path.absolute().parent}: no such directory")
    there = path.exists()
    if there and not path.is_file() and not path.is_dir():
        return  # a device or a pipe: opening it may be taken for writing
    try:
        path.open("ab").close()
    except OSError as error:
        raise Failure(Exit.USAGE, f"{path}: {error.strerror}; expected a file that can be written") from None
    if not there:
        path.unlink()


def _written(path: Path, text: str) -> bool:
    """All of it, or nothing and a line on stderr: half a report would pass for one."""
    from adapters.cli.output import complain

    file = path.resolve()
    whole = file.is_file() or not file.exists()  # else a device or a pipe, which stays what it is
    part = file.with_name(f".{file.name}.part") if whole else file
    try:
        part.write_text(text, "utf-8")
        if whole:
            part.replace(file)
    except OSError as error:
        if whole:
            part.unlink(missing_ok=True)
        complain(f"{path}: {error.strerror}; it is not written")
        return False
    return True


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "load                                     # 5 s, to see whether everything works",
            "load steady --report load.html           # an emulator of its own, 30 s",
            "load spike --scale 2 --fail-if 'e2e.p99>250ms' --fail-if 'e2e.max>5min'",
            "load my.yaml --admin http://127.0.0.1:5680 --json load.json",
            "load steady --admin http://127.0.0.1:5680 --amqp 127.0.0.1:5672   # fronts behind a balancer",
            "load steady --vs rabbitmq=127.0.0.1:5673 --rounds 3 --report vs.html",
            "load my.yaml --check                     # is the file right?",
        )
    )(load)
