"""`modtag` at the command line: what goes together, what it prints, and its certificates."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from adapters.cli import main
from adapters.cli.exits import Exit
from adapters.cli.modtag import _conduct, _plan
from adapters.cli.modtag_keys import Wanted, self_signed, tls_context
from adapters.cli.modtag_output import Printer
from adapters.pki import Pki
from adapters.pki.issue import names_in
from consumers.modtag import Arrival
from consumers.receiver.behaviour import GOOD, Conduct, How
from consumers.receiver.document import read_input
from consumers.receiver.tls import Caller
from tests.unit.consumers.test_modtag import pushed

CPR = "0101010000"
NOTHING = {"--kode": None, "--hang": False, "--reset": False, "--garbage": False, "--http-status": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--hang", "--reset"],
        ["--kode", "40", "--garbage"],
        ["--tekst", "nej"],
        ["--kode", "20", "--tekst", "nej"],
        ["--every", "2", "--first", "2", "--hang"],
        ["--every", "2"],
        ["--path", "her"],
        ["--cert", "x.pem", "--wrong-certificate"],
        ["--cert", "/nowhere/x.pem"],
        ["--port", "70000"],
        ["--count", "0"],
        ["--delay", "-1"],
    ],
)
def test_what_does_not_go_together(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Usage errors end it before it listens, in words that name the option."""
    assert main.run(["modtag", "--port", "0", *arguments]) == Exit.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert any(word in captured.err for word in (*arguments, arguments[0].removeprefix("--")))


def test_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 6, and which option chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main.run(["modtag", "--port", str(taken.getsockname()[1])]) == Exit.CANNOT_START
    assert "--port" in capsys.readouterr().err


def test_options_make_a_conduct() -> None:
    """Each option is one way to treat a message; none is a good receiver."""
    assert _conduct(NOTHING, None, 0.0) == GOOD
    assert _conduct({**NOTHING, "--kode": 51}, "ikke lavet", 2.0) == Conduct(51, "ikke lavet", 2.0)
    assert _conduct({**NOTHING, "--hang": True}, None, 0.0).how is How.HANGS
    assert _conduct({**NOTHING, "--http-status": 503}, None, 0.0).http_status == 503
    assert _plan(Conduct(40), 3, None).of(3).kode == 40
    assert _plan(Conduct(40), 3, None).of(4) == GOOD


def arrival(conduct: Conduct = GOOD, body: bytes | None = None, *, again: bool = False) -> Arrival:
    document = pushed(payload=f"<cpr>{CPR}</cpr>") if body is None else body
    kuvert = read_input(document) if body is None else None
    caller = Caller("CN=Beskedfordeler", "CN=CA", "4711")
    return Arrival(7, "/her", document, kuvert, again, conduct, caller)


def test_people_see_the_message_with_cpr_masked(capsys: pytest.CaptureFixture[str]) -> None:
    """A line about it, and the document; CPR numbers only when asked for."""
    Printer(None, False, False, tls=True).show(arrival(Conduct(40, f"ukendt {CPR}"), again=True))
    shown = capsys.readouterr().out
    assert CPR not in shown
    assert "<cpr>010101-****</cpr>" in shown
    line = shown.splitlines()[0]
    for word in ("# 7", "00000000-0000-4000-8000-00000000ab01", "/her", "CN=Beskedfordeler", "taken before", "→ 40"):
        assert word in line
    Printer(None, True, False, tls=False).show(arrival())
    assert CPR in capsys.readouterr().out


def test_json_is_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """With all that a test needs; a hang has no StatusKode."""
    printer = Printer(None, False, True, tls=True)
    printer.show(arrival())
    printer.show(arrival(Conduct(how=How.HANGS)))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["besked_id"] == "00000000-0000-4000-8000-00000000ab01"
    assert first["answer"] == {"status_kode": 20, "tekst": "", "http_status": 200, "how": "answers", "delay": 0.0}
    assert first["caller"] == {"subject": "CN=Beskedfordeler", "issuer": "CN=CA", "serial": "4711"}
    assert CPR not in first["body"]
    assert (second["answer"]["status_kode"], second["answer"]["how"]) == (None, "hangs")


def test_what_is_no_message_does_not_fill_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the beginning, without control characters that a terminal would obey."""
    Printer(None, False, False, tls=False).show(arrival(Conduct(41, "broken"), b"\x1b[2J\x07" + b"x" * 100_000))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert len(shown) < 3000
    assert "no BeskedId" in shown


def test_files_hold_what_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--out: the document byte for byte, a file for each; its path is printed in its place."""
    printer = Printer(tmp_path, False, False, tls=False)
    first = arrival()
    printer.show(first)
    printer.show(arrival(again=True))
    names = sorted(path.name for path in tmp_path.iterdir())
    stem = "00000000-0000-4000-8000-00000000ab01"
    assert names == [f"{stem}-2.xml", f"{stem}.xml"]
    assert (tmp_path / f"{stem}.xml").read_bytes() == first.body
    assert f"{stem}-2.xml" in capsys.readouterr().out


def wanted(*, tls: bool = False, cert: Path | None = None, wrong: bool = False, host: str = "127.0.0.1") -> Wanted:
    return Wanted(tls, cert, wrong, None, None, None, host)


@pytest.fixture
def no_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing in the environment names one, and none is here."""
    monkeypatch.chdir(tmp_path)
    for name in ("BESKEDFORDELER_ADMIN", "BESKEDFORDELER_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_emulator")
def test_certificate_of_the_development_ca(tmp_path: Path, shake: Callable[..., str | None]) -> None:
    """--tls: trusted by who trusts the CA of the data directory, and it asks for certificates of that CA."""
    context = tls_context(wanted(tls=True), None, tmp_path / "data")
    assert context is not None
    pki = Pki.open(tmp_path / "data")
    own = pki.beskedfordeler()
    assert shake(context, pki.ca_path, own.path) == own.certificate.subject.rfc4514_string()
    assert shake(context, pki.ca_path) is None


@pytest.mark.usefixtures("no_emulator")
def test_names_of_the_emulators_certificate_stay(tmp_path: Path) -> None:
    """The server certificate is shared with the emulator: what it was for before, it is for afterwards."""
    pki = Pki.open(tmp_path / "data")
    pki.server(["localhost", "broker.test"])
    assert tls_context(wanted(tls=True, host="192.0.2.7"), None, tmp_path / "data") is not None
    certificate = x509.load_pem_x509_certificate((tmp_path / "data" / "certs" / "server.pem").read_bytes())
    assert {"broker.test", "localhost", "127.0.0.1", "192.0.2.7"} <= names_in(certificate)


@pytest.mark.usefixtures("no_emulator")
def test_wrong_certificate_is_trusted_by_nobody(tmp_path: Path, shake: Callable[..., str | None]) -> None:
    """--wrong-certificate: for the right name, and self-signed."""
    context = tls_context(wanted(wrong=True), None, tmp_path / "data")
    assert context is not None
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed"):
        shake(context, Pki.open(tmp_path / "data").ca_path)


@pytest.mark.usefixtures("no_emulator")
def test_certificate_of_ones_own(tmp_path: Path, shake: Callable[..., str | None]) -> None:
    """--cert: as it is; with no CA known callers are not asked."""
    pem = tmp_path / "own.pem"
    pem.write_bytes(self_signed(["localhost", "127.0.0.1"]))
    context = tls_context(wanted(cert=pem), None, None)
    assert context is not None
    assert context.verify_mode is ssl.CERT_NONE
    assert shake(context, pem) is None


@pytest.fixture
def shake() -> Callable[..., str | None]:
    """A handshake in memory: the subject of the client certificate as the receiver sees it.  Raises ssl.SSLError."""

    def run(server: ssl.SSLContext, trusted: Path, certificate: Path | None = None) -> str | None:
        client = ssl.create_default_context(cafile=trusted)
        if certificate is not None:
            client.load_cert_chain(certificate)
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        here = client.wrap_bio(to_client, to_server, server_hostname="localhost")
        there = server.wrap_bio(to_server, to_client, server_side=True)
        for _ in range(4):
            for end in (here, there):
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    continue
        shown = there.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(shown).subject.rfc4514_string() if shown else None

    return run
