"""The command `beskedfordeler`: its subcommands, and how it ends.

Subcommands import what they need when they run: `--help` and the small ones start in a tenth of a second.
"""

from __future__ import annotations

import os
import sys

import typer

from adapters.cli import (
    abonnement,
    certs,
    demo,
    dueslag,
    fejlkoe,
    hent,
    kig,
    load,
    modtag,
    register,
    scenario,
    send,
    serve,
    serviceaftale,
    spor,
    standard,
    status,
    token,
    vaerdiliste,
)
from adapters.cli.exits import Exit
from adapters.cli.output import complain

DEBUG = "BESKEDFORDELER_DEBUG"
"""Set to anything, an unexpected failure shows its traceback."""

app = typer.Typer(
    name="beskedfordeler",
    help="A local emulator of the Fælleskommunal Beskedfordeler.",
    epilog=(
        "\b\nExamples:\n"
        "  beskedfordeler demo                # seven systems at work; ends by itself\n"
        "  beskedfordeler serve               # the emulator, until Ctrl-C\n"
        "  beskedfordeler send besked.xml     # in another terminal: one message in\n"
        "  beskedfordeler hent Testkommune    # and out\n"
        "  beskedfordeler COMMAND --help      # more examples\n"
        "\n"
        "\b\nExit codes: 0 ok, 1 unexpected failure, 2 usage, 3 no emulator reachable,\n"
        "4 refused by the Beskedfordeler, 5 register file broken, 6 cannot start,\n"
        "7 not found, 8 incomplete (load),\n10 a scenario that does not hold."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (serve, demo, send, hent, modtag, kig, spor, status, load):
    module.add_to(app)
abonnement.add_to(app)
dueslag.add_to(app, fejlkoe.app)
vaerdiliste.add_to(app)
serviceaftale.add_to(app)
standard.add_to(app)
register.add_to(app)
scenario.add_to(app)
token.add_to(app)
certs.add_to(app)


def main() -> None:
    """The console command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """One command; its exit code.  Whatever goes wrong is said on stderr, never as a traceback."""
    try:
        app(arguments, prog_name="beskedfordeler")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        if DEBUG in os.environ:
            raise
        from adapters.cli.failures import failure_of

        failure = failure_of(error)
        if failure.code is Exit.REGISTER:
            complain(str(failure), name="")  # FILE:LINE:COLUMN first, as editors and terminals know it
        else:
            complain(str(failure))
        return failure.code
    return Exit.OK
