"""Filters from templates: `--til-tilbud`, `--til-myndighed` and `--standard` of `abonnement create` and `filter`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from consumers.standards.standard import Standard

_TEMPLATE = "Filter from a template"

TilTilbud = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="What is for a tilbud: P-nummer, sor:CODE or organisation UUID (docs/addressing.md).",
        rich_help_panel=_TEMPLATE,
    ),
]
TilMyndighed = Annotated[
    str | None,
    typer.Option(metavar="CVR", help="What is for a myndighed: its CVR number.", rich_help_panel=_TEMPLATE),
]
Standards = Annotated[
    list[str] | None,
    typer.Option(
        "--standard",
        metavar="STANDARD",
        help="Letters of this standard only, by short name or number; several times for several (`standard list`).",
        rich_help_panel=_TEMPLATE,
    ),
]


def made(filter: str | None, til_tilbud: str | None, til_myndighed: str | None, standards: list[str] | None) -> str:
    """The filter that was asked for: written out, or all terms of the template joined by AND.

    Raises Failure where both are given, and where a key or a standard is none.
    """
    if til_tilbud is None and til_myndighed is None and not standards:
        return filter or ""
    if filter:
        raise Failure(Exit.USAGE, "a FILTER or a template (--til-tilbud, --til-myndighed, --standard), not both")
    from consumers.addressing import of_standards, to_myndighed, to_tilbud

    terms = []
    try:
        if til_tilbud is not None:
            terms.append(to_tilbud(til_tilbud))
        if til_myndighed is not None:
            terms.append(to_myndighed(til_myndighed))
    except ValueError as error:
        raise Failure(Exit.USAGE, str(error)) from None
    if standards:
        terms.append(of_standards([_standard(name) for name in standards]))
    return " AND ".join(terms)


def _standard(name: str) -> Standard:
    from consumers.standards.standard import Standard

    for standard in Standard:
        if standard.is_called(name):
            return standard
    known = ", ".join(f"{standard.facts.nummer} {standard.value}" for standard in Standard)
    raise Failure(Exit.USAGE, f"--standard '{name}' is no standard; expected one of {known}")
