"""The keys of one start: files that cannot be used are named before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.cli import main
from adapters.cli.exits import Exit
from adapters.cli.failures import failure_of
from adapters.cli.security import prepare
from broker.errors import StoreError
from broker.settings import Settings
from tests.support.keys import FROM, UNTIL, ca_name, make_keys


def elliptic() -> bytes:
    """A certificate whose key is no RSA key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(ca_name())
        .issuer_name(ca_name())
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"x", "no PEM certificate in it"),
        (elliptic(), "the certificate 'CN=Test CA.*' has no RSA key, and tokens are signed with rsa-sha256"),
        (make_keys().sts.certificate.public_bytes(Encoding.PEM) + elliptic(), "no RSA key"),
    ],
    ids=["missing", "empty", "elliptic", "the second"],
)
def test_an_issuer_that_cannot_be_trusted(tmp_path: Path, content: bytes | None, told: str) -> None:
    """--trust-issuer: the start ends with exit code 6, the file and what is wrong with it."""
    path = tmp_path / "issuer.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"issuer\.pem: .*{told}.*--trust-issuer") as error:
        prepare(Settings(data=tmp_path / "data", trust_issuer=(path,)))
    assert failure_of(error.value).code is Exit.CANNOT_START


def test_an_issuer_that_is_trusted(tmp_path: Path) -> None:
    """One with an RSA key will do."""
    path = tmp_path / "issuer.pem"
    path.write_bytes(make_keys().sts.certificate.public_bytes(Encoding.PEM))
    assert prepare(Settings(data=tmp_path / "data", trust_issuer=(path,))).verifier


def test_token_show_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage failure that names the file, no unexpected one."""
    (tmp_path / "ec.pem").write_bytes(elliptic())
    (tmp_path / "token.xml").write_text("<x/>")
    where = ["--trust-issuer", str(tmp_path / "ec.pem"), "--data", str(tmp_path)]
    assert main.run(["token", "show", str(tmp_path / "token.xml"), *where]) == Exit.USAGE
    assert "ec.pem: the certificate" in capsys.readouterr().err
