"""admin.token: given or made up, kept, and found again by the commands."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.cli import admin_token, runtime
from adapters.cli.exits import Exit, Failure
from broker.errors import StoreError
from broker.settings import Settings

TOKEN = "syntetisk-token-1234567890"


def settings(data: Path, host: str | None = None, token: str | None = None, port: int | None = 0) -> Settings:
    given = None if token is None else SecretStr(token)
    return Settings.model_construct(data=data, admin_host=host, admin_token=given, admin_port=port)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """As users have it."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_loopback_none_is_asked_for(tmp_path: Path, host: str | None) -> None:
    """Only this machine can call, as ever; a token that is kept from another start changes nothing."""
    admin_token.keep(tmp_path, TOKEN)
    assert admin_token.wanted(settings(tmp_path, host)) is None
    assert admin_token.wanted(settings(tmp_path, host, TOKEN)) == TOKEN


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.1.2.3", "fe80::1%lo", "emulator.example", "127.1"])
def test_elsewhere_one_is_made_up(tmp_path: Path, host: str) -> None:
    """Whatever is not surely loopback: 256 bits, another one each time, until it is kept."""
    first, second = (admin_token.wanted(settings(tmp_path, host)) for _ in range(2))
    assert first
    assert second
    assert first != second
    assert len(first) >= 43
    admin_token.keep(tmp_path, first)
    assert admin_token.wanted(settings(tmp_path, host)) == first
    assert admin_token.wanted(settings(tmp_path, host, TOKEN)) == TOKEN


def test_without_an_admin_api_none(tmp_path: Path) -> None:
    """--admin-port off."""
    assert admin_token.wanted(settings(tmp_path, "0.0.0.0", TOKEN, port=None)) is None


def test_where_it_listens() -> None:
    """On loopback, whatever --host is for AMQP; on the IPv6 one where AMQP is; else as --admin-host says."""
    for host, admin_host, address in (
        ("127.0.0.1", None, "127.0.0.1"),
        ("0.0.0.0", None, "127.0.0.1"),
        ("::1", None, "::1"),
        ("127.0.0.1", "0.0.0.0", "0.0.0.0"),
    ):
        assert admin_token.host(Settings.model_construct(host=host, admin_host=admin_host)) == address


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 15, "x" * 513, "blåbærgrød-blåbærgrød", "x" * 20 + "\n", "x y" * 9]
)
def test_what_is_no_token_is_refused(tmp_path: Path, token: str) -> None:
    """Empty, short, or not to be sent in a header: usage, one line that does not repeat it."""
    with pytest.raises(Failure, match=r"BESKEDFORDELER_ADMIN_TOKEN.*16 to 512 visible ASCII") as failure:
        admin_token.wanted(settings(tmp_path, None, token))
    assert failure.value.code is Exit.USAGE
    assert not token or token not in str(failure.value)
    assert len(str(failure.value).splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_file_is_for_this_user_only(tmp_path: Path, umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mode 0600 from the moment that it exists, whatever the umask, and whatever was there before."""
    (tmp_path / admin_token.NAME).write_text("x" * 20)
    (tmp_path / admin_token.NAME).chmod(0o666)
    modes: list[int] = []
    real = os.fsync

    def look(descriptor: int) -> None:
        modes.append(os.fstat(descriptor).st_mode)
        modes.extend(path.stat().st_mode for path in tmp_path.glob(".admin.token.*"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    admin_token.keep(tmp_path, TOKEN)
    modes.append((tmp_path / admin_token.NAME).stat().st_mode)
    assert [stat.S_IMODE(mode) for mode in modes] == [0o600] * 3
    assert admin_token.find(tmp_path) == TOKEN
    assert [path.name for path in tmp_path.iterdir()] == [admin_token.NAME]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links are a POSIX matter here")
def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """Whoever can put a link into the directory does not get the token elsewhere."""
    (tmp_path / "data").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    for name in (admin_token.NAME, f".{admin_token.NAME}.{os.getpid()}"):
        (tmp_path / "data" / name).symlink_to(elsewhere)
    admin_token.keep(tmp_path / "data", TOKEN)
    assert elsewhere.read_text() == ""
    assert admin_token.find(tmp_path / "data") == TOKEN


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\xc3\xa6" * 20, b"two words two words"])
def test_broken_file(tmp_path: Path, content: bytes) -> None:
    """serve does not start with it, and says what to do; a command is as without one."""
    (tmp_path / admin_token.NAME).write_bytes(content)
    with pytest.raises(StoreError, match=r"admin\.token: holds no usable token; delete it"):
        admin_token.wanted(settings(tmp_path, "0.0.0.0"))
    assert admin_token.find(tmp_path) is None


def test_directory_that_cannot_be_written_to(tmp_path: Path) -> None:
    """Named, with the reason; nothing is left behind."""
    (tmp_path / admin_token.NAME).mkdir()
    with pytest.raises(StoreError, match=r"admin\.token: cannot be written"):
        admin_token.keep(tmp_path, TOKEN)
    with pytest.raises(StoreError, match=r"admin\.token: cannot be read"):
        admin_token.wanted(settings(tmp_path, "0.0.0.0"))
    assert [path.name for path in tmp_path.iterdir()] == [admin_token.NAME]


def test_data_that_is_no_directory_is_for_the_store_to_say(tmp_path: Path) -> None:
    """The start fails with the store's sentence, not with one about a token."""
    (tmp_path / "data").touch()
    assert admin_token.wanted(settings(tmp_path / "data", "0.0.0.0"))


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset and empty are none; nonsense is usage and is not repeated."""
    monkeypatch.delenv(admin_token.VARIABLE, raising=False)
    assert admin_token.from_environment() is None
    for given, token in (("", None), (" \n", None), (f"{TOKEN}\n", TOKEN)):
        monkeypatch.setenv(admin_token.VARIABLE, given)
        assert admin_token.from_environment() == token
    monkeypatch.setenv(admin_token.VARIABLE, "kort")
    with pytest.raises(Failure, match="4 characters") as failure:
        admin_token.from_environment()
    assert failure.value.code is Exit.USAGE
    assert "kort" not in str(failure.value)


def test_serve_json_is_as_open_as_it_was(tmp_path: Path) -> None:
    """It holds addresses, no secret: whoever may read the directory finds the emulator."""
    before = os.umask(0o022)
    try:
        runtime.write(tmp_path, {"pid": 1})
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / runtime.NAME).stat().st_mode) == 0o644
    assert runtime.read(tmp_path) == {"pid": 1}
