"""`serve`: the emulator and its admin API in one process, until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import Json, examples

_LISTEN = "Listening"
_KEEP = "Keeping"
_SECURITY = "Security"
_PUSH = "Push"
_LIMITS = "Limits"
_FRONTS = "Several fronts (docs/cluster.md)"
_MIB = 1024 * 1024


def serve(
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Data directory; made where missing.", show_default="beskedfordeler-data"),
    ] = None,
    register_file: Annotated[
        Path | None,
        typer.Option(
            "--register-file",
            "--register",
            metavar="FILE",
            help="Register file (YAML), taken in at the start.",
            show_default="the built-in register",
        ),
    ] = None,
    register_reset: Annotated[
        bool | None, typer.Option("--register-reset", help="The file wins over changes made at run time.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Address for AMQP.", show_default="127.0.0.1", rich_help_panel=_LISTEN),
    ] = None,
    amqp_port: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="0 = any free port; off.", show_default="5672", rich_help_panel=_LISTEN),
    ] = None,
    amqps_port: Annotated[
        str | None,
        typer.Option(
            metavar="PORT", help="AMQP over TLS.", show_default="off; 5671 with --auth=token", rich_help_panel=_LISTEN
        ),
    ] = None,
    https_port: Annotated[
        str | None,
        typer.Option(
            metavar="PORT",
            help="The Security Token Service, HTTPS.",
            show_default="off; 8443 with --auth=token",
            rich_help_panel=_LISTEN,
        ),
    ] = None,
    http_port: Annotated[
        str | None,
        typer.Option(
            metavar="PORT", help="VærdilisteRediger (SOAP) without TLS.", show_default="off", rich_help_panel=_LISTEN
        ),
    ] = None,
    admin_host: Annotated[
        str | None,
        typer.Option(
            help="Address for the admin API; elsewhere than on loopback it asks for a token.",
            show_default="127.0.0.1",
            rich_help_panel=_LISTEN,
        ),
    ] = None,
    admin_port: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="Admin API.", show_default="5680", rich_help_panel=_LISTEN),
    ] = None,
    admin_token: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What callers of the admin API must show; better given as BESKEDFORDELER_ADMIN_TOKEN.",
            show_default="made up where needed, in DIR/admin.token",
            rich_help_panel=_LISTEN,
        ),
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            metavar="open|plain|token",
            help="open: any password where the register names none; plain: a password for everyone; token: a token "
            "at every login and with every message (brings AMQPS and the STS).",
            show_default="open",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Server certificate chain, PEM.",
            show_default="one of the development CA",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Private key, PEM; else in the certificate's file.", rich_help_panel=_SECURITY
        ),
    ] = None,
    san: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="One more name or address for the server certificate; may be repeated.",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    ca_cert: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A CA to use instead of one made here, PEM.",
            show_default="made in DIR/certs",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    ca_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key of that CA, PEM.", rich_help_panel=_SECURITY)
    ] = None,
    client_ca: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="One more CA whose client certificates are taken, PEM; may be repeated.",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    trust_issuer: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Signing certificate of another STS whose tokens are taken, PEM; may be repeated.",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    token_lifetime: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="How long a token of our STS is valid.",
            show_default="28800",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    token_skew: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="How far clocks may differ when a token is judged.",
            show_default="60",
            rich_help_panel=_SECURITY,
        ),
    ] = None,
    push_timeout: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS", help="How long a receiver may take to answer.", show_default="10", rich_help_panel=_PUSH
        ),
    ] = None,
    push_attempts: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Answers other than 20 before a message goes to the fejlkø; 0 = no limit.",
            show_default="20",
            rich_help_panel=_PUSH,
        ),
    ] = None,
    push_patience: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="How long a message that cannot be pushed is tried before it goes to the fejlkø; 0 = for ever.",
            show_default="0",
            rich_help_panel=_PUSH,
        ),
    ] = None,
    push_first_delay: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="Before a push is tried again; doubled each time.",
            show_default="1",
            rich_help_panel=_PUSH,
        ),
    ] = None,
    push_longest_delay: Annotated[
        str | None,
        typer.Option(metavar="SECONDS", help="What that may grow to.", show_default="60", rich_help_panel=_PUSH),
    ] = None,
    push_ca: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="One more CA of receivers' server certificates, PEM; may be repeated.",
            rich_help_panel=_PUSH,
        ),
    ] = None,
    redelivery_limit: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Times that a message may come back before it goes to the fejlkø; 0 = no limit.",
            show_default="0",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    durability: Annotated[
        str | None,
        typer.Option(
            metavar="full|relaxed|memory",
            help="full: on disk before it is answered; relaxed: the last moments may go with the machine; "
            "memory: nothing is kept.",
            show_default="full",
            rich_help_panel=_KEEP,
        ),
    ] = None,
    retention: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS", help="How long settled messages are kept.", show_default="0", rich_help_panel=_KEEP
        ),
    ] = None,
    trace_records: Annotated[
        str | None,
        typer.Option(metavar="N", help="Records that the trace keeps.", show_default="1000000", rich_help_panel=_KEEP),
    ] = None,
    rabbitmq: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Keep messages in this RabbitMQ, for any number of fronts: amqp://USER:PASSWORD@HOST:PORT,…/VHOST. "
            "Better in the environment: others see arguments.",
            rich_help_panel=_FRONTS,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Keep register and trace in this PostgreSQL: postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
            rich_help_panel=_FRONTS,
        ),
    ] = None,
    rabbitmq_prefix: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="What names of queues begin with.", show_default="bf", rich_help_panel=_FRONTS
        ),
    ] = None,
    rabbitmq_patience: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="How long a message waits for RabbitMQ or PostgreSQL until its sender is answered 53.",
            show_default="30",
            rich_help_panel=_FRONTS,
        ),
    ] = None,
    max_body: Annotated[
        str | None,
        typer.Option(metavar="BYTES", help="Largest message.", show_default="134217728", rich_help_panel=_LIMITS),
    ] = None,
    memory_limit: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES", help="Queued messages in memory.", show_default="67108864", rich_help_panel=_LIMITS
        ),
    ] = None,
    min_free_disk: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES",
            help="Free disk below which senders are blocked.",
            show_default="52428800",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    max_store: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES",
            help="What the message store may grow to.",
            show_default="no limit",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    heartbeat: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="As proposed to AMQP clients; 0 = off.",
            show_default="60",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(metavar="debug|info|warning|error", help="Least severe log lines.", show_default="info"),
    ] = None,
    json: Json = False,
) -> None:
    """Run the emulator until Ctrl-C or SIGTERM.

    It prints where it listens once it is ready; with --json that is one line of JSON.  Logs go to stderr: JSON
    lines, text on a terminal.  Every option can be given as BESKEDFORDELER_<OPTION> in the environment, too.
    """
    from adapters.cli.serving import run

    given = {name: value for name, value in locals().items() if name not in ("json", "run") and value not in (None, [])}
    run(settings_of(given), json)


def settings_of(given: dict[str, Any]) -> Any:
    """Settings from what was given, then the environment, then defaults.  Raises Failure (usage)."""
    from pydantic import ValidationError

    from broker.settings import Settings

    for name in ("amqp_port", "amqps_port", "https_port", "http_port", "admin_port"):
        if str(given.get(name, "")).lower() == "off":
            given = {**given, name: None}
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [
            f"--{str(one['loc'][0]).replace('_', '-')} {_shown(one)}: {one['msg'][0].lower()}{one['msg'][1:]}"
            for one in error.errors()
        ]
        raise Failure(Exit.USAGE, "\n".join(lines)) from None


def _shown(error: Any) -> str:
    """The value at fault, unless it is a secret."""
    return "…" if error["loc"][0] in ("admin_token", "rabbitmq", "database") else str(error["input"])


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "serve",
            "serve --register-file register.yaml --data ./data",
            "serve --amqp-port 0 --admin-port 0 --json       # free ports, told on stdout",
            "serve --durability memory                       # for tests: nothing is kept",
            "serve --auth token                              # AMQPS, STS, tokens: as the real one",
            "serve --amqps-port 5671 --tls-cert server.pem",
        )
    )(serve)
