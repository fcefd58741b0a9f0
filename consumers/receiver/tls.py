"""TLS of a receiver: what it shows, whom it asks, and who came."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from consumers.errors import ClientError


@dataclass(frozen=True, slots=True)
class Caller:
    """The certificate that the Beskedfordeler showed.  ``serial`` in decimal, as the envelope writes it."""

    subject: str
    issuer: str
    serial: str


def server_context(certificate: Path, ca: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 and later; ``certificate`` is PEM with the private key in it.

    ``ca``: CAs whose client certificates are asked for and taken; a caller without one is let in as well.  None =
    nobody is asked.  Raises ClientError where a file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate)
    except ssl.SSLError as error:
        raise ClientError(f"{certificate}: expected a certificate and its private key, PEM ({error})") from error
    except OSError as error:
        raise ClientError(f"{certificate}: {error.strerror}") from error
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise ClientError(f"{ca}: expected CA certificates, PEM ({error})") from error
        except OSError as error:
            raise ClientError(f"{ca}: {error.strerror}") from error
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an issuing CA may be trusted without its root
    return context


def caller(tls: ssl.SSLObject | None) -> Caller | None:
    """Who is at the other end; None where it showed no certificate, or there is no TLS."""
    shown = tls.getpeercert() if tls is not None else None
    if not shown:
        return None
    return Caller(
        _name(shown.get("subject")), _name(shown.get("issuer")), str(int(str(shown.get("serialNumber") or 0), 16))
    )


def _name(name: object) -> str:
    """A distinguished name, the last RDN first as RFC 4514 has it."""
    assert isinstance(name, tuple)
    return ", ".join(" + ".join(f"{_SHORT.get(key, key)}={value}" for key, value in rdn) for rdn in reversed(name))


_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "serialNumber": "SERIALNUMBER",
}
