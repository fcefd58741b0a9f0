"""`demo`: an emulator on free ports, and seven systems that meet over it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.options import Json, examples


def demo(
    json: Json = False,
    sequence: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write each citizen's letters there as sequence diagrams: Mermaid and SVG.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Three municipalities and four tilbud at work: citizens' courses, and abonnementer that change.

    Whole courses from match to follow-up, day by day; then a subscription is stopped and started, filters change, one
    is paused, faulty messages are refused.  Shows live who got what, and who did not and why; ends by itself within
    30 s, and with exit code 0 if the sums agree.  Nothing is left behind but what --sequence asks for.
    """
    import asyncio

    from adapters.cli import logging

    logging.configure("error")
    raise typer.Exit(asyncio.run(_demo(json, sequence)))


async def _demo(json: bool, sequence: Path | None) -> int:
    import tempfile

    from rich.console import Console

    from adapters.cli.serving import serving
    from broker.settings import Settings
    from consumers.demo.main import register_file, run_demo

    with tempfile.TemporaryDirectory(prefix="beskedfordeler-demo-") as folder:
        # model_construct: the environment of whoever runs the demo must not change it
        settings = Settings.model_construct(
            data=Path(folder), register_file=register_file(), amqp_port=0, admin_port=0, log_level="error"
        )
        async with serving(settings) as served:
            assert served.app.amqp is not None
            assert served.admin_url is not None
            return await run_demo(
                *served.app.amqp, served.admin_url, console=Console(), json_output=json, sequence=sequence
            )


def add_to(app: typer.Typer) -> None:
    app.command(epilog=examples("demo", "demo --json | jq .adds_up", "demo --sequence diagrams"))(demo)
