"""Names and addresses of a server certificate."""

from __future__ import annotations

import socket

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from adapters.pki import names_served
from adapters.pki.names import name_of
from broker.errors import StoreError


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of this name."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Vaerkstedet")


def test_this_machine_is_always_named() -> None:
    """localhost, both loopback addresses, and the name that others on the network use."""
    assert names_served([], []) == ["localhost", "127.0.0.1", "::1", "vaerkstedet"]


def test_what_is_listened_on_and_asked_for_comes_after_it_once() -> None:
    """Hosts and --san follow; what is there already is not named twice, however it is written."""
    names = names_served(["127.0.0.1", "10.0.0.7"], ["LOCALHOST", "Broker.Test.", "0:0:0:0:0:0:0:1", "[fe80::1%eth0]"])
    assert names[4:] == ["10.0.0.7", "broker.test", "fe80::1"]


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_a_listener_on_all_addresses_does_not_name_them_as_such(everywhere: str) -> None:
    """0.0.0.0 is no address that a client connects to; those of this machine stand in for it."""
    names = names_served([everywhere], [])
    assert everywhere not in names
    assert all(name_of(name) == name for name in names)


def test_a_machine_whose_name_is_no_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no certificate can have is left out, and the start goes on."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Annas computer")
    assert names_served([], []) == ["localhost", "127.0.0.1", "::1"]


def test_danish_letters_are_written_as_dns_has_them() -> None:
    """prøve.test becomes its IDNA form; wildcards and underscores, as compose makes them, are taken."""
    assert name_of("Prøve.test") == "xn--prve-hra.test"
    assert name_of("*.example.test") == "*.example.test"
    assert name_of("my_service") == "my_service"


@pytest.mark.parametrize(
    "wrong", ["", "a b", "https://broker.test", "broker.test:5671", "10.0.0", "-a", "a..b", "*", "x" * 64, "ø" * 64]
)
def test_what_is_no_name_is_refused(wrong: str) -> None:
    """--san with anything else than a name or an address is repeated, with what would do."""
    with pytest.raises(StoreError, match="is neither a host name nor an address; --san takes"):
        names_served([], [wrong])


@given(st.text(max_size=80))
def test_whatever_is_taken_can_stand_in_a_certificate(text: str) -> None:
    """Any text is refused, or becomes a name that X.509 takes and that stays itself."""
    try:
        name = name_of(text)
    except StoreError:
        return
    assert name_of(name) == name
    x509.DNSName(name)
