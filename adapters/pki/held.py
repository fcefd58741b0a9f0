"""What lies in ``<data>/certs``, to look at: nothing is made, changed or refused here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from adapters.pki import authority, files
from adapters.pki.pki import BESKEDFORDELER, DIRECTORY, GIVEN_CA, SERVER, STS, SYSTEMS
from adapters.pki.subject import serienummer_of
from broker.clock import iso
from broker.errors import StoreError
from broker.tokens.certificate import name_text

_KINDS = (
    ("ca", authority.CERTIFICATE),
    ("given-ca", GIVEN_CA),
    ("server", SERVER),
    ("sts", STS),
    ("beskedfordeler", BESKEDFORDELER),
)


@dataclass(frozen=True, slots=True)
class Held:
    """One certificate.  ``serial`` is decimal; ``valid_until`` an XML dateTime; ``sha256`` of the DER, in hexadecimal.

    ``kind``: ca, given-ca, server, sts, beskedfordeler or system.  Of a file that cannot be read ``fault`` says why,
    and the rest is empty.
    """

    kind: str
    path: str
    navn: str = ""
    serienummer: str | None = None
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    valid_from: str = ""
    valid_until: str = ""
    sha256: str = ""
    fault: str | None = None


def held(data: Path) -> list[Held]:
    """The certificates of a data directory: the CA first, systems last, by navn."""
    directory = data / DIRECTORY
    systems = sorted(_found("system", sorted((directory / SYSTEMS).glob("*.pem"))), key=lambda one: one.navn)
    return [one for kind, name in _KINDS for one in _found(kind, [directory / name])] + systems


def describe(kind: str, path: Path | str, certificate: x509.Certificate) -> Held:
    """A certificate as people ask about it; names as tokens write them."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Held(
        kind,
        str(path),
        navn=str(names[0].value) if names else "",
        serienummer=serienummer_of(certificate),
        subject=name_text(certificate.subject),
        issuer=name_text(certificate.issuer),
        serial=str(certificate.serial_number),
        valid_from=iso(certificate.not_valid_before_utc.timestamp()),
        valid_until=iso(certificate.not_valid_after_utc.timestamp()),
        sha256=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def _found(kind: str, paths: list[Path]) -> Iterator[Held]:
    for path in paths:
        try:
            raw = files.read(path)
            if raw is not None:
                yield describe(kind, path, x509.load_pem_x509_certificate(raw))
        except StoreError as error:
            yield Held(kind, str(path), fault=str(error))
        except ValueError:
            yield Held(kind, str(path), fault=f"{path}: holds no certificate (PEM)")
