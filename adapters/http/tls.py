"""What a TLS connection tells of itself and its client, as the ASGI TLS extension (version 0.2) writes it."""

from __future__ import annotations

import ssl
from typing import Any

from starlette.types import Scope

_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


def facts(secured: ssl.SSLObject) -> dict[str, Any]:
    """The value of ``scope["extensions"]["tls"]``.

    ``client_cert_chain`` holds the client's own certificate (PEM) and not those above it; TLS has judged it already:
    a connection with a certificate of an unknown CA does not get this far.
    """
    der = secured.getpeercert(binary_form=True)
    cipher = secured.cipher()
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(der)] if der else [],
        "client_cert_name": _name(der) if der else None,
        "client_cert_error": None,
        "tls_version": _VERSIONS.get(secured.version() or ""),
        "cipher_suite": _suite(secured.context, cipher[0]) if cipher is not None else None,
    }


def client_certificate(scope: Scope) -> bytes | None:
    """The certificate (DER) that the client showed, and that TLS found good; None where it showed none."""
    tls = scope.get("extensions", {}).get("tls")
    chain = tls["client_cert_chain"] if tls is not None else []
    return ssl.PEM_cert_to_DER_cert(chain[0]) if chain else None


def _suite(context: ssl.SSLContext, name: str) -> int | None:
    """The number of a cipher suite (IANA): OpenSSL keeps it in the low half of its own."""
    return next((int(suite["id"]) & 0xFFFF for suite in context.get_ciphers() if suite["name"] == name), None)


def _name(der: bytes) -> str:
    from cryptography import x509  # only where a certificate is shown: it takes its time to load

    return x509.load_der_x509_certificate(der).subject.rfc4514_string()
