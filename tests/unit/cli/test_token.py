"""`token`: what it puts out, what is wrong with what is asked to be wrong, and what `token show` says of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main
from adapters.cli.exits import Exit, Failure
from adapters.pki import Pki
from adapters.sts.faulty import FAULTS
from consumers.token import read_assertion
from tests.unit.cli.fake_admin import FakeAdmin, token_status

FLAGS = ("expired", "not-yet-valid", "wrong-signature", "unsigned", "wrapped", "wrong-audience", "wrong-issuer")
HOLD = ("other-cvr", "wrong-holder")
"""Faults of a token that holds, seen only beside a message or a certificate."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the keys that serve makes."""
    folder = tmp_path_factory.mktemp("data")
    Pki.open(folder).sts()
    return folder


@pytest.fixture(autouse=True)
def admin(monkeypatch: pytest.MonkeyPatch, data: Path) -> FakeAdmin:
    """An emulator with --auth=token."""
    admin = FakeAdmin(data, **token_status(data / "certs" / "ca.pem"))
    for module in ("token_maker", "token_text"):
        monkeypatch.setattr(f"adapters.cli.{module}.connect", admin.connect)
    return admin


def put_out(capsys: pytest.CaptureFixture[str], *arguments: str, code: Exit = Exit.OK) -> str:
    """What a command writes on stdout."""
    assert main.run(["token", *arguments]) == code
    return capsys.readouterr().out


def shown(capsys: pytest.CaptureFixture[str], tmp_path: Path, token: str, *arguments: str) -> dict[str, Any]:
    """What `token show` says of a token."""
    path = tmp_path / "token"
    path.write_text(token)
    main.run(["token", "show", str(path), "--json", *arguments])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_token_is_all_that_is_on_stdout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A good one for sending, valid for eight hours, for the system's own myndighed; `new` may be left out."""
    token = put_out(capsys, "Afsendersystem")
    assert token.count("\n") == 1
    assert read_assertion(token.encode()).lasts == 8 * 3600
    said = shown(capsys, tmp_path, token)
    assert said["accepted"]
    assert (said["system"], said["service"], said["cvr"]) == ("Afsendersystem", "afsend", "99999999")
    assert put_out(capsys, "new", "Afsendersystem").startswith(token[:60])


def test_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Service, audience, CVR and lifetime are as asked for."""
    token = put_out(capsys, "Modtagersystem", "--service", "modtag", "--cvr", "22222222", "--lifetime", "1.5")
    assert read_assertion(token.encode()).lasts == pytest.approx(1.5, abs=0.01)
    said = shown(capsys, tmp_path, token)
    assert (said["system"], said["service"], said["cvr"]) == ("Modtagersystem", "modtag", "22222222")
    older = put_out(
        capsys, "Afsendersystem", "--audience", "http://bfo.example/service/afsend/1", "--other-cvr", "33333333"
    )
    said = shown(capsys, tmp_path, older)
    assert (said["audience"], said["cvr"]) == ("http://bfo.example/service/afsend/1", "33333333")


def test_formats(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """base64 on one line; a header; a file with nothing on stdout; JSON with what it says."""
    xml = base64.b64decode(put_out(capsys, "Afsendersystem", "--format", "base64"), validate=False)
    assert read_assertion(xml)
    assert put_out(capsys, "Afsendersystem", "--format", "header").startswith("token: <")
    file = tmp_path / "out.xml"
    assert put_out(capsys, "Afsendersystem", "--out", str(file)) == ""
    assert read_assertion(file.read_bytes())
    said = json.loads(put_out(capsys, "Afsendersystem", "--json", "--fault", "unsigned"))
    assert (said["fault"], said["signed_with"]) == ("unsigned", None)
    assert read_assertion(said["token"].encode())


@pytest.mark.parametrize("flag", FLAGS)
def test_flags_are_faults(capsys: pytest.CaptureFixture[str], tmp_path: Path, flag: str) -> None:
    """--expired is --fault expired, and so on: refused, with the code that a sender gets."""
    assert flag in FAULTS
    said = shown(capsys, tmp_path, put_out(capsys, "Afsendersystem", f"--{flag}"))
    assert not said["accepted"]
    assert said["reason"]
    assert said["status_kode"] == (41 if flag == "expired" else 40)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_made(capsys: pytest.CaptureFixture[str], tmp_path: Path, fault: str) -> None:
    """What `token faults` lists is what --fault takes."""
    assert fault in put_out(capsys, "faults")
    assert shown(capsys, tmp_path, put_out(capsys, "Afsendersystem", "--fault", fault))["accepted"] == (fault in HOLD)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--expired", "--unsigned"], "one fault at a time, not expired and unsigned"),
        (["--fault", "nope"], "no fault 'nope'; expected one of expired"),
        (["--cvr", "11111111", "--other-cvr", "22222222"], "not both"),
        (["--from-sts", "--expired"], "--from-sts gives what the STS gives"),
        (["--from-sts", "--lifetime", "9"], "--from-sts gives what the STS gives"),
        (["--lifetime", "0"], "--lifetime 0: expected a number of seconds above 0"),
        (["--lifetime", "nan"], "expected a number of seconds"),
        (["--lifetime", "1e300"], "up to the year 9999"),
        (["--cert", __file__], "holds no certificate"),
        (["--audience", "\x01"], "no such token can be written"),
    ],
)
def test_wishes_that_do_not_do(capsys: pytest.CaptureFixture[str], arguments: list[str], text: str) -> None:
    """A usage failure in one line, nothing on stdout."""
    assert main.run(["token", "Afsendersystem", *arguments]) == Exit.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert text in captured.err
    assert len(captured.err.splitlines()) == 1


def test_stranger(capsys: pytest.CaptureFixture[str]) -> None:
    """A system that is not in the register: exit code 7."""
    put_out(capsys, "Nobody", code=Exit.NOT_FOUND)


def test_emulator_without_keys(admin: FakeAdmin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Started without TLS it has no STS: said so, with how to start one, and nothing is made in its directory."""
    admin.status["data"] = str(tmp_path)
    assert main.run(["token", "Afsendersystem"]) == Exit.UNREACHABLE
    assert "serve --auth token" in capsys.readouterr().err
    (tmp_path / "certs").mkdir()
    assert main.run(["token", "Afsendersystem"]) == Exit.NOT_FOUND
    assert list((tmp_path / "certs").iterdir()) == []


def test_sts_that_is_away(capsys: pytest.CaptureFixture[str], admin: FakeAdmin) -> None:
    """--from-sts with nobody listening: exit code 3, and where it was looked for."""
    admin.status["https"] = {"host": "127.0.0.1", "port": 1}
    assert main.run(["token", "Afsendersystem", "--from-sts"]) == Exit.UNREACHABLE
    assert "the STS at 127.0.0.1:1 cannot be reached" in capsys.readouterr().err


def test_show_for_people(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Every field with its name, the verdict at the end; refused: exit code 4 and the reason on stderr."""
    path = tmp_path / "token"
    path.write_text(put_out(capsys, "Afsendersystem", "--format", "base64"))
    assert main.run(["token", "show", str(path)]) == Exit.OK
    out = capsys.readouterr().out
    assert "CN=Afsendersystem (funktionscertifikat)" in out
    assert out.splitlines()[-1].split() == ["accepted", "yes"]
    path.write_text(put_out(capsys, "Afsendersystem", "--expired"))
    assert main.run(["token", "show", str(path)]) == Exit.REFUSED
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].split() == ["accepted", "no"]
    assert captured.err.startswith("beskedfordeler: 41: the token expired at")


@pytest.mark.parametrize(
    "content",
    ["", "hello", "<x/>", "<!DOCTYPE x><x/>", "<Assertion xmlns='urn:oasis:names:tc:SAML:2.0:assertion'/>"],
)
def test_show_of_what_is_no_token(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str) -> None:
    """Not accepted, with the reason; what cannot be read is null."""
    said = shown(capsys, tmp_path, content)
    assert (said["accepted"], said["status_kode"], said["issuer"]) == (False, 40, None)
    assert said["reason"]


def test_show_by_another_sts(capsys: pytest.CaptureFixture[str], tmp_path: Path, admin: FakeAdmin) -> None:
    """--trust-issuer: its tokens are taken, too; a file that is no certificate is a usage failure."""
    token = put_out(capsys, "Afsendersystem")
    sts = Path(admin.status["data"]) / "certs" / "sts.pem"
    admin.status["data"] = str(tmp_path)
    assert "no STS is trusted here" in shown(capsys, tmp_path, token)["reason"]
    assert shown(capsys, tmp_path, token, "--trust-issuer", str(sts))["accepted"]
    with pytest.raises(json.JSONDecodeError):
        shown(capsys, tmp_path, token, "--trust-issuer", __file__)


def test_show_without_an_emulator(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged by the key in the data directory; whose it is nobody can say."""
    token = put_out(capsys, "Afsendersystem")

    def nobody(*_: object) -> None:
        raise Failure(Exit.UNREACHABLE, "nobody")

    monkeypatch.setattr("adapters.cli.token_text.connect", nobody)
    said = shown(capsys, tmp_path, token, "--data", str(data))
    assert (said["accepted"], said["system"]) == (True, None)


def test_show_of_a_holder_who_is_gone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is no system's in the register any more."""
    token = put_out(capsys, "Afsendersystem")
    monkeypatch.setattr("adapters.cli.token_text.all_systems", lambda _: [])
    said = shown(capsys, tmp_path, token)
    assert not said["accepted"]
    assert "no anvendersystem in the register" in said["reason"]
