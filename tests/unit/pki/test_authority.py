"""The CA: made once, kept, or brought by the user; what is wrong with it is said in a sentence."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from adapters.pki import Pki
from broker.clock import FakeClock
from broker.errors import StoreError
from tests.unit.pki.authorities import NOW, Brought, brought, odd_key

CLOCK = FakeClock(NOW)
MAKER = """
import sys
from pathlib import Path
from adapters.pki import Pki
print("ready", flush=True)
sys.stdin.readline()
pki = Pki.open(Path(sys.argv[1]))
print(pki.chain[0].serial_number, pki.server(["localhost"]).certificate.serial_number)
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from adapters.pki import Pki
name, left = sys.argv[2], int(sys.argv[3])
real = getattr(os, name)
def dying(*given):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given)
setattr(os, name, dying)
Pki.open(Path(sys.argv[1])).server(["localhost"])
"""


def test_a_restart_keeps_the_ca(tmp_path: Path) -> None:
    """Clients that trust the CA of the first start trust that of the next."""
    first = Pki.open(tmp_path).ca_path.read_bytes()
    assert Pki.open(tmp_path).ca_path.read_bytes() == first


def test_two_developers_have_cas_of_different_names(tmp_path: Path) -> None:
    """In one trust store the CAs of two data directories are told apart by their names, which say what they are."""
    names = [Pki.open(tmp_path / place).chain[0].subject.rfc4514_string() for place in ("a", "b")]
    assert names[0] != names[1]
    assert all("beskedfordeler udviklings-CA (syntetisk) " in name for name in names)


def test_processes_that_start_at_the_same_moment_end_with_one_ca(tmp_path: Path) -> None:
    """Four starts on one new data directory: the same CA and the same server certificate in all of them."""
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()
    told = {maker.communicate(timeout=60)[0] for maker in makers}
    assert [maker.returncode for maker in makers] == [0] * 4
    pki = Pki.open(tmp_path)
    assert told == {f"{pki.chain[0].serial_number} {pki.server(['localhost']).certificate.serial_number}\n"}


@pytest.mark.parametrize("call", ["fsync", "link", "mkdir"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_half_way_the_next_start_finishes(tmp_path: Path, call: str, number: int) -> None:
    """Killed at any step of the first start, the next one comes up with a CA whose key and certificate match."""
    data = tmp_path / "data"
    done = subprocess.run([sys.executable, "-c", KILLED, str(data), call, str(number)], timeout=60, check=False)
    assert done.returncode == -9
    pki = Pki.open(data)
    assert pki.good(pki.server(["localhost"]).certificate)


def test_what_killed_processes_left_is_swept_out(tmp_path: Path) -> None:
    """Half-written files do not pile up; those of a process that may still be writing are left alone."""
    Pki.open(tmp_path)
    old, fresh = (tmp_path / "certs" / f".passing-ca.key.{name}" for name in ("old", "fresh"))
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(old, (1.0, 1.0))
    Pki.open(tmp_path)
    assert not old.exists()
    assert fresh.exists()


def test_keys_are_private_from_their_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the umask: nobody else can read a key, not even before it has its name."""
    modes: list[int] = []
    real = os.link

    def linked(source: Path, target: Path) -> None:
        modes.append(stat.S_IMODE(os.stat(source).st_mode))
        real(source, target)

    monkeypatch.setattr(os, "link", linked)
    before = os.umask(0)
    try:
        Pki.open(tmp_path).server(["localhost"])
    finally:
        os.umask(before)
    assert modes == [0o600] * 3
    directory = tmp_path / "certs"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.glob("*.*")} == {0o600}


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On mounts that know no links the CA is made all the same."""

    def refused(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    assert Pki.open(tmp_path).chain == Pki.open(tmp_path).chain


def _overwrite(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda certs: void((certs / name).write_bytes(content))


def void(_: object) -> None:
    """For what is done and gives a value that nobody wants."""


def _delete_key(certs: Path) -> None:
    (certs / "ca.key").unlink()


def _other_key(certs: Path) -> None:
    Pki.open(certs.parent / "other")
    (certs / "ca.key").write_bytes((certs.parent / "other" / "certs" / "ca.key").read_bytes())


def _directory(certs: Path) -> None:
    (certs / "ca.pem").unlink()
    (certs / "ca.pem").mkdir()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_overwrite("ca.pem", b""), r"certs/ca\.pem: holds no certificate \(PEM\); delete .*ca\.pem and .*ca\.key"),
        (_overwrite("ca.key", b"-----BEGIN PRIV"), r"certs/ca\.key: holds no private key \(PEM\); delete "),
        (_delete_key, r"certs/ca\.key: is missing, .*put the key back, or delete"),
        (_other_key, r"certs/ca\.key: is not the key of the certificate in .*ca\.pem; delete"),
        (_directory, r"certs/ca\.pem: is a directory; "),
    ],
    ids=["empty", "half", "no-key", "other-key", "directory"],
)
def test_a_damaged_ca_is_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    """A CA that cannot be used ends the start with the file and what to do; it is never replaced unasked."""
    Pki.open(tmp_path)
    damage(tmp_path / "certs")
    with pytest.raises(StoreError, match=said) as caught:
        Pki.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_directory_cannot_be_made(tmp_path: Path) -> None:
    """A file in the place of the directory is named."""
    (tmp_path / "certs").write_bytes(b"")
    with pytest.raises(StoreError, match=r"certs.*: not a directory|certs.*: file exists"):
        Pki.open(tmp_path)


def test_a_given_ca_signs(tmp_path: Path) -> None:
    """A CA of the user's own is used, its key elsewhere than in the data directory, and none is made beside it."""
    mine = brought()
    chain, key = mine.write(tmp_path)
    pki = Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key, clock=CLOCK)
    pki.server(["localhost"]).certificate.verify_directly_issued_by(mine.certificate)
    assert x509.load_pem_x509_certificates(pki.ca_path.read_bytes()) == [mine.certificate]
    assert not (tmp_path / "data" / "certs" / "ca.key").exists()


def test_certificate_and_key_of_a_given_ca_may_be_one_file(tmp_path: Path) -> None:
    """Without --ca-key the key is taken from the certificate's file, and the bundle for clients is without it."""
    chain, key = brought().write(tmp_path)
    chain.write_bytes(key.read_bytes() + chain.read_bytes())
    pki = Pki.open(tmp_path / "data", ca_cert=chain, clock=CLOCK)
    assert b"PRIVATE" not in pki.ca_path.read_bytes()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: brought(ca=False), "is not that of a CA"),
        (lambda: brought(signs=False), "is not that of a CA"),
        (lambda: brought(days=0.5), r"the CA has expired at 20\d\d-"),
        (lambda: brought(begin=NOW + 30 * 86400), r"the CA is not valid before 20\d\d-"),
    ],
    ids=["no-ca", "may-not-sign", "expired", "not-yet"],
)
def test_a_given_ca_that_cannot_sign_is_refused(tmp_path: Path, wrong: Callable[[], Brought], said: str) -> None:
    """A leaf certificate, an expired CA and the like are said at the start, with the file."""
    chain, key = wrong().write(tmp_path)
    with pytest.raises(StoreError, match=re.escape(str(chain)) + ": .*" + said):
        Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key, clock=CLOCK)


def test_a_ca_without_key_usage_may_sign(tmp_path: Path) -> None:
    """RFC 5280 forbids nothing to a CA whose certificate has no keyUsage."""
    chain, key = brought(signs=None).write(tmp_path)
    assert Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key, clock=CLOCK).chain


def test_the_key_of_a_given_ca_must_be_usable(tmp_path: Path) -> None:
    """A key that is encrypted, of another CA, of a strange kind, missing, or alone: each its own sentence."""
    chain, key = brought().write(tmp_path, password=b"hemmelig")
    data = tmp_path / "data"

    def open_with(said: str, ca_cert: Path | None = chain) -> None:
        with pytest.raises(StoreError, match=re.escape(str(key)) + ": .*" + said):
            Pki.open(data, ca_cert=ca_cert, ca_key=key, clock=CLOCK)

    open_with(r"the key is encrypted.*openssl pkey -in")
    (tmp_path / "other").mkdir()
    key.write_bytes(brought().write(tmp_path / "other")[1].read_bytes())
    open_with("is not the key of the certificate in")
    key.write_bytes(odd_key())
    open_with("is neither an RSA nor an EC key")
    key.unlink()
    open_with("no such file")
    open_with("whose certificate is not given", ca_cert=None)
