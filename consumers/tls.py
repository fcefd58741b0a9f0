"""Whom a client trusts, and which certificate it shows."""

from __future__ import annotations

import ssl
from pathlib import Path

from consumers.errors import ClientError


def client_context(ca: Path | None = None, certificate: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later, with the other end's certificate and name checked.

    ``ca`` is a bundle of CA certificates, PEM; None = those that the system trusts.  ``certificate`` is what to
    show when asked: certificate and private key in one PEM file.  Raises ClientError where a file cannot be used.
    """
    context = _trusting(ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        try:
            context.load_cert_chain(certificate)
        except ssl.SSLError as error:
            raise ClientError(f"{certificate}: expected a certificate and its private key, PEM ({error})") from error
        except OSError as error:
            raise ClientError(f"{certificate}: {error.strerror}") from error
    return context


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        raise ClientError(f"{ca}: expected CA certificates, PEM ({error})") from error
    except OSError as error:
        raise ClientError(f"{ca}: {error.strerror}") from error


def distrust(error: BaseException | None) -> str | None:
    """Why the other end's certificate was not trusted, where that is what went wrong."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({error.verify_message}); give the CA that issued it"
        error = error.__cause__
    return None
