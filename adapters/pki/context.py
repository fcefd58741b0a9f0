"""TLS as our listeners speak it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from adapters.pki import files
from broker.errors import StoreError

_NETSCAPE_TYPE = x509.ObjectIdentifier("2.16.840.1.113730.1.1")


def server_context(cert: Path, key: Path | None, client_cas: Sequence[Path]) -> ssl.SSLContext:
    """TLS 1.2 and later with this certificate chain; ``key`` None = in the same file.

    Clients are asked for a certificate, and need not have one; what they show must come from one of ``client_cas``
    (PEM, roots or not).  Without any, nobody is asked.  Raises StoreError, with the file and what is wrong with it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No resumption: each connection shows its certificate anew, and none ends in a ticket that nobody reads.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0
    _load_chain(context, cert, key)
    for path in client_cas:
        _load_ca(context, path)
    if client_cas:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an issuing CA may be trusted without its root
    return context


def _load_chain(context: ssl.SSLContext, cert: Path, key: Path | None) -> None:
    content = _content(cert)
    if b"-----BEGIN CERTIFICATE-----" not in content:
        raise StoreError(f"{cert}: holds no certificate (PEM); give a server certificate with --tls-cert")
    if b"PRIVATE KEY-----" not in (content if key is None else _content(key)):
        raise StoreError(f"{key or cert}: holds no private key (PEM); give the key of the certificate with --tls-key")

    def encrypted() -> str:
        raise StoreError(
            f"{key or cert}: the key is encrypted, and there is nobody to ask for its password; decrypt it with "
            f"`openssl pkey -in {key or cert} -out plain.key` and give that file with --tls-key"
        )

    try:
        context.load_cert_chain(cert, key, encrypted)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            text = f"{key or cert}: the key is not that of the first certificate in {cert}"
        else:
            text = f"{cert}: cannot be used as a server certificate ({_reason(error)})"
        raise StoreError(f"{text}; give a certificate and its key with --tls-cert and --tls-key") from None


def _load_ca(context: ssl.SSLContext, path: Path) -> None:
    _check_each_says_what_it_is(_content(path), path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise StoreError(
            f"{path}: holds no certificates of CAs whose clients are to be taken (PEM): {_reason(error)}"
        ) from None


def _check_each_says_what_it_is(content: bytes, path: Path) -> None:
    """A CA has BasicConstraints.

    OpenSSL takes for one, too, what has none and is of version 1 and signed by itself, or has keyCertSign: its holder
    could then be anyone.
    """
    try:
        certificates = x509.load_pem_x509_certificates(content)
        unclear = [one for one in certificates if not _says_what_it_is(one)]
    except (ValueError, x509.DuplicateExtension, x509.InvalidVersion) as error:
        raise StoreError(
            f"{path}: holds no certificates of CAs whose clients are to be taken (PEM): {str(error).lower()}"
        ) from None
    if unclear:
        name = unclear[0].subject.rfc4514_string()[:120]
        raise StoreError(
            f"{path}: the certificate '{name}' does not say whether it is one of a "
            "CA; give one with the extension basicConstraints (CA:TRUE, or CA:FALSE for a single certificate)"
        )


def _says_what_it_is(certificate: x509.Certificate) -> bool:
    known = {extension.oid: extension.value for extension in certificate.extensions}
    if ExtensionOID.BASIC_CONSTRAINTS in known:
        return True
    usage = known.get(ExtensionOID.KEY_USAGE)
    if isinstance(usage, x509.KeyUsage):
        return not usage.key_cert_sign
    return certificate.version is x509.Version.v3 and _NETSCAPE_TYPE not in known


def _content(path: Path) -> bytes:
    content = files.read(path)
    if content is None:
        raise StoreError(f"{path}: no such file")
    return content


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
