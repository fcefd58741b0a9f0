"""The certificates in ``<data>/certs``: made where missing, kept as long as they are good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.pki import authority, files
from adapters.pki.identity import Identity, chain_pem, pem, read_identity
from adapters.pki.issue import Authority, issue_function, issue_server, names_in, new_key
from adapters.pki.subject import function_subject, serienummer_of
from broker.clock import Clock, SystemClock
from broker.core.identifiers import is_uuid
from broker.core.model import Anvendersystem
from broker.errors import StoreError

DIRECTORY = "certs"
SYSTEMS = "systems"
GIVEN_CA = "given-ca.pem"
SERVER = "server.pem"
STS = "sts.pem"
BESKEDFORDELER = "beskedfordeler.pem"
_ENDS_SOON = timedelta(days=7)

_OWNER = "beskedfordeler (syntetisk)"
_OF_STS = Anvendersystem("00000000-0000-4000-8000-000000000001", "STS", "00000000")
_OF_BESKEDFORDELER = Anvendersystem("00000000-0000-4000-8000-000000000002", "Beskedfordeler", "00000000")


class Pki:
    """One CA and what it has issued.  Two processes may use the same directory at the same time."""

    def __init__(self, directory: Path, by: Authority, ca_path: Path, clock: Clock) -> None:
        self._directory = directory
        self._by = by
        self._ca_path = ca_path
        self._clock = clock

    @classmethod
    def open(
        cls, data: Path, *, ca_cert: Path | None = None, ca_key: Path | None = None, clock: Clock | None = None
    ) -> Pki:
        """The certificates of a data directory; makes directory and CA where they are missing.

        ``ca_cert`` and ``ca_key``: a CA to use instead of its own.  Raises StoreError, with the file and what to do.
        """
        clock = clock or SystemClock()
        directory = data / DIRECTORY
        files.private_directory(directory)
        files.private_directory(directory / SYSTEMS)
        if ca_cert is None and ca_key is None:
            by = authority.own_authority(directory, clock.now())
            return cls(directory, by, directory / authority.CERTIFICATE, clock)
        by = authority.given_authority(ca_cert, ca_key, clock.now())
        bundle = directory / GIVEN_CA  # a file of our own: the given one may hold the key as well
        pki = cls(directory, by, bundle, clock)
        content = chain_pem(pki.chain)
        if files.read(bundle) != content:
            files.put(bundle, content)
        return pki

    @property
    def ca_path(self) -> Path:
        """The CA, and those above it where there are any: PEM, no key.  What clients are to trust."""
        return self._ca_path

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The CA and those above it."""
        return (self._by.certificate, *self._by.above)

    @property
    def sent_along(self) -> tuple[x509.Certificate, ...]:
        """The part of `chain` that is no root."""
        return self._by.sent_along

    def server(self, names: Sequence[str]) -> Identity:
        """For the listeners.  Kept while it is for all these names and ends not within 7 days.  Raises StoreError."""
        return self._kept(
            self._directory / SERVER,
            lambda certificate: names_in(certificate) >= set(names),
            lambda key: issue_server(self._by, key, names, self._clock.now()),
        )

    def sts(self) -> Identity:
        """What our STS signs tokens with.  Raises StoreError."""
        return self._function(STS, _OF_STS, _OWNER)

    def beskedfordeler(self) -> Identity:
        """The Beskedfordeler's own, for calls to receivers.  Raises StoreError."""
        return self._function(BESKEDFORDELER, _OF_BESKEDFORDELER, _OWNER, serves=True)

    def system(self, system: Anvendersystem, myndighed: str) -> Identity:
        """The function certificate of a system; ``myndighed`` is the name of its authority.

        Kept while its SERIALNUMBER is that of the register.  Raises StoreError; RegisterError where the system's
        ``certifikat`` cannot stand in a certificate.
        """
        return self._function(self._file_of(system), system, myndighed)

    def renew(self, system: Anvendersystem, myndighed: str) -> Identity:
        """A new key and certificate in place of the system's old ones.  Raises as `system`."""
        path = self._directory / self._file_of(system)
        return self._put(path, new_key(), lambda key: self.issue(key, system, myndighed), files.put)

    def issue(
        self, key: rsa.RSAPrivateKey, system: Anvendersystem, myndighed: str, *, serves: bool = False
    ) -> x509.Certificate:
        """A function certificate that is written nowhere.  Raises RegisterError."""
        subject = function_subject(system.serienummer, system.navn, myndighed, system.cvr)
        return issue_function(self._by, key, subject, self._clock.now(), serves=serves)

    def good(self, certificate: x509.Certificate) -> bool:
        """Whether this CA issued it and it does not end within 7 days (unless the CA ends with it)."""
        try:
            certificate.verify_directly_issued_by(self._by.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        end = certificate.not_valid_after_utc
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        return now < end and (end - now > _ENDS_SOON or end >= self._by.certificate.not_valid_after_utc)

    def _file_of(self, system: Anvendersystem) -> str:
        if not is_uuid(system.id):
            raise StoreError(f"no file for the certificate of '{system.navn}': its id '{system.id}' is no UUID")
        return f"{SYSTEMS}/{system.id.lower()}.pem"

    def _function(self, name: str, system: Anvendersystem, myndighed: str, *, serves: bool = False) -> Identity:
        return self._kept(
            self._directory / name,
            lambda certificate: serienummer_of(certificate) == system.serienummer,
            lambda key: self.issue(key, system, myndighed, serves=serves),
        )

    def _kept(
        self,
        path: Path,
        wanted: Callable[[x509.Certificate], bool],
        issue: Callable[[rsa.RSAPrivateKey], x509.Certificate],
    ) -> Identity:
        found = read_identity(path)
        if found is not None and self.good(found.certificate) and wanted(found.certificate):
            return found
        return self._put(path, new_key(), issue, files.put_first if found is None else files.put)

    def _put(
        self,
        path: Path,
        key: rsa.RSAPrivateKey,
        issue: Callable[[rsa.RSAPrivateKey], x509.Certificate],
        write: Callable[[Path, bytes], None],
    ) -> Identity:
        write(path, pem(key, issue(key), self._by.sent_along))
        there = read_identity(path)  # that of another process, where it was faster
        if there is None:
            raise StoreError(f"{path}: was written, and is gone again; does another program tidy up there?")
        return there
