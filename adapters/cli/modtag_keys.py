"""What `modtag` shows over TLS: a certificate of the development CA, one that is given, or one that is wrong."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from cryptography import x509

    from adapters.pki import Pki


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say."""

    tls: bool
    cert: Path | None
    wrong: bool
    ca: Path | None
    ca_cert: Path | None
    ca_key: Path | None
    host: str


def tls_context(wanted: Wanted, admin: str | None, data: Path | None) -> ssl.SSLContext | None:
    """None = no TLS.  Raises Failure, StoreError."""
    if wanted.cert is not None and wanted.wrong:
        raise Failure(Exit.USAGE, "--cert or --wrong-certificate, not both")
    if not (wanted.tls or wanted.cert is not None or wanted.wrong):
        return None
    if wanted.cert is not None:
        return _context(wanted.cert, wanted.ca or _known_ca(wanted, admin, data))
    if wanted.wrong:
        with tempfile.TemporaryDirectory(prefix="beskedfordeler-modtag-") as folder:
            path = Path(folder) / "wrong.pem"
            path.touch(0o600)
            path.write_bytes(self_signed(_names(wanted.host)))
            return _context(path, wanted.ca or _known_ca(wanted, admin, data))
    from adapters.cli.issued import find_site

    pki = find_site(admin, data, wanted.ca_cert, wanted.ca_key).pki()
    return _context(_server_certificate(pki, _names(wanted.host)), wanted.ca or pki.ca_path)


def self_signed(names: list[str]) -> bytes:
    """Key and certificate for these names, PEM; of no CA."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from adapters.pki.subject import plain_subject

    key = ec.generate_private_key(ec.SECP256R1())
    name = plain_subject("forkert certifikat (syntetisk)")
    now = datetime.fromtimestamp(time.time(), UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .sign(key, SHA256())
    )
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written + certificate.public_bytes(Encoding.PEM)


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(host: str) -> list[str]:
    from adapters.pki import names_served

    return names_served([host], [])


def _server_certificate(pki: Pki, names: list[str]) -> Path:
    """That of the emulator's listeners; where it is not for all names, a new one for those and the old ones."""
    from adapters.pki.identity import read_identity
    from adapters.pki.issue import names_in
    from adapters.pki.pki import SERVER

    found = read_identity(pki.ca_path.with_name(SERVER))
    had = [] if found is None else sorted(names_in(found.certificate) - set(names))
    return pki.server([*names, *had]).path


def _known_ca(wanted: Wanted, admin: str | None, data: Path | None) -> Path | None:
    """The CA of an emulator, if there is one; without it callers are not asked who they are."""
    from adapters.cli.issued import find_site

    try:
        return find_site(admin, data, wanted.ca_cert, wanted.ca_key).ca_in_use()
    except Failure:
        return None


def _context(certificate: Path, ca: Path | None) -> ssl.SSLContext:
    from consumers.errors import ClientError
    from consumers.receiver.tls import server_context

    try:
        return server_context(certificate, ca)
    except ClientError as error:
        raise Failure(Exit.USAGE, str(error)) from None
