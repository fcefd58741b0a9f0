"""CAs as users bring them: good ones, and wrong in one point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

NOW = 1_800_000_000.0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Brought:
    """A certificate with its key (EC, which is quick to make), in two files."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, directory: Path, *above: Brought, password: bytes | None = None) -> tuple[Path, Path]:
        """Paths of the certificate chain and of the key."""
        chain, key = directory / "brought.pem", directory / "brought.key"
        encoding = serialization.Encoding.PEM
        chain.write_bytes(b"".join(one.certificate.public_bytes(encoding) for one in (self, *above)))
        sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        key.write_bytes(self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, sealed))
        return chain, key


def brought(
    name: str = "Leverandørens CA",
    *,
    by: Brought | None = None,
    ca: bool = True,
    signs: bool | None = True,
    begin: float = NOW,
    days: float = 100,
) -> Brought:
    """``signs``: keyCertSign, None = no keyUsage at all; ``begin`` and ``days`` say when it is valid."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.fromtimestamp(begin, UTC) - _DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + days * _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by is not None:
        issuer_key = by.key.public_key()
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    if signs is not None:
        usage = x509.KeyUsage(True, False, False, False, False, signs, signs, False, False)
        builder = builder.add_extension(usage, critical=True)
    return Brought(key, builder.sign(by.key if by else key, hashes.SHA256()))


def odd_key() -> bytes:
    """The PEM of a key that neither TLS of old clients nor we can sign with."""
    return ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
