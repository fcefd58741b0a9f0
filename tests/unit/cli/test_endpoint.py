"""How `send` and `hent` find their way in: by what the emulator says of itself, and what the user says instead."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.cli.endpoint import Owner, Sender, Way, find_way
from adapters.cli.exits import Exit, Failure
from adapters.cli.login import Given
from adapters.pki import Pki
from broker.core.model import Anvendersystem
from consumers.client import GivenToken, client_context
from consumers.sts import OnBehalfOf
from tests.unit.cli.fake_admin import RECEIVER, SENDER, FakeAdmin, token_status

OWNER = Owner({"anvendersystem": RECEIVER["id"]})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the keys that serve makes."""
    folder = tmp_path_factory.mktemp("data")
    Pki.open(folder)
    return folder


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is to be asked."""

    def asked(*_: object) -> None:
        raise AssertionError("the admin API was asked")

    monkeypatch.setattr("adapters.cli.endpoint.connect", asked)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, data: Path) -> FakeAdmin:
    """An emulator as `serve` starts it."""
    admin = FakeAdmin(data)
    monkeypatch.setattr("adapters.cli.endpoint.connect", admin.connect)
    return admin


@pytest.fixture
def tokens_only(here: FakeAdmin, data: Path) -> FakeAdmin:
    """One with --auth=token."""
    here.status |= token_status(data / "certs" / "ca.pem")
    return here


@pytest.fixture
def token_file(tmp_path: Path) -> str:
    path = tmp_path / "token.xml"
    path.write_text("<saml:Assertion/>\n")
    return str(path)


def source_of(way: Way) -> OnBehalfOf:
    """The STS that its tokens come from."""
    assert isinstance(way.endpoint.tokens, OnBehalfOf)
    return way.endpoint.tokens


def test_open_emulator(here: FakeAdmin) -> None:
    """No options: the plain port, the first system that may send, or the owner of the dueslag; any password."""
    way = find_way(Given(), Sender())
    assert (way.endpoint.port, way.endpoint.user, way.endpoint.tls) == (1001, SENDER["id"], None)
    assert (way.endpoint.tokens, way.header) == (None, None)
    assert find_way(Given(system="Y", password="x"), OWNER).endpoint.password == "x"
    assert find_way(Given(), OWNER).endpoint.user == RECEIVER["id"]


def test_only_tls_listens(here: FakeAdmin, data: Path) -> None:
    """--amqp-port off: a password over TLS, trusted by the emulator's CA."""
    here.status |= {"amqp": None, "amqps": {"host": "127.0.0.1", "port": 1002}, "ca": str(data / "certs" / "ca.pem")}
    endpoint = find_way(Given(), Sender()).endpoint
    assert endpoint.port == 1002
    assert endpoint.tls is not None
    assert endpoint.tokens is None
    here.status["amqps"] = None
    with pytest.raises(Failure, match="start it with --amqp-port"):
        find_way(Given(), Sender())


def test_tokens_only(tokens_only: FakeAdmin, data: Path) -> None:
    """--auth=token: TLS, tokens of the STS for the system's own CVR, with the certificate in the data directory."""
    way = find_way(Given(), Sender())
    assert (way.endpoint.port, way.header) == (1002, None)
    assert source_of(way).cvr == "99999999"
    assert repr(source_of(way).sts) == (
        f"Sts(127.0.0.1:1003, certificate={data}/certs/systems/{SENDER['id']}.pem, kept=0)"
    )
    assert source_of(find_way(Given(cvr="22222222"), OWNER)).cvr == "22222222"


def test_who_listens_everywhere_is_reached_at_the_admin_api(tokens_only: FakeAdmin) -> None:
    """0.0.0.0 and :: are no addresses to connect to."""
    tokens_only.url = "http://emulator.example:5680"
    tokens_only.status["amqps"] = {"host": "0.0.0.0", "port": 1002}
    tokens_only.status["https"] = {"host": "::", "port": 1003}
    way = find_way(Given(), Sender())
    assert way.endpoint.host == "emulator.example"
    assert "emulator.example:1003" in repr(source_of(way).sts)


def test_token_of_the_user_when_sending(tokens_only: FakeAdmin, token_file: str, data: Path, tmp_path: Path) -> None:
    """--token goes with the message, the login is a good one; where none can be had the token is the login's, too."""
    way = find_way(Given(token=token_file), Sender())
    assert way.header == "<saml:Assertion/>"
    assert source_of(way).cvr == "99999999"
    tokens_only.status["data"] = str(tmp_path / "elsewhere")
    assert find_way(Given(token=token_file), Sender()).endpoint.tokens == GivenToken("<saml:Assertion/>")


def test_token_of_the_user_when_fetching(here: FakeAdmin, token_file: str, data: Path) -> None:
    """--token is the login's, over TLS, also where passwords would do."""
    here.status |= {**token_status(data / "certs" / "ca.pem"), "auth": "open"}
    way = find_way(Given(token=token_file), OWNER)
    assert (way.endpoint.port, way.endpoint.tokens) == (1002, GivenToken("<saml:Assertion/>"))
    assert way.header is None


def test_token_in_the_header_where_passwords_do(here: FakeAdmin, token_file: str) -> None:
    """--auth=open: `send --token` logs in as ever and shows the token with the message."""
    way = find_way(Given(token=token_file), Sender())
    assert (way.endpoint.tokens, way.header) == (None, "<saml:Assertion/>")


@pytest.mark.usefixtures("nobody")
def test_elsewhere_nobody_is_asked(data: Path, token_file: str) -> None:
    """Address and system given: the options say it all."""
    certificate = Pki.open(data).system(system_of(SENDER), "x").path
    plain = find_way(Given(amqp="amqp://h:5672/", system="S"), OWNER).endpoint
    assert (plain.host, plain.port, plain.user, plain.tls, plain.tokens) == ("h", 5672, "S", None, None)
    given = Given(
        amqps="h:5671", system="S", sts="sts:443", cert=certificate, cvr="11111111", ca=data / "certs" / "ca.pem"
    )
    way = find_way(given, Sender())
    assert (way.endpoint.host, way.endpoint.port) == ("h", 5671)
    assert way.endpoint.tls is not None
    assert "Sts(sts:443" in repr(source_of(way).sts)
    shown = find_way(Given(amqps="h:5671", system="S", token=token_file), Sender())
    assert (shown.endpoint.tokens, shown.header) == (GivenToken("<saml:Assertion/>"), "<saml:Assertion/>")
    by_password = find_way(Given(amqp="h:5672", system="S", token=token_file), Sender())
    assert (by_password.endpoint.tokens, by_password.header) == (None, "<saml:Assertion/>")


def test_a_certificate_is_presented_where_it_is_named(
    tokens_only: FakeAdmin, data: Path, token_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--cert goes onto the AMQPS connection, so that a token of another one is seen refused; else none does."""
    presented: list[Path | None] = []

    def recorded(ca: Path | None = None, certificate: Path | None = None) -> ssl.SSLContext:
        presented.append(certificate)
        return client_context(ca, certificate)

    monkeypatch.setattr("consumers.client.client_context", recorded)
    certificate = Pki.open(data).system(system_of(SENDER), "x").path
    ca = data / "certs" / "ca.pem"
    find_way(Given(), Sender())
    find_way(Given(cert=certificate), Sender())
    find_way(Given(cert=certificate, token=token_file), OWNER)
    elsewhere = Given(amqps="h:1", system="S", sts="h:2", cert=certificate, cvr="11111111", ca=ca)
    find_way(elsewhere, Sender())
    assert presented == [None, certificate, certificate, certificate]
    find_way(replace(elsewhere, amqps=None, amqp="h:1"), Sender())
    assert len(presented) == 4, "without TLS there is nothing to present it on"


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Given(amqps="h:1", system="S", cvr="11111111"), "--sts and --cert must be given"),
        (Given(amqps="h:1", system="S", cert=Path("x"), sts="h:1"), "--cvr must be given"),
        (Given(amqps="h:1", amqp="h:1", system="S"), "not both"),
        (Given(amqp="h", system="S"), "--amqp 'h' is no address; expected HOST:PORT"),
        (Given(amqps="h:0", system="S"), "--amqps 'h:0' is no address"),
        (Given(amqps="h:65536", system="S"), "no address"),
        (Given(amqps="h:٣", system="S"), "no address"),
        (Given(amqps="h:1", system="S", ca=Path("missing.pem")), r"missing\.pem: No such file"),
        (Given(amqps="h:1", system="S", sts="h:1", cert=Path("none.pem"), cvr="11111111"), r"none\.pem: No such file"),
    ],
)
def test_options_that_do_not_do(given: Given, text: str) -> None:
    """Each is a usage failure that names the option or the file."""
    with pytest.raises(Failure, match=text) as failure:
        find_way(given, Sender())
    assert failure.value.code is Exit.USAGE


def test_no_sts_listens(tokens_only: FakeAdmin) -> None:
    """Exit code 3, with how to start one."""
    tokens_only.status["https"] = None
    with pytest.raises(Failure, match="no STS to get a token from: start it with 'serve --auth token'") as failure:
        find_way(Given(), Sender())
    assert failure.value.code is Exit.UNREACHABLE


def test_emulator_on_another_machine(tokens_only: FakeAdmin, data: Path, tmp_path: Path) -> None:
    """Its keys are not here: said so, with the options that help; with --cert the rest is as it says."""
    tokens_only.status |= {"data": "/nowhere/data", "ca": "/nowhere/ca.pem"}
    with pytest.raises(Failure, match=r"not on this machine; .* name it here with --cert FILE, the CA with --ca FILE"):
        find_way(Given(), Sender())
    certificate = Pki.open(data).system(system_of(SENDER), "x").path
    assert source_of(find_way(Given(cert=certificate), Sender())).cvr == "99999999"


def test_nothing_is_made_with_a_ca_that_is_not_ours(here: FakeAdmin, tmp_path: Path) -> None:
    """serve --ca-cert: certificates that are there are used, none is made or replaced, and no second CA."""
    certs = tmp_path / "certs"
    systems = certs / "systems"
    systems.mkdir(parents=True)
    here.status |= {**token_status(certs / "given-ca.pem"), "data": str(tmp_path)}
    with pytest.raises(Failure, match='certs export "Afsendersystem" --ca-cert FILE --ca-key FILE'):
        find_way(Given(), Sender())
    other = Pki.open(tmp_path / "other").system(system_of(SENDER), "x").path.read_bytes()
    (systems / f"{SENDER['id']}.pem").write_bytes(other)
    assert source_of(find_way(Given(), Sender()))
    assert (systems / f"{SENDER['id']}.pem").read_bytes() == other
    assert sorted(path.name for path in certs.iterdir()) == ["systems"]


def system_of(item: dict[str, str]) -> Anvendersystem:
    return Anvendersystem(item["id"], item["navn"], item["cvr"])
