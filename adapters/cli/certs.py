"""`certs`: the certificates of the development CA, shown, given out and made anew."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, examples

if TYPE_CHECKING:
    from adapters.cli.issued import Issued

app = typer.Typer(no_args_is_help=True, help="Certificates of the development CA: show, export, new.")


class Format(StrEnum):
    """How a certificate is written."""

    PEM = "pem"
    P12 = "p12"
    CA = "ca"


_CA = "The CA, where serve was given one"

System = Annotated[
    str | None, typer.Argument(metavar="[SYSTEM]", help="Id or navn of an anvendersystem.", show_default=False)
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FILE", help="File or directory; - = stdout.", show_default="named after it"),
]
As = Annotated[
    Format,
    typer.Option(
        "--format", help="pem: key and certificate in one file; p12: PKCS#12, with the CA; ca: what clients trust."
    ),
]
Password = Annotated[str | None, typer.Option(metavar="TEXT", help="Of the p12 file.", show_default="beskedfordeler")]
CaCert = Annotated[
    Path | None,
    typer.Option(
        "--ca-cert", metavar="FILE", envvar="BESKEDFORDELER_CA_CERT", help="Its certificate.", rich_help_panel=_CA
    ),
]
CaKey = Annotated[
    Path | None,
    typer.Option("--ca-key", metavar="FILE", envvar="BESKEDFORDELER_CA_KEY", help="Its key.", rich_help_panel=_CA),
]


@app.command(epilog=examples("certs show", "certs show --json", "certs show --data ./data"))
def show(json: Json = False, admin: AdminUrl = None, data: DataDir = None) -> None:
    """What is in the data directory: CA, server, STS and the systems that have one by now."""
    from adapters.cli.issued import find_site
    from adapters.cli.output import complain, print_json, say
    from adapters.pki.held import held

    site = find_site(admin, data)
    found = held(site.data)
    if json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        if one.fault:
            complain(one.fault)
            continue
        say(f"{one.kind:<15} {one.subject}")
        for name, text in (("serial", one.serial), ("valid until", one.valid_until), ("SHA-256", one.sha256)):
            say(f"{'':<15} {name:<12} {text}")
        say(f"{'':<15} {'path':<12} {one.path}")
    if not found:
        say(f"no certificates in {site.data}: `serve --auth token` makes them, and `certs export` what it gives out")


@app.command(
    epilog=examples(
        "certs export --format ca                        # what clients are to trust",
        'certs export "Eksempelby Fagsystem"             # eksempelby-fagsystem.pem, for Python, curl, PHP',
        'certs export "Eksempelby Fagsystem" --format p12 --password hemmelig   # for Java and .NET',
        "certs export Afsendersystem --out -             # on stdout, private key and all",
    )
)
def export(
    system: System = None,
    format: As = Format.PEM,
    out: Out = None,
    password: Password = None,
    json: Json = False,
    ca_cert: CaCert = None,
    ca_key: CaKey = None,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Give out the function certificate of a system, made if it has none yet; or the CA.

    With no emulator running: the CA, and what has been made before.
    """
    from cryptography import x509

    from adapters.cli.issued import ca_bundle, find_site, system_certificate
    from adapters.pki.held import describe

    _check(format, out, password, json)
    site = find_site(admin, data, ca_cert, ca_key)
    if format is Format.CA:
        if system is not None:
            raise Failure(Exit.USAGE, f"--format ca gives out the CA and takes no SYSTEM; leave out '{system}'")
        bundle = ca_bundle(site)
        told = {"format": "ca", **asdict(describe("ca", "", x509.load_pem_x509_certificate(bundle)))}
        _write(bundle, "beskedfordeler-ca.pem", out, told, json, private=False)
        return
    if system is None:
        raise Failure(Exit.USAGE, "whose certificate? give the id or navn of an anvendersystem, or --format ca")
    _give(system_certificate(site, system), format, out, password, json)


@app.command(
    epilog=examples(
        'certs new "Eksempelby Fagsystem"                # another key and certificate for a system',
        "certs new --navn Fremmed --cvr 33333333         # of our CA, of nobody in the register: to be refused",
        "certs new --navn Fremmed --cvr 33333333 --fid 1234567890123 --format p12 --out fremmed.p12",
    )
)
def new(
    system: System = None,
    navn: Annotated[str | None, typer.Option(metavar="NAVN", help="Of a stranger, not in the register.")] = None,
    cvr: Annotated[str | None, typer.Option(metavar="CVR", help="The stranger's CVR number, eight digits.")] = None,
    fid: Annotated[
        str | None, typer.Option(metavar="FID", help="The stranger's FID.", show_default="13 random digits")
    ] = None,
    format: As = Format.PEM,
    out: Out = None,
    password: Password = None,
    json: Json = False,
    ca_cert: CaCert = None,
    ca_key: CaKey = None,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """A new certificate for a system, in place of its old one; or one for a stranger."""
    from adapters.cli.issued import find_site, renewed_certificate, strangers_certificate

    _check(format, out, password, json)
    if format is Format.CA:
        raise Failure(Exit.USAGE, "certs new makes function certificates; the CA is given out by certs export")
    if (system is None) == (navn is None and cvr is None and fid is None):
        raise Failure(Exit.USAGE, "give either a SYSTEM of the register, or --navn and --cvr of a stranger")
    site = find_site(admin, data, ca_cert, ca_key)
    if system is not None:
        issued = renewed_certificate(site, system)
    elif navn is None or cvr is None:
        raise Failure(Exit.USAGE, "a stranger needs both --navn and --cvr")
    else:
        issued = strangers_certificate(site, navn, cvr, fid)
    _give(issued, format, out, password, json)


def _check(format: Format, out: str | None, password: str | None, json: bool) -> None:
    """What is asked for must go together before anything is made."""
    import sys

    if password is not None and format is not Format.P12:
        raise Failure(Exit.USAGE, "--password is for --format p12; the key in a PEM file is not encrypted")
    if out == "-" and json:
        raise Failure(Exit.USAGE, "--out - and --json both want stdout; choose one")
    if out == "-" and format is Format.P12 and sys.stdout.isatty():
        raise Failure(Exit.USAGE, "a p12 file is no text for a terminal; send stdout elsewhere, or --out FILE")


def _give(issued: Issued, format: Format, out: str | None, password: str | None, json: bool) -> None:
    """Write a key with its certificate, and say what was written."""
    from adapters.pki.export import PASSWORD, file_name, p12
    from adapters.pki.held import describe
    from adapters.pki.identity import pem

    told: dict[str, Any] = {"format": str(format), **asdict(describe("system", "", issued.certificate))}
    if format is Format.PEM:
        content = pem(issued.key, issued.certificate, issued.sent_along)
    else:
        try:
            content = p12(
                issued.key, issued.certificate, issued.chain, issued.navn, PASSWORD if password is None else password
            )
        except ValueError as error:
            raise Failure(Exit.USAGE, f"--password: {error}") from None
        if password is None:
            told["password"] = PASSWORD
    _write(content, f"{file_name(issued.navn)}.{format}", out, told, json)


def _write(
    content: bytes, name: str, out: str | None, told: dict[str, Any], json: bool, *, private: bool = True
) -> None:
    """Where --out says, else as ``name`` in this directory."""
    import sys

    from adapters.cli.output import complain, print_json, say

    password = f"; password: {told['password']}" if "password" in told else ""
    if out == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        if password:
            complain(password.removeprefix("; "), name="")
        return
    path = Path(out) if out is not None else Path(name)
    if path.is_dir():
        path /= name
    _put(path, content, 0o600 if private else 0o644)
    if json:
        print_json({**told, "path": str(path)})
        return
    say(f"{path}: {told['subject']}")
    say(f"valid until {told['valid_until']}{password}")


def _put(path: Path, content: bytes, mode: int) -> None:
    from adapters.pki import files
    from broker.errors import StoreError

    if path.exists() and not path.is_file():  # a pipe or a device
        path.write_bytes(content)
        return
    try:
        files.put(path.resolve(), content, mode)
    except StoreError as error:
        raise Failure(Exit.FAILED, str(error)) from None


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="certs")
